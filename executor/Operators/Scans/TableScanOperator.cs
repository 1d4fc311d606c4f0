using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Reads a table's visible rows, part by part.</summary>
/// <remarks>Order: that of the table's parts, unless several scans share them.</remarks>
internal sealed class TableScanOperator(TableScanPlan plan, OperatorContext context) : Operator
{
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private readonly VectorExpression? _filter = CompiledExpressions.CompileOptional(plan.Filter);
    private UnitQueue? _units = context.Shared?.Units;
    private List<ZoneBound>? _bounds;
    private UnitReader? _reader;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => new(Next(cancellation));

    private ColumnBatch? Next(CancellationToken cancellation)
    {
        _units ??= new UnitQueue(context.Run.View(plan.Table).Units);
        _bounds ??= ScanColumns.Bounds(plan.Zones, context.Evaluation);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_reader is null)
            {
                if (_units.Take() is not { } unit)
                    return null;
                _reader = unit.Open(_columns.Stored.Span, plan.WithRowId, _bounds);
            }
            if (_reader.Next() is not { } batch)
            {
                _reader.Dispose();
                _reader = null;
                continue;
            }
            batch = _columns.Complete(batch);
            if (_filter is null)
                return batch;
            if (RowSelection.Filter(batch, _filter, context.Evaluation) is { } kept)
                return kept;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _reader = null;
        return ValueTask.CompletedTask;
    }
}
