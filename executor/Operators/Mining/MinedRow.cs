namespace VecSQL.Executor.Operators.Mining;

/// <summary>What was found for an anchor: numbers of rows.</summary>
/// <param name="Positive">The row that goes with the anchor; −1 for none.</param>
/// <param name="Other">The negative row of a triplet, or either of a pair.</param>
/// <param name="Rank">Of the anchor's, from 1.</param>
internal readonly record struct MinedRow(
    int Anchor, int Positive, int Other, int Rank, double PositiveDistance, double OtherDistance, bool IsPositive)
{
    /// <summary>Of one, in the lists of a block and of all blocks, with what these have spare.</summary>
    internal const int Bytes = 160;
}
