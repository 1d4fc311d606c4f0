using VecSQL.Catalog.Placement;

namespace VecSQL.Simulation.Tests.Checks;

/// <summary>A client's call, from when it was sent to when its answer came.</summary>
internal sealed class Operation(ShardId shard, int key, bool isWrite, long value, long start, bool isStale, ReplicationMode? acks)
{
    public ShardId Shard => shard;

    public int Key => key;

    public bool IsWrite => isWrite;

    /// <summary>A write that asked for less than its shard's mode; null for the mode's own.</summary>
    public ReplicationMode? Acks => acks;

    /// <summary>Whether as many replicas are to have it as the shard's mode asks for, or more.</summary>
    public bool CountsOnMode => acks is null or ReplicationMode.Sync;

    /// <summary>A read of any replica: it may see what was, but nothing that never was.</summary>
    public bool IsStale => isStale;

    /// <summary>What was written or read.</summary>
    public long Value { get; private set; } = value;

    public long Start => start;

    /// <summary>Without an answer it may take effect at any time.</summary>
    public long End { get; private set; } = long.MaxValue;

    public bool IsAcknowledged => End != long.MaxValue;

    public bool IsRefused { get; private set; }

    public void Refuse() => IsRefused = true;

    public void Acknowledge(long now) => End = now;

    public void Read(long value, long now)
    {
        Value = value;
        End = now;
        IsRefused = false;
    }
}
