using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>Hears what an operator should.</summary>
public interface IReplicaObserver
{
    /// <summary>Entries that may have been acknowledged to somebody are gone: a failover had to do without them.</summary>
    /// <param name="count">At most so many.</param>
    void EntriesLost(ShardId shard, long count);

    /// <summary>A replica holds something else than the primary after the same entries; it is copied anew.</summary>
    void Diverged(ShardId shard, NodeId node, LogPosition position);

    /// <summary>The replica takes no part any more until it is opened again.</summary>
    void Stopped(ShardId shard, Exception cause);
}
