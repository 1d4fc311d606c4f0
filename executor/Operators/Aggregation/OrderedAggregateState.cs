using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Sorting;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>Sorts the rows by group and ORDER BY first, then hands them in; DISTINCT drops the repeats on the way.</summary>
/// <remarks>Memory: rows beyond the limit are spilled by the sorter.</remarks>
internal sealed class OrderedAggregateState : AggregateState
{
    private readonly AggregateLayout _all;
    private readonly RowSorter _sorter;
    private readonly OrderedKeyEncoder _equality; // over group and arguments
    private readonly int _directCount;
    private Accumulator? _accumulator;
    private Column? _results; // where each group has an accumulator of its own

    internal OrderedAggregateState(AggregateLayout all, CallLayout layout, OperatorContext context)
        : base(layout, context)
    {
        _all = all;
        _directCount = layout.Direct < 0 ? 0 : layout.Call.DirectArguments.Length;
        PhysicalType[] types = [PhysicalType.Int32,
            .. all.Types.AsSpan(layout.Argument, layout.ArgumentCount),
            .. all.Types.AsSpan(Math.Max(layout.Direct, 0), _directCount)];
        _sorter = new RowSorter(
            context, types, new OrderedKeyEncoder([new KeyOrder(KeyKind.Int32), .. layout.Orders]));
        var kinds = new KeyKind[1 + layout.ArgumentCount];
        kinds[0] = KeyKind.Int32;
        for (int i = 0; i < layout.ArgumentCount; i++)
            kinds[1 + i] = KeyKinds.Of(layout.Call.Arguments[i].Type);
        _equality = OrderedKeyEncoder.ForEquality(kinds);
        if (layout.Direct < 0)
            _accumulator = layout.CreateAccumulator(all.ConstantArguments(layout));
    }

    internal override long SizeBytes => _accumulator?.SizeBytes ?? 0; // the sorter accounts for its rows itself

    protected override void AddKept(ColumnBatch prepared, ReadOnlySpan<int> groups, int groupCount)
    {
        if (prepared.RowCount == 0)
            return;
        Column group = DistinctAggregateState.GroupColumn(groups, prepared.RowCount);
        Column[] rows = [group, .. Arguments(prepared),
            .. prepared.Columns.AsSpan(Math.Max(Layout.Direct, 0), _directCount)];
        Column[] keys = [group, .. prepared.Columns.AsSpan(Layout.Sort, Layout.Orders.Length)];
        _sorter.Add(new ColumnBatch(rows, prepared.RowCount), keys);
    }

    internal override void Complete(int groupCount, CancellationToken cancellation)
    {
        using IBatchReader sorted = _sorter.Finish();
        if (_accumulator is null)
        {
            CompleteByGroup(sorted, groupCount, cancellation);
            return;
        }
        _accumulator.Resize(groupCount);
        byte[]? last = null;
        while (sorted.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch? rows = Layout.Call.IsDistinct ? WithoutRepeats(batch, ref last) : batch;
            if (rows is not null)
                Hand(_accumulator, rows, ((FixedColumn<int>)rows.Columns[0].Expand()).Values);
        }
    }

    internal override Column Finish(int start, int count) =>
        _accumulator?.Finish(start, count, Context.Evaluation)
        ?? (_results ?? throw new InvalidOperationException("not complete")).Slice(start, count);

    public override void Dispose() => _sorter.Dispose();

    private void Hand(Accumulator accumulator, ColumnBatch rows, ReadOnlySpan<int> groups) => accumulator.Add(
        rows.Columns.AsSpan(1, Layout.ArgumentCount), groups, rows.RowCount, Context.Evaluation);

    private ColumnBatch? WithoutRepeats(ColumnBatch batch, ref byte[]? last)
    {
        var keys = new KeyBuffer();
        _equality.Append(batch.Columns.AsSpan(0, 1 + Layout.ArgumentCount), batch.RowCount, keys);
        int[] rows = new int[batch.RowCount];
        int count = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            bool isRepeat = row > 0 ? keys[row].SequenceEqual(keys[row - 1]) : last is not null && keys[0].SequenceEqual(last);
            if (!isRepeat)
                rows[count++] = row;
        }
        last = keys[batch.RowCount - 1].ToArray();
        return count == 0 ? null : count == batch.RowCount ? batch : batch.Take(rows.AsSpan(0, count));
    }

    // Direct arguments that depend on the group: an accumulator for each group in turn.
    private void CompleteByGroup(IBatchReader sorted, int groupCount, CancellationToken cancellation)
    {
        ColumnBuilder results = ColumnBuilder.Create(BatchShapes.PhysicalOf(Layout.Call.Type), groupCount);
        Accumulator? current = null;
        byte[]? last = null;
        while (sorted.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch? rows = Layout.Call.IsDistinct ? WithoutRepeats(batch, ref last) : batch;
            if (rows is null)
                continue;
            ReadOnlySpan<int> groups = ((FixedColumn<int>)rows.Columns[0].Expand()).Values;
            for (int start = 0; start < rows.RowCount;)
            {
                int end = start + 1;
                while (end < rows.RowCount && groups[end] == groups[start])
                    end++;
                if (current is null || results.Length < groups[start])
                {
                    End(results, ref current);
                    while (results.Length < groups[start])
                        results.AppendNull(); // groups of which FILTER kept no row
                    current = Begin(rows, start);
                }
                Hand(current, rows.Slice(start, end - start), default);
                start = end;
            }
        }
        End(results, ref current);
        while (results.Length < groupCount)
            results.AppendNull();
        _results = results.Build();
    }

    private Accumulator Begin(ColumnBatch rows, int row)
    {
        var arguments = new Column[_directCount];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = rows.Columns[1 + Layout.ArgumentCount + i].Broadcast(row, 1);
        Accumulator accumulator = Layout.CreateAccumulator(arguments);
        accumulator.Resize(1);
        return accumulator;
    }

    private void End(ColumnBuilder results, ref Accumulator? current)
    {
        if (current is not null)
            results.AppendFrom(current.Finish(0, 1, Context.Evaluation), 0);
        current = null;
    }
}
