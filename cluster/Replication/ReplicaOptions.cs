using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>How a shard is replicated.</summary>
public sealed record ReplicaOptions
{
    /// <summary>Between signs of life; also how late a replica hears that an entry is committed when no other follows.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What has not been answered by then is sent again.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bytes of entries in a message; a longer entry goes alone.</summary>
    public int MessageBytesMax { get; init; } = 256 << 10;

    /// <summary>Bytes that are on their way to a replica; more use a longer line better, and are held in memory for each replica.</summary>
    public long InFlightBytesMax { get; init; } = 4 << 20;

    /// <summary>How long a comparison that was asked for may take before another is begun.</summary>
    public TimeSpan CheckPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a primary takes no entries for another that is to follow it; then it goes on.</summary>
    public TimeSpan HandoverPatience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A replica that lacks more entries than this is not made way for: others would wait for it.</summary>
    public long HandoverBehindMax { get; init; } = 2000;

    /// <summary>How long a strong read at a replica that is not the primary waits for what it needs; then it is refused.</summary>
    public TimeSpan ReadPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Tells the replica from all that its node has opened before, and will after it: answers to those come late.</summary>
    public long Life { get; init; }

    public int SnapshotChunkBytes { get; init; } = 1 << 20;

    /// <summary>Whether so many bytes may go to a replica now, so that it catches up; null where they always may.</summary>
    public Func<ShardId, NodeId, int, bool>? MayCopy { get; init; }

    /// <summary>A bug of the protocol that tests put in, to see that they would find it.</summary>
    internal PlantedBug Bug { get; init; }
}
