using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Tests.Nodes;

public sealed class ReplicaPlacementTests
{
    [Fact]
    public void Replicas_of_a_shard_go_to_different_zones_and_all_nodes_get_as_many()
    {
        ReplicaPlacement placement = new([Node(1, "a"), Node(2, "a"), Node(3, "b"), Node(4, "b"), Node(5, "c"), Node(6, "c")], []);
        Dictionary<NodeId, int> counts = [];
        for (int shard = 0; shard < 40; shard++)
        {
            IReadOnlyList<NodeId> chosen = placement.ChooseMany(3);
            Assert.Equal(3, chosen.Select(node => (node.Value + 1) / 2).Distinct().Count());
            Assert.Equal(chosen.Order(), chosen);
            foreach (NodeId node in chosen)
                counts[node] = counts.GetValueOrDefault(node) + 1;
        }
        Assert.All(counts.Values, count => Assert.Equal(20, count));
    }

    [Fact]
    public void Nodes_that_are_not_well_or_drained_get_none_and_those_with_fewest_come_first()
    {
        ReplicaPlacement placement = new(
            [Node(1, "a"), Node(2, "a", NodeState.Unhealthy), Node(3, "a", NodeState.Unknown), Node(4, "a", isDraining: true), Node(5, "a", NodeState.Degraded)],
            [ShardState.Begin(new ShardId(1), new ReplicaSet(ReplicationMode.Quorum, [new NodeId(1)]))]);
        Assert.Equal(new NodeId(5), placement.Choose([]));
        Assert.Equal([new NodeId(1), new NodeId(5)], placement.ChooseMany(3));
        Assert.Equal(default, placement.Choose([new NodeId(1), new NodeId(5)]));
    }

    private static NodeView Node(int id, string zone, NodeState state = NodeState.Healthy, bool isDraining = false) =>
        new(new NodeRecord(new NodeId(id), $"n{id}", zone, "", "", "", 1) { IsDraining = isDraining }, null, default, state, null, null);
}
