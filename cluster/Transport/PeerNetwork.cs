using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Transport;

/// <summary>Takes messages of replicas to other nodes: one stream to each, which holds up nobody.</summary>
/// <remarks>Memory: a message is copied once, when it becomes bytes; what waits for a node is bounded. Threads: any.</remarks>
public sealed class PeerNetwork(NodeClient client, TimeProvider time, Random random, ILogger log) : IMessageSink, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, PeerLink> _links = [];
    private bool _isDisposed;

    public void Send(NodeId target, ShardId shard, ReplicaMessage message)
    {
        if (LinkTo(target) is { } link)
            link.Queue.Add(new QueuedMessage(shard, ReplicaMessageCodec.Encode(message)));
    }

    /// <summary>Messages to a node that were dropped so far.</summary>
    public long DroppedCount(NodeId target)
    {
        lock (_gate)
            return _links.TryGetValue(target, out PeerLink? link) ? link.Queue.DroppedCount : 0;
    }

    public async ValueTask DisposeAsync()
    {
        PeerLink[] links;
        lock (_gate)
        {
            _isDisposed = true;
            links = [.. _links.Values];
            _links.Clear();
        }
        foreach (PeerLink link in links)
            await link.DisposeAsync();
    }

    private PeerLink? LinkTo(NodeId target)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return null;
            if (!_links.TryGetValue(target, out PeerLink? link))
                _links.Add(target, link = new PeerLink(target, client, time, new Random(random.Next()), log));
            return link;
        }
    }
}
