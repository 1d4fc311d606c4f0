using VecSQL.Columnar.Batches;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Computes new columns from each row.</summary>
internal sealed class ProjectOperator(ProjectPlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly SlicedEvaluation _values = new(CompiledExpressions.Compile(plan.Expressions), context.Evaluation);

    internal Operator Input => input;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_values.Next() is { } values)
                return values;
            if (await input.NextAsync(cancellation).ConfigureAwait(false) is not { } batch)
                return null;
            _values.Begin(batch);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _values.Dispose();
        return input.DisposeAsync();
    }
}
