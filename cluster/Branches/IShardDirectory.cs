using VecSQL.Catalog.Placement;
using VecSQL.Storage.Shards;

namespace VecSQL.Cluster.Branches;

/// <summary>The shards that a node serves now.</summary>
/// <remarks>Threads: any.</remarks>
public interface IShardDirectory
{
    /// <summary>Those of which this node has a replica, served or not.</summary>
    IReadOnlyList<ShardId> List();

    /// <summary>The shard, where this node is its primary and may serve it; else null.</summary>
    IShard? Find(ShardId shard);

    /// <summary>A replica of the shard, whatever its part is: for reads at moments that it has reached; null where none is here.</summary>
    IShard? FindReplica(ShardId shard) => Find(shard);
}
