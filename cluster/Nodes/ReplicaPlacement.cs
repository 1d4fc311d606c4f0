using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>Chooses nodes for replicas: those of a shard on as many zones as there are, then on nodes that have fewest replicas.</summary>
/// <remarks>A function of what is given: ties go to the lesser id.</remarks>
public sealed class ReplicaPlacement
{
    private readonly ImmutableArray<NodeView> _nodes;
    private readonly SortedDictionary<NodeId, int> _counts = [];

    /// <param name="nodes">All; those that take no replicas are passed over.</param>
    /// <param name="shards">All, for how many replicas each node has.</param>
    public ReplicaPlacement(ImmutableArray<NodeView> nodes, IEnumerable<ShardState> shards)
    {
        _nodes = nodes;
        foreach (ShardState shard in shards)
        {
            foreach (NodeId node in shard.Replicas)
                Count(node);
        }
    }

    /// <summary>Nodes for so many replicas of a new shard; fewer where there are not as many. They count for the shards after it.</summary>
    public IReadOnlyList<NodeId> ChooseMany(int replicaCount)
    {
        List<NodeId> chosen = [];
        while (chosen.Count < replicaCount && Choose(chosen) is { IsNone: false } next)
            chosen.Add(next);
        return [.. chosen.Order()];
    }

    /// <summary>How many nodes take replicas or are among those that have one.</summary>
    public int CountOf(IReadOnlyCollection<NodeId> having) => _nodes.Count(node => node.TakesReplicas || having.Contains(node.Id));

    /// <summary>A node for another replica of a shard; none where there is none. It counts for those after it.</summary>
    /// <param name="others">Nodes that have one.</param>
    /// <param name="except">One that is to be left.</param>
    public NodeId Choose(IReadOnlyCollection<NodeId> others, NodeId except = default)
    {
        NodeView? best = null;
        (int InZone, int Count) least = default;
        foreach (NodeView node in _nodes)
        {
            if (!node.TakesReplicas || node.Id == except || others.Contains(node.Id))
                continue;
            (int InZone, int Count) cost = (others.Count(other => ZoneOf(other) == node.Record.Zone), _counts.GetValueOrDefault(node.Id));
            if (best is not null && cost.CompareTo(least) >= 0)
                continue;
            (best, least) = (node, cost);
        }
        if (best is null)
            return default;
        Count(best.Id);
        return best.Id;
    }

    /// <summary>The one of several nodes that a replica is given up on: of a zone that has most of them, then one that has most replicas.</summary>
    /// <param name="kept">One that keeps its own.</param>
    public NodeId ChooseExcess(IReadOnlyCollection<NodeId> having, NodeId kept) => having.Where(node => node != kept)
        .OrderByDescending(node => having.Count(other => ZoneOf(other) == ZoneOf(node))).ThenByDescending(node => _counts.GetValueOrDefault(node))
        .ThenByDescending(static node => node).FirstOrDefault();

    private void Count(NodeId node) => _counts[node] = _counts.GetValueOrDefault(node) + 1;

    private string? ZoneOf(NodeId node) => _nodes.FirstOrDefault(view => view.Id == node)?.Record.Zone;
}
