using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Catalog;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;

namespace VecSQL.Cluster.Stores;

/// <summary>Places new shards on the nodes that a node sees.</summary>
/// <param name="shards">All shards.</param>
/// <param name="replicas">Of shards whose group says nothing.</param>
internal sealed class NodePlacement(ClusterNode node, Func<IShards> shards, int replicas, TimeProvider time) : IShardPlacement
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromSeconds(10);

    public IReadOnlyList<ShardState> Place(IReadOnlyList<(ShardId Shard, ShardGroupEntry Group)> shards)
    {
        ReplicaPlacement placement = new(node.DescribeNodes(), node.View.Shards.Values);
        return [.. shards.Select(made => ShardState.Begin(made.Shard, Choose(placement, made.Group)))];
    }

    public async ValueTask WaitAsync(IReadOnlyCollection<ShardId> made)
    {
        long start = time.GetTimestamp();
        using PeriodicTimer timer = new(LookInterval, time);
        foreach (ShardId shard in made)
        {
            while (!await IsServedAsync(shard).ConfigureAwait(false) && time.GetElapsedTime(start) < Patience)
                await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private ReplicaSet Choose(ReplicaPlacement placement, ShardGroupEntry group)
    {
        IReadOnlyList<NodeId> nodes = placement.ChooseMany(group.Replicas ?? replicas);
        return nodes.Count == 0
            ? throw new SqlException(SqlState.CannotConnectNow, "there is no node that takes a replica of a new shard", hint: "See SHOW NODES.")
            : new ReplicaSet(group.Replication ?? ReplicationMode.Quorum, nodes);
    }

    private async ValueTask<bool> IsServedAsync(ShardId shard)
    {
        if (!node.View.Shards.TryGetValue(shard, out ShardState? state) || state.Primary.IsNone)
            return false;
        try
        {
            await shards().Find(shard).ListPreparedAsync(CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (SqlException)
        {
            return false; // its primary has yet to begin
        }
    }
}
