using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>The first rows of the input in the order of the keys.</summary>
/// <remarks>Memory: the rows wanted; where those are many, all rows are sorted, which can spill.</remarks>
internal sealed class TopNOperator(TopNPlan plan, Operator input, OperatorContext context) : Operator
{
    private const int BoundedMax = 1 << 16;

    private RowSorter? _sorter;
    private TopRows? _top;
    private IBatchReader? _sorted;
    private ColumnBatch? _kept;
    private RowRange _range;
    private long _position; // rows of the order that have been passed over or given

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_sorted is null && _kept is null)
        {
            _range = RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);
            await CollectAsync(cancellation).ConfigureAwait(false);
        }
        cancellation.ThrowIfCancellationRequested();
        return _sorted is not null ? NextSorted(_sorted) : NextKept();
    }

    public override async ValueTask DisposeAsync()
    {
        _sorted?.Dispose();
        _sorter?.Dispose();
        _top?.Dispose();
        await input.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask CollectAsync(CancellationToken cancellation)
    {
        var keys = new VectorExpression[plan.Keys.Length];
        var orders = new KeyOrder[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = CompiledExpressions.Compile(plan.Keys[i].Key);
            orders[i] = SortKeyColumns.OrderOf(plan.Keys[i]);
        }
        var encoder = new OrderedKeyEncoder(orders);
        Columnar.Columns.PhysicalType[] types = BatchShapes.PhysicalOf(plan.Input.Output);
        if (_range.End <= BoundedMax)
            _top = new TopRows(context, types, encoder, (int)_range.End);
        else
            _sorter = new RowSorter(context, types, encoder);
        // LIMIT 0 asks nothing of the input, not even its errors.
        while (_range.Limit > 0 && await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            Columnar.Columns.Column[] values = CompiledExpressions.Evaluate(keys, batch, context.Evaluation);
            _top?.Add(batch, values);
            _sorter?.Add(batch, values);
        }
        _kept = _top?.Finish();
        _sorted = _sorter?.Finish();
        context.Run.Meter(plan)?.Tell("Sort Method", _top is not null ? "top-N heapsort"
            : _sorter is { IsSpilled: true } ? "external merge" : "quicksort");
    }

    private ColumnBatch? NextKept()
    {
        ColumnBatch kept = _kept ?? ColumnBatch.Empty;
        int start = (int)Math.Max(_position, _range.Offset);
        int count = Math.Min(ColumnBatch.RowsMax, kept.RowCount - start);
        if (count <= 0)
            return null;
        _position = start + count;
        return kept.Slice(start, count);
    }

    private ColumnBatch? NextSorted(IBatchReader sorted)
    {
        while (_position < _range.End && sorted.Next() is { } batch)
        {
            int skip = (int)Math.Clamp(_range.Offset - _position, 0, batch.RowCount);
            int count = (int)Math.Min(batch.RowCount - skip, _range.End - _position - skip);
            _position += batch.RowCount;
            if (count > 0)
                return batch.Slice(skip, count);
        }
        return null;
    }
}
