namespace VecSQL.Ml.Tokenizers;

/// <summary>Rooms that a thread is done with, for its next text.</summary>
/// <remarks>Ownership: whoever takes one returns it, or, after an exception, lets it go.</remarks>
internal static class Spare<T>
    where T : class, IScratch, new()
{
    private const int KeptCharsMax = 1 << 20; // a larger one is not kept

    [ThreadStatic]
    private static Stack<T>? t_kept;

    /// <summary>An empty one.</summary>
    internal static T Take() => (t_kept ??= new Stack<T>()).TryPop(out T? kept) ? kept : new T();

    internal static void Return(T used)
    {
        if (used.Capacity > KeptCharsMax)
            return;
        used.Clear();
        t_kept?.Push(used);
    }
}
