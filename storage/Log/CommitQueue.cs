using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Threads;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>Commits transactions in groups: one writes and flushes the log for all that came meanwhile.</summary>
/// <remarks>
/// Order:   timestamps, log records and visibility have one order. A transaction is visible once it and all before it
///          are durable;
///          one that asks for no durability still waits for those before it in its group.
/// Errors:  a failed write fails the group's transactions, and later ones go on (the log was cut back). After a failed
///          flush nobody
///          knows what is on disk, and every later commit fails until a restart has looked.
/// Threads: any; whoever comes to an idle queue serves its own group, unless others would have to wait for it
///          (<see cref="SessionThreads.HasOthers"/>); all else is served by a thread of the pool.
/// </remarks>
internal sealed class CommitQueue(StorageState state, LogWriter log, ILogReplicator replicator)
{
    private readonly Lock _lock = new();
    private List<Request> _waiting = [];
    private bool _isLed;
    private volatile SqlException? _broken;

    /// <summary>The last commit's timestamp, whether visible yet or not. For the leader only.</summary>
    public long LastTimestamp { get; private set; }

    public LogWriter Log => log;

    public void Start(long lastTimestamp) => LastTimestamp = lastTimestamp;

    /// <returns>The commit timestamp.</returns>
    public ValueTask<long> CommitAsync(Transaction transaction, PayloadWriter? payload, bool isDurable) =>
        RunAsync(new Request(transaction, payload, isDurable, null));

    /// <summary>
    /// Runs the action between two groups: everything before it is applied, nothing after it has begun.
    /// </summary>
    public async ValueTask RunExclusivelyAsync(Action action) =>
        await RunAsync(new Request(null, null, false, action)).ConfigureAwait(false);

    /// <summary>Makes durable what was committed without waiting, if there is anything.</summary>
    public ValueTask FlushAsync() =>
        log.DurableSequence == log.LastSequence ? ValueTask.CompletedTask : RunExclusivelyAsync(Flush);

    private async ValueTask<long> RunAsync(Request request)
    {
        bool isLeader;
        lock (_lock)
        {
            _waiting.Add(request);
            isLeader = !_isLed;
            _isLed = true;
        }
        bool isServed = isLeader && SessionThreads.Current is not { HasOthers: true };
        if (isLeader && (!isServed || await ServeGroupAsync().ConfigureAwait(false)))
            _ = Task.Run(ServeOthersAsync);
        if (!isServed)
            await request.Served;
        return request.Error is { } error ? throw error : request.Timestamp;
    }

    /// <summary>Leads for as long as there is somebody to serve.</summary>
    private async Task ServeOthersAsync()
    {
        while (await ServeGroupAsync().ConfigureAwait(false))
        {
        }
    }

    /// <summary>Serves the group at the head of the queue.</summary>
    /// <returns>Whether others have come meanwhile; if not, the queue is led by nobody any more.</returns>
    private async ValueTask<bool> ServeGroupAsync()
    {
        List<Request> group;
        lock (_lock)
            group = TakeGroup();
        try
        {
            await ServeAsync(group).ConfigureAwait(false);
        }
        catch (Exception error) // whatever it was, those who wait are told, and the queue goes on
        {
            _broken ??= new SqlException(SqlState.SystemError, "a commit ended unexpectedly; restart the server", cause: error);
            foreach (Request request in group)
                request.Error ??= _broken;
        }
        foreach (Request request in group)
            request.Served.Set();
        lock (_lock)
            return _isLed = _waiting.Count > 0;
    }

    private List<Request> TakeGroup()
    {
        // An action stands alone.
        int count = 1;
        if (_waiting[0].Action is null)
        {
            while (count < _waiting.Count && _waiting[count].Action is null)
                count++;
        }
        List<Request> group = _waiting.GetRange(0, count);
        _waiting = _waiting.GetRange(count, _waiting.Count - count);
        return group;
    }

    private async ValueTask ServeAsync(List<Request> group)
    {
        if (group[0].Action is { } action)
        {
            RunAction(group[0], action);
            return;
        }
        List<Request> accepted = Accept(group, out CatalogSnapshot catalog);
        if (accepted.Count == 0 || !Write(accepted))
            return;
        await replicator.CommittedAsync(log.LastSequence).ConfigureAwait(false);
        CatalogSnapshot before = state.Catalog;
        if (!ReferenceEquals(catalog, before))
        {
            state.SetCatalog(catalog);
            DropIndexes(before, accepted);
        }
        foreach (Request request in accepted)
            CommitApplication.Apply(state, request.Transaction!, request.Timestamp);
        LastTimestamp = accepted[^1].Timestamp;
        state.Snapshots.Publish(LastTimestamp);
    }

    private void DropIndexes(CatalogSnapshot before, List<Request> accepted)
    {
        foreach (CatalogChange change in accepted.SelectMany(static request => request.Transaction?.CatalogChanges ?? []))
        {
            if (change is PutObject { Object: TableEntry table } && before.TryFindTable(table.Id, out TableEntry? old)
                && state.Catalog.TryFindTable(table.Id, out TableEntry? now))
                state.Indexer.DropMissing(old, now);
        }
    }

    private static void RunAction(Request request, Action action)
    {
        try
        {
            action();
        }
        catch (FileFaultException fault)
        {
            request.Error = fault;
        }
    }

    /// <summary>
    /// Gives timestamps, and turns away transactions that made something whose name was taken meanwhile.
    /// </summary>
    private List<Request> Accept(List<Request> group, out CatalogSnapshot catalog)
    {
        catalog = state.Catalog;
        List<Request> accepted = new(group.Count);
        long timestamp = LastTimestamp;
        foreach (Request request in group)
        {
            if (_broken is { } broken)
            {
                request.Error = broken;
                continue;
            }
            IReadOnlyList<CatalogChange> changes = request.Transaction!.CatalogChanges;
            if (changes.Count > 0)
            {
                if (CatalogConflict.Find(catalog, changes) is { } conflict)
                {
                    request.Error = conflict;
                    continue;
                }
                catalog = catalog.Apply(changes).WithVersion(state.NextCatalogVersion());
            }
            request.Timestamp = ++timestamp;
            accepted.Add(request);
        }
        return accepted;
    }

    /// <returns>False where the group has failed.</returns>
    private bool Write(List<Request> group)
    {
        SequenceMark[] sequences = state.Sequences.TakeUnlogged();
        List<LogEntry> entries = new(group.Count + 1);
        if (sequences.Length > 0)
        {
            PayloadWriter payload = new();
            SequenceRecord.Write(payload, sequences);
            entries.Add(new LogEntry(LogRecordKind.Sequences, group[0].Timestamp - 1, payload.Written));
        }
        bool isDurable = false;
        foreach (Request request in group)
        {
            isDurable |= request.IsDurable;
            if (request.Payload is { } payload)
                entries.Add(new LogEntry(LogRecordKind.Transaction, request.Timestamp, payload.Written));
        }
        try
        {
            if (entries.Count > 0)
                log.Append(entries);
            if (isDurable)
                Flush();
            return true;
        }
        catch (FileFaultException fault)
        {
            state.Sequences.PutBack(sequences);
            SqlException error = _broken ?? (log.IsBroken ? Break(fault) : Failed(fault));
            foreach (Request request in group)
                request.Error = error;
            return false;
        }
    }

    private void Flush()
    {
        if (_broken is { } broken)
            throw new FileFaultException(FileFault.Io, "flush", "log", -1, broken.Message, broken);
        try
        {
            log.Flush();
        }
        catch (FileFaultException fault)
        {
            Break(fault);
            throw;
        }
    }

    private SqlException Break(FileFaultException fault) => _broken = new SqlException(
        SqlState.IoError, $"could not make the log durable: {fault.Message}",
        hint: "Restart the server: it finds out from the log which of the last transactions are on disk.",
            cause: fault);

    private static SqlException Failed(FileFaultException fault) => new(
        fault.State, fault.Message, cause: fault,
        hint: fault.IsDiskFull
            ? "Free space on the log's disk; nothing was lost, and later transactions will work." : null);

    /// <summary>A transaction to commit, or an action to run between groups.</summary>
    private sealed class Request(Transaction? transaction, PayloadWriter? payload, bool isDurable, Action? action)
    {
        internal Transaction? Transaction => transaction;

        internal PayloadWriter? Payload => payload;

        internal bool IsDurable => isDurable;

        internal Action? Action => action;

        internal long Timestamp { get; set; }

        internal Exception? Error { get; set; }

        internal Signal Served { get; } = new();
    }
}
