using VecSQL.Columnar.Ipc;

namespace VecSQL.Engine.Arrow;

/// <summary>Rows as the messages of an Arrow IPC stream.</summary>
/// <remarks>
/// Ownership: a message is valid until the next one is asked for, and the stream is disposed by who reads it.
/// Threads:   one at a time.
/// </remarks>
public interface IArrowStream : IAsyncDisposable
{
    ArrowSchema Schema { get; }

    /// <summary>What a stream begins with; the same bytes whenever it is asked for.</summary>
    IpcMessage SchemaMessage { get; }

    /// <summary>The next dictionary or record batch; null at the end.</summary>
    /// <exception cref="Core.Errors.SqlException">The statement failed, or a value has no Arrow form.</exception>
    ValueTask<IpcMessage?> NextAsync(CancellationToken cancellation);
}
