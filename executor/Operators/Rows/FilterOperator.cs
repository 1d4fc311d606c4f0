using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Keeps the rows for which the predicate is true, in their order.</summary>
internal sealed class FilterOperator(FilterPlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly VectorExpression _predicate = CompiledExpressions.Compile(plan.Predicate);

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            if (RowSelection.Filter(batch, _predicate, context.Evaluation) is { } kept)
                return kept;
        }
        return null;
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();
}
