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
    private readonly Dictionary<uint, TableWrites> _writes = [];
    private readonly List<SavedPoint> _savepoints = [];
    private readonly List<(TableId Table, TableLockMode Mode)> _tableLocks = [];
    private OrderedDictionary<(AdvisoryHolder Holder, AdvisoryKey Key, bool IsShared), bool>? _advisoryLocks; // a set, in order
    private readonly List<(SequenceEntry Sequence, long LastValue, bool IsCalled)> _restarts = [];
    private readonly TransactionCatalog? _catalog;
    private readonly IBranchOrigin? _origin;
    private readonly Func<TimeSpan>? _lockPatience;
    private TaskCompletionSource _released = NewSignal();
    private Snapshot _snapshot;
    private List<Snapshot>? _left; // of earlier statements, whose views are in use
    private Snapshot? _ownSnapshot; // REPEATABLE READ's, while a check sees more
    private PreparedTransaction? _prepared;
    private bool _isExpected; // by others, to decide for them
    private readonly int _reign;
    private bool _isForsaken;

    internal Transaction(
        StorageState state, TransactionId id, IsolationLevel isolation, bool isReadOnly, Func<TimeSpan>? lockPatience = null, uint database = 0)
    {
        _state = state;
        _reign = state.Reign;
        _lockPatience = lockPatience;
        Id = id;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        _catalog = new TransactionCatalog(state, database);
        _snapshot = state.Snapshots.Take();
    }

    /// <summary>A branch.</summary>
    internal Transaction(StorageState state, TransactionId id, IBranchOrigin origin)
    {
        _state = state;
        _reign = state.Reign;
        _origin = origin;
        Id = id;
        Isolation = origin.Isolation;
        IsReadOnly = origin.IsReadOnly;
        _snapshot = state.Snapshots.Take();
    }

    public TransactionId Id { get; }

    public IsolationLevel Isolation { get; }

    public bool IsReadOnly { get; }

    public CatalogSnapshot Catalog => _origin?.Catalog ?? Whole.Current;

    public bool HasChanged(TableId table) => (_writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HasWrites)
        || CatalogChanges.Any(change => change is PutObject { Object: TableEntry changed } && changed.Id == table);

    public bool HasWrites
    {
        get
        {
            if (CatalogChanges.Count > 0)
                return true;
            foreach (TableWrites writes in _writes.Values)
            {
                if (writes.HasWrites)
                    return true;
            }
            return false;
        }
    }

    public bool NotesConflicts { get; set; }

    public bool HasConflict { get; private set; }

    public bool HasEnded { get; private set; }
    /// <summary>On the word of how many replicas its commit is acknowledged, if on less than the shard's mode asks for; null for the mode's own.</summary>
    public ReplicationMode? WriteAcks { get; set; }


    /// <summary>Why nothing more can be done in it; null where it can go on.</summary>
    internal SqlException? Refusal => _reign == _state.Reign ? null : StorageState.Moved();

    /// <summary>Segments that it has written and its record names.</summary>
    internal List<SegmentInfo> Spilled
    {
        get
        {
            List<SegmentInfo> spilled = [];
            foreach (TableWrites writes in _writes.Values)
            {
                foreach (OwnRows part in writes.Parts)
                {
                    if (part.Segment is { } segment && !writes.IsTruncated(part))
                        spilled.Add(segment.Info);
                }
            }
            return spilled;
        }
    }

    public LockOwner Owner => this;

    /// <summary>Table locks that it holds, in the order in which it took them.</summary>
    internal IReadOnlyList<(TableId Table, TableLockMode Mode)> HeldTableLocks => _tableLocks;

    public bool HasRestarts => _restarts.Count > 0;

    /// <summary>Sequences that it has restarted, with what they were before.</summary>
    internal IReadOnlyList<SequenceMark> Restarts =>
        [.. _restarts.Select(static restart => new SequenceMark(restart.Sequence.Oid, restart.LastValue, restart.IsCalled, 0))];

    internal override Transaction? Running => this;

    /// <summary>How long a wait that begins now may last.</summary>
    internal TimeSpan LockPatience => _origin?.LockPatience ?? _lockPatience?.Invoke() ?? Timeout.InfiniteTimeSpan;

    /// <summary>Completes when the transaction ends, or gives something back in a rollback to a savepoint.</summary>
    internal Task Released => Volatile.Read(ref _released).Task;

    internal IReadOnlyCollection<TableWrites> Writes => _writes.Values;

    /// <summary>The changes of definitions that commit with it: none with a branch whose engine does not keep the catalog.</summary>
    internal IReadOnlyList<CatalogChange> CatalogChanges =>
        _origin is null ? Whole.Changes : _state.BorrowsCatalog ? [] : _origin.Definitions;

    private TransactionCatalog Whole => _catalog ?? throw new InvalidOperationException("a branch has no definitions of its own");

    internal int SavepointCount => _savepoints.Count;

    /// <summary>Between <see cref="BeginCheck"/> and <see cref="EndCheck"/>.</summary>
    internal bool IsChecking => _ownSnapshot is not null;

    internal long SnapshotTimestamp => (_ownSnapshot ?? _snapshot).Timestamp;

    public void BeginStatement()
    {
        ThrowIfEnded();
        _catalog?.Refresh();
        foreach (TableWrites writes in _writes.Values)
            writes.StatementStart = writes.RowCount;
        bool seesNew = Isolation == IsolationLevel.ReadCommitted || _ownSnapshot is not null;
        if (!seesNew || (_snapshot.Timestamp == _state.Snapshots.Visible && !_snapshot.IsGiven))
            return;
        Snapshot old = _snapshot;
        _snapshot = _state.Snapshots.Take();
        if (old != _ownSnapshot)
            Leave(old);
    }

    public async ValueTask BeginStatementAsync(CommitTimestamp at, CancellationToken cancellation)
    {
        ThrowIfEnded();
        Invariant.Holds(!IsChecking);
        Snapshot given = await _state.TakeSnapshotAsync(at.Value, cancellation).ConfigureAwait(false);
        _catalog?.Refresh();
        foreach (TableWrites writes in _writes.Values)
            writes.StatementStart = writes.RowCount;
        Snapshot old = _snapshot;
        _snapshot = given;
        Leave(old);
    }

    public void BeginCheck()
    {
        ThrowIfEnded();
        if (Isolation == IsolationLevel.RepeatableRead)
            _ownSnapshot ??= _snapshot;
    }

    public void EndCheck()
    {
        if (_ownSnapshot is not { } own)
            return;
        if (_snapshot != own)
            Leave(_snapshot);
        (_snapshot, _ownSnapshot) = (own, null);
    }

    public TableView Read(TableId table)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryGetValue(table.Oid, out TableWrites? writes);
        return new SnapshotView(Readable(table), entry, _snapshot, writes is { HasWrites: true } ? writes : null);
    }

    public PinnedTable? Pin(TableId table)
    {
        ThrowIfEnded();
        if (_writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HasWrites)
            return null;
        TableStore store = Readable(table);
        Snapshot snapshot = _state.Snapshots.Pin(_snapshot);
        return new PinnedTable(_state.Snapshots, snapshot, new SnapshotView(store, Entry(table), snapshot, writes: null));
    }

    public async ValueTask LockTableAsync(
        TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        ThrowIfEnded();
        if (!_tableLocks.Contains((table, mode)))
        {
            string name = Catalog.Find(table.Oid)?.Name ?? table.ToString();
            await _state.TableLocks.AcquireAsync(this, table, name, mode, wait, cancellation).ConfigureAwait(false);
            _tableLocks.Add((table, mode));
        }
        if (!_state.Prepared.IsEmpty)
            await WaitForOutcomesAsync(table, wait, cancellation).ConfigureAwait(false);
        _state.ThrowIfNotServing();
    }

    public async ValueTask<bool> LockAdvisoryAsync(
        AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        ThrowIfEnded();
        (AdvisoryHolder, AdvisoryKey, bool) wanted = (holder, key, isShared);
        if (_advisoryLocks?.ContainsKey(wanted) == true)
            return true;
        if (!await _state.Advisory.TakeAsync(holder, (LockOwner)this, key, isShared, waits, cancellation).ConfigureAwait(false))
            return false;
        (_advisoryLocks ??= []).Add(wanted, true);
        return true;
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
        TableWrites writes = WritesTo(table);
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
        TableWrites writes = WritesTo(table);
        InsertOutcome[] outcomes = await new ConflictingInsert(writes, entry, arbiters)
            .RunAsync(rows, cancellation).ConfigureAwait(false);
        await _state.SpillIfLargeAsync(writes, entry).ConfigureAwait(false);
        return outcomes;
    }

    public ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return new RowHolder(WritesTo(table), Entry(table)).DeleteAsync(rows, cancellation);
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
            WritesTo(table).NoteReplacement(rows, stored.Values[0]);
        return stored;
    }

    public async ValueTask<bool[]> TakeAwayAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        bool[] isOwn = new bool[rows.Length];
        if (_writes.TryGetValue(table.Oid, out TableWrites? writes))
        {
            for (int i = 0; i < isOwn.Length; i++)
                isOwn[i] = writes.TryFind(rows.Span[i].Value, out _, out _);
        }
        await DeleteAsync(table, rows, cancellation).ConfigureAwait(false);
        if (!HasConflict)
            WritesTo(table).NoteReplacement(rows, Replacement.Elsewhere);
        return isOwn;
    }

    public IReadOnlyList<TableChanges> ChangesSince(int savepoint)
    {
        ThrowIfEnded();
        SavedPoint point = _savepoints[savepoint];
        var changes = new List<TableChanges>();
        foreach ((uint oid, TableWrites writes) in _writes)
        {
            WritesMark mark = point.Writes.GetValueOrDefault(oid);
            OwnTableChanges change = new(writes, new ChangesMark(mark.RowCount, mark.Deletions, mark.Replacements));
            if (!change.IsEmpty)
                changes.Add(change);
        }
        return changes;
    }

    public ChangesMark MarkOf(TableChanges changes) => ((OwnTableChanges)changes).Mark;

    public TableChanges ChangesFrom(TableId table, ChangesMark mark)
    {
        ThrowIfEnded();
        return new OwnTableChanges(WritesTo(table), mark);
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
        UniqueEnforcer enforcer = new(WritesTo(changes.Table), entry);
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
        return new RowHolder(WritesTo(table), Entry(table)).LockAsync(rows, strength, wait, cancellation);
    }

    public ValueTask<ColumnBatch> FetchAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryGetValue(table.Oid, out TableWrites? writes);
        return new ValueTask<ColumnBatch>(RowGatherer.Fetch(_state.Store(table), entry, writes, rows.Span));
    }

    public async ValueTask TruncateAsync(TableId table, CancellationToken cancellation)
    {
        await LockTableAsync(table, TableLockMode.AccessExclusive, LockWaitPolicy.Block,
            cancellation).ConfigureAwait(false);
        WritesTo(table).Truncate();
    }

    public bool HasTruncated(TableId table) => _writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HidesCommitted;

    public void RestartSequence(SequenceEntry sequence, long value)
    {
        ThrowIfEnded();
        (long lastValue, bool isCalled) = _state.Sequences.Position(sequence);
        _state.Sequences.Set(sequence, value, isCalled: false);
        _restarts.Add((sequence, lastValue, isCalled));
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
        _writes.TryGetValue(after.Oid, out TableWrites? writes);
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
            RowId decision = new(WritesTo(DecisionTable.Id).Append(DecisionTable.Entry, DecisionTable.Row(GlobalId)));
            return (await CommitAsync(isDurable: true, CancellationToken.None).ConfigureAwait(false), decision);
        }
        finally
        {
            await RollbackAsync().ConfigureAwait(false); // of one that could not begin to commit: others wait for its end
        }
    }

    private string GlobalId => _origin?.GlobalId ?? throw new InvalidOperationException("a whole transaction has no other name");

    public void Undo(IReadOnlyList<CatalogChange> undone) => IndexBuilder.Undo(_state, undone, Catalog);

    public int Savepoint()
    {
        ThrowIfEnded();
        Dictionary<uint, WritesMark> marks = new(_writes.Count);
        foreach ((uint oid, TableWrites writes) in _writes)
            marks.Add(oid, writes.Mark());
        _savepoints.Add(new SavedPoint(marks, _catalog?.Changes.Count ?? 0, _tableLocks.Count, _advisoryLocks?.Count ?? 0, _restarts.Count));
        return _savepoints.Count - 1;
    }

    public void RollbackTo(int savepoint)
    {
        ThrowIfEnded();
        SavedPoint point = _savepoints[savepoint];
        _savepoints.RemoveRange(savepoint + 1, _savepoints.Count - savepoint - 1);
        TaskCompletionSource signal = _released;
        foreach ((uint oid, TableWrites writes) in _writes)
        {
            WritesMark mark = point.Writes.GetValueOrDefault(oid);
            writes.StopSpill(mark.RowCount);
            lock (writes.Store.Sync)
                writes.RollBackTo(mark);
        }
        UndoRestarts(point.Restarts);
        if (_catalog is not null)
            Undo(_catalog.RollBackTo(point.CatalogChanges));
        ReleaseLocks(point.TableLocks, point.AdvisoryLocks);
        Volatile.Write(ref _released, NewSignal());
        signal.SetResult();
    }

    public void Release(int savepoint)
    {
        ThrowIfEnded();
        _savepoints.RemoveRange(savepoint, _savepoints.Count - savepoint);
    }

    public async ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation)
    {
        ThrowIfEnded();
        cancellation.ThrowIfCancellationRequested();
        bool isDone = false;
        try
        {
            foreach (TableWrites writes in _writes.Values)
                await StorageState.SettleAsync(writes).ConfigureAwait(false);
            long timestamp = await _state.CommitAsync(this, isDurable).ConfigureAwait(false);
            isDone = true;
            return new CommitTimestamp(timestamp);
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
            foreach (TableWrites writes in _writes.Values)
                await StorageState.SettleAsync(writes).ConfigureAwait(false);
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
        return new CommitTimestamp(prepared.Bound);
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
        {
            _state.TableLocks.Restore(this, table, mode);
            _tableLocks.Add((table, mode));
        }
        foreach (TableRecord table in record.Work.Tables)
        {
            SegmentSlot[] segments = [.. table.Segments.Select(open)];
            TableWrites writes = WritesTo(table.Table);
            lock (writes.Store.Sync)
                writes.Restore(table, segments, DecisionTable.TryFindTable(Catalog, table.Table, out TableEntry? entry) ? entry : null);
        }
        foreach (TableHolds holds in record.Holds)
        {
            TableWrites writes = WritesTo(holds.Table);
            lock (writes.Store.Sync)
                writes.Restore(holds);
        }
        foreach (SequenceMark restart in record.Restarts)
        {
            if (Catalog.Find(restart.Sequence) is SequenceEntry sequence)
                _restarts.Add((sequence, restart.LastValue, restart.IsCalled));
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

    private TableWrites WritesTo(TableId table)
    {
        if (!_writes.TryGetValue(table.Oid, out TableWrites? writes))
            _writes.Add(table.Oid, writes = new TableWrites(this, _state.Store(table)));
        return writes;
    }

    private ReferencedKeys Keys(TableId table, uint indexOid)
    {
        TableEntry entry = Entry(table);
        foreach (IndexEntry index in entry.Indexes)
        {
            if (index.Oid == indexOid)
                return new ReferencedKeys(WritesTo(table), entry, index);
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
        LeaveSnapshots(); // it reads nothing any more
    }

    private async ValueTask WaitForOutcomesAsync(TableId table, LockWaitPolicy wait, CancellationToken cancellation)
    {
        while (_state.TryFindStore(table, out TableStore? store) && store.UndecidedAt(_snapshot.Timestamp) is { } prepared)
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
        if (!_state.Prepared.IsEmpty && store.UndecidedAt(_snapshot.Timestamp) is { } prepared)
        {
            throw new SqlException(SqlState.SerializationFailure,
                $"could not serialize access due to prepared transaction \"{prepared.GlobalId}\"", hint: "The transaction might succeed if retried.") { IsPassing = true };
        }
        // Here no lock of the truncating transaction has kept readers away, whose earlier statements have seen the table as it was.
        bool mustSeeAll = _snapshot.IsGiven || _state.IsFollowing;
        return mustSeeAll && _snapshot.Timestamp < store.HistoryFrom
            ? throw Snapshots.TooOld(_snapshot.Timestamp, store.HistoryFrom)
            : store;
    }

    private void End(bool isCommitted)
    {
        HasEnded = true;
        foreach (TableWrites writes in _writes.Values)
        {
            writes.StopSpill(0);
            lock (writes.Store.Sync)
            {
                if (isCommitted)
                    writes.ReleaseHolds();
                else
                    writes.RollBackTo(default);
                writes.Owner.End();
            }
        }
        if (isCommitted)
        {
            foreach (TableWrites writes in _writes.Values)
                writes.RemoveStaleKeys();
        }
        else
        {
            if (!_isForsaken)
                UndoRestarts(0);
            if (_catalog is not null)
                Undo(_catalog.RollBackTo(0));
        }
        if (_isExpected)
            _state.Decisions.Remove(GlobalId);
        ReleaseLocks(0, 0);
        LeaveSnapshots();
        _released.SetResult();
    }

    private void LeaveSnapshots()
    {
        EndCheck();
        _state.Snapshots.Release(_snapshot);
        foreach (Snapshot left in _left ?? [])
            _state.Snapshots.Release(left);
    }

    private void Leave(Snapshot snapshot)
    {
        if (!_state.Snapshots.Leave(snapshot))
            return;
        _left ??= [];
        _left.RemoveAll(static left => !left.HasViews);
        _left.Add(snapshot);
    }

    private void UndoRestarts(int from)
    {
        for (int i = _restarts.Count - 1; i >= from; i--)
            _state.Sequences.Set(_restarts[i].Sequence, _restarts[i].LastValue, _restarts[i].IsCalled);
        _restarts.RemoveRange(from, _restarts.Count - from);
    }

    private void ReleaseLocks(int fromTable, int fromAdvisory)
    {
        for (int i = _tableLocks.Count - 1; i >= fromTable; i--)
            _state.TableLocks.Release(this, _tableLocks[i].Table, _tableLocks[i].Mode);
        _tableLocks.RemoveRange(fromTable, _tableLocks.Count - fromTable);
        while (_advisoryLocks is { Count: var count } && count > fromAdvisory)
        {
            (AdvisoryHolder holder, AdvisoryKey key, bool isShared) = _advisoryLocks.GetAt(count - 1).Key;
            _state.Advisory.Return(holder, key, isShared);
            _advisoryLocks.RemoveAt(count - 1);
        }
    }

    private sealed record SavedPoint(Dictionary<uint, WritesMark> Writes, int CatalogChanges, int TableLocks, int AdvisoryLocks, int Restarts);
}

/// <summary>The ids of a batch's rows, in the order of the rows.</summary>
public readonly record struct RowIds(long[] Values);

/// <param name="IsInserted">True: <paramref name="Row"/> is the new row. False: it is the row in the way.</param>
/// <param name="IsOwnStatement">The row in the way was inserted by this same statement (21000 for DO UPDATE).</param>
public readonly record struct InsertOutcome(RowId Row, bool IsInserted, bool IsOwnStatement);
