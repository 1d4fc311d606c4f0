using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>A branch at another node's shard.</summary>
/// <remarks>
/// Order:   calls that return nothing wait, and go with the next that is awaited: nothing is sent for a branch of which nothing is wanted.
/// Errors:  where the primary is lost or has moved, 40001; in a commit, 08007.
/// Threads: as of every transaction; views may be read on several.
/// </remarks>
internal sealed class RemoteBranch(RemoteShard shard, IBranchOrigin origin, TransactionId id) : IBranch
{
    private const int WaitingMax = 256;

    private readonly DistantLockOwner _owner = new();
    private readonly Lock _gate = new();
    private readonly List<CallRecord> _waiting = [];
    private readonly HashSet<uint> _changed = [], _truncated = [];
    private readonly Dictionary<uint, long> _more = []; // rows of tables that it has written to
    private readonly HashSet<(uint Table, TableLockMode Mode)> _locked = []; // as is known for certain
    private BranchStream? _stream;
    private CommitTimestamp? _moment;
    private bool _hasBegun, _isChecking, _notesConflicts, _hasWrites;
    private int _savepoints, _lastView, _lastFragment;
    private long _definedAs = -1;

    public TransactionId Id => id;

    public LockOwner Owner => _owner;

    public IsolationLevel Isolation => origin.Isolation;

    public bool IsReadOnly => origin.IsReadOnly;

    public ReplicationMode? WriteAcks { get; set; }

    public CatalogSnapshot Catalog => origin.Catalog;

    public bool HasEnded { get; private set; }

    public bool HasWrites => _hasWrites;

    public bool HasRestarts { get; private set; }

    public bool HasConflict { get; private set; }

    public bool NotesConflicts
    {
        get => _notesConflicts;
        set
        {
            if (_notesConflicts == value)
                return;
            _notesConflicts = value;
            Queue(new CallRecord { Kind = (int)BranchCallKind.NoteConflicts, Flag = value });
        }
    }

    internal ShardId Shard => shard.Id;

    internal string GlobalId => origin.GlobalId;

    public bool HasChanged(TableId table) => _changed.Contains(table.Oid);

    public bool HasTruncated(TableId table) => _truncated.Contains(table.Oid);

    public bool TakeConflict()
    {
        bool had = HasConflict;
        if (!had && !_notesConflicts)
            return false;
        (_notesConflicts, HasConflict) = (false, false);
        Queue(new CallRecord { Kind = (int)BranchCallKind.TakeConflict });
        return had;
    }

    public void BeginStatement()
    {
        if (Isolation == IsolationLevel.ReadCommitted)
            _moment = null;
        Queue(new CallRecord { Kind = (int)BranchCallKind.BeginStatement });
    }

    public async ValueTask BeginStatementAsync(CommitTimestamp at, CancellationToken cancellation)
    {
        if (_hasBegun)
            await AskAsync(new CallRecord { Kind = (int)BranchCallKind.BeginStatementAt, Moment = at.Value }, cancellation).ConfigureAwait(false);
        else
            _moment = at; // it begins with it, if anything is wanted of it
    }

    public void BeginCheck()
    {
        _isChecking = true;
        Queue(new CallRecord { Kind = (int)BranchCallKind.BeginCheck });
    }

    public void EndCheck()
    {
        if (!_isChecking)
            return;
        _isChecking = false;
        Queue(new CallRecord { Kind = (int)BranchCallKind.EndCheck });
    }

    public TableView Read(TableId table)
    {
        int view = ++_lastView;
        Put(new CallRecord { Kind = (int)BranchCallKind.OpenView, Table = table.Oid, Number = view });
        return new RemoteView(this, shard, table, view);
    }

    /// <remarks>What a view here sees goes with its branch.</remarks>
    public PinnedTable? Pin(TableId table) => null;

    public async ValueTask LockTableAsync(TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        CallRecord call = new() { Kind = (int)BranchCallKind.LockTable, Table = table.Oid, Number = (int)mode, Second = (int)wait };
        if (_hasBegun && _locked.Contains((table.Oid, mode)))
        {
            Put(call); // what is prepared is waited for anew
            return;
        }
        await AskAsync(call, cancellation).ConfigureAwait(false);
        _locked.Add((table.Oid, mode));
    }

    public ValueTask EnterAsync(TableId table, TableLockMode mode, bool waits, bool seesNewest, CancellationToken cancellation)
    {
        LockWaitPolicy wait = waits ? LockWaitPolicy.Block : LockWaitPolicy.NoWait;
        Put(new CallRecord { Kind = (int)BranchCallKind.Enter, Table = table.Oid, Number = (int)mode, Second = (int)wait, Flag = seesNewest });
        return default;
    }

    public async ValueTask<bool> LockAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        CallRecord call = AdvisoryFigure.Call(BranchCallKind.LockAdvisory, holder, key, isShared, waits);
        return Flags(await AskAsync(call, cancellation).ConfigureAwait(false), 1)[0];
    }

    public async ValueTask<bool> HoldAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        await shard.Holders.KeepAsync(holder).ConfigureAwait(false);
        bool isHeld = false;
        try
        {
            CallRecord call = AdvisoryFigure.Call(BranchCallKind.HoldAdvisory, holder, key, isShared, waits);
            isHeld = Flags(await AskAsync(call, cancellation).ConfigureAwait(false), 1)[0];
            return isHeld;
        }
        finally
        {
            if (!isHeld && !holder.HoldsAny)
                shard.Holders.Leave(holder);
        }
    }

    public async ValueTask<RowIds> InsertAsync(TableId table, ColumnBatch rows, CancellationToken cancellation)
    {
        BranchReply reply = await WriteAsync(
            new CallRecord { Kind = (int)BranchCallKind.Insert, Table = table.Oid, Batch = Bytes(rows) }, cancellation).ConfigureAwait(false);
        Count(table, rows.RowCount);
        return new RowIds(Exactly(reply.Rows, rows.RowCount));
    }

    public async ValueTask<InsertOutcome[]> TryInsertAsync(
        TableId table, ColumnBatch rows, IReadOnlyList<uint> arbiters, CancellationToken cancellation)
    {
        CallRecord call = new() { Kind = (int)BranchCallKind.TryInsert, Table = table.Oid, Batch = Bytes(rows) };
        call.Oids.AddRange(arbiters);
        long[] found = Exactly((await WriteAsync(call, cancellation).ConfigureAwait(false)).Rows, rows.RowCount * 2);
        var outcomes = new InsertOutcome[rows.RowCount];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = new InsertOutcome(new RowId(found[i * 2]), (found[i * 2 + 1] & 1) != 0, (found[i * 2 + 1] & 2) != 0);
        Count(table, outcomes.Count(static outcome => outcome.IsInserted));
        return outcomes;
    }

    public async ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        int deleted = (int)(await WriteAsync(OnRows(BranchCallKind.Delete, table, rows), cancellation).ConfigureAwait(false)).Row;
        Count(table, -deleted);
        return deleted;
    }

    public async ValueTask<bool[]> TakeAwayAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        BranchReply reply = await WriteAsync(OnRows(BranchCallKind.TakeAway, table, rows), cancellation).ConfigureAwait(false);
        return HasConflict ? new bool[rows.Length] : Flags(reply, rows.Length);
    }

    public async ValueTask<RowIds> UpdateAsync(TableId table, ReadOnlyMemory<RowId> rows, ColumnBatch values, CancellationToken cancellation)
    {
        CallRecord call = OnRows(BranchCallKind.Update, table, rows);
        call.Batch = Bytes(values);
        BranchReply reply = await WriteAsync(call, cancellation).ConfigureAwait(false);
        return new RowIds(HasConflict ? [] : Exactly(reply.Rows, values.RowCount));
    }

    public IReadOnlyList<TableChanges> ChangesSince(int savepoint)
    {
        if (!_hasBegun)
            return [];
        BranchReply reply = Ask(new CallRecord { Kind = (int)BranchCallKind.ListChanges, Number = savepoint });
        return [.. reply.Changes.Select(record => new RemoteTableChanges(
            this, shard, new TableId(record.Table), MarkIn(record.Mark), record.HasInserted, record.HasDeleted))];
    }

    public ChangesMark MarkOf(TableChanges changes) => ((RemoteTableChanges)changes).Mark;

    public TableChanges ChangesFrom(TableId table, ChangesMark mark) => new RemoteTableChanges(this, shard, table, mark, hasInserted: true, hasDeleted: true);

    public ValueTask<bool[]> HoldKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation) =>
        ByKeyAsync(BranchCallKind.HoldKeys, table, indexOid, keys, cancellation);

    public ValueTask<bool[]> ClaimKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation) =>
        ByKeyAsync(BranchCallKind.ClaimKeys, table, indexOid, keys, cancellation);

    public async ValueTask TestKeysAsync(TableChanges changes, IndexEntry index, CancellationToken cancellation)
    {
        CallRecord call = new() { Kind = (int)BranchCallKind.TestKeys, Table = changes.Table.Oid, Index = index.Oid };
        call.Columns.AddRange(MarkOut(MarkOf(changes)));
        await AskAsync(call, cancellation).ConfigureAwait(false);
    }

    public async ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait, CancellationToken cancellation)
    {
        CallRecord call = OnRows(BranchCallKind.LockRows, table, rows);
        (call.Number, call.Second) = ((int)strength, (int)wait);
        BranchReply reply = await AskAsync(call, cancellation).ConfigureAwait(false);
        return HasConflict ? new bool[rows.Length] : Flags(reply, rows.Length);
    }

    public async ValueTask<ColumnBatch> FetchAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation) =>
        Rows((await AskAsync(OnRows(BranchCallKind.Fetch, table, rows), cancellation).ConfigureAwait(false)).Batch);

    public async ValueTask TruncateAsync(TableId table, CancellationToken cancellation)
    {
        await WriteAsync(new CallRecord { Kind = (int)BranchCallKind.Truncate, Table = table.Oid }, cancellation).ConfigureAwait(false);
        _truncated.Add(table.Oid);
    }

    public void RestartSequence(SequenceEntry sequence, long value)
    {
        Ask(new CallRecord { Kind = (int)BranchCallKind.RestartSequence, Index = sequence.Oid, Moment = value });
        HasRestarts = true;
    }

    public void Change(CatalogChange change) => throw new InvalidOperationException("definitions are the transaction's");

    public void MakeIndexes(TableEntry before, TableEntry after) => Ask(new CallRecord
    {
        Kind = (int)BranchCallKind.MakeIndexes,
        Data = UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(new PutObject(before))),
        Other = UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(new PutObject(after))),
    });

    public void Undo(IReadOnlyList<CatalogChange> undone)
    {
        if (!_hasBegun || HasEnded)
            return;
        CallRecord call = new() { Kind = (int)BranchCallKind.Undo };
        call.Changes.AddRange(undone.Select(static change => UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(change))));
        Queue(call);
    }

    public int Savepoint()
    {
        Queue(new CallRecord { Kind = (int)BranchCallKind.Savepoint });
        return _savepoints++;
    }

    public void RollbackTo(int savepoint)
    {
        _savepoints = savepoint + 1;
        _locked.Clear();
        Queue(new CallRecord { Kind = (int)BranchCallKind.RollbackTo, Number = savepoint });
        if (!_hasBegun)
            return;
        try
        {
            AskAsync(null, CancellationToken.None).AsTask().GetAwaiter().GetResult(); // others may wait for locks that it lets go
        }
        catch (SqlException)
        {
            // The next call says so.
        }
    }

    public void Release(int savepoint)
    {
        _savepoints = savepoint;
        lock (_gate)
        {
            // One after which nothing was asked for need not be made.
            if (_waiting is [.., { Kind: (int)BranchCallKind.Savepoint }])
            {
                _waiting.RemoveAt(_waiting.Count - 1);
                return;
            }
        }
        Queue(new CallRecord { Kind = (int)BranchCallKind.Release, Number = savepoint });
    }

    public async ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_hasBegun)
        {
            HasEnded = true;
            return default;
        }
        BranchReply reply = await EndAsync(new CallRecord { Kind = (int)BranchCallKind.Commit, Flag = isDurable, Number = AcksOut }).ConfigureAwait(false);
        return new CommitTimestamp(reply.Moment);
    }

    public void ExpectDecision() => Invariant.Holds(_hasBegun); // where it has begun, it is expected of each

    public async ValueTask<(CommitTimestamp At, RowId Decision)> DecideAsync(CancellationToken cancellation)
    {
        BranchReply reply = await EndAsync(new CallRecord { Kind = (int)BranchCallKind.Decide, Number = AcksOut }).ConfigureAwait(false);
        return (new CommitTimestamp(reply.Moment), new RowId(reply.Row));
    }

    public async ValueTask<CommitTimestamp> PrepareAsync(string globalId, ReadOnlyMemory<byte> coordinator, CancellationToken cancellation)
    {
        Invariant.Holds(globalId == origin.GlobalId);
        CallRecord call = new() { Kind = (int)BranchCallKind.Prepare, Number = AcksOut, Data = UnsafeByteOperations.UnsafeWrap(coordinator) };
        return new CommitTimestamp((await AskAsync(call, cancellation).ConfigureAwait(false)).Moment);
    }

    public async ValueTask RollbackAsync()
    {
        if (HasEnded)
            return;
        HasEnded = true;
        if (_stream is not { } stream)
            return;
        _stream = null;
        try
        {
            shard.CountRoundTrip();
            CallRecord leave = new() { Kind = (int)BranchCallKind.Leave };
            await stream.RunAsync(() => new BranchBatch { Calls = { leave } }, CancellationToken.None).ConfigureAwait(false);
            shard.Streams.Return(stream);
        }
        catch (GrpcException)
        {
            await stream.DisposeAsync().ConfigureAwait(false); // its end rolls back
        }
    }

    public ValueTask DisposeAsync() => RollbackAsync();

    /// <summary>Asks and waits on this thread: for the calls that executor threads make.</summary>
    internal BranchReply Ask(CallRecord call) => AskAsync(call, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    internal async ValueTask<BranchReply> AskAsync(CallRecord? call, CancellationToken cancellation)
    {
        if (call is not null)
            call.Tries = origin.Tries;
        bool isDone = false;
        shard.BeginCall();
        try
        {
            BranchReply reply = await RunAsync(call, cancellation).ConfigureAwait(false);
            isDone = true;
            return reply;
        }
        catch (GrpcException lost)
        {
            throw ErrorBytes.Lost(lost);
        }
        finally
        {
            shard.EndCall();
            if (!isDone && !cancellation.IsCancellationRequested)
                shard.NoteFailure();
        }
    }

    /// <summary>The view is not wanted any more.</summary>
    internal void Close(int view)
    {
        lock (_gate)
        {
            if (HasEnded)
                return;
            // One that was never read of need not be opened.
            if (_waiting.RemoveAll(call => call.Kind == (int)BranchCallKind.OpenView && call.Number == view) == 0 && _hasBegun)
                _waiting.Add(new CallRecord { Kind = (int)BranchCallKind.CloseView, Number = view });
        }
    }

    /// <summary>The number of another fragment.</summary>
    internal int NextFragment() => Interlocked.Increment(ref _lastFragment);

    /// <summary>The fragment is not wanted any more.</summary>
    internal void EndFragment(int fragment)
    {
        if (!HasEnded)
            Put(new CallRecord { Kind = (int)BranchCallKind.EndFragment, Number = fragment });
    }

    private async ValueTask<BranchReply> WriteAsync(CallRecord call, CancellationToken cancellation)
    {
        _hasWrites = true; // a call that fails may have done a part
        _changed.Add(call.Table);
        return await AskAsync(call, cancellation).ConfigureAwait(false);
    }

    private void Count(TableId table, long more) => _more[table.Oid] = _more.GetValueOrDefault(table.Oid) + more;

    private async ValueTask<BranchReply> EndAsync(CallRecord call)
    {
        BranchReply reply;
        try
        {
            reply = await RunAsync(call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (GrpcException lost)
        {
            throw ErrorBytes.Unknown(lost);
        }
        HasEnded = true;
        if (_truncated.Count > 0)
            shard.ForgetEstimates();
        foreach ((uint table, long more) in _more)
            shard.AddToEstimate(table, more);
        if (_stream is { } stream)
            shard.Streams.Return(stream); // the next branch on it takes this one's place
        _stream = null;
        return reply;
    }

    private async ValueTask<BranchReply> RunAsync(CallRecord? call, CancellationToken cancellation)
    {
        Invariant.Holds(!HasEnded);
        BranchStream stream;
        lock (_gate)
            stream = _stream ??= shard.Streams.Take();
        if (await stream.RunAsync(() => Batch(call), cancellation).ConfigureAwait(false) is not { } reply)
            return new BranchReply();
        shard.CountRoundTrip();
        (_hasWrites, HasConflict) = (reply.HasWrites, reply.HasConflict);
        if (reply.HasLeft)
            Leave(stream);
        return reply.Error is { } error ? throw ErrorBytes.Read(error, cancellation) : reply;
    }

    /// <summary>It has ended there, with the fragment that was all that was wanted of it. Should something more be, it begins anew.</summary>
    private void Leave(BranchStream stream)
    {
        lock (_gate)
        {
            (_stream, _hasBegun, _definedAs) = (null, false, -1);
            _locked.Clear();
        }
        shard.Streams.Return(stream);
    }

    /// <summary>What waits, and the call; null where there is neither.</summary>
    private BranchBatch? Batch(CallRecord? call)
    {
        lock (_gate)
        {
            BranchBatch batch = new() { CatalogVersion = origin.Committed.Version };
            TimeSpan patience = origin.LockPatience;
            batch.Patience = patience == Timeout.InfiniteTimeSpan ? 0 : Math.Max(1, (long)patience.TotalMicroseconds);
            if (!_hasBegun)
                AddBegin(batch);
            if (_definedAs != origin.Catalog.Version && (origin.Definitions.Count > 0 || _definedAs >= 0))
            {
                CallRecord define = new() { Kind = (int)BranchCallKind.Define };
                define.Changes.AddRange(origin.Definitions.Select(static change => UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(change))));
                batch.Calls.Add(define);
                _definedAs = origin.Catalog.Version;
            }
            batch.Calls.AddRange(_waiting);
            _waiting.Clear();
            if (call is not null)
                batch.Calls.Add(call);
            _hasBegun = true;
            return batch.Calls.Count == 0 ? null : batch;
        }
    }

    private void AddBegin(BranchBatch batch)
    {
        batch.Calls.Add(new CallRecord
        {
            Kind = (int)BranchCallKind.Begin,
            Begin = new BeginRecord
            {
                Shard = shard.Id.Value, GlobalId = origin.GlobalId, Isolation = (int)origin.Isolation, IsReadOnly = origin.IsReadOnly,
                ReadsPast = origin.ReadsPast,
            },
        });
        if (_moment is { } at)
            batch.Calls.Add(new CallRecord { Kind = (int)BranchCallKind.BeginStatementAt, Moment = at.Value });
        for (int i = 0; i < _savepoints; i++)
            batch.Calls.Add(new CallRecord { Kind = (int)BranchCallKind.Savepoint });
        if (_isChecking)
        {
            batch.Calls.Add(new CallRecord { Kind = (int)BranchCallKind.BeginCheck });
            batch.Calls.Add(new CallRecord { Kind = (int)BranchCallKind.BeginStatement });
        }
        if (_notesConflicts)
            batch.Calls.Add(new CallRecord { Kind = (int)BranchCallKind.NoteConflicts, Flag = true });
    }

    /// <summary>A call that goes with the next that is awaited; what a branch is at that has not begun, it begins with.</summary>
    private void Queue(CallRecord call)
    {
        if (_hasBegun)
            Put(call);
    }

    private void Put(CallRecord call)
    {
        bool isFull;
        lock (_gate)
        {
            bool isAgain = call.Kind == (int)BranchCallKind.BeginStatement && _waiting is [.., { Kind: (int)BranchCallKind.BeginStatement }];
            if (!isAgain)
                _waiting.Add(call);
            isFull = _waiting.Count >= WaitingMax;
        }
        if (isFull)
            AskAsync(null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private async ValueTask<bool[]> ByKeyAsync(BranchCallKind kind, TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation)
    {
        CallRecord call = new() { Kind = (int)kind, Table = table.Oid, Index = indexOid, Batch = Bytes(keys) };
        return Flags(await AskAsync(call, cancellation).ConfigureAwait(false), keys.RowCount);
    }

    private static CallRecord OnRows(BranchCallKind kind, TableId table, ReadOnlyMemory<RowId> rows)
    {
        CallRecord call = new() { Kind = (int)kind, Table = table.Oid };
        foreach (RowId row in rows.Span)
            call.Rows.Add(row.Value);
        return call;
    }

    /// <summary>0 for as many as the shard's mode asks for.</summary>
    private int AcksOut => WriteAcks is { } acks ? (int)acks + 1 : 0;

    internal static ChangesMark MarkIn(IReadOnlyList<int> mark) =>
        mark is [var rows, var deletions, var replacements] ? new ChangesMark(rows, deletions, replacements) : throw Wrong("changes from nowhere");

    internal static int[] MarkOut(ChangesMark mark) => [mark.Rows, mark.Deletions, mark.Replacements];

    internal static ColumnBatch Rows(ByteString bytes)
    {
        try
        {
            return BatchBytes.Read(bytes.Memory);
        }
        catch (InvalidDataException damage)
        {
            throw Wrong(damage.Message);
        }
    }

    internal static ByteString Bytes(ColumnBatch rows) => UnsafeByteOperations.UnsafeWrap(BatchBytes.Write(rows));

    private static long[] Exactly(IReadOnlyList<long> rows, int count) => rows.Count == count ? [.. rows] : throw Wrong($"{rows.Count} values for {count}");

    private static bool[] Flags(BranchReply reply, int count)
    {
        if (reply.Flags.Length != count)
            throw Wrong($"{reply.Flags.Length} answers for {count}");
        bool[] flags = new bool[count];
        for (int i = 0; i < count; i++)
            flags[i] = reply.Flags[i] != 0;
        return flags;
    }

    internal static SqlException Wrong(string what) => new(SqlState.InternalError, $"a shard's node has answered with what makes no sense: {what}");
}
