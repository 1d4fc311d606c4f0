using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>sum(interval) and avg(interval).</summary>
internal sealed class IntervalSumAccumulator(
    bool isAverage) : StatefulAccumulator<IntervalSumAccumulator.State>(PhysicalType.Fixed16)
{
    internal sealed class State
    {
        public Interval Sum;
        public long Count;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        state.Sum += Interval.From(((FixedColumn<Fixed16>)arguments[0])[row]);
        state.Count++;
        return 0;
    }

    protected override void MergeState(State state, State added)
    {
        state.Sum += added.Sum;
        state.Count += added.Count;
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) =>
        ((FixedColumnBuilder<Fixed16>)target).Append((isAverage ? state.Sum / state.Count : state.Sum).ToFixed16());
}
