using VecSQL.Columnar.Batches;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>No rows.</summary>
internal sealed class EmptyOperator : Operator
{
    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
