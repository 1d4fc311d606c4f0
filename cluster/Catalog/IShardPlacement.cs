using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Catalog;

/// <summary>Says on which nodes new shards begin.</summary>
/// <remarks>Threads: any.</remarks>
public interface IShardPlacement
{
    /// <summary>The states that new shards, each of a group, begin in: all that are made together, so that they are spread.</summary>
    /// <exception cref="Core.Errors.SqlException">There are not the nodes for them.</exception>
    IReadOnlyList<ShardState> Place(IReadOnlyList<(ShardId Shard, ShardGroupEntry Group)> shards);

    /// <summary>Returns when new shards can be used, or that has taken too long.</summary>
    ValueTask WaitAsync(IReadOnlyCollection<ShardId> shards);
}
