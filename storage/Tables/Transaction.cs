using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;

namespace VecSQL.Storage.Tables;

/// <summary>
/// A unit of work on storage: reads at a snapshot, buffers its writes, and commits them at once or not at all.
/// </summary>
/// <remarks>
/// Threads: one at a time, except that scans opened from it may be read on several threads while no write runs.
/// Nothing is logged before commit, so that a crash leaves nothing of an unfinished transaction.
/// Errors: a write that throws may have done a part of its work; the caller rolls back, or back to a savepoint.
/// A cancelled wait throws <see cref="OperationCanceledException"/>; the session knows the reason and the words.
/// </remarks>
public sealed class Transaction : LockOwner, IAsyncDisposable
{
    private readonly StorageState _state;
    private readonly Dictionary<uint, TableWrites> _writes = [];
    private readonly List<SavedPoint> _savepoints = [];
    private readonly List<(TableId Table, TableLockMode Mode)> _tableLocks = [];
    private OrderedDictionary<(AdvisoryHolder Holder, AdvisoryKey Key, TableLockMode Mode), bool>? _advisoryLocks; // a set, in order
    private readonly List<(SequenceEntry Sequence, long LastValue, bool IsCalled)> _restarts = [];
    private readonly TransactionCatalog _catalog;
    private readonly Func<TimeSpan>? _lockPatience;
    private TaskCompletionSource _released = NewSignal();
    private Snapshot _snapshot;
    private List<Snapshot>? _left; // of earlier statements, whose views are in use
    private Snapshot? _ownSnapshot; // REPEATABLE READ's, while a check sees more

    internal Transaction(
        StorageState state, TransactionId id, IsolationLevel isolation, bool isReadOnly, Func<TimeSpan>? lockPatience = null,
        uint database = 0)
    {
        _state = state;
        _lockPatience = lockPatience;
        Id = id;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        _catalog = new TransactionCatalog(state, database);
        _snapshot = state.Snapshots.Take();
    }

    public TransactionId Id { get; }

    public IsolationLevel Isolation { get; }

    /// <summary>
    /// What the transaction was begun with. The engine refuses statements by it; storage does not ask.
    /// </summary>
    public bool IsReadOnly { get; }

    /// <summary>The catalog as this transaction sees it, its own DDL included.</summary>
    public CatalogSnapshot Catalog => _catalog.Current;

    /// <summary>Says which unique keys are not tested when rows come, but later by <see cref="TestKeysAsync"/>.</summary>
    public Func<IndexEntry, bool>? DefersKey { get; set; }

    /// <summary>Whether it has written rows of the table, or changed what the table is.</summary>
    public bool HasChanged(TableId table) => (_writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HasWrites)
        || _catalog.Changes.Any(change => change is PutObject { Object: TableEntry changed } && changed.Id == table);

    /// <summary>Whether it has written anything.</summary>
    public bool HasWrites
    {
        get
        {
            if (_catalog.Changes.Count > 0)
                return true;
            foreach (TableWrites writes in _writes.Values)
            {
                if (writes.HasWrites)
                    return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Has a deletion or update that comes upon a row which another transaction has changed stop there and say so by
    /// <see cref="HasConflict"/>, rather than throw: a statement that is run again anyway need not unwind first.
    /// </summary>
    public bool NotesConflicts { get; set; }

    /// <summary>Whether a change since <see cref="NotesConflicts"/> has stopped.</summary>
    public bool HasConflict { get; private set; }

    internal bool HasEnded { get; private set; }

    internal override Transaction? Running => this;

    /// <summary>How long a wait that begins now may last.</summary>
    internal TimeSpan LockPatience => _lockPatience?.Invoke() ?? Timeout.InfiniteTimeSpan;

    /// <summary>Completes when the transaction ends, or gives something back in a rollback to a savepoint.</summary>
    internal Task Released => Volatile.Read(ref _released).Task;

    internal IReadOnlyCollection<TableWrites> Writes => _writes.Values;

    internal IReadOnlyList<CatalogChange> CatalogChanges => _catalog.Changes;

    /// <summary>Between <see cref="BeginCheck"/> and <see cref="EndCheck"/>.</summary>
    internal bool IsChecking => _ownSnapshot is not null;

    internal long SnapshotTimestamp => (_ownSnapshot ?? _snapshot).Timestamp;

    /// <summary>
    /// Begins a statement: under READ COMMITTED a new snapshot is taken; own earlier writes are seen, later ones are
    /// not.
    /// </summary>
    public void BeginStatement()
    {
        ThrowIfEnded();
        _catalog.Refresh();
        foreach (TableWrites writes in _writes.Values)
            writes.StatementStart = writes.RowCount;
        bool seesNew = Isolation == IsolationLevel.ReadCommitted || _ownSnapshot is not null;
        if (!seesNew || _snapshot.Timestamp == _state.Snapshots.Visible)
            return;
        Snapshot old = _snapshot;
        _snapshot = _state.Snapshots.Take();
        if (old != _ownSnapshot)
            Leave(old);
    }

    /// <summary>
    /// Statements that begin from here on see what has been committed by then, under REPEATABLE READ too: for checks of constraints,
    /// which hold for all rows. They may lock rows that are newer than the transaction's snapshot, but not change them.
    /// </summary>
    public void BeginCheck()
    {
        ThrowIfEnded();
        if (Isolation == IsolationLevel.RepeatableRead)
            _ownSnapshot ??= _snapshot;
    }

    /// <summary>Statements see what the isolation level lets them see again.</summary>
    public void EndCheck()
    {
        if (_ownSnapshot is not { } own)
            return;
        if (_snapshot != own)
            Leave(_snapshot);
        (_snapshot, _ownSnapshot) = (own, null);
    }

    /// <summary>
    /// The table as the current statement sees it. Valid until the transaction ends; a later write is not seen by it.
    /// </summary>
    public TableView Read(TableId table)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryGetValue(table.Oid, out TableWrites? writes);
        return new SnapshotView(_state.Store(table), entry, _snapshot, writes is { HasWrites: true } ? writes : null);
    }

    /// <summary>The table as the current statement sees it, to be read for as long as wanted; null where the transaction has written to
    /// it, since nobody else sees that.</summary>
    public PinnedTable? Pin(TableId table)
    {
        ThrowIfEnded();
        if (_writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HasWrites)
            return null;
        Snapshot snapshot = _state.Snapshots.Pin(_snapshot);
        return new PinnedTable(_state.Snapshots, snapshot, new SnapshotView(_state.Store(table), Entry(table), snapshot, writes: null));
    }

    /// <summary>Waits for the lock; held until the transaction ends or its savepoint is rolled back.</summary>
    /// <exception cref="SqlException">40P01 deadlock; 55P03 not available, or not in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async ValueTask LockTableAsync(
        TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        ThrowIfEnded();
        if (_tableLocks.Contains((table, mode)))
            return;
        string name = Catalog.Find(table.Oid)?.Name ?? table.ToString();
        await _state.TableLocks.AcquireAsync(this, table, name, mode, wait, cancellation).ConfigureAwait(false);
        _tableLocks.Add((table, mode));
    }

    /// <summary>Takes an advisory lock until the transaction ends or rolls back to before this.</summary>
    /// <param name="holder">The session that the transaction is of.</param>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="SqlException">40P01 deadlock; 55P03 not in time.</exception>
    public async ValueTask<bool> LockAdvisoryAsync(
        AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        ThrowIfEnded();
        (AdvisoryHolder, AdvisoryKey, TableLockMode) wanted = (holder, key, AdvisoryLocks.Mode(isShared));
        if (_advisoryLocks?.ContainsKey(wanted) == true)
            return true;
        if (!await _state.AdvisoryLocks.TakeAsync(holder, this, key, isShared, waits, cancellation).ConfigureAwait(false))
            return false;
        (_advisoryLocks ??= []).Add(wanted, true);
        return true;
    }

    /// <summary>
    /// Inserts rows: every live column of the table in order, of the columns' physical types. Unique keys are enforced.
    /// </summary>
    /// <remarks>Waits for transactions that are inserting or deleting an equal key.</remarks>
    /// <exception cref="SqlException">23505 with schema, table, constraint and <c>Key (a)=(1) already
    /// exists.</c></exception>
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

    /// <summary>Inserts the rows that conflict with nothing, for ON CONFLICT.</summary>
    /// <param name="arbiters">The unique indexes whose conflicts are reported rather than thrown; empty for
    /// all.</param>
    /// <returns>For each row its new id, or the id of the committed (or own) row it conflicts with. A row that
    /// conflicts with an
    /// earlier row of the same batch is reported against that one.</returns>
    /// <exception cref="WriteConflictException">REPEATABLE READ: the row in the way is newer than the
    /// snapshot.</exception>
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

    /// <summary>Deletes row versions. One that this statement has deleted already counts once.</summary>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    public ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return new RowHolder(WritesTo(table), Entry(table)).DeleteAsync(rows, cancellation);
    }

    /// <summary>
    /// Replaces row versions: deletes <paramref name="rows"/> and inserts <paramref name="values"/>, with unique keys
    /// tested after both.
    /// </summary>
    /// <remarks>
    /// A statement of several batches whose keys may pass through each other's old values deletes all rows first and
    /// then
    /// inserts all values, which tests the keys as of the statement's end.
    /// </remarks>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
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

    /// <summary>The tables written to since the savepoint, with what was written.</summary>
    public IReadOnlyList<TableChanges> ChangesSince(int savepoint)
    {
        ThrowIfEnded();
        SavedPoint point = _savepoints[savepoint];
        var changes = new List<TableChanges>();
        foreach ((uint oid, TableWrites writes) in _writes)
        {
            TableChanges change = new(writes, point.Writes.GetValueOrDefault(oid));
            if (!change.IsEmpty)
                changes.Add(change);
        }
        return changes;
    }

    /// <summary>Holds keys of a unique index that new rows of some table refer to: nobody takes them away until the transaction ends.</summary>
    /// <param name="keys">In the order of the index's columns, of their types; none is null.</param>
    /// <returns>For each key whether it is there.</returns>
    public ValueTask<bool[]> HoldKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return Keys(table, indexOid).HoldAsync(keys, cancellation);
    }

    /// <summary>Tests the keys of rows that came while the index's keys were not tested.</summary>
    /// <exception cref="SqlException">23505: a key is another row's too.</exception>
    public async ValueTask TestKeysAsync(TableChanges changes, IndexEntry index, CancellationToken cancellation)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(changes.Table);
        UniqueEnforcer enforcer = new(WritesTo(changes.Table), entry);
        foreach (ColumnBatch keysAndIds in changes.InsertedWithIds(entry, [.. index.Columns]))
            await enforcer.TestAsync(index, keysAndIds, cancellation).ConfigureAwait(false);
    }

    /// <summary>Claims keys of rows that this transaction has deleted: nobody comes to refer to them until it ends.</summary>
    /// <returns>For each key whether it is gone; false where the transaction has given it to another row.</returns>
    public ValueTask<bool[]> ClaimKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation)
    {
        ThrowIfEnded();
        return Keys(table, indexOid).ClaimAsync(keys, cancellation);
    }

    /// <summary>Locks row versions against change by others; waits for those who hold them.</summary>
    /// <returns>For each row whether it was locked; false only under SKIP LOCKED.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    /// <exception cref="SqlException">55P03 under NOWAIT; 40P01.</exception>
    public ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait,
        CancellationToken cancellation)
    {
        ThrowIfEnded();
        return new RowHolder(WritesTo(table), Entry(table)).LockAsync(rows, strength, wait, cancellation);
    }

    /// <summary>
    /// Reads row versions by id, whatever the snapshot, with all live columns: for rows that a conflict named.
    /// </summary>
    public ColumnBatch Fetch(TableId table, ReadOnlySpan<RowId> rows)
    {
        ThrowIfEnded();
        TableEntry entry = Entry(table);
        _writes.TryGetValue(table.Oid, out TableWrites? writes);
        return RowGatherer.Fetch(_state.Store(table), entry, writes, rows);
    }

    /// <summary>Removes all rows, visible to this transaction at once and to others at commit.</summary>
    public async ValueTask TruncateAsync(TableId table, CancellationToken cancellation)
    {
        await LockTableAsync(table, TableLockMode.AccessExclusive, LockWaitPolicy.Block,
            cancellation).ConfigureAwait(false);
        WritesTo(table).Truncate();
    }

    /// <summary>Whether it has emptied the table by TRUNCATE.</summary>
    public bool HasTruncated(TableId table) => _writes.TryGetValue(table.Oid, out TableWrites? writes) && writes.HidesCommitted;

    /// <summary>Gives a sequence another place to go on from, at once and for all, but undone if this is rolled back.</summary>
    public void RestartSequence(SequenceEntry sequence, long value)
    {
        ThrowIfEnded();
        (long lastValue, bool isCalled) = _state.Sequences.Position(sequence);
        _state.Sequences.Set(sequence, value, isCalled: false);
        _restarts.Add((sequence, lastValue, isCalled));
    }

    /// <summary>DDL: visible in <see cref="Catalog"/> at once, to others at commit.</summary>
    /// <exception cref="SqlException">23505: a new unique index over rows that are not unique.</exception>
    public void Change(CatalogChange change)
    {
        ThrowIfEnded();
        TableEntry? before = change is PutObject { Object: TableEntry put }
            ? Catalog.Find(put.Oid) as TableEntry : null;
        _catalog.Add(change);
        if (before is not null && change is PutObject { Object: TableEntry after })
        {
            _writes.TryGetValue(after.Oid, out TableWrites? writes);
            IndexBuilder.BuildNew(_state.Store(after.Id), before, after, writes, SchemaName(after));
        }
    }

    /// <summary>A point to roll back to. Savepoints nest; rolling back to one drops the later ones.</summary>
    public int Savepoint()
    {
        ThrowIfEnded();
        Dictionary<uint, WritesMark> marks = new(_writes.Count);
        foreach ((uint oid, TableWrites writes) in _writes)
            marks.Add(oid, writes.Mark());
        _savepoints.Add(new SavedPoint(marks, _catalog.Changes.Count, _tableLocks.Count, _advisoryLocks?.Count ?? 0, _restarts.Count));
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
        IndexBuilder.Undo(_state, _catalog.RollBackTo(point.CatalogChanges), Catalog);
        ReleaseLocks(point.TableLocks, point.AdvisoryLocks);
        Volatile.Write(ref _released, NewSignal());
        signal.SetResult();
    }

    public void Release(int savepoint)
    {
        ThrowIfEnded();
        _savepoints.RemoveRange(savepoint, _savepoints.Count - savepoint);
    }

    /// <summary>
    /// Makes the writes visible and, unless <paramref name="isDurable"/> is false, waits until they are on disk.
    /// </summary>
    /// <exception cref="SqlException">
    /// 53100, 58030: the log could not be written; the transaction is rolled back. 23505: another transaction committed
    /// an object
    /// of the same name first.
    /// </exception>
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
            End(isDone);
        }
    }

    public ValueTask RollbackAsync()
    {
        if (!HasEnded)
            End(isCommitted: false);
        return ValueTask.CompletedTask;
    }

    /// <summary>Rolls back unless ended.</summary>
    public ValueTask DisposeAsync() => RollbackAsync();

    /// <summary>Whether a change stopped; from now on changes throw again.</summary>
    public bool TakeConflict()
    {
        bool had = HasConflict;
        (NotesConflicts, HasConflict) = (false, false);
        return had;
    }

    internal bool TryNoteConflict() => HasConflict = NotesConflicts;

    internal ValueTask WaitForAsync(Transaction blocker, Task released, CancellationToken cancellation) =>
        _state.Graph.WaitForTransactionAsync(this, blocker, released, cancellation);

    internal bool Defers(IndexEntry index) => index.IsDeferrable && DefersKey?.Invoke(index) == true;

    internal string? SchemaName(TableEntry table) => Catalog.Find(table.SchemaOid)?.Name;

    /// <summary>Deletes the files of a segment that this transaction wrote and does not want any more.</summary>
    internal void DropSegment(SegmentSlot segment) => _state.DropFiles(segment.Info.Id);

    // What waits for it is told at once, and lets the waiter go on elsewhere (WaitGraph).
    private static TaskCompletionSource NewSignal() => new();

    private TableEntry Entry(TableId table) => Catalog.TryFindTable(table, out TableEntry? entry)
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

    private void ThrowIfEnded() => Invariant.Holds(!HasEnded);

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
            UndoRestarts(0);
            IndexBuilder.Undo(_state, _catalog.RollBackTo(0), Catalog);
        }
        ReleaseLocks(0, 0);
        EndCheck();
        _state.Snapshots.Release(_snapshot);
        foreach (Snapshot left in _left ?? [])
            _state.Snapshots.Release(left);
        _released.SetResult();
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
            (AdvisoryHolder holder, AdvisoryKey key, TableLockMode mode) = _advisoryLocks.GetAt(count - 1).Key;
            _state.AdvisoryLocks.Return(holder, key, mode);
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
