using System.Collections.Concurrent;

namespace VecSQL.Cluster.Branches;

/// <summary>Streams to a shard's primary that no branch uses now.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class BranchStreams(ShardCallBegin begin)
{
    private const int IdleMax = 64;

    private readonly ConcurrentQueue<BranchStream> _idle = [];

    /// <exception cref="Flight.Grpc.GrpcException">Nobody knows where the primary is.</exception>
    public BranchStream Take()
    {
        while (_idle.TryDequeue(out BranchStream? stream))
        {
            if (stream.IsOpen)
                return stream;
            _ = stream.DisposeAsync().AsTask();
        }
        return new BranchStream(begin(BranchMethods.Branch, CancellationToken.None));
    }

    /// <summary>Gives back one whose branch has ended there.</summary>
    public void Return(BranchStream stream)
    {
        if (stream.IsOpen && _idle.Count < IdleMax)
            _idle.Enqueue(stream);
        else
            _ = stream.DisposeAsync().AsTask();
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryDequeue(out BranchStream? stream))
            await stream.DisposeAsync().ConfigureAwait(false);
    }
}
