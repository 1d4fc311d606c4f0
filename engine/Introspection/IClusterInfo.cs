using System.Collections.Immutable;

namespace VecSQL.Engine.Introspection;

/// <summary>What a node knows of the cluster that it is part of; one that is alone knows itself.</summary>
/// <remarks>Threads: any.</remarks>
public interface IClusterInfo
{
    ClusterDescription Describe();

    /// <summary>What can be asked of the cluster; null where the node is alone.</summary>
    IClusterControl? Control => null;
}

/// <param name="Name">Null where the node is alone.</param>
/// <param name="Id">That was given to the cluster when it began; null where the node is alone.</param>
/// <param name="Nodes">In the order of their numbers.</param>
/// <param name="ShardCount">Shards that have replicas on nodes.</param>
/// <param name="ShardsWithoutPrimary">Those that take no writes now.</param>
public sealed record ClusterDescription(string? Name, string? Id, ImmutableArray<NodeDescription> Nodes, int ShardCount, int ShardsWithoutPrimary)
{
    /// <summary>By shard, then node.</summary>
    public ImmutableArray<ReplicaDescription> Replicas { get; init; } = [];

    /// <summary>By their numbers.</summary>
    public ImmutableArray<JobDescription> Jobs { get; init; } = [];

    /// <summary>Settings of the whole cluster, as they count.</summary>
    public ImmutableArray<(string Name, string Value)> Settings { get; init; } = [];
}

/// <summary>A replica as this node sees it: of a shard that it is the primary of more than of others. What is not known is null.</summary>
/// <param name="Role">primary, voter or learner.</param>
/// <param name="State">serving, streaming, copying, beginning, stopped or silent.</param>
public sealed record ReplicaDescription(long Shard, int Node, string NodeName, string Role, string? State)
{
    /// <summary>How many replicas have a write of the shard when it counts as committed: async, semi-sync, quorum or sync.</summary>
    public string? Replication { get; init; }

    /// <summary>How often the shard has had another primary, and one.</summary>
    public long? Term { get; init; }

    /// <summary>The last entry of the primary's log.</summary>
    public long? Last { get; init; }

    /// <summary>The last that is on the replica's disk.</summary>
    public long? Durable { get; init; }

    /// <summary>The last that can be read there.</summary>
    public long? Applied { get; init; }

    /// <summary>The last at which it was compared with the primary, and held the same.</summary>
    public long? Verified { get; init; }

    /// <summary>Since the primary heard from it.</summary>
    public TimeSpan? Silent { get; init; }

    /// <summary>Whether this node is the shard's primary, and the replica another's.</summary>
    public bool IsServedHere { get; init; }
}

/// <param name="Kind">move or handover.</param>
/// <param name="State">waiting, running, paused, cancelling, done, cancelled or failed.</param>
/// <param name="Step">waiting, copying, verifying, switching or dropping.</param>
/// <param name="Reason">move, drain or rebalance.</param>
public sealed record JobDescription(long Id, string Kind, long Shard, string Source, string Target, string State, string Step, string Reason)
{
    public long DoneBytes { get; init; }

    public long AllBytes { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Why it failed, or was cancelled; null otherwise.</summary>
    public string? Error { get; init; }
}

/// <summary>A node as this one sees it. What is not known is null.</summary>
/// <param name="State">healthy, degraded, unhealthy or unknown.</param>
/// <param name="Reason">Why it is not healthy.</param>
public sealed record NodeDescription(int Id, string Name, string Zone, string State, string? Reason)
{
    public bool IsController { get; init; }

    /// <summary>It is to lose its replicas.</summary>
    public bool IsDraining { get; init; }

    public string? SqlAddress { get; init; }

    public string? FlightAddress { get; init; }

    public string? Version { get; init; }

    /// <summary>Share of all processors that the node uses, 0 to 1.</summary>
    public double? Cpu { get; init; }

    public long? MemoryBytes { get; init; }

    public long? MemoryBytesMax { get; init; }

    public long? DiskFreeBytes { get; init; }

    public long? DiskBytes { get; init; }

    /// <summary>How far its clock is ahead of most nodes'.</summary>
    public TimeSpan? ClockOffset { get; init; }

    public int Replicas { get; init; }

    /// <summary>Replicas that are their shard's primary.</summary>
    public int Primaries { get; init; }
}

/// <summary>A node that is part of no cluster.</summary>
/// <param name="describe">The node now.</param>
public sealed class NodeAlone(Func<NodeDescription> describe) : IClusterInfo
{
    /// <summary>Of which nothing but its being is known.</summary>
    public static NodeAlone Unnamed { get; } = new(static () => new NodeDescription(1, "alone", "", "healthy", null));

    public ClusterDescription Describe() => new(null, null, [describe()], 0, 0);
}
