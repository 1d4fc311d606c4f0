using System.Collections.Concurrent;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Core.Errors;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>This node's replica of a shard: its log, its engine, and the protocol between them and the other nodes.</summary>
/// <remarks>
/// Mailbox: the protocol's code runs there, one thing at a time. When what had come is done, the others are sent what they lack and the own disk is
///          flushed, once for all of it, and both at the same time.
/// Writes:  what is proposed meanwhile goes to the log together. While too much is not committed, as when the others do not answer, more waits, and then fails.
/// Reads:   a reader takes its snapshot and then asks <see cref="IsServing"/>: the answer yes is true of the moment at which the snapshot was taken.
/// Errors:  what ends the replica's part is told to the observer, and to all who wait; it is to be opened again.
/// Threads: any. Nothing here waits for the mailbox.
/// </remarks>
public sealed class ShardReplica : ILogReplicator, IMessageSink, IReplicaObserver, IAsyncDisposable
{
    private readonly ShardReplicaOptions _options;
    private readonly IMessageSink _sink;
    private readonly IServingLease _lease;
    private readonly IShardObserver _observer;
    private readonly IMailbox _mailbox;
    private readonly ShardLog _log;
    private readonly ReplicatedEngine _machine;
    private readonly Replica _replica;

    private readonly ConcurrentQueue<Batch> _proposals = [];
    private readonly Queue<(LogSequence Last, long Bytes)> _underWay = new();
    private readonly Lock _waiting = new(); // of those who wait for something of the replica
    private readonly List<(LogPosition Position, TaskCompletionSource Settled)> _settling = [];
    private readonly List<TaskCompletionSource> _serving = [], _makingRoom = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _pendingBytes, _lastCheck, _droppedBytes;
    private LogSequence _dropped; // as far as the log was dropped, or could be
    private ShardState? _state;
    private volatile StrongLease? _leads; // while it is the primary, and ready
    private volatile Exception? _stopped;
    private volatile ShardFigures _figures;
    private bool _isRoundDue, _leadsNow, _isClosing;
    private int _ticks;

    private ShardReplica(ShardReplicaOptions options, IMessageSink sink, IServingLease lease, IShardObserver observer)
    {
        _options = options;
        _sink = sink;
        _lease = lease;
        _observer = observer;
        _mailbox = options.Mailbox is { } make ? make(Fail) : new Mailbox(Fail);
        StorageOptions storage = options.Storage;
        _log = ShardLog.Open(storage.Files, storage.Directory, options.Shard);
        bool isOpen = false;
        try
        {
            _machine = ReplicatedEngine.Open(storage with { Replicator = this });
            _replica = new Replica(options.Node, _log, _machine, this, lease, storage.Time, this, options.Replication);
            _lastCheck = storage.Time.GetTimestamp();
            _figures = Figure();
            isOpen = true;
        }
        finally
        {
            if (!isOpen)
                _log.Dispose();
        }
    }

    public ShardId Shard => _options.Shard;

    /// <summary>The engine; another takes its place when a replica has to go back, or is copied anew.</summary>
    public StorageEngine Engine => _machine.Engine;

    /// <summary>Whether it is the primary, and nobody else can be: what is read from it by a snapshot that was taken before is what is newest.</summary>
    public bool IsServing => _leads is { } leads && _machine.IsLeading && _lease.Holds(leads.Lease);

    /// <summary>Whether it can be read at moments that it has reached: it is the primary and serves, or follows one.</summary>
    public bool CanReadPast => _stopped is null && (!_machine.IsLeading || IsServing);

    public ShardFigures Figures => _figures;

    private TimeProvider Time => _options.Storage.Time;

    /// <summary>Opens a replica, or makes it where the directory is empty.</summary>
    /// <param name="sink">Takes messages to the other nodes; called in the mailbox.</param>
    /// <exception cref="StorageException">The directory cannot be used.</exception>
    public static ShardReplica Open(ShardReplicaOptions options, IMessageSink sink, IServingLease lease, IShardObserver observer) =>
        new(options, sink, lease, observer);

    /// <summary>A message of another node's replica, or of the controller.</summary>
    public void Receive(NodeId source, ReplicaMessage message) => Post(() => _replica.Receive(source, message));

    /// <summary>What is agreed on about the shard.</summary>
    public void Configure(ShardState state) => Post(() =>
    {
        if (_state is not { } known || (state.Term, state.Epoch).CompareTo((known.Term, known.Epoch)) >= 0)
            _state = state;
        _replica.Configure(state);
    });

    /// <summary>Does what is due by the clock; to be called every few dozen milliseconds.</summary>
    public void Tick()
    {
        if (Interlocked.Exchange(ref _ticks, 1) != 0)
            return; // one is waiting
        Post(() =>
        {
            Volatile.Write(ref _ticks, 0);
            _replica.Tick();
            _replica.Resume();
            CheckIfDue();
            _figures = Figure();
        });
    }

    /// <summary>Returns when this node serves the shard.</summary>
    /// <exception cref="SqlException">57P03: the replica has stopped.</exception>
    public async ValueTask WaitUntilServingAsync(CancellationToken cancellation)
    {
        while (!IsServing)
        {
            TaskCompletionSource serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_waiting)
            {
                if (_stopped is { } cause)
                    throw Stopped(cause);
                _serving.Add(serving);
            }
            Wake();
            await serving.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Has other replicas serve reads at a moment, where this is the primary.</summary>
    /// <param name="moment">Which the source of timestamps has given.</param>
    public void Close(long moment)
    {
        if (IsServing && Interlocked.Exchange(ref _isClosing, true) == false)
            _ = CloseAsync(moment);
    }

    /// <remarks>Commits that are under way may take long: until then no other moment is closed.</remarks>
    private async Task CloseAsync(long moment)
    {
        await _machine.SettleAsync(moment, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _isClosing, false);
        Post(() => _replica.Close(moment));
    }

    /// <summary>The checksum at the last place where replicas compared what they hold; null while it is not known.</summary>
    internal ulong? LastChecksum => _machine.Checksum();

    /// <summary>Has the replicas compare what they hold.</summary>
    /// <exception cref="SqlException">This is not the primary.</exception>
    public ValueTask CheckAsync() => _machine.CheckAsync();

    /// <summary>Ends the replica's part; who waits for it is told, and its engine can be read on.</summary>
    public Task EndAsync()
    {
        Post(() =>
        {
            _replica.End();
            End(new ObjectDisposedException(nameof(ShardReplica)));
        });
        return _ended.Task;
    }

    /// <summary>Ends the replica's part, and lets its directory go.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        await _machine.DisposeAsync().ConfigureAwait(false);
        _log.Dispose();
    }

    async ValueTask ILogReplicator.ProposeAsync(IReadOnlyList<ProposedEntry> entries, Term term)
    {
        long bytes = 0;
        foreach (ProposedEntry entry in entries)
            bytes += entry.Entry.Payload.Length;
        if (Volatile.Read(ref _pendingBytes) > _options.PendingBytesMax)
            await WaitForRoomAsync().ConfigureAwait(false);
        Interlocked.Add(ref _pendingBytes, bytes);
        _proposals.Enqueue(new Batch(entries, term, bytes));
        if (_stopped is not null)
            RefuseAll();
        else
            Post(TakeProposals);
    }

    async ValueTask ILogReplicator.SettledAsync(LogPosition position, CancellationToken cancellation)
    {
        TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_stopped is { } cause)
                throw new OperationCanceledException("the replica has stopped", cause);
            _settling.Add((position, settled));
        }
        Wake();
        await settled.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    async ValueTask ILogReplicator.ReachNewestAsync(CancellationToken cancellation)
    {
        TaskCompletionSource<bool> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _replica.BeginRead(isServed => read.TrySetResult(isServed)));
        bool isNewest = false;
        try
        {
            isNewest = await read.Task.WaitAsync(_options.Replication.ReadPatience * 2, Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The replica has stopped meanwhile.
        }
        if (!isNewest)
            throw new SqlException(SqlState.CannotConnectNow, "the shard's primary does not answer its replica") { IsPassing = true };
    }

    void ILogReplicator.Wake() => Wake();

    void IMessageSink.Send(NodeId target, ShardId shard, ReplicaMessage message) => _sink.Send(target, shard, message);

    void IReplicaObserver.EntriesLost(ShardId shard, long count) => _observer.EntriesLost(shard, count);

    void IReplicaObserver.Diverged(ShardId shard, NodeId node, LogPosition position) => _observer.Diverged(shard, node, position);

    void IReplicaObserver.Stopped(ShardId shard, Exception cause)
    {
        End(cause);
        _observer.Stopped(shard, cause);
    }

    private void Wake() => Post(_replica.Resume);

    /// <summary>Has something done in the mailbox, and a round after all that has come by then.</summary>
    private void Post(Action act) => _mailbox.Post(() =>
    {
        if (_stopped is not null)
            return;
        act();
        if (_isRoundDue || _stopped is not null)
            return;
        _isRoundDue = true;
        _mailbox.Post(Round);
    });

    private void Round()
    {
        _isRoundDue = false;
        _replica.Send();
        while (_replica.NeedsFlush)
        {
            _replica.Flush();
            _replica.Send(); // what the others may take for committed now goes with it
        }
        if (_stopped is not null)
            return;
        NotePart();
        NoteCommitted();
        DropLog();
        TellWaiting();
    }

    private void TakeProposals()
    {
        List<ProposedEntry> entries = [];
        List<Batch> batches = [];
        long bytes = 0;
        while (_proposals.TryDequeue(out Batch? batch))
        {
            if (batch.Term != _replica.Fence)
            {
                Refuse(batch, ShardMoved());
                continue;
            }
            batches.Add(batch);
            entries.AddRange(batch.Entries);
            bytes += batch.Bytes;
        }
        if (entries.Count == 0)
            return;
        SqlException? refusal = null;
        bool isTold = false;
        try
        {
            if (!_replica.Propose(entries))
                refusal = ShardMoved();
            isTold = true;
        }
        catch (FileFaultException fault)
        {
            refusal = new SqlException(fault.State, fault.Message, cause: fault);
            isTold = true;
        }
        finally
        {
            foreach (ProposedEntry entry in isTold ? [] : entries)
                entry.Proposal?.Abandoned(); // by what ends the mailbox too: nobody knows what is in the log
        }
        if (refusal is null)
        {
            _underWay.Enqueue((_replica.Last.Sequence, bytes));
            return;
        }
        foreach (Batch batch in batches)
            Refuse(batch, refusal);
    }

    private void Refuse(Batch batch, SqlException error)
    {
        Interlocked.Add(ref _pendingBytes, -batch.Bytes);
        foreach (ProposedEntry entry in batch.Entries)
            entry.Proposal?.Refused(error);
    }

    private void RefuseAll()
    {
        while (_proposals.TryDequeue(out Batch? batch))
            Refuse(batch, Stopped(_stopped));
    }

    private async ValueTask WaitForRoomAsync()
    {
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_stopped is { } cause)
                throw Stopped(cause);
            _makingRoom.Add(room);
        }
        Wake();
        try
        {
            await room.Task.WaitAsync(_options.PendingPatience, Time).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new SqlException(SqlState.CannotConnectNow, "too few of the shard's replicas answer", hint: "Nothing was written; try again later.", cause: late)
            {
                IsPassing = true,
            };
        }
    }

    /// <summary>Entries that are committed, or abandoned, make room for others.</summary>
    private void NoteCommitted()
    {
        while (_underWay.TryPeek(out (LogSequence Last, long Bytes) batch) && (batch.Last <= _replica.Committed || !_replica.IsPrimary))
        {
            _underWay.Dequeue();
            Interlocked.Add(ref _pendingBytes, -batch.Bytes);
        }
    }

    private void NotePart()
    {
        bool leads = _replica.IsReady && _machine.IsLeading && _state is not null;
        _leads = !leads ? null : _leads is { } known && known.Lease == _state!.PrimaryLease ? known : new StrongLease(_state!.PrimaryLease);
        if (leads == _leadsNow)
            return;
        _leadsNow = leads;
        _figures = Figure();
        if (leads)
            _observer.Promoted(Shard, _replica.Fence);
        else
            _observer.SteppedDown(Shard);
    }

    private void DropLog()
    {
        LogSequence durable = _machine.Durable.Sequence;
        if (durable == _dropped)
            return;
        bool isWanted = _log.WrittenBytes - _droppedBytes <= _options.LogKeptBytes && _replica.Progress.Any(progress => progress.Durable < durable);
        if (isWanted)
            return; // by replicas that lag
        _replica.DropLog();
        (_dropped, _droppedBytes) = (durable, _log.WrittenBytes);
    }

    private void TellWaiting()
    {
        lock (_waiting)
        {
            for (int i = _settling.Count - 1; i >= 0; i--)
            {
                (LogPosition position, TaskCompletionSource settled) = _settling[i];
                if (position.Sequence > _replica.Committed || position.Sequence > _log.Durable)
                    continue;
                settled.TrySetResult();
                _settling.RemoveAt(i);
            }
            if (Volatile.Read(ref _pendingBytes) <= _options.PendingBytesMax)
                Complete(_makingRoom);
            if (IsServing)
                Complete(_serving);
        }
    }

    private static void Complete(List<TaskCompletionSource> waiting)
    {
        foreach (TaskCompletionSource waiter in waiting)
            waiter.TrySetResult();
        waiting.Clear();
    }

    private void CheckIfDue()
    {
        if (_replica.TakeWantedCheck())
        {
            _lastCheck = Time.GetTimestamp();
            _ = TryCheckAsync();
            return;
        }
        if (!_leadsNow || _options.CheckInterval() is not { Ticks: > 0 } interval || Time.GetElapsedTime(_lastCheck) < interval)
            return;
        _lastCheck = Time.GetTimestamp();
        _ = TryCheckAsync();
    }

    private async Task TryCheckAsync()
    {
        try
        {
            await CheckAsync().ConfigureAwait(false);
        }
        catch (SqlException)
        {
            // Another is the primary by now, or the next check finds what this would have.
        }
    }

    /// <summary>Work in the mailbox has failed by a bug, or by what no part of the protocol expects.</summary>
    private void Fail(Exception cause)
    {
        try
        {
            _replica.End();
        }
        catch (Exception error) when (error is FileFaultException or StorageException or SimulatedCrashException or InvalidOperationException)
        {
            // It ends all the same, and this is no other cause.
        }
        End(cause);
        _observer.Stopped(Shard, cause);
    }

    /// <summary>Takes no part any more: whoever waits is told.</summary>
    private void End(Exception cause)
    {
        lock (_waiting)
        {
            _stopped = cause;
            _leads = null;
            foreach ((_, TaskCompletionSource settled) in _settling)
                settled.TrySetException(new OperationCanceledException("the replica has stopped", cause));
            foreach (TaskCompletionSource waiter in _serving.Concat(_makingRoom))
                waiter.TrySetException(Stopped(cause));
            _settling.Clear();
            _serving.Clear();
            _makingRoom.Clear();
        }
        RefuseAll();
        _figures = _figures with { Part = ShardPart.Stopped, Cause = cause };
        _ended.TrySetResult();
    }

    private ShardFigures Figure()
    {
        ShardPart part = _replica.IsStopped ? ShardPart.Stopped : _replica.NeedsSnapshot ? ShardPart.Copying
            : _replica.IsReady ? ShardPart.Primary : _replica.IsPrimary ? ShardPart.Beginning : ShardPart.Follower;
        return new ShardFigures(Shard, part, _replica.Fence, _replica.Last, _replica.Committed, _replica.Applied, _machine.Durable.Sequence, _log.WrittenBytes,
            _replica.Progress, _stopped);
    }

    private static SqlException ShardMoved() => new(
        SqlState.SerializationFailure, "the shard's primary has moved", hint: "The transaction might succeed if retried.") { IsPassing = true };

    private static SqlException Stopped(Exception? cause) => new(
        SqlState.CannotConnectNow, "the shard's replica on this node has stopped", hint: "Look for the cause in the node's log.", cause: cause);

    private sealed record Batch(IReadOnlyList<ProposedEntry> Entries, Term Term, long Bytes);

    private sealed record StrongLease(LeaseId Lease);
}
