using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>Takes messages to other nodes, and makes no promise: it may lose, repeat, delay and reorder them. It never waits.</summary>
public interface IMessageSink
{
    void Send(NodeId target, ShardId shard, ReplicaMessage message);
}
