using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Branches;

/// <summary>A stream of calls to a shard's primary, answered in order. One branch at a time uses it.</summary>
/// <remarks>Threads: any; one batch at a time is under way.</remarks>
internal sealed class BranchStream(GrpcClientCall call, Term term) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private Exception? _lost;
    private Task<GrpcMessage?>? _next; // the answer that comes next: its end tells of the stream's, also where nothing is asked

    /// <summary>The shard's when it was begun.</summary>
    public Term Term => term;

    /// <summary>Why nothing more can be asked of it; null while it can.</summary>
    public Exception? Lost => Volatile.Read(ref _lost);

    /// <summary>Whether, while nothing is asked of it, the other side is there as far as is known.</summary>
    public bool IsOpen => Lost is null && Volatile.Read(ref _next) is null or { IsCompleted: false };

    /// <summary>Sends a batch and waits for its answer. Cancellation asks the other side to stop, and waits for what it says then.</summary>
    /// <returns>Null where there was nothing to send.</returns>
    /// <exception cref="GrpcException">The stream is lost: whether the calls were done is not known.</exception>
    public async ValueTask<BranchReply?> RunAsync(Func<BranchBatch?> take, CancellationToken cancellation)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (Lost is { } lost)
                throw new GrpcException(GrpcStatusCode.Unavailable, lost.Message, lost);
            if (take() is not { } batch)
                return null;
            await WriteAsync(batch).ConfigureAwait(false);
            Task<GrpcMessage?> answer = Volatile.Read(ref _next) ?? call.ReadAsync().AsTask();
            CancellationTokenRegistration cancelling = cancellation.UnsafeRegister(static stream => _ = ((BranchStream)stream!).CancelAsync(), this);
            await using (cancelling.ConfigureAwait(false))
            {
                using GrpcMessage message = await answer.ConfigureAwait(false)
                    ?? throw new GrpcException(GrpcStatusCode.Unavailable, "the shard's node has ended the stream");
                Volatile.Write(ref _next, call.ReadAsync().AsTask());
                return BranchMethods.Replies.Read(message.Bytes);
            }
        }
        catch (Exception failed)
        {
            Interlocked.CompareExchange(ref _lost, failed, null);
            if (failed is GrpcException)
                throw;
            throw new GrpcException(GrpcStatusCode.Unavailable, failed.Message, failed);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await call.DisposeAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _next) is { } next)
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CancelAsync()
    {
        try
        {
            await WriteAsync(new BranchBatch { Cancels = true }).ConfigureAwait(false);
        }
        catch (GrpcException)
        {
            // Who waits for the answer is told.
        }
    }

    private async ValueTask WriteAsync(BranchBatch batch)
    {
        await _writing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await call.WriteAsync(BranchMethods.Batches.Write(batch)).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
