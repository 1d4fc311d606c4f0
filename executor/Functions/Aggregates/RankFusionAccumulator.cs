using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Families;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>rrf_score(): the sum of rrf() over the lists that have a row. Arguments: rank, and perhaps k and weight.</summary>
internal sealed class RankFusionAccumulator() : StatefulAccumulator<RankFusionAccumulator.Sum>(PhysicalType.Float64)
{
    internal sealed class Sum
    {
        internal double Value { get; set; }
    }

    protected override Sum NewState() => new();

    protected override long AddRow(Sum state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        int k = arguments.Length > 1 ? ((FixedColumn<int>)arguments[1])[row] : TextSearchFunctions.RankOffset;
        double weight = arguments.Length > 2 ? ((FixedColumn<double>)arguments[2])[row] : 1;
        state.Value += TextSearchFunctions.ReciprocalRank(((FixedColumn<long>)arguments[0])[row], k, weight);
        return 0;
    }

    protected override void MergeState(Sum state, Sum added) => state.Value += added.Value;

    protected override void AppendResult(Sum state, ColumnBuilder target, EvaluationContext context) =>
        ((FixedColumnBuilder<double>)target).Append(state.Value);
}
