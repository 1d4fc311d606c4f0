using VecSQL.Catalog.Placement;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Where a node finds shards.</summary>
/// <remarks>Threads: any.</remarks>
public interface IShards : IAsyncDisposable
{
    /// <summary>The shard, wherever it is.</summary>
    /// <exception cref="Core.Errors.SqlException">It cannot be used.</exception>
    IShard Find(ShardId shard);

    /// <summary>A replica of the shard that can be read at a moment that is past, wherever it is.</summary>
    /// <exception cref="Core.Errors.SqlException">There is none.</exception>
    IShard FindReplica(ShardId shard, CommitTimestamp at, ReplicaChoice choice) => Find(shard);

    /// <summary>The moment up to which a replica of the shard on this node, which is not the primary, has all that was committed; null where there is none.</summary>
    CommitTimestamp? ReachedHere(ShardId shard) => null;
}
