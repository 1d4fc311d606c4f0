using VecSQL.Columnar.Ipc;

namespace VecSQL.Engine.Arrow;

/// <summary>Takes Arrow's rows into a table, as COPY FROM does.</summary>
/// <remarks>
/// Transaction: the session's, or one of the statement's own that the session ends. Disposed before it is complete, nothing is stored.
/// Threads:     one at a time.
/// </remarks>
public interface IArrowIngest : IAsyncDisposable
{
    /// <summary>Stores a batch. Its arrays are not used after the call.</summary>
    /// <exception cref="Core.Errors.SqlException">A value does not fit its column, or a constraint does not hold.</exception>
    ValueTask WriteAsync(ArrowBatch batch, CancellationToken cancellation);

    /// <summary>All batches were written: checks what is left to check, and gives the number of rows.</summary>
    ValueTask<long> CompleteAsync(CancellationToken cancellation);
}
