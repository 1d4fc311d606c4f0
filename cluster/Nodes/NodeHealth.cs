using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Nodes;

/// <summary>Derives the states of all nodes from what one of them has seen.</summary>
/// <remarks>
/// Healthy:   the lease is there, and none of the following.
/// Degraded:  it is stopping; less than a tenth of the disk is free, or less than 1 GiB of one that is larger than 10; the clock is more than a second off the
///            median of all live nodes' clocks; the lease was once not renewed for more than half of its time since the status before.
/// Unhealthy: the lease has been gone for at most a minute.
/// Unknown:   it has been gone for longer, or was gone when this node began to look; and all other nodes, where this node's own lease is not certain: what it
///            knows of them may be old.
/// Clocks:    a status carries the time at which it was sent; how long it was on its way, some milliseconds, counts as if the clock were behind.
/// </remarks>
public static class NodeHealth
{
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromSeconds(1), UnhealthyTime = TimeSpan.FromMinutes(1);

    private const double DiskShareMin = 0.1;

    private const long Gibibyte = 1L << 30;

    /// <param name="leaseTime">For how long nodes take their leases.</param>
    /// <param name="isCertain">Whether the node that asks hears the metadata store.</param>
    internal static ImmutableArray<NodeView> Describe(
        IEnumerable<NodeSight> sights, NodeId self, bool isCertain, TimeSpan leaseTime, TimeProvider time)
    {
        NodeSight[] known = [.. sights.Where(sight => sight.Record is { ReplacedBy.IsNone: true, IsRemoved: false })];
        TimeSpan? median = Median(known);
        ImmutableArray<NodeView>.Builder views = ImmutableArray.CreateBuilder<NodeView>(known.Length);
        foreach (NodeSight sight in known)
        {
            if (sight.Record is not { } record)
                continue;
            TimeSpan? offset = sight.Status is null ? null : sight.ClockOffset - median;
            (NodeState state, string? reason) = !isCertain
                ? (record.Id == self ? NodeState.Unhealthy : NodeState.Unknown, "this node does not reach the metadata store")
                : sight.Status is { } status ? Alive(status, offset, leaseTime) : Gone(sight, time);
            views.Add(new NodeView(record, sight.Status, sight.Lease, state, offset, reason));
        }
        return views.DrainToImmutable();
    }

    private static (NodeState State, string? Reason) Alive(NodeStatus status, TimeSpan? offset, TimeSpan leaseTime)
    {
        MachineFigures machine = status.Machine;
        bool isFull = machine.DiskTotal > 0
            && (machine.DiskFree < machine.DiskTotal * DiskShareMin || (machine.DiskFree < Gibibyte && machine.DiskTotal > 10 * Gibibyte));
        string? reason = null;
        if (status.IsLeaving)
            reason = "it is stopping";
        else if (isFull)
            reason = string.Create(CultureInfo.InvariantCulture, $"its disk is nearly full: {machine.DiskFree >> 20} MiB of {machine.DiskTotal >> 20} are free");
        else if (offset is { } off && off.Duration() > ClockSkewMax)
            reason = string.Create(CultureInfo.InvariantCulture, $"its clock is {off.Duration().TotalSeconds:F1} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} the others'");
        else if (status.SlowestRenewal > leaseTime / 2)
            reason = string.Create(CultureInfo.InvariantCulture, $"it renewed its lease late: after {status.SlowestRenewal.TotalSeconds:F1} s");
        return (reason is null ? NodeState.Healthy : NodeState.Degraded, reason);
    }

    private static (NodeState State, string Reason) Gone(NodeSight sight, TimeProvider time)
    {
        if (sight.GoneSince is not { } since)
            return (NodeState.Unknown, "its lease was gone when this node began to look");
        TimeSpan gone = time.GetElapsedTime(since);
        string reason = string.Create(CultureInfo.InvariantCulture, $"its lease has been gone for {gone.TotalSeconds:F0} s");
        return (gone <= UnhealthyTime ? NodeState.Unhealthy : NodeState.Unknown, reason);
    }

    /// <summary>Of the clocks of all live nodes, against this node's; the lower of two in the middle.</summary>
    private static TimeSpan? Median(NodeSight[] known)
    {
        TimeSpan[] offsets = [.. known.Where(sight => sight.Status is not null && sight.ClockOffset is not null).Select(sight => sight.ClockOffset ?? default).Order()];
        return offsets.Length == 0 ? null : offsets[(offsets.Length - 1) / 2];
    }
}

/// <summary>What a node has seen of one node.</summary>
internal sealed record NodeSight(NodeId Id)
{
    public NodeRecord? Record { get; init; }

    public NodeStatus? Status { get; init; }

    public LeaseId Lease { get; init; }

    /// <summary>How far its clock is ahead of this node's; null where no status has come since this node began to look.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>A timestamp; null where it is not known, or the node is alive.</summary>
    public long? GoneSince { get; init; }
}
