using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Threads;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>What waits for its turn in the commit queue: a change of what is stored, which a record of the log tells of.</summary>
/// <remarks>
/// Order: the leader asks for <see cref="Refusal"/>, gives a timestamp, calls <see cref="Begin"/>, writes <see cref="Entry"/>, and when that is
///        committed calls <see cref="Apply"/>, and <see cref="Published"/>; where the log could not be written, <see cref="GiveUp"/>; where it is not known whether it is
///        committed, <see cref="Abandon"/>, while who waits for it does nothing.
/// </remarks>
internal abstract class CommitRequest
{
    /// <summary>Whether it waits for the disk.</summary>
    public abstract bool IsDurable { get; }

    /// <summary>Whether nothing else is in its group.</summary>
    public virtual bool IsAlone => false;

    /// <summary>Whether it is given the next timestamp; others have theirs, or none.</summary>
    public virtual bool TakesTimestamp => false;

    /// <summary>Its commit timestamp; 0 before it has one.</summary>
    public long Timestamp { get; set; }

    /// <summary>What it changes in the catalog.</summary>
    public virtual IReadOnlyList<CatalogChange> CatalogChanges => [];

    /// <summary>On the word of how many replicas it is acknowledged; null for as many as the shard's mode asks for.</summary>
    public virtual ReplicationMode? Acks => null;

    /// <summary>Whether other shards count on it, so that fewer than that will not do.</summary>
    public virtual bool IsCountedOn => false;

    /// <summary>The segments that its record names.</summary>
    public virtual IEnumerable<SegmentId> Segments => [];

    /// <summary>Its record; null where nothing need outlive the process.</summary>
    public virtual LogEntry? Entry => null;

    public Exception? Error { get; set; }

    public Signal Served { get; } = new();

    /// <summary>Why it cannot be; null if it can.</summary>
    /// <param name="catalog">With what those before it in the group change.</param>
    public virtual Exception? Refusal(CatalogSnapshot catalog) => null;

    /// <summary>Timestamps below <paramref name="next"/> may be those of snapshots and commits.</summary>
    public virtual void Begin(long next)
    {
    }

    public virtual void Apply()
    {
    }

    /// <summary>New snapshots see what it has changed.</summary>
    public virtual void Published()
    {
    }

    public virtual void GiveUp()
    {
    }

    public virtual void Abandon()
    {
    }

    /// <summary>It is applied and stays so; whether as many replicas have it as were asked for is not known.</summary>
    public virtual void LeaveUnconfirmed()
    {
    }
}

/// <summary>A transaction that commits.</summary>
/// <param name="payload">Its record; null where it has none.</param>
internal sealed class PlainCommit(StorageState state, Transaction transaction, PayloadWriter? payload, bool isDurable) : CommitRequest
{
    public override bool IsDurable => isDurable;

    public override bool TakesTimestamp => true;

    public override IReadOnlyList<CatalogChange> CatalogChanges => transaction.CatalogChanges;

    public override LogEntry? Entry =>
        payload is null ? null : new LogEntry(LogRecordKind.Transaction, Timestamp, payload.Written);

    public override Exception? Refusal(CatalogSnapshot catalog) => transaction.Refusal ?? state.Prepared.FindConflict(catalog, CatalogChanges);

    public override ReplicationMode? Acks => transaction.WriteAcks;

    public override bool IsCountedOn => transaction.IsDeciding;

    public override IEnumerable<SegmentId> Segments => transaction.Spilled.Select(static segment => segment.Id);

    public override void Apply() => CommitApplication.Apply(state, transaction, Timestamp);

    public override void Abandon() => transaction.Forsake();

    public override void LeaveUnconfirmed() => transaction.IsUnconfirmed = true;
}

/// <summary>Something to do between two groups.</summary>
internal sealed class BetweenCommits(Action action) : CommitRequest
{
    public override bool IsDurable => false;

    public override bool IsAlone => true;

    /// <summary>Runs it; a disk's failure is the caller's to hear of.</summary>
    public void Run()
    {
        try
        {
            action();
        }
        catch (Files.FileFaultException fault)
        {
            Error = fault;
        }
    }
}
