using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Catalog;

/// <summary>Says on which nodes new shards begin.</summary>
/// <remarks>Threads: any.</remarks>
public interface IShardPlacement
{
    /// <summary>The state that a new shard of a group begins in.</summary>
    /// <exception cref="Core.Errors.SqlException">There are not the nodes for it.</exception>
    ShardState Place(ShardId shard, ShardGroupEntry group);

    /// <summary>Returns when new shards can be used, or that has taken too long.</summary>
    ValueTask WaitAsync(IReadOnlyCollection<ShardId> shards);
}
