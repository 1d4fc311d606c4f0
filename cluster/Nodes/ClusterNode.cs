using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Nodes;

/// <summary>A node of a cluster: keeps its lease, follows what is agreed on, opens replicas as that says, and is the controller when it is elected.</summary>
/// <remarks>
/// Refusal: where the metadata store has gone back, another process is this node, or the node was removed, <see cref="Refused"/> completes: from then
///          on nothing here counts, and the process should end. Until then a store that does not answer is waited for; what the lease is good for ends by itself.
/// Threads: all is done in the mailbox, but for the lease, whose renewal waits for nothing; calls may come from any.
/// </remarks>
public sealed class ClusterNode : INodeLeaseHolder, IElectionListener, IMessageSink, IAsyncDisposable
{
    private const string ControllerKey = "controller", SettingPrefix = SharedSettings.KeyPrefix;

    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(1);

    private readonly Membership _membership;
    private readonly IMetadataStore _store;
    private readonly IMessageSink _network;
    private readonly IMailbox _mailbox;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _log;
    private readonly ControllerElection _election;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _end;
    private readonly TaskCompletionSource<string> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedDictionary<ShardId, (ShardState State, long Revision)> _shards = [];
    private readonly SortedSet<ShardId> _open = [];
    private IShardHost? _host;
    private ReplicaRemoval? _removal;
    private ControllerOffice? _office;
    private ClusterView _view = ClusterView.Empty;
    private TaskCompletionSource _viewChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision, _recordRevision;
    private bool _isLeaving, _hasResigned;

    /// <param name="network">Takes messages to other nodes.</param>
    /// <param name="random">Of which this is the only user from now on.</param>
    public ClusterNode(
        Membership membership, IMetadataStore store, IMessageSink network, IMailbox mailbox, TimeProvider time, Random random, ILogger log)
    {
        (_membership, _store, _network, _mailbox, _time, _random, _log) = (membership, store, network, mailbox, time, random, log);
        _end = _ended.Token;
        Lease = new NodeLease(store, this, Options.LeaseTime, time, new Random(random.Next()));
        _election = new ControllerElection(
            store, Lease, ControllerKey, Encoding.ASCII.GetBytes(Id.ToString()), this, time, new Random(random.Next()));
    }

    public NodeId Id => _membership.Id;

    public NodeLease Lease { get; }

    /// <summary>Whether the node has been without its lease for so long that its clients do better at another.</summary>
    public bool IsCutOff => Lease.Lacking > Options.LeaseTime / 2;

    /// <summary>What the node knows of its cluster.</summary>
    public ClusterView View => Volatile.Read(ref _view);

    /// <summary>Completes with the reason when the node may not go on.</summary>
    public Task<string> Refused => _refused.Task;

    /// <summary>The timestamp oracle while this node is the controller. Used in the mailbox.</summary>
    internal TimestampOracle? Oracle => _office?.Oracle;

    /// <summary>The controller's work while this node does it. Used in the mailbox.</summary>
    internal FailoverController? Failover => _office?.Failover;

    private ClusterNodeOptions Options => _membership.Options;

    /// <summary>Returns when what the node knows of its cluster is so.</summary>
    public async Task WaitAsync(Func<ClusterView, bool> isSo, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _viewChanged).Task; // before the look: what comes after it is told
            if (isSo(View))
                return;
            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>All nodes as this one sees them now, by id.</summary>
    public ImmutableArray<NodeView> DescribeNodes() =>
        NodeHealth.Describe(View.Sights.Values, Id, Lease.Holds(Lease.Current), Options.LeaseTime, _time);

    /// <summary>Begins; returns at once.</summary>
    /// <param name="host">Called in the mailbox.</param>
    public void Start(IShardHost host)
    {
        _host = host;
        _removal = new ReplicaRemoval(_store, _membership, host, _mailbox, _time, _log);
        _ = KeepAsync(() => Lease.RunAsync(_end)); // not in the mailbox: what takes long there must not end the lease
        _mailbox.Post(() =>
        {
            _ = KeepAsync(() => FollowAsync(NodeRecord.KeyPrefix, TakeNodes));
            _ = KeepAsync(() => FollowAsync(NodeStatus.KeyPrefix, TakeAlive));
            _ = KeepAsync(() => FollowAsync(ShardState.KeyPrefix, TakeShards));
            _ = KeepAsync(() => FollowAsync(SettingPrefix, TakeSettings));
            _ = KeepAsync(() => FollowAsync(JobRecord.KeyPrefix, TakeJobs));
            _ = KeepAsync(() => FollowAsync(GroupReplication.KeyPrefix, TakeGroups));
            _ = KeepAsync(() => FollowAsync(ControllerKey, TakeController));
            _ = KeepAsync(() => _election.RunAsync(_end));
            _ = KeepAsync(TickAsync);
            _ = KeepAsync(SayStatusAsync);
        });
    }

    /// <summary>Says that the node stops soon: others become the primaries of what it is primary of, and then the controller.</summary>
    public void Leave() => _mailbox.Post(() =>
    {
        _isLeaving = true;
        _election.Withdraw();
        _ = KeepAsync(SayStatusNowAsync);
    });

    /// <summary>Returns when this node is the primary of nothing that another could be the primary of.</summary>
    public Task WaitUntilLeftAsync(CancellationToken cancellation) => WaitAsync(view => HasLeft(view) && view.Controller != Id, cancellation);

    /// <summary>Takes no part any more, and says so: others take over at once rather than when the lease has run out.</summary>
    public async ValueTask DisposeAsync()
    {
        End();
        using CancellationTokenSource late = new(Options.LeaseTime, _time);
        try
        {
            await Lease.ReleaseAsync(late.Token);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException or MetadataReplacedException or OperationCanceledException)
        {
            Log.LeaseKept(_log, failure.Message);
        }
        _ended.Dispose();
    }

    /// <summary>Takes no part any more, and tells nobody.</summary>
    internal void End()
    {
        Lease.Forget();
        if (!_end.IsCancellationRequested)
            _ended.Cancel();
    }

    /// <summary>Takes a message of another node, or of this one.</summary>
    public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
    {
        if (message is FenceAnswer or StatusAnswer or ResignedAnswer)
            _mailbox.Post(() => _office?.Failover.Receive(source, shard, message));
        else
            _host?.Receive(source, shard, message);
    }

    /// <summary>Takes a message to another node, or to this one.</summary>
    public void Send(NodeId target, ShardId shard, ReplicaMessage message)
    {
        if (target == Id)
            _mailbox.Post(() => Receive(Id, shard, message));
        else
            _network.Send(target, shard, message);
    }

    /// <summary>Takes timestamps of the oracle that follow one another.</summary>
    /// <returns>The first; null where this node is not the controller, or has none to give now.</returns>
    public Task<long?> TakeTimestampsAsync(int count)
    {
        TaskCompletionSource<long?> taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(() => taken.SetResult(_office is { } office && office.Oracle.TryTake(count, out long first) ? first : null));
        return taken.Task;
    }

    /// <summary>A replica here has accepted a term that what it was told of its shard is below: if the store does not know that term either, it has gone back.</summary>
    public void Suspect(ShardId shard, Term term) => _mailbox.Post(() => _ = KeepAsync(async () =>
    {
        string key = ShardState.KeyOf(shard);
        MetadataRange range = await _store.ReadAsync(key, _end);
        if (range.Entries.FirstOrDefault(entry => entry.Key == key) is { } entry && ShardStateCodec.Decode(entry.Value.Span) is { } state && state.Term < term)
            throw Registration.Gone($"it has shard {shard} at term {state.Term}, and a replica here has accepted term {term}");
    }));

    async ValueTask INodeLeaseHolder.TakenAsync(LeaseId lease, CancellationToken cancellation)
    {
        string key = NodeStatus.KeyOf(Id), recordKey = NodeRecord.KeyOf(Id);
        MetadataEntry? before = (await _store.ReadAsync(key, cancellation)).Entries.FirstOrDefault(entry => entry.Key == key);
        MetadataEntry? record = (await _store.ReadAsync(recordKey, cancellation)).Entries.FirstOrDefault(entry => entry.Key == recordKey);
        if (before is not null && NodeStatus.Decode(before.Value.Span).Process != Options.Process)
            throw Another();
        if (record is null || NodeRecord.Decode(record.Value.Span).Process != Options.Process)
            throw Another();
        MetadataOutcome outcome = await _store.CommitAsync(new MetadataTransaction
        {
            Compares = [new MetadataCompare(key, before?.Modified ?? 0), MetadataCompare.IsUnchanged(record)],
            Puts = [new MetadataPut(key, Status().Encode(), lease)],
        }, cancellation);
        if (!outcome.IsDone)
            throw new MetadataUnavailableException("the node's keys have changed meanwhile", isOutcomeUnknown: false);
    }

    void INodeLeaseHolder.Lost(LeaseId lease) => Log.LeaseLost(_log, lease);

    void IElectionListener.Elected(ControllerTerm term)
    {
        Log.Elected(_log);
        _office = new ControllerOffice(_store, term, Lease, this, Options, _time);
        foreach (NodeSight sight in _view.Sights.Values)
            _office.Failover.NodeChanged(sight.Id, sight.Lease);
        foreach ((ShardState state, long revision) in _shards.Values)
            _office.Failover.ShardChanged(state, revision);
    }

    void IElectionListener.Deposed(ControllerTerm term)
    {
        Log.Deposed(_log);
        _office = null;
    }

    private bool HasLeft(ClusterView view) => !view.Shards.Values.Any(shard => shard.Primary == Id && shard.Current.Voters.Any(view.TakesPrimaries));

    /// <summary>Lets the controller's office go, where another node can take it.</summary>
    private async Task ResignAsync(ControllerTerm term) => await _store.CommitAsync(new MetadataTransaction
    {
        Compares = [term.Fence],
        Deletes = [ControllerKey],
    }, _end);

    private NodeStatus Status() => new(Options.Process, _time.GetUtcNow(), Options.Machine(), Lease.TakeSlowestRenewal()) { IsLeaving = _isLeaving };

    private JoinRefusedException Another() =>
        new($"another process is node {Id} now, or the node was removed from the cluster: its data directory was copied, or its lease had run out");

    private async Task FollowAsync(string prefix, Action<MetadataChanges, bool> take)
    {
        PrefixFollower follower = new(_store, prefix, _time, new Random(_random.Next()));
        bool isFirst = true;
        await foreach (MetadataChanges changes in follower.FollowAsync(_end))
        {
            bool isOld = isFirst;
            isFirst = false;
            _mailbox.Post(() => Take(changes, isOld, take));
        }
    }

    /// <summary>Takes note of changes, unless the node has ended.</summary>
    private void Take(MetadataChanges changes, bool isOld, Action<MetadataChanges, bool> take)
    {
        if (_end.IsCancellationRequested)
            return;
        try
        {
            _revision = Math.Max(_revision, changes.Revision);
            take(changes, isOld);
        }
        catch (Exception refusal) when (refusal is JoinRefusedException or FileFaultException)
        {
            Refuse(refusal.Message);
        }
        catch (MetadataReplacedException replaced)
        {
            RefuseStore(replaced);
        }
    }

    private void TakeNodes(MetadataChanges changes, bool isOld)
    {
        foreach (MetadataChange change in changes.Changes)
        {
            NodeRecord? record = change.Entry is { } entry ? Decoded(entry, NodeRecord.Decode) : null;
            NodeId node = NodeStatus.NodeOf(change.Key);
            if (node.IsNone || (record is null && change.Entry is not null))
                continue;
            if (node == Id && (record?.Process != Options.Process || record.IsRemoved))
                throw Another();
            if (node == Id)
                _recordRevision = change.Entry?.Modified ?? 0;
            See(node, sight => sight with { Record = record });
        }
    }

    private void TakeAlive(MetadataChanges changes, bool isOld)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (MetadataChange change in changes.Changes)
        {
            NodeId node = NodeStatus.NodeOf(change.Key);
            if (node.IsNone)
                continue;
            NodeStatus? status = change.Entry is { } entry ? Decoded(entry, NodeStatus.Decode) : null;
            LeaseId lease = change.Entry?.Lease ?? default;
            See(node, sight => sight with
            {
                Status = status,
                Lease = lease,
                ClockOffset = status is null || isOld ? null : status.Clock - now,
                GoneSince = lease.IsNone ? _time.GetTimestamp() : null,
            });
            _office?.Failover.NodeChanged(node, lease);
        }
    }

    private void TakeShards(MetadataChanges changes, bool isOld)
    {
        List<(ShardState State, long Revision)> changed = [];
        List<ShardId> dropped = [];
        foreach (MetadataChange change in changes.Changes)
        {
            if (change.Entry is null)
                dropped.AddRange(_shards.Keys.Where(shard => ShardState.KeyOf(shard) == change.Key));
            else if (Decoded(change.Entry, ShardStateCodec.Decode) is { } state)
                changed.Add((state, change.Entry.Modified));
        }
        _membership.Remember(_revision, changed.Select(pair => pair.State), dropped); // before anything is done because of it
        foreach (ShardId shard in dropped)
        {
            _shards.Remove(shard);
            _removal?.Keep(shard);
            _office?.Failover.ShardDropped(shard);
            if (_open.Remove(shard))
                _host?.Close(shard); // its files stay: what is not there any more may come back with the store
        }
        foreach ((ShardState state, long revision) in changed)
        {
            _shards[state.Shard] = (state, revision);
            _office?.Failover.ShardChanged(state, revision);
            Configure(state);
        }
        ClusterView view = _view;
        Show(view with { Shards = view.Shards.RemoveRange(dropped).SetItems(changed.Select(pair => KeyValuePair.Create(pair.State.Shard, pair.State))) });
    }

    private void Configure(ShardState state)
    {
        bool isReplica = state.Replicas.Contains(Id);
        if (isReplica)
            _removal?.Keep(state.Shard);
        else if (!_membership.HasReplica(state.Shard))
        {
            if (_membership.HasHad(state.Shard))
                _removal?.Left(state.Shard); // a process before this one may have left something
            return;
        }
        if (_open.Add(state.Shard))
            _host?.Open(state.Shard);
        _host?.Configure(state);
        if (isReplica)
            return;
        _open.Remove(state.Shard); // one that was told now that it is none any more
        _host?.Close(state.Shard); // its files stay for now: see ReplicaRemoval
        _membership.Left(state.Shard);
        _removal?.Left(state.Shard);
    }

    private void TakeSettings(MetadataChanges changes, bool isOld)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings = _view.Settings;
        foreach (MetadataChange change in changes.Changes)
        {
            string name = change.Key[SettingPrefix.Length..];
            settings = change.Entry is { } entry ? settings.SetItem(name, entry.Value) : settings.Remove(name);
        }
        Show(_view with { Settings = settings });
    }

    private void TakeJobs(MetadataChanges changes, bool isOld)
    {
        ImmutableSortedDictionary<long, (JobRecord, long)> jobs = _view.Jobs;
        foreach (MetadataChange change in changes.Changes)
        {
            long id = JobRecord.IdOf(change.Key);
            if (change.Entry is null)
                jobs = jobs.Remove(id);
            else if (Decoded(change.Entry, JobRecord.Decode) is { } job && job.Id == id)
                jobs = jobs.SetItem(id, (job, change.Entry.Modified));
        }
        Show(_view with { Jobs = jobs });
    }

    private void TakeGroups(MetadataChanges changes, bool isOld)
    {
        ImmutableSortedDictionary<ShardId, GroupReplication> replication = _view.Replication;
        foreach (MetadataChange change in changes.Changes)
        {
            replication = replication.RemoveRange(replication.Where(pair => GroupReplication.KeyOf(pair.Value.Group) == change.Key).Select(static pair => pair.Key).ToList());
            if (change.Entry is not null && Decoded(change.Entry, bytes => GroupReplication.Decode(change.Key, bytes)) is { } group)
                replication = replication.SetItems(group.Shards.Select(shard => KeyValuePair.Create(shard, group)));
        }
        Show(_view with { Replication = replication });
    }

    private void TakeController(MetadataChanges changes, bool isOld)
    {
        foreach (MetadataChange change in changes.Changes)
        {
            if (change.Key != ControllerKey)
                continue;
            ReadOnlyMemory<byte> holder = change.Entry?.Value ?? default;
            bool isNode = int.TryParse(holder.Span, CultureInfo.InvariantCulture, out int node);
            Show(_view with { Controller = isNode ? new NodeId(node) : default });
        }
    }

    private void See(NodeId node, Func<NodeSight, NodeSight> look)
    {
        ImmutableSortedDictionary<NodeId, NodeSight> sights = _view.Sights;
        NodeSight seen = look(sights.GetValueOrDefault(node) ?? new NodeSight(node));
        bool isNothing = seen is { Record: null, Status: null };
        Show(_view with { Sights = isNothing ? sights.Remove(node) : sights.SetItem(node, seen) });
    }

    private void Show(ClusterView view)
    {
        Volatile.Write(ref _view, view);
        Interlocked.Exchange(ref _viewChanged, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private async Task TickAsync()
    {
        while (true)
        {
            await Task.Delay(Options.TickInterval, _time, _end);
            _mailbox.Post(() => Take(new MetadataChanges(_revision, []), isOld: false, (_, _) =>
            {
                _office?.Tick(_view, DescribeNodes);
                if (_isLeaving && !_hasResigned && _office is { } office && HasLeft(_view) && _view.Sights.Keys.Any(_view.TakesPrimaries))
                {
                    _hasResigned = true;
                    office.Oracle.End(); // before another can begin
                    _ = KeepAsync(() => ResignAsync(office.Term));
                }
                _membership.Remember(_revision, [], []);
                if (_removal?.Tick(_end) is { } remove)
                    _ = KeepAsync(remove);
            }));
        }
    }

    private async Task SayStatusAsync()
    {
        while (true)
        {
            await Task.Delay(Options.StatusInterval, _time, _end);
            await SayStatusNowAsync();
        }
    }

    private async Task SayStatusNowAsync()
    {
        LeaseId lease = Lease.Current;
        if (lease.IsNone)
            return;
        try
        {
            await SayStatusAsync(new MetadataPut(NodeStatus.KeyOf(Id), Status().Encode(), lease));
        }
        catch (Exception passing) when (passing is MetadataUnavailableException or MetadataLeaseEndedException)
        {
            // The next one says it.
        }
    }

    /// <summary>Puts the node's status, and its record again: by its revision a store that goes back is known later, whatever came after that.</summary>
    private async ValueTask SayStatusAsync(MetadataPut status)
    {
        if (_view.FindNode(Id) is { } record)
        {
            MetadataOutcome outcome = await _store.CommitAsync(new MetadataTransaction
            {
                Compares = [new MetadataCompare(NodeRecord.KeyOf(Id), _recordRevision)],
                Puts = [status, new MetadataPut(NodeRecord.KeyOf(Id), record.Encode())],
            }, _end);
            if (outcome.IsDone)
            {
                _membership.Registered(outcome.Revision);
                return;
            }
        }
        await _store.CommitAsync(new MetadataTransaction { Puts = [status] }, _end); // the record has changed, and is heard of soon
    }

    /// <summary>Has something go on for as long as the node does: again a while after the store has said no.</summary>
    private async Task KeepAsync(Func<Task> run)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await run();
                return;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (JoinRefusedException refusal)
            {
                Refuse(refusal.Message);
                return;
            }
            catch (MetadataReplacedException replaced)
            {
                _mailbox.Post(() => RefuseStore(replaced));
                return;
            }
            catch (Exception no) when (no is MetadataRefusedException or MetadataUnavailableException or InvalidDataException)
            {
                Log.StoreRefuses(_log, no.Message);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The loop of a part of the node, whatever went wrong: a node with a part missing must not seem whole.
                Log.PartFailed(_log, error);
                Refuse($"an unexpected error: {error.Message}");
                return;
            }
            await Task.Delay(AfterRefusal, _time, CancellationToken.None);
        }
    }

    /// <summary>Refuses a store that has gone back, and remembers how far it had come: else it could be joined by the node when that starts again.</summary>
    private void RefuseStore(MetadataReplacedException replaced)
    {
        try
        {
            _membership.RememberAtOnce(_revision);
        }
        catch (FileFaultException full)
        {
            Log.PartFailed(_log, full);
        }
        Refuse(Registration.Gone(replaced.Message).Message);
    }

    private void Refuse(string reason)
    {
        End();
        if (_refused.TrySetResult(reason))
            Log.Refused(_log, reason);
        _mailbox.Post(() =>
        {
            _office = null;
            foreach (ShardId shard in _open)
                _host?.Close(shard);
            _open.Clear();
        });
    }

    /// <summary>Null where the bytes are not what they should be; what was known before stays.</summary>
    private T? Decoded<T>(MetadataEntry entry, DecodeBytes<T> decode) where T : class
    {
        try
        {
            return decode(entry.Value.Span);
        }
        catch (InvalidDataException wrong)
        {
            Log.KeyUnreadable(_log, entry.Key, wrong.Message);
            return null;
        }
    }

    private delegate T DecodeBytes<out T>(ReadOnlySpan<byte> bytes);
}
