using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Storage;

namespace VecSQL.Cluster.Shards;

/// <summary>What a node's replica of a shard is opened with.</summary>
public sealed record ShardReplicaOptions
{
    public required NodeId Node { get; init; }

    public required ShardId Shard { get; init; }

    /// <summary>Of the engine: with the directory, which holds the log too, the catalog, the timestamps, the node's number and the clock.</summary>
    public required StorageOptions Storage { get; init; }

    public ReplicaOptions Replication { get; init; } = new();

    /// <summary>Bytes of entries that are not committed yet; with more, commits wait.</summary>
    public long PendingBytesMax { get; init; } = 64L << 20;

    /// <summary>How long a commit waits while there are as many; then it fails.</summary>
    public TimeSpan PendingPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of log that are kept for a replica that lags, though this one has them in segments. A replica that lags more is copied anew.</summary>
    public long LogKeptBytes { get; init; } = 256L << 20;

    /// <summary>How often a primary has the replicas compare what they hold, asked at each tick; zero for never.</summary>
    public Func<TimeSpan> CheckInterval { get; init; } = static () => SharedSettings.CheckIntervalDefault;

    /// <summary>Makes what runs the replica's work, given what is told when that fails; null for the pool's threads.</summary>
    public Func<Action<Exception>, IMailbox>? Mailbox { get; init; }
}
