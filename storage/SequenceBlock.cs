namespace VecSQL.Storage;

/// <summary>Values of a sequence that somebody has taken: the first, and others each an increment further.</summary>
/// <param name="Count">At least 1.</param>
public readonly record struct SequenceBlock(long First, long Count);
