using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Sorting;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>One aggregate's states for the groups of one grouping: takes prepared rows, applies FILTER, DISTINCT and ORDER BY.</summary>
internal abstract class AggregateState(CallLayout layout, OperatorContext context) : IDisposable
{
    protected CallLayout Layout { get; } = layout;

    protected OperatorContext Context { get; } = context;

    internal abstract long SizeBytes { get; }

    internal static AggregateState Create(AggregateLayout all, CallLayout layout, OperatorContext context)
    {
        if (layout.IsOrdered)
            return new OrderedAggregateState(all, layout, context);
        Accumulator accumulator = layout.CreateAccumulator(all.ConstantArguments(layout));
        return layout.Call.IsDistinct
            ? new DistinctAggregateState(accumulator, layout, context)
            : new PlainAggregateState(accumulator, layout, context);
    }

    /// <summary>Adds rows.</summary>
    /// <param name="groups">Each row's group; empty where all rows are of group 0.</param>
    internal void Add(ColumnBatch prepared, ReadOnlySpan<int> groups, int groupCount)
    {
        if (Layout.Filter < 0)
        {
            AddKept(prepared, groups, groupCount);
            return;
        }
        int[] rows = ArrayPool<int>.Shared.Rent(prepared.RowCount), keptGroups = ArrayPool<int>.Shared.Rent(prepared.RowCount);
        int count = RowSelection.WriteTrue(prepared.Columns[Layout.Filter], rows);
        for (int i = 0; i < count && !groups.IsEmpty; i++)
            keptGroups[i] = groups[rows[i]];
        AddKept(count == prepared.RowCount ? prepared : prepared.Take(rows.AsSpan(0, count)),
            groups.IsEmpty ? default : keptGroups.AsSpan(0, count), groupCount);
        ArrayPool<int>.Shared.Return(rows);
        ArrayPool<int>.Shared.Return(keptGroups);
    }

    /// <summary>Ends the input; before the first <see cref="Finish"/>.</summary>
    internal virtual void Complete(int groupCount, CancellationToken cancellation)
    {
    }

    internal abstract Column Finish(int start, int count);

    internal virtual void Merge(AggregateState other, ReadOnlySpan<int> groups, int groupCount) =>
        throw new InvalidOperationException("only plain aggregates are computed in parts");

    public abstract void Dispose();

    protected abstract void AddKept(ColumnBatch prepared, ReadOnlySpan<int> groups, int groupCount);

    protected ReadOnlySpan<Column> Arguments(ColumnBatch prepared) =>
        prepared.Columns.AsSpan(Layout.Argument, Layout.ArgumentCount);
}

/// <summary>Hands rows to the accumulator as they come.</summary>
internal sealed class PlainAggregateState(Accumulator accumulator, CallLayout layout, OperatorContext context)
    : AggregateState(layout, context)
{
    internal override long SizeBytes => accumulator.SizeBytes;

    internal override void Complete(int groupCount, CancellationToken cancellation) => accumulator.Resize(groupCount);

    internal override Column Finish(int start, int count) => accumulator.Finish(start, count, Context.Evaluation);

    internal override void Merge(AggregateState other, ReadOnlySpan<int> groups, int groupCount)
    {
        accumulator.Resize(groupCount);
        accumulator.Merge(((PlainAggregateState)other).Accumulator, groups);
    }

    private Accumulator Accumulator => accumulator;

    public override void Dispose()
    {
    }

    protected override void AddKept(ColumnBatch prepared, ReadOnlySpan<int> groups, int groupCount)
    {
        accumulator.Resize(groupCount);
        if (prepared.RowCount > 0)
            accumulator.Add(Arguments(prepared), groups, prepared.RowCount, Context.Evaluation);
    }
}

/// <summary>Hands in each distinct row of arguments once a group, as soon as it comes.</summary>
internal sealed class DistinctAggregateState : AggregateState
{
    private readonly Accumulator _accumulator;
    private readonly KeyTable _seen;

    internal DistinctAggregateState(Accumulator accumulator, CallLayout layout, OperatorContext context)
        : base(layout, context)
    {
        _accumulator = accumulator;
        var kinds = new KeyKind[1 + layout.ArgumentCount];
        kinds[0] = KeyKind.Int32;
        for (int i = 0; i < layout.ArgumentCount; i++)
            kinds[1 + i] = KeyKinds.Of(layout.Call.Arguments[i].Type);
        _seen = KeyTable.Create(kinds, nullsMatch: true);
    }

    internal override long SizeBytes => _accumulator.SizeBytes + _seen.SizeBytes;

    internal override void Complete(int groupCount, CancellationToken cancellation) => _accumulator.Resize(groupCount);

    internal override Column Finish(int start, int count) => _accumulator.Finish(start, count, Context.Evaluation);

    public override void Dispose()
    {
    }

    protected override void AddKept(ColumnBatch prepared, ReadOnlySpan<int> groups, int groupCount)
    {
        _accumulator.Resize(groupCount);
        if (prepared.RowCount == 0)
            return;
        Column[] keys = [GroupColumn(groups, prepared.RowCount), .. Arguments(prepared)];
        int known = _seen.Count, count = 0;
        int[] ids = new int[prepared.RowCount], rows = new int[prepared.RowCount], fresh = new int[prepared.RowCount];
        _seen.Add(keys, prepared.RowCount, ids);
        for (int row = 0; row < ids.Length; row++)
        {
            if (ids[row] < known)
                continue;
            known++; // new keys are numbered in the order of their first rows
            fresh[count] = groups.IsEmpty ? 0 : groups[row];
            rows[count++] = row;
        }
        if (count > 0)
        {
            ColumnBatch kept = count == prepared.RowCount ? prepared : prepared.Take(rows.AsSpan(0, count));
            _accumulator.Add(
                Arguments(kept), groups.IsEmpty ? default : fresh.AsSpan(0, count), count, Context.Evaluation);
        }
    }

    internal static Column GroupColumn(ReadOnlySpan<int> groups, int rowCount) => groups.IsEmpty
        ? FixedColumn<int>.Constant(0, rowCount)
        : new FixedColumn<int>(groups[..rowCount].ToArray());
}
