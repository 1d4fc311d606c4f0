namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>What becomes of what is matched between pieces.</summary>
internal enum SplitBehavior
{
    /// <summary>Goes.</summary>
    Removed,

    /// <summary>Is a piece of its own.</summary>
    Isolated,

    /// <summary>Ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Begins the piece behind it.</summary>
    MergedWithNext,

    /// <summary>Is one piece with matches next to it.</summary>
    Contiguous,
}
