namespace VecSQL.Storage.Log;

/// <summary>Says when log entries are committed. Alone, a node's own disk decides; in a cluster, replicas do.</summary>
public interface ILogReplicator
{
    /// <summary>
    /// Completes when all entries up to the sequence, which are on this node's disk if they must be, count as
    /// committed.
    /// </summary>
    /// <exception cref="Core.Errors.SqlException">It cannot be known whether they are.</exception>
    ValueTask CommittedAsync(long sequence);
}

/// <summary>A node that is alone: what it has written is committed.</summary>
public sealed class LocalLog : ILogReplicator
{
    public static readonly LocalLog Instance = new();

    private LocalLog()
    {
    }

    public ValueTask CommittedAsync(long sequence) => ValueTask.CompletedTask;
}
