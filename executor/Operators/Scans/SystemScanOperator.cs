using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Reads a system view, whose rows the engine computes.</summary>
internal sealed class SystemScanOperator(SystemScanPlan plan, OperatorContext context) : Operator
{
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private readonly VectorExpression? _filter = CompiledExpressions.CompileOptional(plan.Filter);
    private IEnumerator<ColumnBatch>? _rows;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _rows ??= context.Run.Execution.SystemViews.Rows(
            plan.Table.Oid, _columns.Stored, ScanColumns.Bounds(plan.Zones, context.Evaluation)).GetEnumerator();
        while (_rows.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch? batch = _columns.Complete(_rows.Current);
            if (_filter is not null && batch.RowCount > 0)
                batch = RowSelection.Filter(batch, _filter, context.Evaluation);
            if (batch is { RowCount: > 0 })
                return new ValueTask<ColumnBatch?>(batch);
        }
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        _rows?.Dispose();
        return ValueTask.CompletedTask;
    }
}
