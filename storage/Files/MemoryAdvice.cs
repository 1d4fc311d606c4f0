namespace VecSQL.Storage.Files;

/// <summary>How mapped memory will be read: Linux's numbers.</summary>
public enum MemoryAdvice
{
    /// <summary>Here and there: what lies around a page that is read is not wanted.</summary>
    Random = 1,

    /// <summary>Soon: the system begins to read it, and does not wait.</summary>
    WillNeed = 3,
}
