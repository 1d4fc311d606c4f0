using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>What a node knows of its cluster at a moment: never changed, replaced by the next.</summary>
/// <param name="Settings">Of the whole cluster, by name.</param>
/// <param name="Controller">None where there is none, or it is not known.</param>
public sealed record ClusterView(
    ImmutableSortedDictionary<ShardId, ShardState> Shards, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Settings, NodeId Controller)
{
    internal static ClusterView Empty { get; } = new(
        ImmutableSortedDictionary<ShardId, ShardState>.Empty, ImmutableSortedDictionary.Create<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), default);

    internal ImmutableSortedDictionary<NodeId, NodeSight> Sights { get; init; } = ImmutableSortedDictionary<NodeId, NodeSight>.Empty;

    /// <summary>Whether a node is alive, and neither stops soon nor is drained.</summary>
    public bool TakesPrimaries(NodeId node) =>
        Sights.TryGetValue(node, out NodeSight? sight) && sight is { Lease.IsNone: false, Status.IsLeaving: false, Record: { IsDraining: false, ReplacedBy.IsNone: true } };

    /// <summary>A node's record; null where there is no such node.</summary>
    public NodeRecord? FindNode(NodeId node) => Sights.TryGetValue(node, out NodeSight? sight) ? sight.Record : null;
}
