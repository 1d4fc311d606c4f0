using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Rows of expressions that read no input.</summary>
internal sealed class ValuesOperator(ValuesPlan plan, OperatorContext context) : Operator
{
    private int _next;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_next >= plan.Rows.Length)
            return default;
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<ColumnBatch?>(plan.Rows.Length == 1 ? OneRow() : ManyRows());
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ColumnBatch OneRow()
    {
        _next = 1;
        ImmutableArray<ScalarExpression> row = plan.Rows[0];
        if (row.Length == 0)
            return CompiledExpressions.OneRow;
        var columns = new Column[row.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = CompiledExpressions.EvaluateConstant(row[i], context.Evaluation);
        return new ColumnBatch(columns, 1);
    }

    private ColumnBatch ManyRows()
    {
        int count = Math.Min(plan.Rows.Length - _next, ColumnBatch.RowsMax);
        var builder = new BatchBuilder(BatchShapes.PhysicalOf(plan.Output), count);
        for (int end = _next + count; _next < end; _next++)
        {
            ImmutableArray<ScalarExpression> row = plan.Rows[_next];
            for (int i = 0; i < row.Length; i++)
            {
                builder.Columns[i].AppendFrom(CompiledExpressions.EvaluateConstant(row[i], context.Evaluation), 0);
            }
            builder.EndRow();
        }
        return builder.Build();
    }
}
