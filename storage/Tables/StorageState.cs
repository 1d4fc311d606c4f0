using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tables;

/// <summary>What the transactions and jobs of an engine share.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class StorageState : ICatalogSource
{
    private const long LogBytesLeast = 16L << 20;

    /// <summary>For so long a read waits for a replica to come to its moment.</summary>
    private static readonly TimeSpan ReplicaPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<uint, TableStore> _stores = new();
    private readonly StorageOptions _options;
    private readonly StorageResources _resources;
    private readonly ConcurrentDictionary<uint, long> _divided = new(); // when groups of shards were last changed
    private CommitTimestamp _opened;
    private CatalogSnapshot _catalog = CatalogSnapshot.Initial;
    private int _reign;
    private long _catalogVersion = 1, _nextTransaction = 2, _nextOid = CatalogSnapshot.Initial.NextOid;

    public StorageState(StorageOptions options, StorageResources resources, SegmentFiles segments)
    {
        _options = options;
        _resources = resources;
        Segments = segments;
        Snapshots = new Snapshots(options.Time, options.HistoryKept);
        Prepared = new PreparedTransactions(this);
        IsFollowing = options.Replicator is not null;
        Arriving = new ArrivingFiles(segments);
        Graph = new WaitGraph(options.Time);
        TableLocks = new TableLocks(Graph);
        Advisory = new AdvisoryTable(Graph);
        Delta = new MemoryBudget("the rows in memory", long.MaxValue, resources.Delta);
        Checkpoints = new Checkpointer(this);
        Compactor = new Compactor(this);
        Indexer = new SegmentIndexer(this);
        Maintenance = new Maintenance(this, resources.Loops);
    }

    public IFileSystem Files => _options.Files;

    public TimeProvider Time => _options.Time;

    public string Directory => _options.Directory;

    public string LogDirectory => Path.Combine(Directory, "log");

    public Snapshots Snapshots { get; }

    /// <summary>Transactions that wait for their coordinators' decisions.</summary>
    public PreparedTransactions Prepared { get; }

    /// <summary>Live transactions that will decide for others.</summary>
    public ExpectedDecisions Decisions { get; } = new();

    /// <summary>Whether it does what another engine's log says, and nothing else.</summary>
    public bool IsFollowing
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Grows when it begins to follow: what transactions of before have done is in nobody's log.</summary>
    public int Reign => Volatile.Read(ref _reign);

    /// <summary>Segments whose files come by the log.</summary>
    public ArrivingFiles Arriving { get; }

    public WaitGraph Graph { get; }

    public TableLocks TableLocks { get; }

    public AdvisoryTable Advisory { get; }

    public Sequences Sequences { get; } = new();

    public SegmentFiles Segments { get; }

    /// <summary>Bytes of committed rows in memory.</summary>
    public MemoryBudget Delta { get; }

    public Checkpointer Checkpoints { get; }

    public Compactor Compactor { get; }

    public SegmentIndexer Indexer { get; }

    public Maintenance Maintenance { get; }

    public BackgroundThreads Background => _resources.Background;

    /// <summary>Set once the log is open.</summary>
    [AllowNull]
    public CommitQueue Commits
    {
        get => field ?? throw new InvalidOperationException("the log is not open yet");
        set;
    }

    /// <summary>The newest committed catalog.</summary>
    public CatalogSnapshot Catalog => _options.Catalog is { } borrowed ? borrowed() : Volatile.Read(ref _catalog);

    /// <summary>Whether the catalog is somebody else's, so that nothing of it is kept here.</summary>
    public bool BorrowsCatalog => _options.Catalog is not null;

    /// <summary>Whether replicas keep its log.</summary>
    public bool IsReplicated => Replicator is not null;

    public ILogReplicator? Replicator => _options.Replicator;

    /// <summary>Whether the catalog is as new as what is stored takes it to be.</summary>
    public bool HasCatalog => !IsReplicated || Catalog.Version >= Commits.CatalogVersion;

    public long FirstRowId => _options.FirstRowId;

    public IEnumerable<TableStore> Stores => _stores.Values;

    /// <summary>Object ids below this have been given out.</summary>
    public uint PeekOid => (uint)Volatile.Read(ref _nextOid);

    /// <summary>Whether the rows in memory are to go to segments: where they fill the half of it, that is for the engines that have the most.</summary>
    public bool IsCheckpointDue =>
        (_resources.Delta.UsedBytes > _resources.Delta.LimitBytes / 2 && Delta.UsedBytes >= _resources.Delta.UsedBytes / _resources.EngineCount)
        || Commits.WrittenBytes - Checkpoints.LogBytesCovered > LogBytesMax;

    // Together the engines' logs are not to take much longer to replay than one; but each checkpoint makes files of its own.
    private long LogBytesMax => Math.Max(_options.CheckpointLogBytes / _resources.EngineCount, Math.Min(_options.CheckpointLogBytes, LogBytesLeast));

    public long NextCatalogVersion() => Interlocked.Increment(ref _catalogVersion);

    /// <remarks>Of divisions of tables; of what was before a start nothing is known.</remarks>
    public CommitTimestamp DefinedAt(uint oid) => _divided.TryGetValue(oid, out long at) ? new CommitTimestamp(at) : _opened;

    public void NoteDivided(uint oid, long timestamp) => _divided[oid] = timestamp;

    /// <summary>All that was committed before is there.</summary>
    public void NoteOpened() => _opened = new CommitTimestamp(Snapshots.Visible);

    public TransactionId NextTransactionId() => new(Interlocked.Increment(ref _nextTransaction));

    public uint NextOid() => (uint)(Interlocked.Increment(ref _nextOid) - 1);

    public void RaiseNextOid(uint nextOid) => InterlockedRaise(ref _nextOid, nextOid);

    public void SetCatalog(CatalogSnapshot catalog)
    {
        InterlockedRaise(ref _catalogVersion, catalog.Version); // versions of uncommitted catalogs stay apart from it
        Volatile.Write(ref _catalog, catalog);
    }

    public TableStore Store(TableId table) =>
        _stores.GetOrAdd(table.Oid, static (oid, state) => new TableStore(new TableId(oid), state), this);

    public bool TryFindStore(TableId table, [NotNullWhen(true)] out TableStore? store) =>
        _stores.TryGetValue(table.Oid, out store);

    /// <summary>The table was never committed.</summary>
    public void Forget(TableId table) => _stores.TryRemove(table.Oid, out _);

    /// <summary>An object was dropped; whatever storage keeps for it goes.</summary>
    public void Drop(uint oid)
    {
        Sequences.Forget(oid);
        if (!_stores.TryRemove(oid, out TableStore? store))
            return;
        lock (store.Sync)
            store.Clear();
    }

    /// <summary>Drops tables that have rows and that a catalog which is kept elsewhere does not know: they were dropped. Between two commits.</summary>
    public void DropStrays()
    {
        if (!IsReplicated)
            return;
        CatalogSnapshot catalog = Catalog;
        foreach (TableStore store in Stores)
        {
            bool hasRows = store.Parts.Chunks.Length + store.Parts.Segments.Length > 0;
            if (hasRows && !Shards.DecisionTable.TryFindTable(catalog, store.Id, out _))
                Drop(store.Id.Oid);
        }
    }

    /// <summary>
    /// Slows a writer down while committed rows fill their memory: it waits for, or does, the flush that makes room.
    /// </summary>
    public async ValueTask MakeRoomAsync(CancellationToken cancellation)
    {
        if (IsCheckpointDue)
            Maintenance.Wake();
        while (_resources.IsOverfull && _resources.Fullest() is { } fullest)
        {
            try
            {
                await fullest.Checkpoints.CheckpointAsync(isLast: false, cancellation, () => _resources.IsOverfull).ConfigureAwait(false);
            }
            catch (FileFaultException fault)
            {
                throw new SqlException(fault.State, fault.Message, cause: fault);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                if (fullest == this)
                    throw Moved(); // another engine has taken its place
            }
        }
    }

    /// <summary>Whether rows of a record that others have written may come into memory now; if not, room is being made.</summary>
    public bool HasRoomToApply()
    {
        if (!_options.RunsBackgroundWork || !_resources.IsOverfull)
            return true;
        Maintenance.Wake();
        return false;
    }

    /// <summary>Has a transaction's rows written to segments when there are many of them.</summary>
    /// <remarks>The transaction goes on meanwhile, until as many again have come.</remarks>
    public async ValueTask SpillIfLargeAsync(TableWrites writes, TableEntry table)
    {
        if (writes.BufferedBytes <= _options.DirectSegmentBytes)
            return;
        await SettleAsync(writes).ConfigureAwait(false);
        try
        {
            writes.BeginSpill(Spiller.Start(Segments, writes, table, _options.RunsBackgroundWork));
        }
        catch (FileFaultException fault)
        {
            throw new SqlException(fault.State, fault.Message, cause: fault);
        }
        if (!_options.RunsBackgroundWork)
            await SettleAsync(writes).ConfigureAwait(false);
    }

    /// <summary>Waits for a transaction's rows that are on their way to segments.</summary>
    public static async ValueTask SettleAsync(TableWrites writes)
    {
        try
        {
            await writes.SettleAsync().ConfigureAwait(false);
        }
        catch (FileFaultException fault)
        {
            throw new SqlException(fault.State, fault.Message, cause: fault);
        }
    }

    /// <summary>Deletes the files of a segment that no transaction has committed.</summary>
    public void DropFiles(SegmentId segment)
    {
        if (!Commits.IsBroken && !Arriving.Has(segment)) // else a commit that was reported as failed may be on disk, with its segments
            Segments.Delete(segment);
    }

    /// <summary>Holds a moment, once all is there that belongs to it.</summary>
    /// <exception cref="SqlException">72000: versions of it may be gone.</exception>
    public async ValueTask<Snapshot> TakeSnapshotAsync(long at, CancellationToken cancellation)
    {
        Snapshot snapshot = Snapshots.TakeAt(at);
        bool isTaken = false;
        try
        {
            if (IsFollowing)
                await Snapshots.ArriveAsync(at, cancellation).ConfigureAwait(false);
            if (!IsFollowing)
                await Commits.SettleAsync(at, cancellation).ConfigureAwait(false);
            isTaken = true;
            return snapshot;
        }
        finally
        {
            if (!isTaken)
                Snapshots.Release(snapshot);
        }
    }

    /// <summary>Holds a moment at a replica, which is not waited for at length: another may have it.</summary>
    /// <exception cref="SqlException">72000; 57P03: it does not come to that moment in time.</exception>
    public async ValueTask<Snapshot> TakeSnapshotAtReplicaAsync(long at, CancellationToken cancellation)
    {
        await ArriveAtReplicaAsync(at, cancellation).ConfigureAwait(false);
        return await TakeSnapshotAsync(at, cancellation).ConfigureAwait(false);
    }

    /// <summary>Returns when all is here that was acknowledged before the call.</summary>
    /// <exception cref="SqlException">57P03: who knows that does not answer.</exception>
    public ValueTask ReachNewestAsync(CancellationToken cancellation) => Replicator?.ReachNewestAsync(cancellation) ?? default;

    /// <summary>Returns when all is here that was committed at a moment or before, where another engine's log says what that is.</summary>
    /// <exception cref="SqlException">57P03: it does not come in time.</exception>
    public async ValueTask ArriveAtReplicaAsync(long at, CancellationToken cancellation)
    {
        if (!IsFollowing || at <= Snapshots.Visible)
            return;
        try
        {
            await Snapshots.ArriveAsync(at, cancellation).WaitAsync(ReplicaPatience, Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new SqlException(SqlState.CannotConnectNow, "the shard's replica has not come to the moment that is read at", cause: late) { IsPassing = true };
        }
    }

    public ValueTask<long> CommitAsync(Transaction transaction, bool isDurable)
    {
        if (transaction.HasWrites)
        {
            ThrowIfFollowing();
            PayloadWriter? payload = TransactionRecord.Encode(transaction, PeekOid);
            if (payload is not null)
                ThrowIfTooLong(payload);
            ValueTask shipped = Commits.ShipAsync(transaction);
            return shipped.IsCompletedSuccessfully
                ? Commits.CommitAsync(transaction, payload, isDurable) : CommitAsync(shipped, transaction, payload, isDurable);
        }
        return Sequences.HasUnlogged && !IsFollowing
            ? Commits.CommitAsync(transaction, null, isDurable)
            : new ValueTask<long>(transaction.SnapshotTimestamp);
    }

    private async ValueTask<long> CommitAsync(ValueTask shipped, Transaction transaction, PayloadWriter? payload, bool isDurable)
    {
        await shipped.ConfigureAwait(false);
        return await Commits.CommitAsync(transaction, payload, isDurable).ConfigureAwait(false);
    }

    /// <summary>Makes a transaction durable that waits for its coordinator's decision.</summary>
    public async ValueTask PrepareAsync(PreparedTransaction prepared, Transaction transaction)
    {
        ThrowIfFollowing();
        RefuseUnfit(prepared);
        if (!Prepared.TryClaim(prepared.GlobalId))
            throw new SqlException(SqlState.DuplicateObject, $"transaction identifier \"{prepared.GlobalId}\" is already in use");
        bool isDone = false;
        PrepareRequest? request = null;
        try
        {
            PayloadWriter payload = PrepareRecord.Encode(prepared, transaction, PeekOid);
            ThrowIfTooLong(payload);
            await Commits.ShipAsync(transaction).ConfigureAwait(false);
            request = new PrepareRequest(this, prepared, transaction, payload);
            await Commits.RunAsync(request).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            if (!isDone && request is not { IsAbandoned: true })
                Prepared.Unclaim(prepared.GlobalId);
        }
    }

    /// <summary>Ends a prepared transaction.</summary>
    /// <param name="commitAt">The timestamp to commit at; null to roll back.</param>
    public async ValueTask DecideAsync(string globalId, CommitTimestamp? commitAt)
    {
        ThrowIfFollowing();
        PreparedTransaction prepared = Prepared.BeginDecision(globalId);
        bool isDone = false;
        try
        {
            Invariant.Holds(commitAt is not { } timestamp || timestamp.Value >= prepared.Bound);
            await Commits.RunAsync(new DecisionRequest(this, prepared, commitAt)).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            prepared.IsDeciding = isDone;
        }
        Prepared.Unclaim(globalId);
        prepared.Transaction?.EndPrepared(commitAt is not null);
        prepared.SetDecided();
    }

    /// <summary>Follows no more: from here on transactions change what is stored. Between two groups, or before there are any.</summary>
    /// <param name="open">Opens a segment that a record names.</param>
    public void Lead(Func<SegmentInfo, SegmentSlot> open)
    {
        foreach (PreparedTransaction prepared in Prepared.List())
            new Transaction(this, NextTransactionId(), IsolationLevel.ReadCommitted, isReadOnly: false).Restore(prepared, open);
        IsFollowing = false;
        Snapshots.EndFollowing();
    }

    /// <summary>Does what the log says, and nothing else, from here on. Between two commits.</summary>
    public void Follow()
    {
        IsFollowing = true;
        Interlocked.Increment(ref _reign);
        Snapshots.BeginFollowing();
        Graph.Interrupt();
        Advisory.Lose();
        Sequences.Follow();
        foreach (PreparedTransaction prepared in Prepared.List())
        {
            (ReadOnlyMemory<byte> payload, long file) = prepared.Written;
            PrepareRecord record = file == 0 ? PrepareRecord.Decode(payload.Span) : PreparedFile.Read(Files, Segments.Directory, file).Record;
            prepared.Transaction?.Forsake();
            prepared.Release(record);
        }
    }

    /// <summary>Another engine has taken this one's place.</summary>
    public void Abandon()
    {
        IsFollowing = true;
        Interlocked.Increment(ref _reign);
        Snapshots.EndFollowing(); // who waits for more is told so
        Graph.Interrupt();
        Advisory.Lose();
    }

    /// <summary>What transactions of a primary are told that is one no more.</summary>
    public static SqlException Moved() => new(
        SqlState.SerializationFailure, "the shard's primary has moved", hint: "The transaction might succeed if retried.") { IsPassing = true };

    /// <summary>What a transaction is told that has committed as its tables have it, and perhaps not on as many disks as its session has asked for.</summary>
    public static SqlException Unconfirmed() => new(
        SqlState.TransactionResolutionUnknown, "it is not known whether as many replicas have the transaction as vecsql.write_acks asks for",
        hint: "It has committed as its tables' replication says.");

    /// <summary>To be asked when a snapshot is taken.</summary>
    /// <exception cref="SqlException">40001: another node may be the shard's primary by now, and may have committed more.</exception>
    public void ThrowIfNotServing()
    {
        if (_options.Replicator is { IsServing: false })
            throw Moved();
    }

    /// <exception cref="SqlException">25006: only what another engine's log says is done here.</exception>
    public void ThrowIfFollowing()
    {
        if (IsFollowing)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, "cannot write to a replica", hint: "Write to the primary.");
    }

    private static void ThrowIfTooLong(PayloadWriter payload)
    {
        if (payload.Length > LogFormat.PayloadBytesMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, "transaction changes too many rows for one log record");
    }

    private static void RefuseUnfit(PreparedTransaction prepared)
    {
        if (prepared.GlobalId.Length is 0 or > PreparedTransaction.GlobalIdMax)
            throw new SqlException(SqlState.InvalidParameterValue, $"transaction identifier \"{prepared.GlobalId}\" is empty or too long");
    }

    private static void InterlockedRaise(ref long target, long value)
    {
        long seen = Volatile.Read(ref target);
        while (seen < value && Interlocked.CompareExchange(ref target, value, seen) is var found && found != seen)
            seen = found;
    }
}
