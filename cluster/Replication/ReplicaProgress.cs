using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>How far another replica is, as its primary knows.</summary>
/// <param name="Durable">Entries up to this one are on its disk.</param>
/// <param name="SinceHeard">Since its last answer.</param>
/// <param name="IsCopying">It gets a snapshot.</param>
public sealed record ReplicaProgress(NodeId Node, LogSequence Durable, LogSequence Applied, TimeSpan SinceHeard, bool IsCopying);
