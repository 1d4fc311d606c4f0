using VecSQL.Vectors.Mining;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Which rows are negative for an anchor: of another label, on the same side of the split, and none that it goes with.</summary>
/// <param name="anchors">The rows themselves, or queries.</param>
/// <param name="goesWith">The rows that each query goes with, in ascending order; null where anchors are the rows.</param>
internal sealed class MiningRule(MiningRows rows, MiningRows anchors, bool hasLabels, int[][]? goesWith)
{
    internal bool Allows(int anchor, int row) =>
        (!hasLabels || rows.Labels[row] != anchors.Labels[anchor])
        && (goesWith is null
            ? rows.IsValidation[row] == anchors.IsValidation[anchor]
            : Array.BinarySearch(goesWith[anchor], row) < 0);

    /// <summary>The rule for searches.</summary>
    /// <param name="least">How near each collector takes rows.</param>
    internal IMiningRule Of(ReadOnlyMemory<int> anchors, double[] least) => new Searches(this, anchors, least);

    private sealed class Searches(MiningRule rule, ReadOnlyMemory<int> anchors, double[] least) : IMiningRule
    {
        public double LeastOf(int collector) => least[collector];

        public bool Allows(int query, int row) => rule.Allows(anchors.Span[query], row);
    }
}
