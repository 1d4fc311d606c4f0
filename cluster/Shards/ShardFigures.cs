using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>What a replica of a shard is doing.</summary>
public enum ShardPart : byte
{
    /// <summary>It applies what the primary sends.</summary>
    Follower,

    /// <summary>It waits for a copy of what another holds.</summary>
    Copying,

    /// <summary>It is the primary and has yet to find out what was committed before.</summary>
    Beginning,

    Primary,

    /// <summary>It takes no part until it is opened again.</summary>
    Stopped,
}

/// <summary>How a replica of a shard is getting on, as of the last tick.</summary>
/// <param name="LogBytes">Written since it was opened.</param>
/// <param name="Progress">Of the others, on the primary.</param>
/// <param name="Cause">Why it has stopped.</param>
public sealed record ShardFigures(
    ShardId Shard, ShardPart Part, Term Term, LogPosition Last, LogSequence Committed, LogSequence Applied, LogSequence Durable, long LogBytes,
    IReadOnlyList<ReplicaProgress> Progress, Exception? Cause);
