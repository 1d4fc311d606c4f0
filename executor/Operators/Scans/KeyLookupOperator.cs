using System.Buffers;
using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Fetches rows by unique keys, in one call to storage.</summary>
internal sealed class KeyLookupOperator(KeyLookupPlan plan, OperatorContext context) : Operator
{
    private bool _isDone;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_isDone)
            return default;
        cancellation.ThrowIfCancellationRequested();
        _isDone = true;
        return new ValueTask<ColumnBatch?>(Fetch());
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ColumnBatch? Fetch()
    {
        var columns = new ScanColumns(plan.Table, plan.Columns);
        ColumnBatch keys = plan.Keys.Length == 1 ? OneKey(plan.Keys[0]) : ManyKeys();
        ColumnBatch found = context.Run.View(plan.Table).Lookup(plan.IndexOid, keys, columns.Stored.Span).Rows;
        if (found.RowCount == 0)
            return null;
        if (plan.Keys.Length > 1)
            found = WithoutRepeats(found);
        found = columns.Complete(found);
        if (!plan.WithRowId)
            found = BatchShapes.Columns(found, 0, found.Columns.Length - 1);
        return plan.Filter is null
            ? found
            : RowSelection.Filter(found, CompiledExpressions.Compile(plan.Filter), context.Evaluation);
    }

    private ColumnBatch OneKey(ImmutableArray<ScalarExpression> key)
    {
        var columns = new Column[key.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = CompiledExpressions.EvaluateConstant(key[i], context.Evaluation);
        return new ColumnBatch(columns, 1);
    }

    private ColumnBatch ManyKeys()
    {
        ImmutableArray<ScalarExpression> first = plan.Keys[0];
        var types = new PhysicalType[first.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = BatchShapes.PhysicalOf(first[i].Type);
        var builder = new BatchBuilder(types, plan.Keys.Length);
        foreach (ImmutableArray<ScalarExpression> key in plan.Keys)
            builder.AppendRow(OneKey(key), 0);
        return builder.Build();
    }

    // Two keys may be equal only once they have values: id IN ($1, $2).
    private static ColumnBatch WithoutRepeats(ColumnBatch found)
    {
        var ids = (FixedColumn<long>)found.Columns[^1];
        var seen = new HashSet<long>(found.RowCount);
        int[] rows = ArrayPool<int>.Shared.Rent(found.RowCount);
        int count = 0;
        for (int row = 0; row < found.RowCount; row++)
        {
            if (seen.Add(ids[row]))
                rows[count++] = row;
        }
        ColumnBatch distinct = count == found.RowCount ? found : found.Take(rows.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(rows);
        return distinct;
    }
}
