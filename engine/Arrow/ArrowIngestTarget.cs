namespace VecSQL.Engine.Arrow;

/// <summary>What becomes of the table that rows are put into.</summary>
public enum ArrowIngestMode : byte
{
    /// <summary>It is there.</summary>
    Append,

    /// <summary>It is not there (else 42P07), and is made by the fields.</summary>
    Create,

    /// <summary>It is dropped if it is there, and made by the fields.</summary>
    Replace,

    /// <summary>It is made by the fields unless it is there.</summary>
    CreateAppend,
}

/// <summary>The table that rows are put into.</summary>
/// <param name="Schema">Null for the first of the search path, or, where the table is there, wherever the path finds it.</param>
/// <param name="IsTemporary">Made as, and looked for among, the session's temporary tables.</param>
public sealed record ArrowIngestTarget(
    string? Schema, string Table, ArrowIngestMode Mode = ArrowIngestMode.Append, bool IsTemporary = false);
