using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.World;
using VecSQL.Storage.Log;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>A process: the product's protocol code, and as much around it as drives it.</summary>
internal sealed class SimProcess : IMessageSink, IReplicaObserver, INodeLeaseHolder
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(2);

    private const long TickInterval = 40 * EventLoop.Millisecond;

    private readonly SimNode _node;
    private readonly Cluster _cluster;
    private readonly SimulatedMetadataClient _metadata;
    private readonly SortedDictionary<ShardId, Hosted> _hosted = [];
    private readonly Dictionary<string, long> _seen = []; // looked up, never walked
    private FailoverController? _controller;
    private MetadataCompare _office;
    private bool _isReading, _isElecting, _isChanged, _hasController = true;
    private long _lastRead;
    private Task _leaseRun = Task.CompletedTask;

    public SimProcess(SimNode node)
    {
        _node = node;
        _cluster = node.Cluster;
        _metadata = new SimulatedMetadataClient(_cluster.Loop, _cluster.Network, _cluster.Metadata, node.Id.Value,
            act => () => node.Run(this, act));
        ProcessClock clock = new(_cluster.Loop, node.Clock, act => () => node.Run(this, act));
        Lease = new NodeLease(_metadata, this, LeaseTime, clock, new Random(_cluster.Random.Next(int.MaxValue)));
    }

    public NodeId Node => _node.Id;

    public NodeLease Lease { get; }

    public TimestampOracle? Oracle { get; private set; }

    public FailoverController? Controller => _controller;

    public IEnumerable<Hosted> HostedShards => _hosted.Values;

    public Hosted? Find(ShardId shard) => _hosted.GetValueOrDefault(shard);

    public void Start()
    {
        _cluster.Metadata.Changed += OnChanged;
        foreach (ShardId shard in _cluster.Shards)
        {
            if (_node.Disk.DirectoryExists(DirectoryOf(shard)))
                Open(shard);
        }
        _leaseRun = Lease.RunAsync(default);
        Tick();
    }

    public void End() => _cluster.Metadata.Changed -= OnChanged;

    public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
    {
        _cluster.Loop.Note((source.Value * 64) + Node.Value, (message.Term.Value * 64L) + message.GetType().Name.Length);
        if (_cluster.Story is not null)
            _cluster.Tell($"{source} to {Node}, shard {shard}: {message}; {(Find(shard) is { } hosted ? $"{hosted.Log.Base} {hosted.Log.Last} {hosted.Replica.Committed}" : "")}");
        if (message is FenceAnswer or StatusAnswer)
            _controller?.Receive(source, shard, message);
        else
            Find(shard)?.Replica.Receive(source, message);
    }

    public void Send(NodeId target, ShardId shard, ReplicaMessage message)
    {
        NodeId source = Node;
        ReplicaMessage carried = _cluster.Carry(message);
        _cluster.Network.Send(source.Value, target.Value, () =>
        {
            SimNode node = _cluster.Nodes[target.Value - 1];
            if (node.Process is { } process)
                node.Run(process, () => process.Receive(source, shard, carried));
        }, mayRepeat: true);
    }

    /// <summary>What a driver does after anything has happened.</summary>
    public void AfterWork()
    {
        foreach (Hosted hosted in _hosted.Values)
        {
            hosted.Replica.Send();
            _cluster.Judge.Watch(this, hosted);
            if (!hosted.Replica.NeedsFlush || hosted.IsFlushing)
                continue;
            hosted.IsFlushing = true;
            Later(_node.FlushTime + _cluster.Random.Next(200), () =>
            {
                hosted.IsFlushing = false;
                hosted.Replica.Flush();
            });
        }
    }

    public async ValueTask TakenAsync(LeaseId lease, CancellationToken cancellation) => await _metadata.CommitAsync(
        new MetadataTransaction { Puts = [new MetadataPut(AliveKey(Node), default, lease)] }, cancellation);

    public void Lost(LeaseId lease)
    {
        // What it was good for asks for it each time.
    }

    public void EntriesLost(ShardId shard, long count) => _cluster.Judge.Reported(shard, count);

    public void Diverged(ShardId shard, NodeId node, LogPosition position) => _cluster.Judge.Diverged(shard, node);

    public void Stopped(ShardId shard, Exception cause) => _cluster.Judge.Fail($"node {Node} stopped with shard {shard}: {cause}");

    private void Tick()
    {
        if (_leaseRun.IsFaulted)
            _cluster.Judge.Fail($"node {Node}: {_leaseRun.Exception}");
        if (_isChanged || _cluster.Loop.Now - _lastRead > 400 * EventLoop.Millisecond)
            Read();
        Elect();
        foreach (Hosted hosted in _hosted.Values)
        {
            hosted.Replica.Tick();
            Keep(hosted);
        }
        _controller?.Tick();
        Oracle?.Tick();
        Later(TickInterval + _cluster.Random.Next(5000), Tick);
    }

    private void Keep(Hosted hosted)
    {
        if (!hosted.Replica.CanCheckpoint || !_cluster.Random.Chance(0.02))
            return;
        hosted.Machine.Checkpoint();
        if (_cluster.Random.Chance(0.7))
            hosted.Replica.DropLog();
        else if (hosted.Replica.IsPrimary)
            hosted.Replica.Propose(new LogEntry(LogRecordKind.Check, 0, default), null, null);
    }

    private void Later(long delay, Action act) => _cluster.Loop.After(delay, () => _node.Run(this, act));

    private void OnChanged() => _cluster.Network.Send(0, Node.Value, () => _node.Run(this, () =>
    {
        _isChanged = true;
        Read();
    }));

    private async void Read()
    {
        if (_isReading)
            return;
        _isReading = true;
        _isChanged = false;
        _lastRead = _cluster.Loop.Now;
        try
        {
            MetadataRange range = await _metadata.ReadAsync("", default);
            Later(0, () => Take(range)); // as an event of its own: the machine may stop in it
        }
        catch (MetadataUnavailableException)
        {
        }
        finally
        {
            _isReading = false;
        }
    }

    private void Take(MetadataRange range)
    {
        HashSet<int> alive = [];
        MetadataEntry? office = null;
        foreach (MetadataEntry entry in range.Entries)
        {
            bool isKnown = _seen.TryGetValue(entry.Key, out long revision) && revision == entry.Modified;
            _seen[entry.Key] = entry.Modified;
            if (entry.Key.StartsWith("alive/", StringComparison.Ordinal))
                alive.Add(NodeOf(entry.Key));
            if (entry.Key == "controller")
                office = entry;
            if (!isKnown)
                Learn(entry);
        }
        for (int node = 1; node <= _cluster.Nodes.Length; node++)
        {
            if (!alive.Contains(node))
            {
                _controller?.NodeChanged(new NodeId(node), default);
                _seen.Remove(AliveKey(new NodeId(node)));
            }
        }
        if (_controller is not null && office?.Modified != _office.Modified)
            (_controller, Oracle) = (null, null);
        _hasController = office is not null;
        if (office is not null && _controller is null && office.Lease == Lease.Current && !_isElecting)
            Begin(new MetadataCompare("controller", office.Modified), office.Lease); // the answer to the election was lost
    }

    private void Learn(MetadataEntry entry)
    {
        if (entry.Key.StartsWith("alive/", StringComparison.Ordinal))
        {
            _controller?.NodeChanged(new NodeId(NodeOf(entry.Key)), entry.Lease);
        }
        else if (entry.Key.StartsWith(ShardState.KeyPrefix, StringComparison.Ordinal))
        {
            ShardState state = ShardStateCodec.Decode(entry.Value.Span);
            if (_cluster.Story is not null)
                _cluster.Tell($"{Node} learns of {state} losses [{string.Join(',', state.Losses)}] voters [{string.Join(',', state.Current.Voters)}]");
            _controller?.ShardChanged(state, entry.Modified);
            if (Find(state.Shard) is null && state.Replicas.Contains(Node))
                Open(state.Shard);
            Find(state.Shard)?.Replica.Configure(state);
        }
    }

    private async void Elect()
    {
        if (_hasController || _isElecting || !Lease.Holds(Lease.Current))
            return;
        _isElecting = true;
        LeaseId lease = Lease.Current;
        try
        {
            MetadataOutcome outcome = await _metadata.CommitAsync(new MetadataTransaction
            {
                Compares = [MetadataCompare.IsMissing("controller")],
                Puts = [new MetadataPut("controller", default, lease)],
            }, default);
            if (outcome.IsDone)
                Begin(new MetadataCompare("controller", outcome.Revision), lease);
        }
        catch (Exception error) when (error is MetadataUnavailableException or MetadataLeaseEndedException)
        {
        }
        finally
        {
            _isElecting = false;
        }
    }

    private void Begin(MetadataCompare office, LeaseId lease)
    {
        _office = office;
        _hasController = true;
        _controller = new FailoverController(_metadata, office, this, _node.Clock, _cluster.FailoverOptions);
        Oracle = new TimestampOracle(_metadata, office, Lease, lease, _node.Clock, TimeSpan.FromSeconds(1), _cluster.Bug);
        _seen.Clear(); // all is told again
        Read();
    }

    private void Open(ShardId shard)
    {
        string directory = DirectoryOf(shard);
        RegisterMachine machine = new(_node.Disk, directory, Cluster.KeyCount);
        ShardLog log = ShardLog.Open(_node.Disk, directory, shard, fileBytesMax: 2000);
        _hosted.Add(shard, new Hosted(shard, log, machine,
            new Replica(Node, log, machine, this, Lease, _node.Clock, this, _cluster.ReplicaOptions)));
        foreach (string key in new[] { ShardState.KeyOf(shard) })
            _seen.Remove(key);
    }

    private static string AliveKey(NodeId node) => $"alive/{node.Value:x8}";

    private static string DirectoryOf(ShardId shard) => $"/shards/{shard.Value}";

    private static int NodeOf(string key) => Convert.ToInt32(key[6..], 16);

    /// <summary>A shard that the process has a replica of.</summary>
    internal sealed class Hosted(ShardId shard, ShardLog log, RegisterMachine machine, Replica replica)
    {
        public ShardId Shard => shard;

        public ShardLog Log => log;

        public RegisterMachine Machine => machine;

        public Replica Replica => replica;

        public bool IsFlushing { get; set; }

        /// <summary>What the judge has looked at.</summary>
        public LogSequence Judged { get; set; }
    }
}
