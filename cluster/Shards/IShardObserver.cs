using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>Hears what becomes of this node's replica of a shard.</summary>
/// <remarks>Threads: the replica's mailbox; nothing may be waited for.</remarks>
public interface IShardObserver : IReplicaObserver
{
    /// <summary>The node is the shard's primary, and its engine takes transactions that write.</summary>
    void Promoted(ShardId shard, Term term);

    /// <summary>The node is the primary no more: transactions that are open in the engine fail, and are to be rolled back by whoever has them, since they
    /// hold their locks until then.</summary>
    void SteppedDown(ShardId shard);
}
