using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Etcd;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Tests.Etcd;
using VecSQL.Cluster.Transport;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Tests.Nodes;

/// <summary>Nodes in this process with all that is real: etcd, threads, connections.</summary>
public sealed class RealClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<RealNode> _nodes = [];
    private EtcdServer? _etcd;

    public async Task InitializeAsync()
    {
        if (EtcdServer.WhyMissing is null)
            _etcd = await EtcdServer.StartAsync("--heartbeat-interval", "50", "--election-timeout", "500");
    }

    public async Task DisposeAsync()
    {
        foreach (RealNode node in _nodes)
            await node.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    [EtcdFact]
    public async Task Three_nodes_elect_a_controller_that_names_primaries_and_gives_timestamps_until_it_goes()
    {
        RealNode[] nodes = [await StartAsync("n1"), await StartAsync("n2"), await StartAsync("n3")];
        await UntilAsync(() => nodes.All(node => node.Node.DescribeNodes().Count(view => view.State == NodeState.Healthy) == 3
            && !node.Node.View.Controller.IsNone));
        for (uint shard = 1; shard <= 50; shard++)
            await PutAsync(nodes[0], ShardState.Begin(new ShardId(shard), new ReplicaSet(ReplicationMode.Quorum, [new NodeId(1), new NodeId(2), new NodeId(3)])));
        await UntilAsync(() => nodes.All(node => node.Node.View.Shards.Count == 50 && node.Node.View.Shards.Values.All(state => !state.Primary.IsNone)));
        long last = 0;
        foreach (RealNode node in nodes)
        {
            for (int i = 0; i < 20; i++)
            {
                long next = await node.Timestamps.NextAsync(0, 3);
                Assert.True(next > last);
                last = next + 2;
            }
        }
        RealNode controller = nodes.Single(node => node.Node.Id == node.Node.View.Controller);
        RealNode[] others = [.. nodes.Where(node => node != controller)];
        await controller.DisposeAsync(); // gives its lease up: the others need not wait
        await UntilAsync(() => others.All(node => node.Node.View.Controller is { IsNone: false } now && now != controller.Node.Id
            && node.Node.View.Shards.Values.All(state => !state.Primary.IsNone && state.Primary != controller.Node.Id)));
        foreach (RealNode node in others)
        {
            long next = await node.Timestamps.NextAsync(0, 1);
            Assert.True(next > last);
            last = next;
        }
        Assert.All(others, node => Assert.Equal(NodeState.Unhealthy, node.Node.DescribeNodes().Single(view => view.Id == controller.Node.Id).State));
    }

    [EtcdFact]
    public async Task An_etcd_that_is_away_ends_leases_and_one_that_was_made_anew_ends_nodes()
    {
        RealNode node = await StartAsync("n1");
        await UntilAsync(() => node.Node.Lease.Holds(node.Node.Lease.Current));
        await _etcd!.KillAsync();
        await UntilAsync(() => !node.Node.Lease.Holds(node.Node.Lease.Current));
        Assert.False(node.Node.Refused.IsCompleted);
        await _etcd.RestartAsync();
        await UntilAsync(() => node.Node.Lease.Holds(node.Node.Lease.Current));
        await _etcd.KillAsync();
        Directory.Delete(Path.Combine(_etcd.Folder, "data"), recursive: true);
        await _etcd.RestartAsync();
        Assert.Contains("made anew", await node.Node.Refused.WaitAsync(Patience));
        Assert.False(node.Node.Lease.Holds(node.Node.Lease.Current));
        await node.DisposeAsync();
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => StartAsync("n1", node.Disk));
        Assert.Contains("no such cluster", refusal.Message);
    }

    private async Task<RealNode> StartAsync(string name, FaultyFileSystem? disk = null)
    {
        RealNode node = await RealNode.StartAsync(name, _etcd ?? throw new InvalidOperationException("no etcd"), disk ?? new FaultyFileSystem(new FaultPlan()), _nodes.Count + 1);
        _nodes.Add(node);
        return node;
    }

    private static async Task PutAsync(RealNode node, ShardState state) => await node.Store.CommitAsync(
        new MetadataTransaction { Puts = [new MetadataPut(ShardState.KeyOf(state.Shard), ShardStateCodec.Encode(state))] }, default);

    /// <summary>Looks until it holds: what is waited for is other threads' and etcd's work.</summary>
    private static async Task UntilAsync(Func<bool> holds)
    {
        using CancellationTokenSource late = new(Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!holds())
            await timer.WaitForNextTickAsync(late.Token);
    }

    /// <summary>A node with a host of replicas that hold nothing and say so.</summary>
    private sealed class RealNode : IShardHost, IAsyncDisposable
    {
        private readonly ConcurrentDictionary<ShardId, ShardState> _shards = new();
        private readonly EtcdMetadataStore _etcd;
        private PeerNetwork? _network;
        private NodeClient? _client;
        private GrpcServer? _server;
        private bool _isDisposed;

        private RealNode(EtcdMetadataStore etcd, FaultyFileSystem disk) => (_etcd, Disk, Store) = (etcd, disk, ScopedMetadataStore.OfCluster(etcd, "test"));

        public FaultyFileSystem Disk { get; }

        public ScopedMetadataStore Store { get; }

        public ClusterNode Node { get; private set; } = null!;

        public ClusterTimestamps Timestamps { get; private set; } = null!;

        public static async Task<RealNode> StartAsync(string name, EtcdServer etcd, FaultyFileSystem disk, int seed)
        {
            RealNode node = new(new EtcdMetadataStore(EtcdFixture.Options(etcd) with { Seed = seed }, TimeProvider.System, NullLogger.Instance), disk);
            try
            {
                await node.StartAsync(name, seed);
                return node;
            }
            catch
            {
                node._etcd.Dispose();
                throw;
            }
        }

        public void Open(ShardId shard)
        {
            // Nothing is held.
        }

        public void Close(ShardId shard) => _shards.TryRemove(shard, out _);

        public bool IsClosed(ShardId shard) => !_shards.ContainsKey(shard);

        public bool HasFiles(ShardId shard) => false;

        public void Drop(ShardId shard) => Close(shard);

        public void Configure(ShardState state) => _shards[state.Shard] = state;

        public void Receive(NodeId source, ShardId shard, ReplicaMessage message)
        {
            if (message is FenceMessage && _shards.ContainsKey(shard))
                Node.Send(source, shard, new FenceAnswer(message.Term, default, default, IsWhole: true));
        }

        public async ValueTask DisposeAsync()
        {
            if (_isDisposed || _network is null || _server is null)
                return;
            _isDisposed = true;
            await Node.DisposeAsync();
            await _network.DisposeAsync();
            await _server.DisposeAsync();
            _client?.Dispose();
            _etcd.Dispose();
        }

        private async Task StartAsync(string name, int seed)
        {
            int port = Programs.FreePort();
            ClusterNodeOptions options = new()
            {
                Name = name,
                SqlAddress = name,
                FlightAddress = $"http://127.0.0.1:{port}",
                Directory = "/data",
                Process = (ulong)Environment.TickCount64 * 1000 + (ulong)seed,
                Secret = new byte[] { 1, 2, (byte)seed },
                LeaseTime = TimeSpan.FromSeconds(5), // a machine that builds and tests at once is slow at times
            };
            Disk.CreateDirectory("/data");
            Mailbox mailbox = new(error => Assert.Fail(error.ToString()));
            Membership membership = await Membership.JoinAsync(Store, Disk, options, mailbox, TimeProvider.System, new Random(seed), NullLogger.Instance, default);
            NodeCredentials credentials = new(membership.ClusterId, membership.Id, membership.Secret);
            _client = new NodeClient(credentials, target => Node.View.FindNode(target) is { } record ? new Uri(record.FlightAddress) : null, null, TimeProvider.System);
            _network = new PeerNetwork(_client, TimeProvider.System, new Random(seed), NullLogger.Instance);
            Node = new ClusterNode(membership, Store, _network, mailbox, TimeProvider.System, new Random(seed), NullLogger.Instance);
            Timestamps = ClusterTimestamps.Of(Node, _client, TimeProvider.System, new Random(seed));
            GrpcMethods methods = new();
            new NodeService(credentials, Node.Receive, Node.TakeTimestampsAsync, NullLogger.Instance).AddTo(methods);
            _server = GrpcServer.Start(new IPEndPoint(IPAddress.Loopback, port), methods, new GrpcLimits(), () => null, _ => null,
                TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);
            Node.Start(this);
        }
    }
}
