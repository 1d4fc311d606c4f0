using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Threads;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>Commits transactions in groups: one serves all who came meanwhile.</summary>
/// <remarks>
/// Order:   timestamps, log records and visibility have one order. A transaction is visible once it and all before it
///          are durable. Only a transaction that was prepared
///          may be applied at an earlier timestamp than what is there, and who could tell waits for it (<see cref="PreparedTransaction"/>).
/// Served:  a timestamp is given under the same lock under which a snapshot that was asked for notes its moment, and is above all
///          such moments; where the source had given it before the snapshot came, it is not used and another asked for.
/// Threads: any; whoever comes to an idle queue serves its own group, unless others would have to wait for it
///          (<see cref="SessionThreads.HasOthers"/>); all else is served by a thread of the pool.
/// </remarks>
internal abstract class CommitQueue(StorageState state, ITimestampSource timestamps) : IDisposable
{
    private readonly Lock _lock = new(), _stamps = new();
    private List<CommitRequest> _waiting = [];
    private long _begun, _served; // the greatest timestamps that were given, and that were read at on demand
    private bool _isLed;
    private volatile SqlException? _broken;

    protected StorageState State => state;

    /// <summary>The greatest timestamp that is applied, or that was given to what is on its way.</summary>
    protected long LastTimestamp { get; private set; }

    /// <summary>Bytes of records written since the start.</summary>
    public abstract long WrittenBytes { get; }

    /// <summary>The version of a catalog that is kept elsewhere under which what is applied was written.</summary>
    public virtual long CatalogVersion => 0;

    /// <summary>Whether commits that were reported as failed may be on disk, with the segments that they name.</summary>
    public abstract bool IsBroken { get; }

    /// <summary>Why nothing can be committed any more; null where it can.</summary>
    protected SqlException? Broken
    {
        get => _broken;
        set => _broken = value;
    }

    public void Start(long lastTimestamp) => LastTimestamp = _begun = lastTimestamp;

    /// <returns>The commit timestamp.</returns>
    public ValueTask<long> CommitAsync(Transaction transaction, PayloadWriter? payload, bool isDurable) =>
        RunAsync(new PlainCommit(state, transaction, payload, isDurable));

    /// <summary>
    /// Runs the action between two commits: everything before it is applied, nothing after it has begun to be.
    /// </summary>
    public abstract ValueTask RunExclusivelyAsync(Action action);

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
            await EndBegunAsync().WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Between two commits: the last record of those before. The log can be dropped up to it once a manifest has it.</summary>
    public abstract LogPosition TakePoint();

    /// <summary>Returns when what is applied now is durable, and can be taken back no more.</summary>
    /// <returns>The last record of it.</returns>
    public abstract ValueTask<LogPosition> HoldAsync(CancellationToken cancellation);

    /// <summary>Makes durable what was committed without waiting, if there is anything.</summary>
    public virtual ValueTask FlushAsync() => ValueTask.CompletedTask;

    /// <summary>A manifest has what is up to a record.</summary>
    public abstract void DropLogBefore(LogPosition position);

    /// <summary>Brings files that a transaction's record will name to where it will be read.</summary>
    public virtual ValueTask ShipAsync(Transaction transaction) => ValueTask.CompletedTask;

    public abstract void Dispose();

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
            Broken ??= new SqlException(SqlState.SystemError, "a commit ended unexpectedly; restart the server", cause: error);
            foreach (CommitRequest request in group)
                request.Error ??= Broken;
            Tell(group);
        }
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
            Tell(group);
            return;
        }
        List<CommitRequest> accepted = Accept(group, out CatalogSnapshot catalog);
        if (accepted.Count < group.Count)
            Tell(group.FindAll(static request => request.Error is not null));
        if (accepted.Count > 0 && await TryStampAsync(accepted).ConfigureAwait(false))
            await FinishAsync(accepted, catalog).ConfigureAwait(false);
    }

    /// <summary>Writes what was stamped, applies it when it is committed, and tells those who wait.</summary>
    /// <param name="catalog">The catalog as it will be.</param>
    protected abstract ValueTask FinishAsync(List<CommitRequest> group, CatalogSnapshot catalog);

    /// <summary>Returns when what has a timestamp now is applied, or given up.</summary>
    protected abstract Task EndBegunAsync();

    /// <summary>A group has its timestamps.</summary>
    protected virtual void NoteBegun(List<CommitRequest> group)
    {
    }

    /// <summary>Timestamps up to this one are taken.</summary>
    protected void Pass(long timestamp)
    {
        lock (_stamps)
        {
            LastTimestamp = Math.Max(LastTimestamp, timestamp);
            _begun = Math.Max(_begun, timestamp);
        }
    }

    protected static void Tell(List<CommitRequest> group)
    {
        foreach (CommitRequest request in group)
            request.Served.Set();
    }

    /// <summary>Turns away what cannot be beside what others have done meanwhile.</summary>
    /// <param name="catalog">The catalog as it will be.</param>
    private List<CommitRequest> Accept(List<CommitRequest> group, out CatalogSnapshot catalog)
    {
        catalog = state.Catalog;
        List<CommitRequest> accepted = new(group.Count);
        foreach (CommitRequest request in group)
        {
            if ((Broken ?? request.Refusal(catalog)) is { } refusal)
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
            NoteBegun(group);
            return true;
        }
    }

    /// <summary>The group has failed, and nothing of it is in the log.</summary>
    protected void GiveUp(List<CommitRequest> group, SqlException error)
    {
        lock (_stamps)
            _begun = LastTimestamp;
        foreach (CommitRequest request in group)
        {
            request.Error = error;
            request.GiveUp();
        }
        Tell(group);
    }

    /// <summary>All that was stamped is applied.</summary>
    protected void Publish()
    {
        LastTimestamp = _begun;
        state.Snapshots.Publish(LastTimestamp);
    }
}
