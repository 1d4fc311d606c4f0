using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage;

/// <summary>What a node's storage is opened with.</summary>
public sealed record StorageOptions
{
    /// <summary>The data directory; made if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Bytes of row data held in memory before it is flushed to segments; writers are slowed when it is full.
    /// </summary>
    public long DeltaBytesMax { get; init; } = 256L << 20;

    /// <summary>
    /// Rows a transaction inserts into one table before they go to a segment file of their own instead of the log.
    /// </summary>
    public long DirectSegmentBytes { get; init; } = 32L << 20;

    /// <summary>Log bytes after which a checkpoint is taken.</summary>
    public long CheckpointLogBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of decompressed columns kept for all readers.</summary>
    public long ColumnCacheBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of coded vectors kept for exact searches.</summary>
    public long VectorCodeBytes { get; init; } = 512L << 20;

    /// <summary>Memory and threads that are shared with other engines: then the three sizes above are those of all of them.</summary>
    public StorageResources? Resources { get; init; }

    /// <summary>Threads that build one index.</summary>
    public int IndexThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>The disk; tests put a failing one here.</summary>
    public IFileSystem Files { get; init; } = RealFileSystem.Instance;

    /// <summary>Whose catalog says what the tables are, where it is not this engine's: then it keeps none of its own.</summary>
    public Func<CatalogSnapshot>? Catalog { get; init; }

    /// <summary>The first id of a row in each of its tables: engines that share tables give out ids apart.</summary>
    public long FirstRowId { get; init; } = 1;

    /// <summary>Who keeps the engine's log, where it has none of its own; null for a node that is alone. Then its catalog is somebody else's.</summary>
    public ILogReplicator? Replicator { get; init; }

    /// <summary>Gives out commit timestamps; null for the engine's own clock.</summary>
    public ITimestampSource? Timestamps { get; init; }

    /// <summary>For how long rows are kept after they were changed or deleted, so that one can read as of a time that is past.</summary>
    /// <remarks>A moment that a source of timestamps gave for a snapshot must be read at within this time. By the clock: while that says less than
    /// it did when rows were written, those are kept longer.</remarks>
    public TimeSpan HistoryKept { get; init; }

    /// <summary>The node's number among those that follow one log, so that none gives a file the name of another's.</summary>
    public ushort Node { get; init; }

    /// <summary>Numbers of files, for engines that take each other's places in a directory; null for the engine's own.</summary>
    internal FileNumbers? Numbers { get; init; }

    /// <summary>The time that limits of lock waits and the age of rows are measured by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether flushes, compaction and checkpoints run by themselves; tests run them by hand.</summary>
    public bool RunsBackgroundWork { get; init; } = true;
}

/// <summary>The tables of one node: durable, versioned, shared by all sessions.</summary>
/// <remarks>Threads: any. One engine owns its directory, by a lock file, until disposed.</remarks>
public sealed class StorageEngine : IStorage, IShard
{
    private readonly StorageState _state;
    private readonly IDisposable _held;
    private readonly StorageResources _resources;
    private readonly bool _ownsResources;
    private bool _isDisposed;
    private volatile SqlException? _unended; // why a transaction that is decided has not come to its end here

    private StorageEngine(StorageState state, IDisposable held, StorageResources resources, bool ownsResources)
    {
        _state = state;
        _held = held;
        _resources = resources;
        _ownsResources = ownsResources;
    }

    /// <summary>Opens the directory, recovering what the log holds beyond the last checkpoint.</summary>
    /// <exception cref="StorageException">Held by another process, of a newer format, or damaged: the message says
    /// which file and what to do.</exception>
    public static StorageEngine Open(StorageOptions options)
    {
        Invariant.Holds(options.Replicator is null || options.Catalog is not null);
        StorageResources resources = options.Resources ?? new StorageResources(options.DeltaBytesMax, options.ColumnCacheBytes, options.VectorCodeBytes);
        SegmentFiles segments = new(options.Files, Path.Combine(options.Directory, "segments"), resources.Columns.ForEngine(), resources.Codes,
            options.Numbers ?? new FileNumbers(options.Node))
        {
            BuildThreads = options.IndexThreads,
        };
        StorageState state = new(options, resources, segments);
        RefuseForeign(options);
        options.Files.CreateDirectory(options.Directory);
        string lockPath = Path.Combine(options.Directory, "LOCK");
        IDisposable held = options.Files.TryLock(lockPath) ?? throw new StorageException(
            $"data directory \"{options.Directory}\" is in use by another process, " +
            $"which holds \"{lockPath}\"; stop that one first");
        bool isOpen = false;
        try
        {
            if (options.Replicator is null)
                options.Files.CreateDirectory(state.LogDirectory);
            options.Files.CreateDirectory(segments.Directory);
            options.Files.FlushDirectory(options.Directory);
            new Recovery(state, options).Run();
            state.NoteOpened();
            if (state.HasCatalog)
                state.Indexer.DropUnknown();
            isOpen = true;
        }
        finally
        {
            if (!isOpen)
                held.Dispose();
        }
        resources.Add(state);
        if (options.RunsBackgroundWork)
            state.Maintenance.Start();
        return new StorageEngine(state, held, resources, options.Resources is null);
    }

    /// <summary>Lets the directory go as it is; whoever still uses the engine is told that the primary has moved.</summary>
    internal void Abandon()
    {
        _isDisposed = true;
        _state.Checkpoints.Close();
        _state.Abandon();
        _state.Maintenance.Stop();
        _resources.Remove(_state);
        if (_ownsResources)
            _resources.Dispose();
        _held.Dispose();
    }

    /// <summary>A new database is not begun among files of something else, such as a home directory.</summary>
    private static void RefuseForeign(StorageOptions options)
    {
        IFileSystem files = options.Files;
        string directory = options.Directory;
        if (files.FileExists(Path.Combine(directory, Replication.FoundingStore.FileName)))
        {
            throw new StorageException($"data directory \"{directory}\" is becoming a cluster's: start the node with the cluster's settings");
        }
        bool isOurs = !files.DirectoryExists(directory) || files.FileExists(Path.Combine(directory, Manifest.FileName))
            || files.DirectoryExists(Path.Combine(directory, "log"));
        if (isOurs)
            return;
        foreach (string name in (string[])[.. files.ListFiles(directory), .. files.ListDirectories(directory)])
        {
            if (name is not ("LOCK" or "lost+found"))
            {
                throw new StorageException($"directory \"{directory}\" holds \"{name}\" and no VecSQL data: " +
                    "choose an empty or a new directory");
            }
        }
    }

    public CatalogSnapshot Catalog => _state.Catalog;

    public AdvisoryLocks AdvisoryLocks => field ??= new AdvisoryLocks(_state.Advisory);

    IReadOnlyList<HeldLock<AdvisoryKey>> IShard.AdvisoryLocks => _state.Advisory.List();

    public IReadOnlyList<HeldLock<uint>> TableLocks => _state.TableLocks.List();

    /// <inheritdoc cref="IStorage.Begin"/>
    public Transaction Begin(
        IsolationLevel isolation, bool isReadOnly = false, Func<TimeSpan>? lockPatience = null, uint database = 0) =>
        new(_state, _state.NextTransactionId(), isolation, isReadOnly, lockPatience, database);

    /// <exception cref="SqlException">The log could not be written, so that a transaction that is decided has not come to its end here.</exception>
    public IBranch Begin(IBranchOrigin of) => _unended is { } cause
        ? throw new SqlException(cause.State, cause.Message, hint: cause.Hint, cause: cause)
        : new Transaction(_state, _state.NextTransactionId(), of);

    ITransaction IStorage.Begin(IsolationLevel isolation, bool isReadOnly, Func<TimeSpan>? lockPatience, uint database) =>
        Begin(isolation, isReadOnly, lockPatience, database);

    /// <summary>Begins a transaction that reads as of a moment; returns when all is there that was committed by then.</summary>
    /// <param name="at">Which the engine's source of timestamps has given out, or one that is past.</param>
    /// <exception cref="SqlException">72000: what was at that moment is no longer kept.</exception>
    public async ValueTask<Transaction> BeginAsync(
        CommitTimestamp at, bool isReadOnly = false, Func<TimeSpan>? lockPatience = null, uint database = 0,
        IsolationLevel isolation = IsolationLevel.RepeatableRead, CancellationToken cancellation = default)
    {
        Transaction transaction = Begin(isolation, isReadOnly, lockPatience, database);
        bool hasBegun = false;
        try
        {
            await transaction.BeginStatementAsync(at, cancellation).ConfigureAwait(false);
            hasBegun = true;
            return transaction;
        }
        finally
        {
            if (!hasBegun)
                await transaction.RollbackAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Which transactions wait for which, now, for rows, keys, tables, advisory locks and outcomes.</summary>
    public IReadOnlyList<(TransactionId Waiter, TransactionId Blocker)> Waits => _state.Graph.List();

    /// <summary>The same of transactions over shards, by their names there: what a search for circles over several engines needs.</summary>
    public IReadOnlyList<WaitEdge> ListWaits() => _state.Graph.ListNamed();

    ValueTask<IReadOnlyList<WaitEdge>> IShard.ListWaitsAsync(CancellationToken cancellation) => new(ListWaits());

    /// <summary>Has a wait fail.</summary>
    /// <returns>False if it is over.</returns>
    internal bool TryEndWait(long wait, SqlException error) => _state.Graph.TryEnd(wait, error);

    void IShard.ReturnAdvisory(AdvisoryHolder holder, AdvisoryKey key, bool isShared) => _state.Advisory.Return(holder, key, isShared);

    ValueTask<IReadOnlyList<PreparedState>> IShard.ListPreparedAsync(CancellationToken cancellation) => new(Prepared);

    /// <summary>Transactions that were prepared and wait for their coordinators' decisions, the oldest first.</summary>
    public IReadOnlyList<PreparedState> Prepared =>
    [
        .. _state.Prepared.List().Select(static prepared =>
            new PreparedState(prepared.GlobalId, prepared.Coordinator, prepared.Since, new CommitTimestamp(prepared.Bound), prepared.Transaction?.Id)),
    ];

    public async ValueTask CommitPreparedAsync(string globalId, CommitTimestamp timestamp)
    {
        try
        {
            await _state.DecideAsync(globalId, timestamp).ConfigureAwait(false);
        }
        catch (SqlException unwritten) when (!_state.IsReplicated && unwritten.State != SqlState.UndefinedObject && unwritten.State != SqlState.ObjectInUse)
        {
            _unended = unwritten;
            throw;
        }
    }

    public ValueTask RollbackPreparedAsync(string globalId) => _state.DecideAsync(globalId, null);

    /// <summary>Of an engine that borrows its catalog: definitions were committed; lets go of what was dropped.</summary>
    /// <param name="before">The catalog that was borrowed before.</param>
    public void Follow(CatalogSnapshot before, IReadOnlyList<CatalogChange> changes)
    {
        foreach (CatalogChange change in changes)
        {
            if (change is DropObject drop)
                _state.Drop(drop.Oid);
            else if (change is PutObject { Object: TableEntry { Id: var id } } && before.TryFindTable(id, out TableEntry? old)
                && Catalog.TryFindTable(id, out TableEntry? now) && _state.TryFindStore(id, out _))
                _state.Indexer.DropMissing(old, now);
        }
        _state.Replicator?.Wake(); // entries may have waited for it
    }

    public uint NextOid() => _state.NextOid();

    public long EstimateRowCount(TableId table) => _state.Store(table).LiveRows;

    public long SizeBytes(TableId table) => _state.Store(table).SizeBytes;

    public TableSize SizeOf(TableId table)
    {
        TableStore store = _state.Store(table);
        return new TableSize(store.LiveRows, store.DeltaBytes,
            [.. store.Parts.Segments.Select(segment => new TableSegment(segment.Info, segment.Deletes.Count))]);
    }

    public ShardId LastShard => default;

    public IReadOnlyList<(ShardId Shard, TableSize? Size)> ShardsOf(TableId table) => [(default, SizeOf(table))];

    public ValueTask CheckpointAsync(CancellationToken cancellation) =>
        _state.Checkpoints.CheckpointAsync(isLast: false, cancellation);

    public ValueTask RunBackgroundWorkAsync(CancellationToken cancellation) => _state.Maintenance.RunOnceAsync(cancellation);

    /// <summary>Merges and builds indexes without a checkpoint before, as happens in the background; for tests.</summary>
    internal ValueTask MergeAndBuildAsync(CancellationToken cancellation) => _state.Maintenance.MergeAndBuildAsync(cancellation);

    public async ValueTask CompactAsync(TableId table, CancellationToken cancellation)
    {
        await CheckpointAsync(cancellation).ConfigureAwait(false);
        await _state.Compactor.CompactWholeAsync(table, cancellation).ConfigureAwait(false);
    }

    public async ValueTask BuildIndexAsync(
        TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        await CheckpointAsync(cancellation).ConfigureAwait(false);
        if (!_state.TryFindStore(table, out TableStore? store))
            return; // its transaction has not committed
        await _state.Compactor.CompactForSearchAsync(store, cancellation).ConfigureAwait(false);
        await _state.Indexer.BuildAsync(
            store, definition, isAnew: false, TaskScheduler.Default, cancellation).ConfigureAwait(false);
    }

    public long NewestCommit => _state.Snapshots.Visible;

    public Task WaitForSnapshotsAsync(long before, CancellationToken cancellation) => _state.Snapshots.WaitAsync(before, cancellation);

    public async ValueTask RebuildIndexAsync(
        TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        await CheckpointAsync(cancellation).ConfigureAwait(false);
        if (_state.TryFindStore(table, out TableStore? store))
        {
            await _state.Indexer.BuildAsync(
                store, definition, isAnew: true, TaskScheduler.Default, cancellation).ConfigureAwait(false);
        }
    }

    public VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition)
    {
        SegmentFiles files = _state.Segments;
        return VectorIndexStatus.Of(_state.Store(table), definition, segment =>
        {
            string path = Path.Combine(files.Directory, SegmentIndexFile.NameOf(segment, definition.Oid, definition.Extension));
            return files.Files.FileExists(path) ? files.Files.FileLength(path) : 0;
        });
    }

    public IReadOnlyCollection<SegmentIndexBuild> IndexBuilds => _state.Indexer.Builds;

    public SequenceBlock TakeSequenceValues(SequenceEntry sequence, long countMax)
    {
        _state.ThrowIfFollowing();
        return _state.Sequences.Take(sequence, countMax);
    }

    public void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled)
    {
        _state.ThrowIfFollowing();
        _state.Sequences.Set(sequence, value, isCalled);
    }

    public (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence) =>
        _state.Sequences.Position(sequence);

    public MemoryBudget Memory => _resources.Delta;

    public async ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation)
    {
        _state.ThrowIfFollowing();
        await _state.Decisions.Refuse(globalId).WaitAsync(cancellation).ConfigureAwait(false);
        return _state.Commits.IsBroken
            ? throw new SqlException(SqlState.IoError, $"whether transaction \"{globalId}\" has committed is not known before a restart")
            : FindDecision(globalId);
    }

    private CommitTimestamp? FindDecision(string globalId)
    {
        TableStore store = _state.Store(DecisionTable.Id);
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(globalId);
        foreach ((RowId row, BinaryColumn names, int place) in Decisions())
        {
            if (names[place].SequenceEqual(wanted) && store.TryFind(row.Value, out RowPlace found))
                return new CommitTimestamp(found.InsertedAt);
        }
        return null;
    }

    public async ValueTask ForgetDecisionsAsync(IReadOnlyCollection<RowId>? rows)
    {
        RowId[] gone = rows is null ? [.. Decisions().Select(static found => found.Row)] : [.. rows];
        if (gone.Length == 0)
            return;
        await using Transaction transaction = Begin(IsolationLevel.ReadCommitted);
        transaction.BeginStatement();
        await transaction.DeleteAsync(DecisionTable.Id, gone, CancellationToken.None).ConfigureAwait(false);
        await transaction.CommitAsync(isDurable: false, CancellationToken.None).ConfigureAwait(false);
    }

    private IEnumerable<(RowId Row, BinaryColumn Names, int Place)> Decisions()
    {
        Snapshot newest = _state.Snapshots.Take();
        try
        {
            foreach (ScanUnit unit in new SnapshotView(_state.Store(DecisionTable.Id), DecisionTable.Entry, newest, writes: null).Units)
            {
                using UnitReader reader = unit.Open([1], withRowId: true, []);
                while (reader.Next() is { } rows)
                {
                    var names = (BinaryColumn)rows.Columns[0].Expand();
                    var ids = (FixedColumn<long>)rows.Columns[1].Expand();
                    for (int row = 0; row < rows.RowCount; row++)
                        yield return (new RowId(ids[row]), names, row);
                }
            }
        }
        finally
        {
            _state.Snapshots.Release(newest);
        }
    }

    internal StorageState State => _state;

    /// <summary>
    /// Stops background work, takes a last checkpoint, and lets the directory go. Transactions have ended.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _state.Maintenance.DisposeAsync().ConfigureAwait(false);
        try
        {
            if (!_state.Commits.IsBroken && !_state.IsReplicated)
                await _state.Checkpoints.CheckpointAsync(isLast: true, default).ConfigureAwait(false);
        }
        catch (FileFaultException)
        {
            // The log has everything; the next start replays it.
        }
        finally
        {
            _resources.Remove(_state);
            if (_ownsResources)
                _resources.Dispose();
            _state.Checkpoints.Dispose();
            _state.Commits.Dispose();
            _held.Dispose();
        }
    }
}

/// <summary>Stored data cannot be used: which file, and what the operator can do.</summary>
public sealed class StorageException(string message, Exception? cause = null) : Exception(message, cause);
