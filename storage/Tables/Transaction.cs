using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tables;

/// <summary>A transaction on one engine.</summary>
/// <remarks>Nothing is logged before commit, so that a crash leaves nothing of an unfinished transaction.</remarks>
public sealed class Transaction : LockOwner, IBranch
{
    private readonly StorageState _state;
    private readonly WriteSet _writes;
    private readonly HeldLocks _locks;
    private readonly StatementSnapshot _snapshot;
    private SequenceRestarts? _restarts; // these two are made when there is one
    private List<SavedPoint>? _savepoints;
    private readonly TransactionCatalog? _catalog;
    private readonly IBranchOrigin? _origin;
    private readonly Func<TimeSpan>? _lockPatience;
    private TaskCompletionSource _released = NewSignal();
    private PreparedTransaction? _prepared;
    private bool _isExpected; // by others, to decide for them
    private readonly int _reign;
    private bool _isForsaken;

    internal Transaction(
        StorageState state, TransactionId id, IsolationLevel isolation, bool isReadOnly, Func<TimeSpan>? lockPatience = null, uint database = 0)
        : this(state, id)
    {
        _lockPatience = lockPatience;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        _catalog = new TransactionCatalog(state, database);
    }

    /// <summary>A branch.</summary>
    internal Transaction(StorageState state, TransactionId id, IBranchOrigin origin)
        : this(state, id)
    {
        _origin = origin;
        Isolation = origin.Isolation;
        IsReadOnly = origin.IsReadOnly;
    }

    private Transaction(StorageState state, TransactionId id)
    {
        _state = state;
        _reign = state.Reign;
        _writes = new WriteSet(state, this);
        _locks = new HeldLocks(state, this);
        _snapshot = new StatementSnapshot(state.Snapshots);
        Id = id;
    }

    public TransactionId Id { get; }

    public IsolationLevel Isolation { get; }

    public bool IsReadOnly { get; }

    public CatalogSnapshot Catalog => _origin?.Catalog ?? Whole.Current;

    public bool HasChanged(TableId table) => (_writes.TryFind(table, out TableWrites? writes) && writes.HasWrites)
        || CatalogChanges.Any(change => change is PutObject { Object: TableEntry changed } && changed.Id == table);

    public bool HasWrites => CatalogChanges.Count > 0 || _writes.HasWrites;

    public bool NotesConflicts { get; set; }

    public bool HasConflict { get; private set; }

    public bool HasEnded { get; private set; }

    public ReplicationMode? WriteAcks { get; set; }

    /// <summary>Whether its commit is a decision for other shards.</summary>
    internal bool IsDeciding { get; private set; }

    /// <summary>Whether it is not known that as many replicas have it as <see cref="WriteAcks"/> says.</summary>
    internal bool IsUnconfirmed { get; set; }

    /// <summary>Why nothing more can be done in it; null where it can go on.</summary>
    internal SqlException? Refusal => _reign == _state.Reign ? null : StorageState.Moved();

    /// <summary>Segments that it has written and its record names.</summary>
    internal List<SegmentInfo> Spilled => _writes.Spilled;

    public LockOwner Owner => this;

    /// <summary>Whether a replica that follows may serve it, since it reads at a moment that this has reached.</summary>
    private bool ReadsPast => _origin is { ReadsPast: true };

    /// <summary>Table locks that it holds, in the order in which it took them.</summary>
    internal IReadOnlyList<(TableId Table, TableLockMode Mode)> HeldTableLocks => _locks.Tables;

    public bool HasRestarts => _restarts is { Count: > 0 };

    /// <summary>Sequences that it has restarted, with what they were before.</summary>
    internal IReadOnlyList<SequenceMark> Restarts => _restarts?.Marks ?? [];

    internal override Transaction? Running => this;

    /// <summary>How long a wait that begins now may last.</summary>
    internal TimeSpan LockPatience => _origin is { Tries: true } ? TimeSpan.Zero : _origin?.LockPatience ?? _lockPatience?.Invoke() ?? Timeout.InfiniteTimeSpan;

    /// <summary>Completes when the transaction ends, or gives something back in a rollback to a savepoint.</summary>
    internal Task Released => Volatile.Read(ref _released).Task;

    internal IReadOnlyCollection<TableWrites> Writes => _writes.Tables;

    /// <summary>The changes of definitions that commit with it: none with a branch whose engine does not keep the catalog.</summary>
    internal IReadOnlyList<CatalogChange> CatalogChanges =>
        _origin is null ? Whole.Changes : _state.BorrowsCatalog ? [] : _origin.Definitions;

    private TransactionCatalog Whole => _catalog ?? throw new InvalidOperationException("a branch has no definitions of its own");

    internal int SavepointCount => _savepoints?.Count ?? 0;

    /// <summary>Between <see cref="BeginCheck"/> and <see cref="EndCheck"/>.</summary>
    internal bool IsChecking => _snapshot.IsChecking;

    internal long SnapshotTimestamp => _snapshot.Timestamp;

    public void BeginStatement()
    {
        ThrowIfEnded();
        _catalog?.Refresh();
        _writes.BeginStatement();
        if (Isolation == IsolationLevel.ReadCommitted || IsChecking)
            _snapshot.Renew();
    }

    public async ValueTask BeginStatementAsync(CommitTimestamp at, CancellationToken cancellation)
    {
        ThrowIfEnded();
        Invariant.Holds(!IsChecking);
        Snapshot given = ReadsPast
            ? await _state.TakeSnapshotAtReplicaAsync(at.Value, cancellation).ConfigureAwait(false)
            : await _state.TakeSnapshotAsync(at.Value, cancellation).ConfigureAwait(false);
        _catalog?.Refresh();
        _writes.BeginStatement();
        _snapshot.Give(given);
    }

    public void BeginCheck()
    {
        ThrowIfEnded();
        if (Isolation == IsolationLevel.RepeatableRead)
            _snapshot.BeginCheck();
    }

    public void EndCheck() => _snapshot.EndCheck();

    public TableView Read(TableId table)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryFind(table, out TableWrites? writes);
        return new SnapshotView(Readable(table), entry, _snapshot.Current, writes is { HasWrites: true } ? writes : null);
    }

    public PinnedTable? Pin(TableId table)
    {
        ThrowIfEnded();
        if (_writes.TryFind(table, out TableWrites? writes) && writes.HasWrites)
            return null;
        TableStore store = Readable(table);
        Snapshot snapshot = _state.Snapshots.Pin(_snapshot.Current);
        return new PinnedTable(_state.Snapshots, snapshot, new SnapshotView(store, Entry(table), snapshot, writes: null));
    }

    public async ValueTask LockTableAsync(
        TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        await HoldTableAsync(table, mode, wait, cancellation).ConfigureAwait(false);
        if (!_state.Prepared.IsEmpty)
            await WaitForOutcomesAsync(table, _snapshot.Current.Timestamp, wait, cancellation).ConfigureAwait(false);
        _state.ThrowIfNotServing();
    }

    async ValueTask IBranch.EnterAsync(TableId table, TableLockMode mode, bool waits, bool seesNewest, CancellationToken cancellation)
    {
        try
        {
            await HoldTableAsync(table, mode, waits ? LockWaitPolicy.Block : LockWaitPolicy.NoWait, cancellation).ConfigureAwait(false);
        }
        catch (SqlException held) when (!waits && held.State == SqlState.LockNotAvailable)
        {
            throw new SqlException(SqlState.SerializationFailure, held.Message, hint: "The transaction might succeed if retried.", cause: held) { IsPassing = true };
        }
        long moment = seesNewest ? long.MaxValue : _snapshot.Current.Timestamp;
        if (ReadsPast && _state.IsFollowing)
        {
            if (seesNewest)
                await _state.ReachNewestAsync(cancellation).ConfigureAwait(false);
            long defined = _origin!.DefinedAt(table.Oid).Value;
            moment = Math.Max(moment, defined);
            await _state.ArriveAtReplicaAsync(defined, cancellation).ConfigureAwait(false); // what is stored is as it is defined
        }
        if (!_state.Prepared.IsEmpty)
            await WaitForOutcomesAsync(table, moment, LockWaitPolicy.Block, cancellation).ConfigureAwait(false);
        if (!ReadsPast || !_state.IsFollowing)
            _state.ThrowIfNotServing();
        if (seesNewest)
            BeginStatement();
    }

    public ValueTask<bool> LockAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return _locks.LockAdvisoryAsync(holder, key, isShared, waits, cancellation);
    }

    ValueTask<bool> IBranch.HoldAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return _state.Advisory.TakeAsync(holder, (LockOwner)this, key, isShared, waits, cancellation);
    }

    public async ValueTask<RowIds> InsertAsync(TableId table, ColumnBatch rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        await _state.MakeRoomAsync(cancellation).ConfigureAwait(false);
        TableWrites writes = _writes.To(table);
        long first = writes.Append(entry, rows);
        await new UniqueEnforcer(writes, entry).ReserveAsync(rows, first, cancellation).ConfigureAwait(false);
        await _state.SpillIfLargeAsync(writes, entry).ConfigureAwait(false);
        long[] ids = new long[rows.RowCount];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = first + i;
        return new RowIds(ids);
    }

    public async ValueTask<InsertOutcome[]> TryInsertAsync(
        TableId table, ColumnBatch rows, IReadOnlyList<uint> arbiters, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        await _state.MakeRoomAsync(cancellation).ConfigureAwait(false);
        TableWrites writes = _writes.To(table);
        InsertOutcome[] outcomes = await new ConflictingInsert(writes, entry, arbiters)
            .RunAsync(rows, cancellation).ConfigureAwait(false);
        await _state.SpillIfLargeAsync(writes, entry).ConfigureAwait(false);
        return outcomes;
    }

    public ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return new RowHolder(_writes.To(table), Entry(table)).DeleteAsync(rows, cancellation);
    }

    public async ValueTask<RowIds> UpdateAsync(
        TableId table, ReadOnlyMemory<RowId> rows, ColumnBatch values, CancellationToken cancellation)
    {
        if (rows.Length != values.RowCount)
            throw new ArgumentException($"{rows.Length} rows to replace by {values.RowCount}", nameof(rows));
        await DeleteAsync(table, rows, cancellation).ConfigureAwait(false);
        if (HasConflict)
            return new RowIds([]);
        RowIds stored = await InsertAsync(table, values, cancellation).ConfigureAwait(false);
        if ((Catalog.IsReferenced(table) || !Entry(table).ForeignKeys.IsEmpty) && stored.Values.Length > 0)
            _writes.To(table).NoteReplacement(rows, stored.Values[0]);
        return stored;
    }

    public async ValueTask<bool[]> TakeAwayAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        bool[] isOwn = new bool[rows.Length];
        if (_writes.TryFind(table, out TableWrites? writes))
        {
            for (int i = 0; i < isOwn.Length; i++)
                isOwn[i] = writes.TryFind(rows.Span[i].Value, out _, out _);
        }
        await DeleteAsync(table, rows, cancellation).ConfigureAwait(false);
        if (!HasConflict)
            _writes.To(table).NoteReplacement(rows, Replacement.Elsewhere);
        return isOwn;
    }

    public IReadOnlyList<TableChanges> ChangesSince(int savepoint)
    {
        ThrowIfEnded();
        return _writes.ChangesSince(SavedAt(savepoint).Writes);
    }

    public ChangesMark MarkOf(TableChanges changes) => ((OwnTableChanges)changes).Mark;

    public TableChanges ChangesFrom(TableId table, ChangesMark mark)
    {
        ThrowIfEnded();
        return new OwnTableChanges(_writes.To(table), mark);
    }

    public ValueTask<bool[]> HoldKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return Keys(table, indexOid).HoldAsync(keys, cancellation);
    }

    public async ValueTask TestKeysAsync(TableChanges changes, IndexEntry index, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(changes.Table);
        UniqueEnforcer enforcer = new(_writes.To(changes.Table), entry);
        foreach (ColumnBatch keysAndIds in ((OwnTableChanges)changes).InsertedWithIds(entry, [.. index.Columns]))
            await enforcer.TestAsync(index, keysAndIds, cancellation).ConfigureAwait(false);
    }

    public ValueTask<bool[]> ClaimKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return Keys(table, indexOid).ClaimAsync(keys, cancellation);
    }

    public ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait,
        CancellationToken cancellation)
    {
        ThrowIfEnded();
        return new RowHolder(_writes.To(table), Entry(table)).LockAsync(rows, strength, wait, cancellation);
    }

    public ValueTask<ColumnBatch> FetchAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryFind(table, out TableWrites? writes);
        return new ValueTask<ColumnBatch>(RowGatherer.Fetch(_state.Store(table), entry, writes, rows.Span));
    }

    public async ValueTask TruncateAsync(TableId table, CancellationToken cancellation)
    {
        await LockTableAsync(table, TableLockMode.AccessExclusive, LockWaitPolicy.Block,
            cancellation).ConfigureAwait(false);
        _writes.To(table).Truncate();
    }

    public bool HasTruncated(TableId table) => _writes.TryFind(table, out TableWrites? writes) && writes.HidesCommitted;

    public void RestartSequence(SequenceEntry sequence, long value)
    {
        ThrowIfEnded();
        (_restarts ??= new SequenceRestarts(_state.Sequences)).Restart(sequence, value);
    }

    public void Change(CatalogChange change)
    {
        ThrowIfEnded();
        TableEntry? before = change is PutObject { Object: TableEntry put }
            ? Catalog.Find(put.Oid) as TableEntry : null;
        Whole.Add(change);
        if (before is not null && change is PutObject { Object: TableEntry after })
            MakeIndexes(before, after);
    }

    public void MakeIndexes(TableEntry before, TableEntry after)
    {
        _writes.TryFind(after.Id, out TableWrites? writes);
        IndexBuilder.BuildNew(_state.Store(after.Id), before, after, writes, SchemaName(after));
    }

    public void ExpectDecision()
    {
        ThrowIfEnded();
        _state.Decisions.Add(GlobalId, this);
        _isExpected = true;
    }

    public async ValueTask<(CommitTimestamp At, RowId Decision)> DecideAsync(CancellationToken cancellation)
    {
        ThrowIfEnded();
        cancellation.ThrowIfCancellationRequested();
        if (!_state.Decisions.TryBegin(GlobalId))
        {
            throw new SqlException(SqlState.SerializationFailure, "could not commit: the transaction was given up while it was being prepared",
                hint: "The transaction might succeed if retried.") { IsPassing = true };
        }
        try
        {
            IsDeciding = true;
            RowId decision = new(_writes.To(DecisionTable.Id).Append(DecisionTable.Entry, DecisionTable.Row(GlobalId)));
            return (await CommitAsync(isDurable: true, CancellationToken.None).ConfigureAwait(false), decision);
        }
        finally
        {
            await RollbackAsync().ConfigureAwait(false); // of one that could not begin to commit: others wait for its end
        }
    }

    /// <summary>What it is called at all its shards; null where it is of this engine alone.</summary>
    internal string? GlobalName => _origin?.GlobalId ?? _prepared?.GlobalId;

    private string GlobalId => _origin?.GlobalId ?? throw new InvalidOperationException("a whole transaction has no other name");

    public void Undo(IReadOnlyList<CatalogChange> undone) => IndexBuilder.Undo(_state, undone, Catalog);

    public int Savepoint()
    {
        ThrowIfEnded();
        (_savepoints ??= []).Add(new SavedPoint(_writes.Mark(), _catalog?.Changes.Count ?? 0, _locks.Count, _restarts?.Count ?? 0));
        return _savepoints.Count - 1;
    }

    public void RollbackTo(int savepoint)
    {
        ThrowIfEnded();
        SavedPoint point = SavedAt(savepoint);
        _savepoints.RemoveRange(savepoint + 1, _savepoints.Count - savepoint - 1);
        TaskCompletionSource signal = _released;
        _writes.RollBackTo(point.Writes);
        _restarts?.UndoFrom(point.Restarts);
        if (_catalog is not null)
            Undo(_catalog.RollBackTo(point.CatalogChanges));
        _locks.ReleaseFrom(point.Locks);
        Volatile.Write(ref _released, NewSignal());
        signal.SetResult();
    }

    public void Release(int savepoint)
    {
        ThrowIfEnded();
        Invariant.Holds(_savepoints is not null);
        _savepoints.RemoveRange(savepoint, _savepoints.Count - savepoint);
    }

    public async ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation)
    {
        ThrowIfEnded();
        cancellation.ThrowIfCancellationRequested();
        bool isDone = false;
        try
        {
            await _writes.SettleAsync().ConfigureAwait(false);
            long timestamp = await _state.CommitAsync(this, isDurable).ConfigureAwait(false);
            isDone = true;
            return IsUnconfirmed ? throw StorageState.Unconfirmed() : new CommitTimestamp(timestamp);
        }
        finally
        {
            if (!_isForsaken)
                End(isDone);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SqlException">Also 23505: another made an object of the same name first.</exception>
    public async ValueTask<CommitTimestamp> PrepareAsync(string globalId, ReadOnlyMemory<byte> coordinator, CancellationToken cancellation)
    {
        ThrowIfEnded();
        cancellation.ThrowIfCancellationRequested();
        PreparedTransaction prepared = new(globalId, coordinator.ToArray(), _state.Time.GetUtcNow(), this);
        bool isDone = false;
        try
        {
            await _writes.SettleAsync().ConfigureAwait(false);
            await _state.PrepareAsync(prepared, this).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            if (!isDone && !_isForsaken)
            {
                End(isCommitted: false);
                prepared.SetDecided();
            }
        }
        SetPrepared(prepared);
        return IsUnconfirmed ? throw StorageState.Moved() : new CommitTimestamp(prepared.Bound);
    }

    public ValueTask RollbackAsync()
    {
        if (!HasEnded && _prepared is null)
            End(isCommitted: false);
        return ValueTask.CompletedTask;
    }

    /// <summary>Rolls back unless ended or prepared.</summary>
    public ValueTask DisposeAsync() => RollbackAsync();

    public bool TakeConflict()
    {
        bool had = HasConflict;
        (NotesConflicts, HasConflict) = (false, false);
        return had;
    }

    internal bool TryNoteConflict() => HasConflict = NotesConflicts;

    internal ValueTask WaitForAsync(Transaction blocker, Task released, CancellationToken cancellation) =>
        _state.Graph.WaitForTransactionAsync(this, blocker, released, cancellation);

    internal string? SchemaName(TableEntry table) => Catalog.Find(table.SchemaOid)?.Name;

    /// <summary>Deletes the files of a segment that this transaction wrote and does not want any more.</summary>
    internal void DropSegment(SegmentSlot segment)
    {
        if (_isForsaken)
            return;
        if (_prepared is null)
            _state.DropFiles(segment.Info.Id);
        else
            _state.Checkpoints.Retire([segment]); // the log or the manifest names it
    }

    /// <summary>Takes over what a prepared transaction had done and held, when nobody has touched it since.</summary>
    /// <param name="open">Opens a segment that its record names.</param>
    internal void Restore(PreparedTransaction prepared, Func<SegmentInfo, SegmentSlot> open)
    {
        PrepareRecord record = prepared.Record;
        foreach (CatalogChange change in record.Work.Changes)
            Whole.Add(change);
        foreach ((TableId table, TableLockMode mode) in record.TableLocks)
            _locks.Restore(table, mode);
        _writes.Restore(record, open);
        foreach (SequenceMark restart in record.Restarts)
        {
            if (Catalog.Find(restart.Sequence) is SequenceEntry sequence)
                (_restarts ??= new SequenceRestarts(_state.Sequences)).Restore(sequence, restart);
        }
        prepared.Restore(this);
        SetPrepared(prepared);
    }

    /// <summary>Lets go of what it holds: the log alone knows what becomes of it.</summary>
    internal void Forsake()
    {
        _isForsaken = true;
        End(isCommitted: false);
    }

    /// <summary>Ends it once its decision is in the log and applied.</summary>
    internal void EndPrepared(bool isCommitted) => End(isCommitted);

    // What waits for it is told at once, and lets the waiter go on elsewhere (WaitGraph).
    private static TaskCompletionSource NewSignal() => new();

    private TableEntry Entry(TableId table) => DecisionTable.TryFindTable(Catalog, table, out TableEntry? entry)
        ? entry
        : throw new SqlException(SqlState.UndefinedTable, $"could not open relation with OID {table.Oid}");

    [MemberNotNull(nameof(_savepoints))]
    private SavedPoint SavedAt(int savepoint)
    {
        Invariant.Holds(_savepoints is not null);
        return _savepoints[savepoint];
    }

    private ReferencedKeys Keys(TableId table, uint indexOid)
    {
        TableEntry entry = Entry(table);
        foreach (IndexEntry index in entry.Indexes)
        {
            if (index.Oid == indexOid)
                return new ReferencedKeys(_writes.To(table), entry, index);
        }
        throw new ArgumentException($"table {table} has no index {indexOid}", nameof(indexOid));
    }

    private void ThrowIfEnded()
    {
        if (Refusal is { } refusal)
            throw refusal;
        Invariant.Holds(!HasEnded && _prepared is null);
    }

    private void SetPrepared(PreparedTransaction prepared)
    {
        _prepared = prepared;
        _snapshot.Release(); // it reads nothing any more
    }

    private async ValueTask HoldTableAsync(TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        ThrowIfEnded();
        if (!_locks.Holds(table, mode))
            await _locks.LockTableAsync(table, Catalog.Find(table.Oid)?.Name ?? table.ToString(), mode, wait, cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits for what is prepared and may have committed at that moment or before.</summary>
    private async ValueTask WaitForOutcomesAsync(TableId table, long moment, LockWaitPolicy wait, CancellationToken cancellation)
    {
        while (_state.TryFindStore(table, out TableStore? store) && store.UndecidedAt(moment) is { } prepared)
        {
            if (wait != LockWaitPolicy.Block)
                throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{Entry(table).Name}\"");
            await _state.Graph.WaitForOutcomeAsync(this, prepared, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The table, of which all is there that the snapshot sees, and is known to be committed or not.</summary>
    private TableStore Readable(TableId table)
    {
        TableStore store = _state.Store(table);
        if (!_state.Prepared.IsEmpty && store.UndecidedAt(_snapshot.Current.Timestamp) is { } prepared)
        {
            throw new SqlException(SqlState.SerializationFailure,
                $"could not serialize access due to prepared transaction \"{prepared.GlobalId}\"", hint: "The transaction might succeed if retried.") { IsPassing = true };
        }
        // Here no lock of the truncating transaction has kept readers away, whose earlier statements have seen the table as it was.
        bool mustSeeAll = _snapshot.Current.IsGiven || _state.IsFollowing;
        return mustSeeAll && _snapshot.Current.Timestamp < store.HistoryFrom
            ? throw Snapshots.TooOld(_snapshot.Current.Timestamp, store.HistoryFrom)
            : store;
    }

    private void End(bool isCommitted)
    {
        HasEnded = true;
        _writes.End(isCommitted);
        if (!isCommitted)
        {
            if (!_isForsaken)
                _restarts?.UndoFrom(0);
            if (_catalog is not null)
                Undo(_catalog.RollBackTo(0));
        }
        if (_isExpected)
            _state.Decisions.Remove(GlobalId);
        _locks.ReleaseFrom(default);
        _snapshot.Release();
        _released.SetResult();
    }

    private sealed record SavedPoint(Dictionary<uint, WritesMark> Writes, int CatalogChanges, (int Tables, int Advisory) Locks, int Restarts);
}
