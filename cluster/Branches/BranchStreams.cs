using System.Collections.Concurrent;
using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Branches;

/// <summary>Streams to a shard's primary that no branch uses now.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="term">The shard's, as far as is known: streams that were begun at another go to a node that may serve other shards, and this one no more.</param>
internal sealed class BranchStreams(ShardCallBegin begin, Func<Term>? term)
{
    private const int IdleMax = 64;

    private readonly ConcurrentQueue<BranchStream> _idle = [];

    /// <exception cref="Flight.Grpc.GrpcException">Nobody knows where the primary is.</exception>
    public BranchStream Take()
    {
        while (_idle.TryDequeue(out BranchStream? stream))
        {
            if (IsUsable(stream))
                return stream;
            _ = stream.DisposeAsync().AsTask();
        }
        Term begun = term?.Invoke() ?? default;
        return new BranchStream(begin(BranchMethods.Branch, CancellationToken.None), begun);
    }

    /// <summary>Gives back one whose branch has ended there.</summary>
    public void Return(BranchStream stream)
    {
        if (IsUsable(stream) && _idle.Count < IdleMax)
            _idle.Enqueue(stream);
        else
            _ = stream.DisposeAsync().AsTask();
    }

    internal bool IsUsable(BranchStream stream) => stream.IsOpen && (term is null || stream.Term == term());

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryDequeue(out BranchStream? stream))
            await stream.DisposeAsync().ConfigureAwait(false);
    }
}
