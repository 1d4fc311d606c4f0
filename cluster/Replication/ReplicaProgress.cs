using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>How far another replica is, as its primary knows.</summary>
/// <param name="Durable">Entries up to this one are on its disk.</param>
/// <param name="SinceHeard">Since its last answer.</param>
/// <param name="IsCopying">It gets a snapshot.</param>
public sealed record ReplicaProgress(NodeId Node, LogSequence Durable, LogSequence Applied, TimeSpan SinceHeard, bool IsCopying)
{
    /// <summary>The last entry at which it was compared with the primary, since that has met it, and held the same; 0 for none.</summary>
    public LogSequence Verified { get; init; }

    /// <summary>Sent to it to catch up: of a copy, and of the log as it was when the primary met it.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Of that all that there is, as far as is known.</summary>
    public long CopyBytes { get; init; }
}
