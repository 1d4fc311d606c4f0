using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>Who a node is, and how it goes by time.</summary>
public sealed record ClusterNodeOptions
{
    /// <summary>No two live nodes have the same.</summary>
    public required string Name { get; init; }

    /// <inheritdoc cref="NodeRecord"/>
    public string Zone { get; init; } = "";

    /// <inheritdoc cref="NodeRecord"/>
    public required string SqlAddress { get; init; }

    /// <inheritdoc cref="NodeRecord"/>
    public required string FlightAddress { get; init; }

    /// <summary>Of the program.</summary>
    public string Version { get; init; } = "";

    /// <summary>Of the data: where <see cref="NodeIdentity"/> is kept. Nobody else uses it.</summary>
    public required string Directory { get; init; }

    /// <summary>A number that no other process has: of chance.</summary>
    public required ulong Process { get; init; }

    /// <summary>What becomes the cluster's secret if this node is its first: 32 bytes of chance that nobody can guess.</summary>
    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>A node that cannot reach the metadata store for so long serves nothing, and others take over what it did.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a node says how it is.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often what is due by the clock is looked at.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a node remembers durably how far the metadata store is, where nothing else has it do so.</summary>
    public TimeSpan RememberInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far the oracle's mark is raised ahead of the clock.</summary>
    public TimeSpan OracleAhead { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Replicas that a shard with fewer gets when there are as many nodes; 0 to leave shards as they began.</summary>
    public int ReplicaCount { get; init; }

    /// <summary>How the node seeks primaries for shards while it is the controller.</summary>
    public FailoverOptions Failover { get; init; } = new();

    /// <summary>Where the machine's figures come from.</summary>
    public Func<MachineFigures> Machine { get; init; } = static () => default;
}
