using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Fetches rows by their ids, some at a time.</summary>
internal sealed class RowLookupOperator(RowLookupPlan plan, OperatorContext context) : Operator
{
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private readonly VectorExpression? _filter = CompiledExpressions.CompileOptional(plan.Filter);
    private long[]? _rows;
    private int _next;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        long[] rows = _rows ??= RowIds();
        while (_next < rows.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ColumnBatch.RowsMax, rows.Length - _next);
            ColumnBatch found = Fetch(rows.AsSpan(_next, count));
            _next += count;
            if (found.RowCount > 0)
                return new ValueTask<ColumnBatch?>(found);
        }
        return default;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ColumnBatch Fetch(ReadOnlySpan<long> rows)
    {
        ColumnBatch found = _columns.Complete(context.Run.View(plan.Table).Fetch(rows, _columns.Stored.Span));
        return _filter is null || found.RowCount == 0
            ? found
            : RowSelection.Filter(found, _filter, context.Evaluation) ?? found.Take([]);
    }

    /// <summary>Each id once.</summary>
    private long[] RowIds()
    {
        Column named = CompiledExpressions.EvaluateConstant(plan.Rows, context.Evaluation);
        if (named.IsNull(0))
            return [];
        ArrayValue array = new(((BinaryColumn)named)[0]);
        ColumnBuilder elements = ColumnBuilder.Create(array.Physical, array.Count);
        array.AppendElements(0, array.Count, elements);
        var rows = (FixedColumn<long>)elements.Build();
        HashSet<long> seen = new(rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            if (!rows.IsNull(i))
                seen.Add(rows[i]);
        }
        return [.. seen];
    }
}
