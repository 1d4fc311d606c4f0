using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>The replicas on a node, as the node drives them. Nothing here waits: what takes long goes on by itself.</summary>
public interface IShardHost
{
    /// <summary>Opens the replica of a shard, or makes it where there is none yet; its state follows at once, and may be that it is none any more.</summary>
    void Open(ShardId shard);

    /// <summary>The node serves nothing any more; what it has of the shard stays.</summary>
    void Close(ShardId shard);

    /// <summary>Whether nothing of the shard is open, nor being opened or closed.</summary>
    bool IsClosed(ShardId shard);

    /// <summary>Whether the node has anything of the shard on its disk.</summary>
    bool HasFiles(ShardId shard);

    /// <summary>Nobody counts on what the node has of the shard, which is closed: it goes, before the shard is opened anew.</summary>
    void Drop(ShardId shard);

    /// <summary>What is agreed on about a shard that is open.</summary>
    void Configure(ShardState state);

    /// <summary>A message of another node's replica, or of the controller's; for a shard that is not open it is as good as lost.</summary>
    /// <remarks>Threads: any.</remarks>
    void Receive(NodeId source, ShardId shard, ReplicaMessage message);
}
