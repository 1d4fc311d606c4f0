using VecSQL.Columnar.Batches;

namespace VecSQL.Executor.Operators;

/// <summary>A step of a running query: hands out batches until none are left.</summary>
/// <remarks>Threads: one call at a time. Batches are immutable and stay valid after the next call.</remarks>
public abstract class Operator : IAsyncDisposable
{
    /// <summary>The next rows, never an empty batch; null at the end.</summary>
    public abstract ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation);

    /// <summary>Ends the operator and its inputs, whether they are at their end or not.</summary>
    public abstract ValueTask DisposeAsync();
}
