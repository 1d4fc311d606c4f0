namespace VecSQL.Executor.Operators.Scans;

/// <summary>A search for as many rows as a slot says, as what set the slot sees it.</summary>
internal sealed class SearchDepth(int slot)
{
    internal int Slot => slot;

    /// <summary>Whether there are no more rows than were found.</summary>
    internal bool IsExhausted { get; set; }
}
