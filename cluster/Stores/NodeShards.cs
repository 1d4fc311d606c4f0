using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Stores;

/// <summary>A node's replicas of shards, and its way to all shards: those that it serves are at hand, others a call away.</summary>
/// <remarks>
/// Stop:    a replica whose disk or protocol fails stops, and is stopped: the node ends then, so that others take over what it served.
/// Opening: a replica is opened on another thread, since its log is read; what it is told meanwhile of its shard it is told then, and messages are lost.
/// Threads: any.
/// </remarks>
internal sealed class NodeShards : IShardHost, IShardObserver, IShardDirectory, IShards
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<ShardId, Slot> _slots = [];
    private readonly ConcurrentDictionary<ShardId, RemoteShard> _remote = [];
    private readonly ConcurrentDictionary<(ShardId Shard, NodeId Node), RemoteShard> _replicas = []; // at other nodes, read in the past
    private readonly ClusterNode _node;
    private readonly Func<NodeId, string, CancellationToken, GrpcClientCall> _begin;
    private readonly StorageOptions _storage;
    private readonly IFollowedCatalog _catalog;
    private readonly Action _serving;
    private readonly Action<string> _failed;
    private readonly ILogger _log;
    private readonly ReplicaOptions _replication;
    private uint _turn;

    /// <param name="begin">Begins a call to a node.</param>
    /// <param name="storage">Of all engines, but for what sets one shard's apart.</param>
    /// <param name="serving">Told that this node serves one more from now on; does not wait.</param>
    /// <param name="failed">Told why the node has to end; does not wait.</param>
    public NodeShards(
        ClusterNode node, Func<NodeId, string, CancellationToken, GrpcClientCall> begin, StorageOptions storage, IFollowedCatalog catalog,
        Action serving, Action<string> failed, ILogger log)
    {
        (_node, _begin, _storage, _catalog, _serving, _failed, _log) = (node, begin, storage, catalog, serving, failed, log);
        _replication = new ReplicaOptions { MayCopy = new CopyThrottle(() => node.View, storage.Time).TryTake };
    }

    /// <summary>The replicas go on by the clock until it is cancelled.</summary>
    public async Task TickAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(TickInterval, _storage.Time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            foreach (Slot slot in _slots.Values)
                slot.Replica?.Tick();
            foreach (RemoteShard remote in _remote.Values)
                remote.LookAfter();
        }
    }

    /// <summary>Has replicas at other nodes serve reads at a moment, of the shards that this node serves.</summary>
    public void CloseMoment(long moment)
    {
        foreach (Slot slot in _slots.Values)
            slot.Replica?.Close(moment);
    }

    /// <summary>How the replicas here are getting on.</summary>
    public IReadOnlyList<ShardFigures> Figures => [.. _slots.Values.Select(static slot => slot.Replica?.Figures).OfType<ShardFigures>().OrderBy(static figures => figures.Shard)];

    /// <summary>Definitions were committed.</summary>
    public void Follow(CatalogSnapshot before, IReadOnlyList<CatalogChange> changes)
    {
        foreach (Slot slot in _slots.Values)
            slot.Replica?.Engine.Follow(before, changes);
    }

    IReadOnlyList<ShardId> IShardDirectory.List() => [.. _slots.Keys.Order()];

    IShard? IShardDirectory.Find(ShardId shard) => Serving(shard);

    IShard IShards.Find(ShardId shard) => Serving(shard) ?? (IShard)_remote.GetOrAdd(shard, Remote);

    IShard? IShardDirectory.FindReplica(ShardId shard) => Here(shard)?.Engine;

    CommitTimestamp? IShards.ReachedHere(ShardId shard) => Here(shard) is { IsServing: false } replica ? new CommitTimestamp(replica.Engine.NewestCommit) : null;

    IShard IShards.FindReplica(ShardId shard, CommitTimestamp at, ReplicaChoice choice)
    {
        ShardReplica? here = choice == ReplicaChoice.Nearest ? Here(shard) : null;
        if (here is { IsServing: true } || here?.Engine.NewestCommit >= at.Value)
            return here.Engine;
        ClusterView view = _node.View;
        if (choice == ReplicaChoice.Leader || !view.Shards.TryGetValue(shard, out ShardState? state))
            return ((IShards)this).Find(shard);
        NodeId[] nodes = [.. state.Voters.Where(node => choice == ReplicaChoice.Any || node != _node.Id)];
        var sights = new ReplicaSight[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
            sights[i] = Sight(view, shard, nodes[i]);
        int chosen = ReplicaOrder.Choose(sights, choice, Interlocked.Increment(ref _turn));
        bool isHere = chosen >= 0 && nodes[chosen] == _node.Id;
        if (here is not null && (chosen < 0 || !sights[chosen].IsWell))
            return here.Engine; // it may come to that moment yet
        return chosen < 0 ? ((IShards)this).Find(shard)
            : isHere && Here(shard) is { } own ? own.Engine : _replicas.GetOrAdd((shard, nodes[chosen]), RemoteReplica);
    }

    private ReplicaSight Sight(ClusterView view, ShardId shard, NodeId node)
    {
        bool isInZone = view.FindNode(node)?.Zone is { Length: > 0 } zone && zone == view.FindNode(_node.Id)?.Zone;
        if (node == _node.Id)
            return new ReplicaSight(Here(shard) is not null, true, 0);
        bool isSuspect = _replicas.TryGetValue((shard, node), out RemoteShard? known) && known.IsSuspect;
        return new ReplicaSight(!isSuspect && view.Alive.Contains(node), isInZone, known?.CallCount ?? 0);
    }

    public void Open(ShardId shard) => _slots.GetOrAdd(shard, static _ => new Slot()).Do(async slot =>
    {
        if (slot.Replica is { } old)
            await old.DisposeAsync().ConfigureAwait(false);
        string directory = DirectoryOf(shard);
        ShardReplica replica;
        try
        {
            ShardFiles.Clean(_storage.Files, directory);
            replica = ShardReplica.Open(new ShardReplicaOptions
            {
                Node = _node.Id, Shard = shard, Replication = _replication with { Life = _storage.Time.GetUtcNow().UtcTicks },
                CheckInterval = () => SharedSettings.CheckInterval(_node.View.Settings),
                Storage = _storage with { Directory = directory, FirstRowId = ShardedStorage.FirstRow(shard).Value, Node = checked((ushort)_node.Id.Value) },
            }, _node, _node.Lease, this);
        }
        catch (Exception failure) when (failure is StorageException or FileFaultException or CorruptFileException)
        {
            slot.Replica = null;
            Log.ReplicaStopped(_log, shard, failure.Message, failure);
            return;
        }
        ShardState? told = slot.State;
        if (told is not null)
            replica.Configure(told); // before any message
        slot.Replica = replica;
        if (slot.State is { } state && state != told)
            replica.Configure(state);
    });

    public void Close(ShardId shard)
    {
        if (!_slots.TryGetValue(shard, out Slot? slot))
            return;
        slot.State = null;
        slot.Do(CloseAsync);
    }

    public bool IsClosed(ShardId shard) => !_slots.TryGetValue(shard, out Slot? slot) || (slot.Done.IsCompleted && slot.Replica is null);

    public bool HasFiles(ShardId shard) => _storage.Files.DirectoryExists(DirectoryOf(shard));

    public void Drop(ShardId shard) => _slots.GetOrAdd(shard, static _ => new Slot()).Do(async slot =>
    {
        await CloseAsync(slot).ConfigureAwait(false);
        try
        {
            ShardFiles.Drop(_storage.Files, DirectoryOf(shard));
        }
        catch (FileFaultException fault)
        {
            Log.ReplicaKept(_log, shard, fault.Message);
        }
    });

    private static async Task CloseAsync(Slot slot)
    {
        ShardReplica? replica = slot.Replica;
        slot.Replica = null;
        if (replica is not null)
            await replica.DisposeAsync().ConfigureAwait(false);
    }

    private string DirectoryOf(ShardId shard) => ShardedStorage.DirectoryOf(_storage.Directory, shard);

    public void Configure(ShardState state)
    {
        if (!_slots.TryGetValue(state.Shard, out Slot? slot))
            return;
        slot.State = state;
        slot.Replica?.Configure(state);
    }

    public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
    {
        if (_slots.TryGetValue(shard, out Slot? slot))
            slot.Replica?.Receive(source, message);
    }

    void IShardObserver.Promoted(ShardId shard, Term term)
    {
        Log.ShardServed(_log, shard, term);
        _serving();
    }

    void IShardObserver.SteppedDown(ShardId shard) => Log.ShardLeft(_log, shard);

    void IReplicaObserver.EntriesLost(ShardId shard, long count) => Log.EntriesLost(_log, shard, count);

    void IReplicaObserver.Diverged(ShardId shard, NodeId node, LogPosition position) => Log.ReplicaDiverged(_log, shard, node, position.ToString());

    void IReplicaObserver.Stopped(ShardId shard, Exception cause)
    {
        if (cause is ObjectDisposedException)
            return;
        Log.ReplicaStopped(_log, shard, cause.Message, cause);
        _failed($"the replica of shard {shard} has stopped: {cause.Message}");
    }

    /// <summary>Replicas take no part any more, and keep their engines: whoever waits for them is told.</summary>
    public async ValueTask EndAsync()
    {
        foreach (Slot slot in _slots.Values)
            await (slot.Replica?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ShardId shard in _slots.Keys.ToArray())
        {
            if (!_slots.TryGetValue(shard, out Slot? slot))
                continue;
            Close(shard);
            await slot.Done.ConfigureAwait(false);
        }
        foreach (RemoteShard remote in _remote.Values.Concat(_replicas.Values))
            await remote.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The shards that this node is the primary of, and serves.</summary>
    public IEnumerable<StorageEngine> Served => _slots.Keys.Order().Select(Serving).OfType<StorageEngine>();

    private StorageEngine? Serving(ShardId shard) =>
        _slots.TryGetValue(shard, out Slot? slot) && slot.Replica is { IsServing: true } replica ? replica.Engine : null;

    /// <summary>The replica on this node, where it can be read at moments that it has reached.</summary>
    private ShardReplica? Here(ShardId shard) =>
        _slots.TryGetValue(shard, out Slot? slot) && slot.Replica is { CanReadPast: true } replica ? replica : null;

    private RemoteShard RemoteReplica((ShardId Shard, NodeId Node) replica) => new(
        replica.Shard, (method, cancellation) => _begin(replica.Node, method, cancellation), _catalog, _storage.Time,
        term: null, () => $"node {_node.View.FindNode(replica.Node)?.Name ?? "unknown"}");

    private RemoteShard Remote(ShardId shard) => new(shard, (method, cancellation) =>
    {
        if (_node.IsCutOff)
            throw ErrorBytes.CutOff();
        NodeId primary = PrimaryOf(shard);
        return primary.IsNone
            ? throw new GrpcException(GrpcStatusCode.Unavailable, $"shard {shard} has no primary now")
            : _begin(primary, method, cancellation);
    }, _catalog, _storage.Time, () => TermOf(shard), () => $"node {_node.View.FindNode(PrimaryOf(shard))?.Name ?? "unknown"}");

    private NodeId PrimaryOf(ShardId shard) => _node.View.Shards.TryGetValue(shard, out ShardState? state) ? state.Primary : default;

    /// <summary>The shard's term as far as this node knows; none while it is cut off: then no call is begun, nor an open stream used on.</summary>
    private Term TermOf(ShardId shard) => !_node.IsCutOff && _node.View.Shards.TryGetValue(shard, out ShardState? known) ? known.Term : default;

    /// <summary>The place of a replica: opened and closed one after the other.</summary>
    private sealed class Slot
    {
        private readonly Lock _lock = new();
        private volatile ShardReplica? _replica;
        private volatile ShardState? _state;

        public ShardReplica? Replica
        {
            get => _replica;
            set => _replica = value;
        }

        public ShardState? State
        {
            get => _state;
            set => _state = value;
        }

        public Task Done { get; private set; } = Task.CompletedTask;

        public void Do(Func<Slot, Task> act)
        {
            lock (_lock)
                Done = Done.ContinueWith(_ => act(this), TaskScheduler.Default).Unwrap();
        }
    }
}
