using System.Collections.Concurrent;
using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Kit;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Shards;

/// <summary>Replicas of one shard in one process: real engines and mailboxes, a network that can be cut, disks that can fail, and a clock that tests move.</summary>
internal sealed class ShardRig : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    internal static readonly ShardId Shard = new(7);

    private static readonly NodeId Controller = new(100);

    private readonly ConcurrentQueue<(NodeId Source, FenceAnswer Answer)> _answers = [];
    private readonly ReplicationMode _mode;
    private long _busy; // things posted and not done
    private TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _nextOid = 50_000;

    internal ShardRig(int nodes, ReplicationMode mode = ReplicationMode.Quorum)
    {
        _mode = mode;
        Table = AddTable("t");
        Nodes = [.. Enumerable.Range(1, nodes).Select(id => new RigNode(this, new NodeId(id)))];
        State = ShardState.Begin(Shard, new ReplicaSet(mode, [.. Nodes.Select(static node => node.Id)]));
        foreach (RigNode node in Nodes)
            node.Start();
    }

    internal RigNode[] Nodes { get; }

    internal ManualTime Time { get; } = new();

    internal ShardState State { get; private set; }

    internal CatalogSnapshot Catalog { get; private set; } = CatalogSnapshot.Initial.WithVersion(1);

    internal TableEntry Table { get; }

    internal RigTimestamps Timestamps { get; } = new();

    /// <summary>Messages that were not let through.</summary>
    internal HashSet<(int Source, int Target)> Cuts { get; } = [];

    internal long PendingBytesMax { get; set; } = 64 << 20;

    internal RigNode Primary => Nodes.Single(node => node.Id == State.Primary);

    public async ValueTask DisposeAsync()
    {
        foreach (RigNode node in Nodes)
            await node.StopAsync();
    }

    /// <summary>A table (id bigint primary key, name text, v vector(4)) with an index over its vectors.</summary>
    internal TableEntry AddTable(string name)
    {
        TableEntry table = new(_nextOid++, CatalogSnapshot.PublicOid, name)
        {
            Columns =
            [
                new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true }, new ColumnEntry(2, "name", SqlType.Text),
                new ColumnEntry(3, "v", new SqlType(TypeOid.Vector, 4)),
            ],
            Indexes =
            [
                new IndexEntry(_nextOid++, $"{name}_pkey", [1]) { IsUnique = true, IsPrimary = true },
                new IndexEntry(_nextOid++, $"{name}_v", [3]) { Method = "hnsw", OperatorClasses = ["vector_l2_ops"] },
            ],
        };
        Change(new PutObject(table));
        return table;
    }

    /// <summary>Changes the catalog; nodes hear of it by <see cref="RigNode.FollowCatalog"/>.</summary>
    internal void Change(params CatalogChange[] changes) => Catalog = Catalog.Apply(changes).WithVersion(Catalog.Version + 1);

    /// <summary>Makes the best of the nodes that can be reached the primary.</summary>
    internal async Task<RigNode> PromoteAsync(params int[] reachable)
    {
        if (!State.Primary.IsNone || State.Term.Value > 1)
            State = State.Depose();
        _answers.Clear();
        RigNode[] asked = [.. Nodes.Where(node => node.Replica is not null && (reachable.Length == 0 || reachable.Contains(node.Id.Value)))];
        foreach (RigNode node in asked)
            node.Replica?.Receive(Controller, new FenceMessage(State.Term));
        await UntilAsync(() => _answers.Select(static answer => answer.Source).Distinct().Count() == asked.Length);
        (NodeId best, FenceAnswer last) = _answers.Where(static answer => answer.Answer.IsWhole).MaxBy(static answer => answer.Answer.Last);
        bool mayHaveLost = asked.Length < State.Current.FenceAnswers;
        State = State.Promote(best, Nodes.Single(node => node.Id == best).Lease.Id, mayHaveLost ? last.Last : null);
        foreach (RigNode node in asked)
            node.Replica?.Configure(State);
        await UntilAsync(() => Primary.Replica!.IsServing);
        return Primary;
    }

    /// <summary>Changes the shard's state, for all that are there.</summary>
    internal void Configure(Func<ShardState, ShardState?> change)
    {
        State = change(State) ?? State;
        foreach (RigNode node in Nodes)
            node.Replica?.Configure(State);
    }

    /// <summary>Lets time pass, tick by tick, until something is so.</summary>
    internal async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 3000; i++)
        {
            await IdleAsync();
            if (isSo())
                return;
            Tick();
        }
        Assert.Fail("it has not come to that: " + string.Join("; ", Nodes.Select(static node => $"{node.Id}: {node.Replica?.Figures} {string.Join(',', node.Events)}")));
    }

    internal void Tick()
    {
        Time.Advance(TimeSpan.FromMilliseconds(50));
        foreach (RigNode node in Nodes)
            node.Replica?.Tick();
    }

    /// <summary>All that run hold the same, by their checksums too.</summary>
    internal async Task ConvergeAsync()
    {
        foreach (RigNode node in Nodes)
            node.FollowCatalog();
        await IdleAsync();
        await TickAsync(); // figures are the last tick's
        await UntilAsync(() => Nodes.Where(static node => node.Replica is not null).All(node => node.Replica!.Figures.Applied == Primary.Replica!.Figures.Last.Sequence
            && node.Replica.Figures.Last == Primary.Replica.Figures.Last));
        string expected = await Primary.ContentAsync();
        foreach (RigNode node in Nodes.Where(static node => node.Replica is not null))
            Assert.Equal(expected, await node.ContentAsync());
        await Primary.Replica!.CheckAsync();
        Assert.DoesNotContain(Nodes, static node => node.Events.Any(static text => text.StartsWith("diverged", StringComparison.Ordinal)));
        long applied = Primary.Replica.Figures.Last.Sequence.Value;
        await UntilAsync(() => Nodes.All(node => node.Replica is null || node.Replica.Figures.Applied.Value > applied));
        for (int i = 0; i < 20; i++) // for the checksums to be asked for and compared
            await TickAsync();
        Assert.DoesNotContain(Nodes, static node => node.Events.Any(static text => text.StartsWith("diverged", StringComparison.Ordinal)));
        ulong?[] sums = [.. Nodes.Where(static node => node.Replica is not null).Select(static node => node.Replica!.LastChecksum)];
        Assert.NotNull(sums[0]);
        Assert.All(sums, sum => Assert.Equal(sums[0], sum));
    }

    internal async Task TickAsync()
    {
        Tick();
        await IdleAsync();
    }

    internal static ColumnBatch Rows(params (long Id, string Name)[] rows)
    {
        BatchBuilder builder = new([PhysicalType.Int64, PhysicalType.Binary, PhysicalType.Binary]);
        foreach ((long id, string name) in rows)
        {
            ((FixedColumnBuilder<long>)builder.Columns[0]).Append(id);
            ((BinaryColumnBuilder)builder.Columns[1]).Append(Encoding.UTF8.GetBytes(name));
            byte[] vector = new byte[16];
            for (int i = 0; i < 4; i++)
                BitConverter.TryWriteBytes(vector.AsSpan(i * 4), (float)(id * (i + 1) % 101));
            ((BinaryColumnBuilder)builder.Columns[2]).Append(vector);
            builder.EndRow();
        }
        return builder.Build();
    }

    private async Task IdleAsync()
    {
        while (true)
        {
            Task idle;
            lock (_answers)
            {
                if (_busy == 0)
                    return;
                idle = _idle.Task;
            }
            await idle.WaitAsync(Patience);
        }
    }

    private void Deliver(NodeId source, NodeId target, ReplicaMessage message)
    {
        lock (Cuts)
        {
            if (Cuts.Contains((source.Value, target.Value)))
                return;
        }
        if (target == Controller)
        {
            if (message is FenceAnswer answer)
                _answers.Enqueue((source, answer));
            return;
        }
        // Over bytes, as between nodes: what is sent is not what is kept.
        ReplicaMessage copy = ReplicaMessageCodec.Decode(ReplicaMessageCodec.Encode(message));
        Nodes.Single(node => node.Id == target).Replica?.Receive(source, copy);
    }

    private void Begin()
    {
        lock (_answers)
        {
            if (_busy++ == 0)
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void End()
    {
        lock (_answers)
        {
            if (--_busy == 0)
                _idle.TrySetResult();
        }
    }

    internal sealed class RigNode(ShardRig rig, NodeId id) : IMessageSink, IShardObserver
    {
        private CatalogSnapshot _catalog = CatalogSnapshot.Initial;

        internal NodeId Id => id;

        internal FaultyFileSystem Files { get; } = new(new FaultPlan { Seed = id.Value });

        internal RigLease Lease { get; } = new();

        internal ShardReplica? Replica { get; private set; }

        internal StorageEngine Engine => Replica!.Engine;

        internal ConcurrentQueue<string> Events { get; } = [];

        internal void Start()
        {
            Lease.Id = new LeaseId(Lease.Id.Value + id.Value * 1000 + 1);
            _catalog = rig.Catalog;
            Replica = ShardReplica.Open(new ShardReplicaOptions
            {
                Node = id,
                Shard = Shard,
                Storage = new StorageOptions
                {
                    Directory = "/shard",
                    Files = Files,
                    Catalog = () => _catalog,
                    Timestamps = rig.Timestamps,
                    Time = rig.Time,
                    RunsBackgroundWork = false,
                    DirectSegmentBytes = 4000,
                    HistoryKept = TimeSpan.FromDays(36500),
                    Node = (ushort)id.Value,
                    IndexThreads = 1,
                },
                Replication = new ReplicaOptions { SnapshotChunkBytes = 4096 },
                PendingBytesMax = rig.PendingBytesMax,
                CheckInterval = static () => TimeSpan.Zero,
                LogKeptBytes = 0,
                Mailbox = failed => new CountedMailbox(rig, failed),
            }, this, Lease, this);
            Replica.Configure(rig.State);
        }

        internal async Task StopAsync()
        {
            if (Replica is { } replica)
            {
                Replica = null;
                await replica.DisposeAsync();
            }
        }

        /// <summary>The machine stops, and with it what its disk was not made to keep.</summary>
        internal void Crash(double keepUnflushed = 0)
        {
            Replica = null;
            Files.CrashAndRestart(keepUnflushed);
        }

        internal void FollowCatalog()
        {
            CatalogSnapshot before = _catalog;
            _catalog = rig.Catalog;
            Replica?.Engine.Follow(before, []);
        }

        internal async Task InsertAsync(params long[] ids)
        {
            await using Transaction transaction = Engine.Begin(IsolationLevel.ReadCommitted);
            await transaction.InsertAsync(rig.Table.Id, Rows([.. ids.Select(static id => (id, $"n{id}"))]), default);
            await transaction.CommitAsync(isDurable: true, default);
        }

        internal List<(long Id, string Name, long Row)> Scan()
        {
            Transaction reader = Engine.Begin(IsolationLevel.ReadCommitted);
            try
            {
                return Scan(reader);
            }
            finally
            {
                reader.RollbackAsync().AsTask().Wait(Patience);
            }
        }

        internal List<(long Id, string Name, long Row)> Scan(Transaction reader)
        {
            List<(long, string, long)> rows = [];
            foreach (ScanUnit unit in reader.Read(rig.Table.Id).Units)
            {
                using UnitReader open = unit.Open([1, 2], withRowId: true, []);
                while (open.Next() is { } batch)
                {
                    for (int row = 0; row < batch.RowCount; row++)
                    {
                        rows.Add((((FixedColumn<long>)batch[0])[row], Encoding.UTF8.GetString(((BinaryColumn)batch[1])[row]),
                            ((FixedColumn<long>)batch[2])[row]));
                    }
                }
            }
            rows.Sort();
            return rows;
        }

        /// <summary>The ids that a reader of a moment that is past sees, once this replica has come to it.</summary>
        /// <param name="at">Null for what is newest.</param>
        internal async Task<List<long>> PastIdsAsync(CommitTimestamp? at)
        {
            await using IBranch reader = ((IShard)Engine).Begin(new PastReader(_catalog, Id));
            if (at is { } moment)
                await reader.BeginStatementAsync(moment, default);
            await reader.EnterAsync(rig.Table.Id, TableLockMode.AccessShare, waits: true, seesNewest: at is null, default);
            return [.. Scan((Transaction)reader).Select(static row => row.Id)];
        }

        internal List<long> Ids() => [.. Scan().Select(static row => row.Id)];

        internal Task<string> ContentAsync() => Task.FromResult(string.Join(';', Scan()));

        void IMessageSink.Send(NodeId target, ShardId shard, ReplicaMessage message) => rig.Deliver(id, target, message);

        void IShardObserver.Promoted(ShardId shard, Term term) => Events.Enqueue($"promoted {term}");

        void IShardObserver.SteppedDown(ShardId shard) => Events.Enqueue("stepped down");

        void IReplicaObserver.EntriesLost(ShardId shard, long count) => Events.Enqueue($"lost {count}");

        void IReplicaObserver.Diverged(ShardId shard, NodeId node, LogPosition position) => Events.Enqueue($"diverged {node}");

        void IReplicaObserver.Stopped(ShardId shard, Exception cause) => Events.Enqueue($"stopped {cause}");
    }

    /// <summary>A transaction of a session that reads what is past, or at a replica.</summary>
    private sealed class PastReader(CatalogSnapshot catalog, NodeId node) : IBranchOrigin
    {
        private static long _last;

        public IsolationLevel Isolation => IsolationLevel.ReadCommitted;

        public bool IsReadOnly => true;

        public bool ReadsPast => true;

        public TimeSpan LockPatience => Timeout.InfiniteTimeSpan;

        public string GlobalId { get; } = $"{node}.{Interlocked.Increment(ref _last)}";

        public CatalogSnapshot Committed => catalog;

        public CatalogSnapshot Catalog => catalog;

        public IReadOnlyList<CatalogChange> Definitions => [];
    }

    internal sealed class RigLease : IServingLease
    {
        private volatile bool _isHeld = true;

        internal LeaseId Id { get; set; }

        internal bool IsHeld
        {
            get => _isHeld;
            set => _isHeld = value;
        }

        public bool Holds(LeaseId lease) => _isHeld && lease == Id;
    }

    internal sealed class RigTimestamps : Storage.Log.ITimestampSource
    {
        private readonly Lock _lock = new();
        private long _last = 1000;

        public ValueTask<long> NextAsync(long after, int count)
        {
            lock (_lock)
            {
                long first = Math.Max(after, _last) + 1;
                _last = first + count - 1;
                return new ValueTask<long>(first);
            }
        }

        public ValueTask<long> NowAsync(CancellationToken cancellation) => NextAsync(0, 1);
    }

    /// <summary>A mailbox of which it is known when it has done all that it was given, also where it has failed.</summary>
    private sealed class CountedMailbox(ShardRig rig, Action<Exception> failed) : IMailbox
    {
        private readonly Mailbox _mailbox = new(static _ => { });
        private bool _hasFailed;

        public void Post(Action act)
        {
            rig.Begin();
            _mailbox.Post(() =>
            {
                try
                {
                    if (!_hasFailed)
                        act();
                }
                catch (Exception error)
                {
                    _hasFailed = true;
                    failed(error);
                }
                finally
                {
                    rig.End();
                }
            });
        }
    }
}
