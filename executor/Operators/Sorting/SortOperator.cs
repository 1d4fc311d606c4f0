using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Puts all rows of the input in order.</summary>
internal sealed class SortOperator(SortPlan plan, Operator input, OperatorContext context) : Operator
{
    private RowSorter? _sorter;
    private IBatchReader? _sorted;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_sorted is null)
        {
            _sorter = MakeSorter(plan.Input.Output, plan.Keys, context, out VectorExpression[] keys);
            while (await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                _sorter.Add(batch, CompiledExpressions.Evaluate(keys, batch, context.Evaluation));
            }
            _sorted = _sorter.Finish();
            context.Run.Meter(plan)?.Tell("Sort Method", _sorter.IsSpilled
                ? "external merge"
                : $"quicksort  Memory: {(_sorter.PeakBytes + 1023) / 1024}kB");
        }
        cancellation.ThrowIfCancellationRequested();
        return _sorted.Next();
    }

    internal static RowSorter MakeSorter(
        ImmutableArray<Catalog.Types.SqlType> types, ImmutableArray<SortKey> sortKeys, OperatorContext context,
        out VectorExpression[] keys)
    {
        keys = new VectorExpression[sortKeys.Length];
        var orders = new KeyOrder[sortKeys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = CompiledExpressions.Compile(sortKeys[i].Key);
            orders[i] = SortKeyColumns.OrderOf(sortKeys[i]);
        }
        return new RowSorter(context, BatchShapes.PhysicalOf(types), new OrderedKeyEncoder(orders));
    }

    public override async ValueTask DisposeAsync()
    {
        _sorted?.Dispose();
        _sorter?.Dispose();
        await input.DisposeAsync().ConfigureAwait(false);
    }
}
