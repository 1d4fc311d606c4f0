using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Hands the input's rows on where the condition is true; asks it for nothing where it is not.</summary>
internal sealed class GateOperator(GatePlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly VectorExpression _condition = CompiledExpressions.Compile(plan.Condition);
    private bool? _isOpen;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _isOpen ??= RowSelection.Filter(CompiledExpressions.OneRow, _condition, context.Evaluation) is not null;
        return _isOpen.Value ? await input.NextAsync(cancellation).ConfigureAwait(false) : null;
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();
}
