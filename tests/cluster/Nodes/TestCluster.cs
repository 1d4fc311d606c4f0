using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Tests.Metadata;
using VecSQL.Kit;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Tests.Nodes;

/// <summary>Nodes of a cluster in this process, under a clock that the test moves; all on the test's thread.</summary>
internal sealed class TestCluster
{
    private ulong _processes;

    public TestCluster()
    {
        OneThread.Begin();
        Store = new SteppedStore(Time);
    }

    public ManualTime Time { get; } = new();

    public SteppedStore Store { get; }

    public List<TestMember> Members { get; } = [];

    public IEnumerable<ClusterNode> Nodes => Members.Where(member => member.Node is not null).Select(member => member.Node!);

    /// <summary>A machine with an empty disk, on which a node is started.</summary>
    public TestMember Add(string name, string zone = "", MachineFigures machine = default, TimeSpan clockOffset = default)
    {
        TestMember member = new(this, name, zone) { Machine = machine, Clock = new OffsetTime(Time, clockOffset) };
        Members.Add(member);
        member.Start();
        return member;
    }

    public ulong NextProcess() => ++_processes;

    public void Pass(double seconds)
    {
        for (int i = 0; i < seconds * 100; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(10));
            Store.Tick();
        }
    }

    public void Put(ShardState state) => Store.Commit(new MetadataPut(ShardState.KeyOf(state.Shard), ShardStateCodec.Encode(state)));

    public ShardState Shard(uint shard) => ShardStateCodec.Decode(Store.Model.Read(ShardState.KeyOf(new ShardId(shard))).Entries[0].Value.Span);

    public void Deliver(NodeId source, NodeId target, ShardId shard, ReplicaMessage message)
    {
        if (Nodes.FirstOrDefault(node => node.Id == target) is { } node)
            node.Receive(source, shard, message);
    }
}

/// <summary>A machine of a test's cluster: a disk that stays, a process that comes and goes.</summary>
internal sealed class TestMember(TestCluster cluster, string name, string zone) : IShardHost, IMessageSink
{
    private InlineMailbox _mailbox = new();

    public FaultyFileSystem Disk { get; set; } = new(new FaultPlan());

    public MachineFigures Machine { get; set; }

    public TimeProvider Clock { get; init; } = cluster.Time;

    /// <summary>Of the last entry that its replicas say that they have.</summary>
    public Term LastTerm { get; set; }

    public ClusterNode? Node { get; private set; }

    public Task<Membership>? Joining { get; private set; }

    public Membership? Membership { get; private set; }

    /// <summary>Why the node may not go on; empty where it may.</summary>
    public string Refusal => Node?.Refused is { IsCompletedSuccessfully: true } refused ? refused.Result : "";

    /// <summary>What the host was told, in order.</summary>
    public List<string> Told { get; } = [];

    public SortedDictionary<ShardId, ShardState> Shards { get; } = [];

    /// <summary>Of which it has anything on its disk.</summary>
    public SortedSet<ShardId> Files { get; } = [];

    public NodeId Id => Node?.Id ?? default;

    public void Start(string? asName = null)
    {
        ulong process = cluster.NextProcess();
        InlineMailbox mailbox = _mailbox = new InlineMailbox();
        ClusterNodeOptions options = new()
        {
            Name = asName ?? name,
            Zone = zone,
            SqlAddress = $"{name}:5432",
            FlightAddress = $"http://{name}:5433",
            Directory = "/data",
            Process = process,
            Secret = new byte[] { 1, 2, 3, (byte)process },
            Machine = () => Machine,
        };
        Disk.CreateDirectory("/data");
        Random random = new((int)process);
        SteppedStore store = cluster.Store;
        Joining = Membership.JoinAsync(store, Disk, options, mailbox, Clock, random, NullLogger.Instance, default);
        _ = StartAsync(Joining);
        async Task StartAsync(Task<Membership> joining)
        {
            Membership membership = await joining;
            if (_mailbox != mailbox)
                return;
            Membership = membership;
            Node = new ClusterNode(membership, store, this, mailbox, Clock, random, NullLogger.Instance);
            Node.Start(this);
        }
    }

    /// <summary>Ends the process without a word.</summary>
    public void Kill()
    {
        _mailbox.End();
        Node?.End();
        Node = null;
        Shards.Clear();
    }

    public void Open(ShardId shard)
    {
        Told.Add($"open {shard}");
        Files.Add(shard);
    }

    public void Close(ShardId shard)
    {
        Told.Add($"close {shard}");
        Shards.Remove(shard);
    }

    public bool IsClosed(ShardId shard) => !Shards.ContainsKey(shard);

    public bool HasFiles(ShardId shard) => Files.Contains(shard);

    public void Drop(ShardId shard)
    {
        Files.Remove(shard);
        Told.Add($"drop {shard}");
        Shards.Remove(shard);
    }

    public void Configure(ShardState state)
    {
        Told.Add($"shard {state.Shard} term {state.Term} primary {state.Primary}");
        Shards[state.Shard] = state;
    }

    public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
    {
        if (!Shards.ContainsKey(shard) || Node is null)
            return;
        if (message is FenceMessage)
            Node.Send(source, shard, new FenceAnswer(message.Term, new LogPosition(LastTerm, new LogSequence(1)), default, IsWhole: true));
        else if (message is StatusMessage)
        {
            IEnumerable<ReplicaProgress> progress = Shards[shard].Replicas.Select(
                node => new ReplicaProgress(node, new LogSequence(1), new LogSequence(1), TimeSpan.Zero, IsCopying: false));
            Node.Send(source, shard, new StatusAnswer(message.Term, Shards[shard].Epoch, new LogSequence(1), [.. progress]));
        }
    }

    public void Send(NodeId target, ShardId shard, ReplicaMessage message) => cluster.Deliver(Id, target, shard, message);
}

/// <summary>Runs what it is given on the caller's thread: at once, or after what runs already.</summary>
internal sealed class InlineMailbox : IMailbox
{
    private readonly Queue<Action> _waiting = new();
    private bool _isRunning, _hasEnded;

    public void Post(Action act)
    {
        _waiting.Enqueue(act);
        if (_isRunning)
            return;
        _isRunning = true;
        while (_waiting.TryDequeue(out Action? next))
        {
            if (!_hasEnded)
                next();
        }
        _isRunning = false;
    }

    public void End() => _hasEnded = true;
}

/// <summary>A clock that is set wrong.</summary>
internal sealed class OffsetTime(TimeProvider time, TimeSpan offset) : TimeProvider
{
    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + offset;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
