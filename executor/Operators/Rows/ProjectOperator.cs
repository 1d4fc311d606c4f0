using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Computes new columns from each row.</summary>
internal sealed class ProjectOperator(ProjectPlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly VectorExpression[] _expressions = CompiledExpressions.Compile(plan.Expressions);

    internal Operator Input => input;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (await input.NextAsync(cancellation).ConfigureAwait(false) is not { } batch)
            return null;
        cancellation.ThrowIfCancellationRequested();
        return new ColumnBatch(
            CompiledExpressions.Evaluate(_expressions, batch, context.Evaluation), batch.RowCount);
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();
}
