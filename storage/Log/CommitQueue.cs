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
///          one that asks for no durability still waits for those before it in its group. Only a transaction that was prepared
///          may be applied at an earlier timestamp than what is there, and who could tell waits for it (<see cref="PreparedTransaction"/>).
/// Served:  a timestamp is given under the same lock under which a snapshot that was asked for notes its moment, and is above all
///          such moments; where the source had given it before the snapshot came, it is not used and another asked for.
/// Errors:  a failed write fails the group's transactions, and later ones go on (the log was cut back). After a failed
///          flush nobody
///          knows what is on disk, and every later commit fails until a restart has looked.
/// Threads: any; whoever comes to an idle queue serves its own group, unless others would have to wait for it
///          (<see cref="SessionThreads.HasOthers"/>); all else is served by a thread of the pool.
/// </remarks>
internal sealed class CommitQueue(StorageState state, LogWriter log, ILogReplicator replicator, ITimestampSource timestamps)
{
    private readonly Lock _lock = new(), _stamps = new();
    private List<CommitRequest> _waiting = [];
    private long _begun, _served; // the greatest timestamps that were given, and that were read at on demand
    private bool _isLed;
    private volatile SqlException? _broken;

    /// <summary>The last commit's timestamp, whether visible yet or not. For the leader only.</summary>
    public long LastTimestamp { get; private set; }

    public LogWriter Log => log;

    public void Start(long lastTimestamp) => LastTimestamp = _begun = lastTimestamp;

    /// <returns>The commit timestamp.</returns>
    public ValueTask<long> CommitAsync(Transaction transaction, PayloadWriter? payload, bool isDurable) =>
        RunAsync(new PlainCommit(state, transaction, payload, isDurable));

    /// <summary>
    /// Runs the action between two groups: everything before it is applied, nothing after it has begun.
    /// </summary>
    public async ValueTask RunExclusivelyAsync(Action action) =>
        await RunAsync(new BetweenCommits(action)).ConfigureAwait(false);

    /// <summary>Returns when all that is committed at or before a moment is applied: nothing gets such a timestamp from here on.</summary>
    public async ValueTask SettleAsync(long moment, CancellationToken cancellation)
    {
        bool isUnderWay;
        lock (_stamps)
        {
            _served = Math.Max(_served, moment);
            isUnderWay = _begun > state.Snapshots.Visible;
        }
        if (isUnderWay && moment > state.Snapshots.Visible)
            await RunExclusivelyAsync(static () => { }).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes durable what was committed without waiting, if there is anything.</summary>
    public ValueTask FlushAsync() =>
        log.DurableSequence == log.LastSequence ? ValueTask.CompletedTask : RunExclusivelyAsync(Flush);

    public async ValueTask<long> RunAsync(CommitRequest request)
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
        List<CommitRequest> group;
        lock (_lock)
            group = TakeGroup();
        try
        {
            await ServeAsync(group).ConfigureAwait(false);
        }
        catch (Exception error) // whatever it was, those who wait are told, and the queue goes on
        {
            _broken ??= new SqlException(SqlState.SystemError, "a commit ended unexpectedly; restart the server", cause: error);
            foreach (CommitRequest request in group)
                request.Error ??= _broken;
        }
        foreach (CommitRequest request in group)
            request.Served.Set();
        lock (_lock)
            return _isLed = _waiting.Count > 0;
    }

    private List<CommitRequest> TakeGroup()
    {
        int count = 1;
        if (!_waiting[0].IsAlone)
        {
            while (count < _waiting.Count && !_waiting[count].IsAlone)
                count++;
        }
        List<CommitRequest> group = _waiting.GetRange(0, count);
        _waiting = _waiting.GetRange(count, _waiting.Count - count);
        return group;
    }

    private async ValueTask ServeAsync(List<CommitRequest> group)
    {
        if (group[0] is BetweenCommits between)
        {
            between.Run();
            return;
        }
        List<CommitRequest> accepted = Accept(group, out CatalogSnapshot catalog);
        if (accepted.Count == 0 || !await TryStampAsync(accepted).ConfigureAwait(false) || !Write(accepted))
            return;
        await replicator.CommittedAsync(log.LastSequence).ConfigureAwait(false);
        CatalogSnapshot before = state.Catalog;
        if (!ReferenceEquals(catalog, before))
        {
            state.SetCatalog(catalog);
            DropIndexes(before, accepted);
        }
        foreach (CommitRequest request in accepted)
            request.Apply();
        LastTimestamp = _begun;
        state.Snapshots.Publish(LastTimestamp);
    }

    private void DropIndexes(CatalogSnapshot before, List<CommitRequest> accepted)
    {
        foreach (CatalogChange change in accepted.SelectMany(static request => request.CatalogChanges))
        {
            if (change is PutObject { Object: TableEntry table } && before.TryFindTable(table.Id, out TableEntry? old)
                && state.Catalog.TryFindTable(table.Id, out TableEntry? now))
                state.Indexer.DropMissing(old, now);
        }
    }

    /// <summary>Turns away what cannot be beside what others have done meanwhile.</summary>
    /// <param name="catalog">The catalog as it will be.</param>
    private List<CommitRequest> Accept(List<CommitRequest> group, out CatalogSnapshot catalog)
    {
        catalog = state.Catalog;
        List<CommitRequest> accepted = new(group.Count);
        foreach (CommitRequest request in group)
        {
            if ((_broken ?? request.Refusal(catalog)) is { } refusal)
            {
                request.Error = refusal;
                continue;
            }
            if (request.CatalogChanges is { Count: > 0 } changes)
                catalog = catalog.Apply(changes).WithVersion(state.NextCatalogVersion());
            accepted.Add(request);
        }
        return accepted;
    }

    /// <returns>False where the group has failed.</returns>
    private async ValueTask<bool> TryStampAsync(List<CommitRequest> group)
    {
        int count = 0;
        foreach (CommitRequest request in group)
            count += request.TakesTimestamp ? 1 : 0;
        try
        {
            while (true)
            {
                long given;
                lock (_stamps)
                    given = Math.Max(LastTimestamp, _served);
                long first = count == 0 ? 0 : await timestamps.NextAsync(given, count).ConfigureAwait(false);
                if (TryGive(group, first, count))
                    return true;
            }
        }
        catch (SqlException error)
        {
            GiveUp(group, error);
            return false;
        }
    }

    /// <returns>False where a snapshot was served meanwhile at a moment that is not before the first.</returns>
    private bool TryGive(List<CommitRequest> group, long first, int count)
    {
        lock (_stamps)
        {
            long last = LastTimestamp;
            if (count > 0 && first <= Math.Max(last, _served))
                return false;
            foreach (CommitRequest request in group)
            {
                if (request.TakesTimestamp)
                    request.Timestamp = first++;
                last = Math.Max(last, request.Timestamp);
            }
            _begun = last;
            long next = Math.Max(last, _served) + 1;
            foreach (CommitRequest request in group)
                request.Begin(next);
            return true;
        }
    }

    /// <returns>False where the group has failed.</returns>
    private bool Write(List<CommitRequest> group)
    {
        SequenceMark[] sequences = state.Sequences.TakeUnlogged();
        List<LogEntry> entries = new(group.Count + 1);
        if (sequences.Length > 0)
        {
            PayloadWriter payload = new();
            SequenceRecord.Write(payload, sequences);
            entries.Add(new LogEntry(LogRecordKind.Sequences, LastTimestamp, payload.Written));
        }
        bool isDurable = false;
        foreach (CommitRequest request in group)
        {
            isDurable |= request.IsDurable;
            if (request.Entry is { } entry)
                entries.Add(entry);
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
            GiveUp(group, _broken ?? (log.IsBroken ? Break(fault) : Failed(fault)));
            return false;
        }
    }

    private void GiveUp(List<CommitRequest> group, SqlException error)
    {
        lock (_stamps)
            _begun = LastTimestamp;
        foreach (CommitRequest request in group)
        {
            request.Error = error;
            request.GiveUp();
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
}
