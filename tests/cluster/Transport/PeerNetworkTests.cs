using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Transport;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Tests.Transport;

/// <summary>Nodes that speak over real connections on loopback.</summary>
public sealed class PeerNetworkTests : IAsyncLifetime
{
    private static readonly byte[] Secret = [1, 2, 3];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<IDisposable> _files = [];
    private readonly Dictionary<NodeId, Uri> _addresses = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
        foreach (IDisposable file in _files)
            file.Dispose();
    }

    [Fact]
    public async Task Messages_arrive_in_order_with_their_shard_and_source()
    {
        Peer one = Start(1), two = Start(2);
        for (int i = 1; i <= 1000; i++)
            one.Network.Send(new NodeId(2), new ShardId((uint)i % 7), Append(i, new byte[i]));
        for (int i = 1; i <= 1000; i++)
        {
            (NodeId source, ShardId shard, ReplicaMessage message) = await two.NextAsync();
            Assert.Equal((new NodeId(1), new ShardId((uint)i % 7)), (source, shard));
            Assert.Equal(i, Assert.IsType<AppendMessage>(message).Round);
            Assert.Equal(i, ((AppendMessage)message).Records.Length);
        }
        two.Network.Send(new NodeId(1), new ShardId(1), new FenceMessage(new Term(3)));
        Assert.Equal(new FenceMessage(new Term(3)), (await one.NextAsync()).Message);
    }

    [Fact]
    public async Task A_node_that_went_and_came_back_elsewhere_is_found_again()
    {
        Peer one = Start(1), two = Start(2);
        one.Network.Send(new NodeId(2), new ShardId(1), Append(1, default));
        await two.NextAsync();
        await two.Server.DisposeAsync();
        _open.Remove(two.Server);
        Peer again = Start(2);
        // Some are lost, which is not noticed at once; whoever sends does so until there is an answer.
        for (int i = 2; !await again.ArrivesAsync(TimeSpan.FromMilliseconds(20)); i++)
        {
            Assert.True(i < 3000);
            one.Network.Send(new NodeId(2), new ShardId(1), Append(i, default));
        }
        Assert.Equal(new NodeId(1), (await again.NextAsync()).Source);
    }

    [Fact]
    public async Task A_node_that_takes_nothing_holds_up_nobody_and_costs_bounded_memory()
    {
        Peer one = Start(1), two = Start(2);
        using ManualResetEventSlim isHeld = new();
        two.OnReceive = () => isHeld.Wait(Patience);
        byte[] records = new byte[1 << 20];
        for (int i = 0; i < 200; i++)
            one.Network.Send(new NodeId(2), new ShardId(1), Append(i, records));
        Assert.InRange(one.Network.DroppedCount(new NodeId(2)), 100, 200);
        isHeld.Set();
        Assert.Equal(0, Assert.IsType<AppendMessage>((await two.NextAsync()).Message).Round);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_as_not_authenticated()
    {
        Start(2);
        Assert.Equal(GrpcStatusCode.Unauthenticated, await RefusalAsync(new NodeCredentials("cluster", new NodeId(1), new byte[] { 9 }), new NodeId(2)));
    }

    [Fact]
    public async Task Another_cluster_and_another_node_are_refused()
    {
        Start(2);
        Assert.Equal(GrpcStatusCode.FailedPrecondition, await RefusalAsync(new NodeCredentials("other", new NodeId(1), Secret), new NodeId(2)));
        _addresses[new NodeId(3)] = _addresses[new NodeId(2)];
        Assert.Equal(GrpcStatusCode.FailedPrecondition, await RefusalAsync(new NodeCredentials("cluster", new NodeId(1), Secret), new NodeId(3)));
    }

    [Fact]
    public async Task A_call_without_credentials_is_refused()
    {
        Start(2);
        using GrpcChannel channel = new(_addresses[new NodeId(2)], new GrpcChannelOptions());
        await using GrpcClientCall call = channel.Begin("/vecsql.cluster.Nodes/Messages", null, Patience, default);
        GrpcException refusal = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal(GrpcStatusCode.Unauthenticated, refusal.Code);
    }

    [Fact]
    public async Task What_is_no_message_ends_its_stream_and_nothing_else()
    {
        Peer two = Start(2);
        NodeCredentials credentials = new("cluster", new NodeId(1), Secret);
        using GrpcChannel channel = new(_addresses[new NodeId(2)], new GrpcChannelOptions());
        await using (GrpcClientCall call = channel.Begin("/vecsql.cluster.Nodes/Messages", credentials.For(new NodeId(2)), Patience, default))
        {
            await call.WriteAsync(new GrpcPayload(new byte[] { 0xFF, 0xFF, 1 }));
            GrpcException refusal = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
            Assert.Equal(GrpcStatusCode.InvalidArgument, refusal.Code);
        }
        Peer one = Start(1);
        one.Network.Send(new NodeId(2), new ShardId(1), Append(1, default));
        await two.NextAsync();
    }

    [Fact]
    public async Task Nodes_speak_over_tls_to_those_whom_they_trust()
    {
        TestCertificates certificates = new();
        _files.Add(certificates);
        X509Certificate2 server = X509Certificate2.CreateFromPemFile(certificates.ServerFile, certificates.ServerKeyFile);
        _files.Add(server);
        Peer two = Start(2, () => new SslServerAuthenticationOptions { ServerCertificate = server, ApplicationProtocols = [SslApplicationProtocol.Http2] });
        Assert.Equal("https", _addresses[new NodeId(2)].Scheme);
        Assert.Equal(GrpcStatusCode.Unavailable, await RefusalAsync(new NodeCredentials("cluster", new NodeId(1), Secret), new NodeId(2)));
        Peer one = Start(1, tls: null, () =>
        {
            SslClientAuthenticationOptions options = new()
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(certificates.AuthorityFile);
            return options;
        });
        one.Network.Send(new NodeId(2), new ShardId(1), Append(1, default));
        Assert.Equal(new NodeId(1), (await two.NextAsync()).Source);
    }

    [Fact]
    public void Damaged_messages_are_read_or_refused_fuzz()
    {
        byte[] good = MessageBatchCodec.Encode(
        [
            new QueuedMessage(new ShardId(1), ReplicaMessageCodec.Encode(Append(5, new byte[50]))),
            new QueuedMessage(new ShardId(2), ReplicaMessageCodec.Encode(new StatusAnswer(new Term(1), 2, new LogSequence(3),
                [new ReplicaProgress(new NodeId(1), new LogSequence(1), new LogSequence(1), TimeSpan.FromSeconds(1), false)]))),
            new QueuedMessage(new ShardId(3), ReplicaMessageCodec.Encode(new SnapshotOffer(new Term(1), new LogPosition(new Term(1), new LogSequence(2)), 3, 4, true))),
        ]).ToArray();
        int mutations = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), out int count) ? count : 20_000;
        Random random = new(7);
        int refused = 0;
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = [.. good];
            for (int change = random.Next(4); change >= 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                foreach ((ShardId _, ReplicaMessage message) in MessageBatchCodec.Decode(damaged.AsSpan(0, damaged.Length - random.Next(8))))
                    Assert.NotNull(message);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
        Assert.InRange(refused, mutations / 4, mutations);
    }

    private static AppendMessage Append(int round, byte[]? records) => new(new Term(1), default, records, default, round);

    private async Task<GrpcStatusCode> RefusalAsync(NodeCredentials credentials, NodeId target)
    {
        using NodeClient client = new(credentials, node => _addresses.GetValueOrDefault(node), null, TimeProvider.System);
        await using GrpcClientCall call = client.Begin(target, "/vecsql.cluster.Nodes/Messages", Patience, default);
        return (await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync())).Code;
    }

    private Peer Start(int id, Func<SslServerAuthenticationOptions?>? tls = null, Func<SslClientAuthenticationOptions>? trust = null)
    {
        NodeId node = new(id);
        NodeCredentials credentials = new("cluster", node, Secret);
        NodeClient client = new(credentials, target => _addresses.GetValueOrDefault(target), trust, TimeProvider.System);
        _files.Add(client);
        Peer peer = new(new PeerNetwork(client, TimeProvider.System, new Random(id), NullLogger.Instance));
        GrpcMethods methods = new();
        new NodeService(credentials, peer.Take, _ => Task.FromResult<long?>(null), NullLogger.Instance).AddTo(methods);
        peer.Server = GrpcServer.Start(new IPEndPoint(IPAddress.Loopback, 0), methods, new GrpcLimits(), tls ?? (() => null), _ => null,
            TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance);
        _addresses[node] = new Uri($"{(tls is null ? "http" : "https")}://{peer.Server.Address}");
        _open.Add(peer.Server);
        _open.Add(peer.Network);
        return peer;
    }

    /// <summary>A node's end of the network.</summary>
    private sealed class Peer(PeerNetwork network)
    {
        private readonly Channel<(NodeId Source, ShardId Shard, ReplicaMessage Message)> _received =
            Channel.CreateUnbounded<(NodeId Source, ShardId Shard, ReplicaMessage Message)>();

        public PeerNetwork Network => network;

        public GrpcServer Server { get; set; } = null!;

        public Action? OnReceive { get; set; }

        public void Take(NodeId source, ShardId shard, ReplicaMessage message)
        {
            OnReceive?.Invoke();
            _received.Writer.TryWrite((source, shard, message));
        }

        public async Task<(NodeId Source, ShardId Shard, ReplicaMessage Message)> NextAsync() =>
            await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        /// <summary>Whether a message has come, or does within a time.</summary>
        public async Task<bool> ArrivesAsync(TimeSpan time)
        {
            using CancellationTokenSource late = new(time);
            try
            {
                return await _received.Reader.WaitToReadAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
