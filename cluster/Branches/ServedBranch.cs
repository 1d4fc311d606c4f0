using System.Collections.Concurrent;
using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Cluster.Fragments;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Fragments;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>A branch of another node's transaction: does what it is told, in order.</summary>
/// <remarks>
/// Checks:  what calls name is there, rows have the table's columns; else the call fails with an <see cref="InvalidDataException"/>.
/// Threads: one call at a time; views are read on any while none runs that changes something.
/// </remarks>
internal sealed class ServedBranch
{
    private const int ViewsMax = 100_000, FragmentsMax = 1_000, FeedsMax = 1_000, NoSavepoint = -1;

    private readonly IFollowedCatalog _followed;
    private readonly ServedOrigin _origin;
    private readonly ServedHolders _holders;
    private readonly TimeProvider _time;
    private readonly FragmentResources _resources;
    private readonly ConcurrentDictionary<int, (TableView View, uint Table)> _views = [];
    private readonly ConcurrentDictionary<int, ServedFragment> _fragments = [];
    private readonly List<int> _savepoints = [];
    private ServedHolder? _holder;

    public ServedBranch(
        IShard shard, IFollowedCatalog followed, BeginRecord record, ServedHolders holders, FragmentResources resources, TimeProvider time)
    {
        (_followed, _holders, _resources, _time, Shard, Id) = (followed, holders, resources, time, shard, new ShardId(record.Shard));
        _origin = new ServedOrigin(followed, record);
        Branch = shard.Begin(_origin);
        Branch.ExpectDecision(); // it may be asked for before its coordinator can say so
    }

    /// <summary>Whether a call keeps a branch in step with its transaction, and is done even where one before it in its batch has failed.</summary>
    public static bool KeepsStep(BranchCallKind kind) => kind is BranchCallKind.Define or BranchCallKind.BeginStatement or BranchCallKind.BeginCheck
        or BranchCallKind.EndCheck or BranchCallKind.NoteConflicts or BranchCallKind.TakeConflict or BranchCallKind.Savepoint or BranchCallKind.RollbackTo
        or BranchCallKind.Release or BranchCallKind.CloseView or BranchCallKind.EndFragment;

    public IBranch Branch { get; }

    public IShard Shard { get; }

    public ShardId Id { get; }

    public string GlobalId => _origin.GlobalId;

    /// <summary>Whether it has been prepared, and its end is not its coordinator's call of it any more.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>A batch of calls of it begins.</summary>
    public async ValueTask BeginAsync(BranchBatch batch, CancellationToken cancellation)
    {
        _origin.LockPatience = batch.Patience > 0 ? TimeSpan.FromMicroseconds(batch.Patience) : Timeout.InfiniteTimeSpan;
        if (batch.CatalogVersion <= _origin.Version)
            return;
        await _followed.ReachAsync(batch.CatalogVersion, cancellation).ConfigureAwait(false);
        _origin.Advance(batch.CatalogVersion);
    }

    public async ValueTask RunAsync(CallRecord call, BranchReply reply, CancellationToken cancellation)
    {
        _origin.Tries = call.Tries;
        switch ((BranchCallKind)call.Kind)
        {
            case BranchCallKind.Enter:
                await EnterAsync(call, cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.Insert or BranchCallKind.TryInsert or BranchCallKind.Delete or BranchCallKind.Update or BranchCallKind.TakeAway
                or BranchCallKind.Fetch or BranchCallKind.Truncate or BranchCallKind.LockRows or BranchCallKind.LockTable
                or BranchCallKind.HoldKeys or BranchCallKind.ClaimKeys or BranchCallKind.TestKeys:
                await RunOnTableAsync(call, reply, cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.LockAdvisory or BranchCallKind.HoldAdvisory:
                reply.Flags = Flags([await LockAdvisoryAsync(call, cancellation).ConfigureAwait(false)]);
                break;
            case BranchCallKind.BeginStatementAt:
                await Branch.BeginStatementAsync(Moments.Check(call.Moment, _time), cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.RunFragment:
                await RunFragmentAsync(call, reply, cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.EndFragment:
                if (_fragments.TryRemove(call.Number, out ServedFragment? unread))
                    await unread.DisposeAsync().ConfigureAwait(false);
                break;
            case BranchCallKind.Commit:
                Branch.WriteAcks = Acks(call);
                await EndFragmentsAsync().ConfigureAwait(false);
                reply.Moment = (await Branch.CommitAsync(call.Flag, cancellation).ConfigureAwait(false)).Value;
                break;
            case BranchCallKind.Decide:
                Branch.WriteAcks = Acks(call);
                (CommitTimestamp at, RowId row) = await Branch.DecideAsync(cancellation).ConfigureAwait(false);
                (reply.Moment, reply.Row) = (at.Value, row.Value);
                break;
            case BranchCallKind.Prepare:
                if (Decider.Of(call.Data.Span) is null)
                    throw new InvalidDataException("nobody is to decide what is prepared");
                Branch.WriteAcks = Acks(call);
                IsPrepared = true; // or will find out that it is not
                reply.Moment = (await Branch.PrepareAsync(GlobalId, call.Data.Memory, cancellation).ConfigureAwait(false)).Value;
                break;
            case BranchCallKind.OpenView or BranchCallKind.CloseView or BranchCallKind.ListUnits or BranchCallKind.Lookup or BranchCallKind.FetchSeen
                or BranchCallKind.FindVisible or BranchCallKind.Slice or BranchCallKind.Gather:
                RunOnView(call, reply);
                break;
            default:
                Run(call, reply);
                break;
        }
    }

    /// <summary>The branch has ended, and with it what it locks for its session.</summary>
    public void LeaveHolder()
    {
        if (_holder is not { } holder)
            return;
        (_holder, holder.Running) = (null, null);
        _holders.Leave(holder);
    }

    /// <summary>A table as it was seen when the view was opened.</summary>
    /// <exception cref="InvalidDataException">There is none of that number.</exception>
    public TableView View(int number) => Opened(number).View;

    public ScanUnit Unit(int view, int unit)
    {
        IReadOnlyList<ScanUnit> units = View(view).Units;
        return unit >= 0 && unit < units.Count ? units[unit] : throw new InvalidDataException($"view {view} has no unit {unit}");
    }

    /// <summary>A fragment whose rows are read as a stream, by one reader.</summary>
    /// <exception cref="InvalidDataException">There is none of that number that nobody reads.</exception>
    public ServedFragment Fragment(int number) => _fragments.TryGetValue(number, out ServedFragment? fragment) && fragment.TryBeginReading()
        ? fragment : throw new InvalidDataException($"there is no fragment {number}");

    /// <summary>What takes rows that go along with a fragment; null where it has ended, or takes none of that number.</summary>
    public ServedFeed? FeedOf(int fragment, int number) => _fragments.TryGetValue(fragment, out ServedFragment? found) ? found.FeedOf(number) : null;

    /// <summary>It has been read, or nobody wants to go on.</summary>
    public async ValueTask EndAsync(int number, ServedFragment fragment)
    {
        fragment.EndReading();
        _fragments.TryRemove(new(number, fragment));
        await fragment.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends all fragments, and waits for those that still run.</summary>
    public async ValueTask EndFragmentsAsync()
    {
        foreach (ServedFragment fragment in _fragments.Values)
            await fragment.DisposeAsync().ConfigureAwait(false);
        _fragments.Clear();
    }

    /// <summary>The table's definition as the transaction has it.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public TableEntry Table(uint oid)
    {
        _origin.Check(oid);
        return _origin.Catalog.TryFindTable(new TableId(oid), out TableEntry? table) ? table : throw new InvalidDataException($"there is no table {oid}");
    }

    public TableChanges Changes(uint table, IReadOnlyList<int> mark) => mark is [>= 0 and var rows, >= 0 and var deletions, >= 0 and var replacements]
        ? Branch.ChangesFrom(Table(table).Id, new ChangesMark(rows, deletions, replacements)) : throw new InvalidDataException("changes from nowhere");

    public short[] Columns(TableEntry table, IReadOnlyList<int> columns)
    {
        short[] numbers = new short[columns.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            int number = columns[i];
            numbers[i] = table.Columns.Any(column => column.Number == number) ? (short)number : throw new InvalidDataException($"there is no column {number}");
        }
        return numbers;
    }

    /// <remarks>What is locked need not be a table: names that objects are to get are locked in the same way.</remarks>
    private async ValueTask LockAsync(CallRecord call, CancellationToken cancellation)
    {
        _origin.Check(call.Table);
        await Branch.LockTableAsync(new TableId(call.Table), Mode<TableLockMode>(call.Number, (int)TableLockMode.AccessExclusive),
            Mode<LockWaitPolicy>(call.Second, (int)LockWaitPolicy.SkipLocked), cancellation).ConfigureAwait(false);
        // Who held it may have committed definitions, which this node may not have heard of when the lock was granted.
        _origin.Check(call.Table);
    }

    private async ValueTask EnterAsync(CallRecord call, CancellationToken cancellation)
    {
        _origin.Check(call.Table);
        bool waits = Mode<LockWaitPolicy>(call.Second, (int)LockWaitPolicy.SkipLocked) == LockWaitPolicy.Block;
        TableLockMode mode = Mode<TableLockMode>(call.Number, (int)TableLockMode.AccessExclusive);
        await Branch.EnterAsync(new TableId(call.Table), mode, waits, call.Flag, cancellation).ConfigureAwait(false);
        _origin.Check(call.Table);
    }

    private async ValueTask<bool> LockAdvisoryAsync(CallRecord call, CancellationToken cancellation)
    {
        AdvisoryKey key = AdvisoryFigure.KeyIn(call);
        ServedHolder holder = _holder ??= _holders.Enter(Id, Shard, call.Text);
        if (holder.Name != call.Text)
            throw new InvalidDataException("a branch of two sessions");
        holder.Running = Branch;
        bool waits = call.Second != 0;
        if ((BranchCallKind)call.Kind == BranchCallKind.LockAdvisory)
            return await Branch.LockAdvisoryAsync(holder.Holder, key, call.Flag, waits, cancellation).ConfigureAwait(false);
        bool isHeld = await Branch.HoldAdvisoryAsync(holder.Holder, key, call.Flag, waits, cancellation).ConfigureAwait(false);
        if (isHeld)
            holder.Hold(key, call.Flag);
        return isHeld;
    }

    private async ValueTask RunOnTableAsync(CallRecord call, BranchReply reply, CancellationToken cancellation)
    {
        if ((BranchCallKind)call.Kind == BranchCallKind.LockTable)
        {
            await LockAsync(call, cancellation).ConfigureAwait(false);
            return;
        }
        TableEntry table = Table(call.Table);
        switch ((BranchCallKind)call.Kind)
        {
            case BranchCallKind.Insert:
                reply.Rows.AddRange((await Branch.InsertAsync(table.Id, RowsOf(table, call), cancellation).ConfigureAwait(false)).Values);
                break;
            case BranchCallKind.TryInsert:
                foreach (InsertOutcome outcome in await Branch.TryInsertAsync(table.Id, RowsOf(table, call), call.Oids, cancellation).ConfigureAwait(false))
                {
                    reply.Rows.Add(outcome.Row.Value);
                    reply.Rows.Add((outcome.IsInserted ? 1 : 0) + (outcome.IsOwnStatement ? 2 : 0));
                }
                break;
            case BranchCallKind.Delete:
                reply.Row = await Branch.DeleteAsync(table.Id, Ids(call), cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.TakeAway:
                reply.Flags = Flags(await Branch.TakeAwayAsync(table.Id, Ids(call), cancellation).ConfigureAwait(false));
                break;
            case BranchCallKind.Update:
                reply.Rows.AddRange((await Branch.UpdateAsync(table.Id, Ids(call), RowsOf(table, call), cancellation).ConfigureAwait(false)).Values);
                break;
            case BranchCallKind.HoldKeys:
                reply.Flags = Flags(await Branch.HoldKeysAsync(table.Id, call.Index, KeysOf(table, call), cancellation).ConfigureAwait(false));
                break;
            case BranchCallKind.ClaimKeys:
                reply.Flags = Flags(await Branch.ClaimKeysAsync(table.Id, call.Index, KeysOf(table, call), cancellation).ConfigureAwait(false));
                break;
            case BranchCallKind.TestKeys:
                await Branch.TestKeysAsync(Changes(call.Table, call.Columns), IndexOf(table, call.Index), cancellation).ConfigureAwait(false);
                break;
            case BranchCallKind.LockRows:
                reply.Flags = Flags(await Branch.LockRowsAsync(table.Id, Ids(call), Mode<RowLockStrength>(call.Number, (int)RowLockStrength.Update),
                    Mode<LockWaitPolicy>(call.Second, (int)LockWaitPolicy.SkipLocked), cancellation).ConfigureAwait(false));
                break;
            case BranchCallKind.Fetch:
                reply.Batch = Bytes(await Branch.FetchAsync(table.Id, Ids(call), cancellation).ConfigureAwait(false));
                break;
            default:
                await Branch.TruncateAsync(table.Id, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private (TableView View, uint Table) Opened(int number) =>
        _views.TryGetValue(number, out (TableView View, uint Table) opened) ? opened : throw new InvalidDataException($"there is no view {number}");

    private async ValueTask RunFragmentAsync(CallRecord call, BranchReply reply, CancellationToken cancellation)
    {
        if (call.Oids.Count != call.Rows.Count || call.Oids.Count > ViewsMax || _fragments.Count >= FragmentsMax || call.Feeds.Count > FeedsMax)
            throw new InvalidDataException("a fragment of too many tables, or one fragment too many");
        Dictionary<TableId, TableView> views = [];
        for (int i = 0; i < call.Oids.Count; i++)
        {
            (TableView view, uint table) = Opened(checked((int)call.Rows[i]));
            if (table != call.Oids[i] || !views.TryAdd(Table(table).Id, view))
                throw new InvalidDataException($"view {call.Rows[i]} is none of table {call.Oids[i]}");
        }
        ServedFragment fragment = new(call.Data.Memory, _resources, Branch, views, [.. call.Feeds.Select(static record => new ServedFeed(record))]);
        bool isRead = false;
        try
        {
            isRead = await fragment.TryAnswerAsync(reply, _time, cancellation).ConfigureAwait(false) || !_fragments.TryAdd(call.Number, fragment);
            reply.HasMore = !isRead;
            reply.HasLeft = call.Flag && isRead && !Branch.HasWrites;
        }
        finally
        {
            if (!reply.HasMore)
                await fragment.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void RunOnView(CallRecord call, BranchReply reply)
    {
        switch ((BranchCallKind)call.Kind)
        {
            case BranchCallKind.OpenView:
                TableView opened = Branch.Read(Table(call.Table).Id);
                if (_views.Count < ViewsMax && _views.TryAdd(call.Number, (opened, call.Table)))
                    break;
                opened.Release();
                throw new InvalidDataException($"view {call.Number} is there already, or one too many");
            case BranchCallKind.CloseView:
                if (_views.TryRemove(call.Number, out (TableView View, uint Table) closed))
                    closed.View.Release();
                break;
            case BranchCallKind.ListUnits:
                foreach (ScanUnit unit in View(call.Number).Units)
                    reply.Rows.Add(unit.RowCountMax);
                break;
            case BranchCallKind.Lookup:
                TableEntry table = Table(call.Table);
                LookupResult found = View(call.Number).Lookup(call.Index, KeysOf(table, call), Columns(table, call.Columns));
                reply.Batch = Bytes(found.Rows);
                foreach (int ordinal in found.KeyOrdinals)
                    reply.Rows.Add(ordinal);
                break;
            case BranchCallKind.FetchSeen:
                reply.Batch = Bytes(View(call.Number).Fetch([.. call.Rows], Columns(Table(call.Table), call.Columns)));
                break;
            case BranchCallKind.FindVisible:
                Bitmap visible = Unit(call.Number, call.Second).FindVisible();
                reply.Data = visible.IsAbsent ? ByteString.Empty
                    : UnsafeByteOperations.UnsafeWrap(ColumnArrays(visible));
                break;
            case BranchCallKind.Slice:
                ScanUnit sliced = Unit(call.Number, call.Second);
                if (call.Rows is not [>= 0 and var start, >= 0 and var count] || start > sliced.RowCountMax - count)
                    throw new InvalidDataException("a slice beyond its unit");
                reply.Batch = Bytes(sliced.Slice((int)start, (int)count, Columns(Table(call.Table), call.Columns)));
                break;
            default:
                ScanUnit gathered = Unit(call.Number, call.Second);
                if (call.Rows.Any(place => place < 0 || place >= gathered.RowCountMax))
                    throw new InvalidDataException("places beyond their unit");
                reply.Batch = Bytes(gathered.Gather([.. call.Rows.Select(static place => (int)place)], Columns(Table(call.Table), call.Columns), call.Flag));
                break;
        }
    }

    private void Run(CallRecord call, BranchReply reply)
    {
        switch ((BranchCallKind)call.Kind)
        {
            case BranchCallKind.Define:
                _origin.Define([.. call.Changes.Select(static change => CatalogCodec.Decode(change.Span))]);
                break;
            case BranchCallKind.BeginStatement:
                Branch.BeginStatement();
                break;
            case BranchCallKind.BeginCheck:
                Branch.BeginCheck();
                break;
            case BranchCallKind.EndCheck:
                Branch.EndCheck();
                break;
            case BranchCallKind.NoteConflicts:
                Branch.NotesConflicts = call.Flag;
                break;
            case BranchCallKind.TakeConflict:
                Branch.TakeConflict();
                break;
            case BranchCallKind.ListChanges:
                foreach (TableChanges changes in Branch.ChangesSince(Savepoint(call.Number)))
                {
                    ChangesMark mark = Branch.MarkOf(changes);
                    reply.Changes.Add(new ChangesRecord
                    {
                        Table = changes.Table.Oid, HasInserted = changes.HasInserted, HasDeleted = changes.HasDeleted,
                        Mark = { mark.Rows, mark.Deletions, mark.Replacements },
                    });
                }
                break;
            case BranchCallKind.RestartSequence:
                SequenceEntry sequence = _origin.Catalog.Find(call.Index) as SequenceEntry ?? throw new InvalidDataException($"there is no sequence {call.Index}");
                Branch.RestartSequence(sequence, call.Moment);
                break;
            case BranchCallKind.MakeIndexes:
                Branch.MakeIndexes(TableIn(call.Data), TableIn(call.Other));
                break;
            case BranchCallKind.Undo:
                Branch.Undo([.. call.Changes.Select(static change => CatalogCodec.Decode(change.Span))]);
                break;
            case BranchCallKind.Savepoint:
                _savepoints.Add(NoSavepoint); // counted whatever becomes of it, since the coordinator counts it
                _savepoints[^1] = Branch.Savepoint();
                break;
            case BranchCallKind.RollbackTo:
                int kept = Savepoint(call.Number);
                _savepoints.RemoveRange(call.Number + 1, _savepoints.Count - call.Number - 1);
                Branch.RollbackTo(kept);
                break;
            case BranchCallKind.Release:
                int released = Savepoint(call.Number);
                _savepoints.RemoveRange(call.Number, _savepoints.Count - call.Number);
                Branch.Release(released);
                break;
            default:
                throw new InvalidDataException($"a call of kind {call.Kind}");
        }
    }

    private int Savepoint(int number) =>
        number >= 0 && number < _savepoints.Count ? _savepoints[number] : throw new InvalidDataException($"there is no savepoint {number}");

    private static TableEntry TableIn(ByteString change) => CatalogCodec.Decode(change.Span) is PutObject { Object: TableEntry table }
        ? table : throw new InvalidDataException("a table's definition that is none");

    private static ColumnBatch RowsOf(TableEntry table, CallRecord call) =>
        Checked(call, [.. table.StoredColumns.Select(static column => BuiltinTypes.PhysicalOf(column.Type.Oid))]);

    private static ColumnBatch KeysOf(TableEntry table, CallRecord call) =>
        Checked(call, [.. IndexOf(table, call.Index).Columns.Select(number => BuiltinTypes.PhysicalOf(table.Column(number).Type.Oid))]);

    private static ColumnBatch Checked(CallRecord call, PhysicalType[] types)
    {
        ColumnBatch rows = BatchBytes.Read(call.Batch.Memory);
        if (rows.Columns.Length != types.Length)
            throw new InvalidDataException($"rows of {rows.Columns.Length} columns, where there are {types.Length}");
        for (int i = 0; i < types.Length; i++)
        {
            if (rows.Columns[i].Type != types[i])
                throw new InvalidDataException($"column {i} is of {rows.Columns[i].Type}, and not of {types[i]}");
        }
        return rows;
    }

    private static IndexEntry IndexOf(TableEntry table, uint oid) =>
        table.Indexes.FirstOrDefault(index => index.Oid == oid) ?? throw new InvalidDataException($"table {table.Oid} has no index {oid}");

    private static RowId[] Ids(CallRecord call) => [.. call.Rows.Select(static row => new RowId(row))];

    private static T Mode<T>(int number, int max) where T : struct, Enum =>
        number >= 0 && number <= max ? (T)Enum.ToObject(typeof(T), number) : throw new InvalidDataException($"{number} is no {typeof(T).Name}");

    private static ReplicationMode? Acks(CallRecord call) => call.Number == 0 ? null : Mode<ReplicationMode>(call.Number - 1, (int)ReplicationMode.Sync);

    private static ByteString Flags(bool[] flags) => ByteString.CopyFrom(Array.ConvertAll(flags, static flag => flag ? (byte)1 : (byte)0));

    private static ByteString Bytes(ColumnBatch rows) => UnsafeByteOperations.UnsafeWrap(BatchBytes.Write(rows));

    private static byte[] ColumnArrays(Bitmap bits) => Columnar.Ipc.ColumnArrays.Bits(bits).Bytes.ToArray();
}
