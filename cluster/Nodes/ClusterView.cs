using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
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

    /// <summary>By their numbers, each with the revision of its key.</summary>
    public ImmutableSortedDictionary<long, (JobRecord Job, long Revision)> Jobs { get; init; } = ImmutableSortedDictionary<long, (JobRecord, long)>.Empty;

    /// <summary>How shards are to be replicated whose groups say it.</summary>
    public ImmutableSortedDictionary<ShardId, GroupReplication> Replication { get; init; } = ImmutableSortedDictionary<ShardId, GroupReplication>.Empty;

    internal ImmutableSortedDictionary<NodeId, NodeSight> Sights { get; init; } = ImmutableSortedDictionary<NodeId, NodeSight>.Empty;

    /// <summary>Nodes that are alive.</summary>
    public IEnumerable<NodeId> Alive => Sights.Values.Where(static sight => !sight.Lease.IsNone).Select(static sight => sight.Id);

    /// <summary>Whether a node is alive, and neither stops soon nor is drained.</summary>
    public bool TakesPrimaries(NodeId node) =>
        Sights.TryGetValue(node, out NodeSight? sight) && sight is { Lease.IsNone: false, Status.IsLeaving: false, Record.IsDraining: false } && IsMember(node);

    /// <summary>Whether it is a node of the cluster, alive or not, and no other is in its place.</summary>
    public bool IsMember(NodeId node) => FindNode(node) is { ReplacedBy.IsNone: true, IsRemoved: false };

    /// <summary>A node's record; null where there is no such node.</summary>
    public NodeRecord? FindNode(NodeId node) => Sights.TryGetValue(node, out NodeSight? sight) ? sight.Record : null;
}
