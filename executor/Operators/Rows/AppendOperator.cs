using VecSQL.Columnar.Batches;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>UNION ALL: the inputs one after the other, each made when its turn comes.</summary>
internal sealed class AppendOperator(AppendPlan plan, OperatorContext context) : Operator
{
    private int _next;
    private Operator? _current;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_current is null)
            {
                if (_next == plan.Inputs.Length)
                    return null;
                _current = OperatorBuilder.Build(plan.Inputs[_next++], context);
            }
            if (await _current.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
                return batch;
            await _current.DisposeAsync().ConfigureAwait(false);
            _current = null;
        }
    }

    public override ValueTask DisposeAsync() => _current?.DisposeAsync() ?? ValueTask.CompletedTask;
}
