using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.World;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Shards;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>A process: a node as the product has it, and as much around it as drives its replicas.</summary>
#pragma warning disable CA1001 // a process ends without a word
internal sealed class SimProcess : IMessageSink, IReplicaObserver, IShardHost, IMailbox
#pragma warning restore CA1001
{
    public const string DataDirectory = "/data";

    private const long TickInterval = 40 * EventLoop.Millisecond;

    private readonly SimNode _node;
    private readonly Cluster _cluster;
    private readonly SimulatedMetadataClient _metadata;
    private readonly ProcessClock _clock;
    private readonly SortedDictionary<ShardId, Hosted> _hosted = [];
    private Task<Membership>? _joining;
    private ClusterNode? _member;
    private CopyThrottle? _throttle;
    private bool _isFull;

    public SimProcess(SimNode node)
    {
        _node = node;
        _cluster = node.Cluster;
        _metadata = new SimulatedMetadataClient(_cluster.Loop, _cluster.Network, _cluster.Metadata, node.Place, act => () => node.Run(this, act));
        _clock = new ProcessClock(_cluster.Loop, node.Clock, act => () => node.Run(this, act));
    }

    public NodeId Node => _node.Id;

    public int Place => _node.Place;

    public TimestampOracle? Oracle => _member?.Oracle;

    public FailoverController? Controller => _member?.Failover;

    public Hosted? Find(ShardId shard) => _hosted.GetValueOrDefault(shard);

    public void Start()
    {
        ClusterNodeOptions options = new()
        {
            Name = _node.Name,
            SqlAddress = _node.Name,
            FlightAddress = _node.Name,
            Directory = DataDirectory,
            Process = _cluster.Random.Next() | 1,
            Secret = default,
            Failover = _cluster.FailoverOptions,
            StatusInterval = TimeSpan.FromSeconds(1),
            RememberInterval = TimeSpan.FromMilliseconds(500),
            OracleAhead = TimeSpan.FromSeconds(1),
        };
        _joining = Membership.JoinAsync(_metadata, _node.Disk, options, this, _clock, Chance(), NullLogger.Instance, default);
        Tick();
    }

    public void Leave() => _member?.Leave();

    public void Post(Action act) => Later(0, act);

    public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
    {
        _cluster.Loop.Note((source.Value * 64) + Node.Value, (message.Term.Value * 64L) + message.GetType().Name.Length);
        if (_cluster.Story is not null)
            _cluster.Tell($"{source} to {Node}, shard {shard}: {message}; {(Find(shard) is { } hosted ? $"{hosted.Log.Base} {hosted.Log.Last} {hosted.Replica.Committed}" : "")}");
        Find(shard)?.Replica.Receive(source, message);
    }

    public void Send(NodeId target, ShardId shard, ReplicaMessage message)
    {
        if (_cluster.FindNode(target) is not { } node)
            return;
        if (message is ResignedAnswer)
            _cluster.Judge.Resigned();
        NodeId source = Node;
        ReplicaMessage carried = _cluster.Carry(message);
        _cluster.Network.Send(Place, node.Place, () =>
        {
            if (node.Process is { } process && node.Id == target)
                node.Run(process, () => process._member?.Receive(source, shard, carried));
        }, mayRepeat: true);
    }

    /// <summary>What a driver does after anything has happened.</summary>
    public void AfterWork()
    {
        foreach (Hosted hosted in _hosted.Values)
        {
            hosted.Stamps?.CloseIfDone();
            hosted.Replica.Send();
            _cluster.Judge.Watch(this, hosted);
            if (!hosted.Replica.NeedsFlush || hosted.IsFlushing)
                continue;
            hosted.IsFlushing = true;
            Later(_node.FlushTime + _cluster.Random.Next(200), () =>
            {
                hosted.IsFlushing = false;
                if (!hosted.IsClosed)
                    hosted.Replica.Flush();
            });
        }
    }

    public void Open(ShardId shard)
    {
        if (_member is not { } member)
            return;
        string directory = DirectoryOf(shard);
        try
        {
            ShardFiles.Clean(_node.Disk, directory);
            RegisterMachine machine = new(_node.Disk, directory, Cluster.KeyCount);
            ShardLog log = ShardLog.Open(_node.Disk, directory, shard, fileBytesMax: 2000);
            _hosted.Add(shard, new Hosted(shard, log, machine, new Replica(Node, log, machine, member, member.Lease, _clock, this,
                _cluster.ReplicaOptions with { Life = _cluster.Random.Next(int.MaxValue), MayCopy = _throttle is { } throttle ? throttle.TryTake : null })));
            Hosted hosted = _hosted[shard];
            hosted.Stamps = _cluster.HasMoments ? new Stamps(_cluster, this, hosted.Replica) : null;
        }
        catch (FileFaultException fault) when (fault.IsDiskFull)
        {
            _isFull = true;
        }
    }

    public void Close(ShardId shard)
    {
        if (!_hosted.Remove(shard, out Hosted? hosted))
            return;
        hosted.IsClosed = true;
        hosted.Log.Dispose();
    }

    public bool IsClosed(ShardId shard) => !_hosted.ContainsKey(shard);

    public bool HasFiles(ShardId shard) => _node.Disk.DirectoryExists(DirectoryOf(shard));

    public void Drop(ShardId shard)
    {
        Close(shard);
        _cluster.Tell($"{Node} deletes what it has of shard {shard}");
        _cluster.Judge.Deleted();
        try
        {
            ShardFiles.Drop(_node.Disk, DirectoryOf(shard));
        }
        catch (FileFaultException fault) when (fault.IsDiskFull)
        {
            // That is tried again.
        }
    }

    public void Configure(ShardState state)
    {
        if (_cluster.Story is not null)
            _cluster.Tell($"{Node} learns of {state} losses [{string.Join(',', state.Losses)}] voters [{string.Join(',', state.Current.Voters)}]");
        if (Find(state.Shard) is not { } hosted)
            return;
        if (state.Term < hosted.Replica.Fence)
            _member?.Suspect(state.Shard, hosted.Replica.Fence);
        hosted.Replica.Configure(state);
    }

    public void EntriesLost(ShardId shard, long count)
    {
        _cluster.Tell($"{Node} says that {count} entries of shard {shard} are lost");
        _cluster.Judge.Reported(shard, count);
    }

    public void Diverged(ShardId shard, NodeId node, LogPosition position) => _cluster.Judge.Diverged(shard, node);

    public void Stopped(ShardId shard, Exception cause)
    {
        if (cause is FileFaultException { IsDiskFull: true })
            _isFull = true;
        else
            _cluster.Judge.Fail($"node {Node} stopped with shard {shard}: {cause}");
    }

    private void Tick()
    {
        if (_member is null && _joining is { IsCompletedSuccessfully: true })
            Begin(_joining.Result);
        if (_isFull || Refusal is not null)
        {
            End();
            return;
        }
        foreach (Hosted hosted in _hosted.Values)
        {
            hosted.Replica.Tick();
            hosted.Stamps?.Tick();
            Keep(hosted);
        }
        Later(TickInterval + _cluster.Random.Next(5000), Tick);
    }

    private string? Refusal => _joining is { IsFaulted: true } ? _joining.Exception.InnerException?.Message
        : _member is { Refused.IsCompletedSuccessfully: true } ? _member.Refused.Result : null;

    private void Begin(Membership membership)
    {
        _node.Id = membership.Id;
        _member = new ClusterNode(membership, _metadata, this, this, _clock, Chance(), NullLogger.Instance);
        _throttle = new CopyThrottle(() => _member.View, _clock);
        _member.Start(this);
    }

    /// <summary>A process that cannot go on, ends; another is started, which finds more room, or is refused again.</summary>
    private void End()
    {
        string? reason = Refusal;
        _cluster.Tell($"{Node} ends: {(_isFull ? "its disk is full" : reason)}");
        bool isExpected = _isFull || _cluster.Metadata.IsRestored || (reason?.Contains("No space left", StringComparison.Ordinal) ?? false);
        if (!isExpected)
            _cluster.Judge.Fail($"node {Node} was refused: {reason}");
        _node.Crash(keepUnflushed: 1);
    }

    private void Keep(Hosted hosted)
    {
        if (hosted.Replica.TakeWantedCheck())
            ProposeCheck(hosted);
        if (!hosted.Replica.CanCheckpoint || !_cluster.Random.Chance(0.02))
            return;
        try
        {
            hosted.Machine.Checkpoint();
            if (_cluster.Random.Chance(0.7))
                hosted.Replica.DropLog();
            else if (hosted.Replica.IsPrimary)
                ProposeCheck(hosted);
        }
        catch (FileFaultException fault) when (fault.IsDiskFull)
        {
            // What was there stays.
        }
    }

    private static void ProposeCheck(Hosted hosted)
    {
        try
        {
            hosted.Replica.Propose([new ProposedEntry(new LogEntry(LogRecordKind.Check, 0, default), null, null)]);
        }
        catch (FileFaultException fault) when (fault.IsDiskFull)
        {
            // Another will do.
        }
    }

    private static string DirectoryOf(ShardId shard) => $"{DataDirectory}/shards/{shard.Value}";

    /// <summary>Asks whom this node takes for the controller for a timestamp; without one nothing is done.</summary>
    public void TakeTimestamp(Action<long> take)
    {
        if (_member is not { } member || _cluster.FindNode(member.View.Controller) is not { } controller)
            return;
        _cluster.Network.Send(Place, controller.Place, () =>
        {
            if (controller.Process is { } asked)
                controller.Run(asked, () => asked.GiveTimestamp(Place, stamp => _node.Run(this, () => take(stamp))));
        });
    }

    private void GiveTimestamp(int place, Action<long> take)
    {
        if (Oracle is { } oracle && oracle.TryTake(1, out long first) && _cluster.Judge.Took(first))
            _cluster.Network.Send(Place, place, () => take(first));
    }

    internal void Later(long delay, Action act) => _cluster.Loop.After(delay, () => _node.Run(this, act));

    private Random Chance() => new(_cluster.Random.Next(int.MaxValue));

    /// <summary>A shard that the process has a replica of.</summary>
    internal sealed class Hosted(ShardId shard, ShardLog log, RegisterMachine machine, Replica replica)
    {
        public ShardId Shard => shard;

        public ShardLog Log => log;

        public RegisterMachine Machine => machine;

        public Replica Replica => replica;

        public bool IsFlushing { get; set; }

        /// <summary>The node has no replica of it any more.</summary>
        public bool IsClosed { get; set; }

        /// <summary>Where writes have timestamps, and moments are closed.</summary>
        public Stamps? Stamps { get; set; }

        /// <summary>What the judge has looked at.</summary>
        public LogSequence Judged { get; set; }

        /// <inheritdoc cref="Judged"/>
        public long JudgedMoment { get; set; }
    }
}
