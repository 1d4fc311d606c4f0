using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tables;

/// <summary>A transaction that has promised to commit when its coordinator says so, and has not been told yet.</summary>
/// <remarks>
/// Order:   its commit timestamp will be <see cref="Bound"/> or later, so that who reads at an earlier moment need not wait for it. It may be earlier
///          than those of commits that were applied since it was prepared: nobody else has touched its rows and keys, which it holds, and who reads
///          its tables at the bound or later waits for the outcome. So no reader can tell in which order they were applied.
/// Threads: changed by the leader of the commit queue, or before there are transactions.
/// </remarks>
/// <param name="transaction">With its rows and locks; null where a log is only followed.</param>
internal sealed class PreparedTransaction(string globalId, ReadOnlyMemory<byte> coordinator, DateTimeOffset since, Transaction? transaction)
{
    /// <summary>Characters of a global id at most, as in PostgreSQL.</summary>
    public const int GlobalIdMax = 200;

    private readonly TaskCompletionSource _decided = new(); // what waits for it goes on elsewhere (WaitGraph)
    private readonly Lock _lock = new();
    private PrepareRecord? _record;
    private (ReadOnlyMemory<byte> Payload, long File) _written;

    /// <param name="payload">What <paramref name="record"/> was read from; empty where a file has it.</param>
    /// <param name="file">The number of that file; 0 for none.</param>
    public PreparedTransaction(PrepareRecord record, long bound, ReadOnlyMemory<byte> payload, long file)
        : this(record.GlobalId, record.Coordinator, record.Since, null)
    {
        _record = record;
        Bound = bound;
        _written = (payload, file);
    }

    public string GlobalId => globalId;

    /// <summary>Its coordinator's own words.</summary>
    public ReadOnlyMemory<byte> Coordinator => coordinator;

    public DateTimeOffset Since => since;

    /// <summary>The earliest timestamp that it may commit at.</summary>
    public long Bound { get; set; }

    /// <summary>With its rows and locks; null where a log is only followed.</summary>
    public Transaction? Transaction { get; private set; } = transaction;

    /// <summary>Its record, for as long as there is no transaction.</summary>
    public PrepareRecord Record => _record ?? throw new InvalidOperationException("the transaction itself is there");

    /// <summary>Where its record is: its bytes, until a file has them, whose number this then is; 0 for none.</summary>
    public (ReadOnlyMemory<byte> Payload, long File) Written
    {
        get
        {
            lock (_lock)
                return _written;
        }
    }

    /// <summary>Whether a decision is being written.</summary>
    public bool IsDeciding { get; set; }

    /// <summary>Completes when it has committed or rolled back, and its locks are free.</summary>
    public Task Decided => _decided.Task;

    public IReadOnlyList<CatalogChange> CatalogChanges => Transaction?.CatalogChanges ?? Record.Work.Changes;

    /// <summary>The tables whose rows it changes: the same before a restart and after, though rows that it has both inserted and deleted are
    /// in no record.</summary>
    public Catalog.Objects.TableId[] Tables => field ??= Transaction is { } live
        ? [.. live.Writes.Where(static writes => writes.HasWrites).Select(static writes => writes.Store.Id)]
        : [.. Record.Work.Tables.Select(static table => table.Table)];

    /// <summary>From here on the transaction itself holds what the record says.</summary>
    public void Restore(Transaction restored)
    {
        Transaction = restored;
        _record = null;
    }

    /// <summary>From here on the record says what the transaction held.</summary>
    public void Release(PrepareRecord record)
    {
        Transaction = null;
        _record = record;
    }

    /// <summary>The log has the record.</summary>
    public void SetRecord(ReadOnlyMemory<byte> payload)
    {
        lock (_lock)
            _written = (payload, 0);
    }

    /// <summary>A file has the record.</summary>
    public void SetFile(long number)
    {
        lock (_lock)
            _written = (default, number);
    }

    public void SetDecided() => _decided.TrySetResult();
}

/// <summary>A prepared transaction whose outcome its coordinator knows.</summary>
/// <param name="GlobalId">What all its participants know it by.</param>
/// <param name="Coordinator">The coordinator's own words, given when it was prepared.</param>
/// <param name="Since">When it was prepared.</param>
/// <param name="Earliest">The earliest timestamp that it may commit at.</param>
/// <param name="Id">What it is known by here, to those who wait for it; null where a log is only followed.</param>
public sealed record PreparedState(
    string GlobalId, ReadOnlyMemory<byte> Coordinator, DateTimeOffset Since, CommitTimestamp Earliest, TransactionId? Id);
