using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Nodes;

/// <summary>A node as another one sees it at a moment.</summary>
/// <param name="Status">What it said last; null where it is not alive.</param>
/// <param name="ClockOffset">How far its clock is ahead of most nodes', about; null where it is not known.</param>
/// <param name="Reason">Why it is not healthy; null where it is.</param>
public sealed record NodeView(NodeRecord Record, NodeStatus? Status, LeaseId Lease, NodeState State, TimeSpan? ClockOffset, string? Reason)
{
    public NodeId Id => Record.Id;

    /// <summary>Whether replicas may be placed on it.</summary>
    public bool TakesReplicas =>
        State is NodeState.Healthy or NodeState.Degraded && !Record.IsDraining && Record is { ReplacedBy.IsNone: true, IsRemoved: false } && Status is not { IsLeaving: true };
}
