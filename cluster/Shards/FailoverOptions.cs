using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>How a shard gets another primary.</summary>
public sealed record FailoverOptions
{
    /// <summary>How long all replicas of a shard in mode async are waited for, before entries are given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two questions to a replica that does not answer.</summary>
    public TimeSpan AskInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A bug of the protocol that tests put in, to see that they would find it.</summary>
    internal PlantedBug Bug { get; init; }
}
