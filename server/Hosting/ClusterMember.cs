using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Etcd;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Stores;
using VecSQL.Cluster.Transport;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Sessions;
using VecSQL.Executor.Fragments;
using VecSQL.Flight.Grpc;
using VecSQL.Server.Configuration;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Server.Hosting;

/// <summary>The node's part in a cluster: joins it, speaks to the other nodes, says what it knows of them.</summary>
internal sealed class ClusterMember : IClusterInfo, INotificationRelay, IAsyncDisposable
{
    /// <summary>How long a node that stops waits for others to take over.</summary>
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly ClusterSettings _cluster;
    private readonly MachineWatch _machine;
    private readonly ILogger _log;
    private readonly EtcdMetadataStore _etcd;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private NodeClient? _client;
    private PeerNetwork? _network;
    private ClusterNode? _node;
    private ClusterStore? _store;
    private NotificationRelay? _notifications;
    private string? _clusterId;

    /// <exception cref="SettingException">A file of the cluster's settings cannot be used.</exception>
    public ClusterMember(NodeSettings settings, ClusterSettings cluster, MachineWatch machine, ILogger log)
    {
        (_settings, _cluster, _machine, _log) = (settings, cluster, machine, log);
        _etcd = new EtcdMetadataStore(cluster.ToEtcd(), TimeProvider.System, log);
    }

    public Action<uint, SqlNotification>? Received { get; set; }

    /// <summary>Completes with the reason when the node may not go on.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>What other nodes have of models, once it has joined.</summary>
    public ModelPeers? Models { get; private set; }

    /// <summary>What other nodes have of sessions, once it has joined.</summary>
    public SessionPeers? Sessions { get; private set; }

    /// <summary>The node's number, once it has joined.</summary>
    public int NodeNumber => _node?.Id.Value ?? 0;

    /// <summary>Makes the process a node of the cluster, and adds what it serves to others.</summary>
    /// <exception cref="JoinRefusedException">It may not be.</exception>
    public async Task<Action<GrpcMethods>> JoinAsync(CancellationToken cancellation)
    {
        IPEndPoint flight = _settings.FlightListen ?? throw new SettingException("flight_listen: nodes of a cluster need one");
        ClusterNodeOptions options = new()
        {
            Name = _cluster.NodeName,
            Zone = _cluster.Zone,
            SqlAddress = Advertised(_settings.PgListen).ToString(),
            FlightAddress = $"{(_settings.HasTls ? "https" : "http")}://{Advertised(flight)}",
            Version = typeof(ClusterMember).Assembly.GetName().Version?.ToString(3) ?? "",
            Directory = _settings.DataDirectory,
            Process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1,
            Secret = RandomNumberGenerator.GetBytes(32),
            Machine = Figures,
            ReplicaCount = ClusterStore.ReplicaCount,
        };
        RealFileSystem.Instance.CreateDirectory(options.Directory);
        ScopedMetadataStore store = ScopedMetadataStore.OfCluster(_etcd, _cluster.Name);
        Mailbox mailbox = new(error => _failed.TrySetResult($"an unexpected error: {error}"));
        Membership membership = await Membership.JoinAsync(
            store, RealFileSystem.Instance, options, mailbox, TimeProvider.System, Chance(), _log, cancellation);
        _clusterId = membership.ClusterId;
        NodeCredentials credentials = new(membership.ClusterId, membership.Id, membership.Secret);
        _client = new NodeClient(credentials, AddressOf, _settings.HasTls ? TrustPeers : null, TimeProvider.System);
        _network = new PeerNetwork(_client, TimeProvider.System, Chance(), _log);
        ClusterNode node = new(membership, store, _network, mailbox, TimeProvider.System, Chance(), _log);
        _node = node;
        _notifications = new NotificationRelay(_client, options.Process, Others, TimeProvider.System, _log)
        {
            Received = told => Received?.Invoke(told.Database, new SqlNotification(told.Sender, told.Channel, told.Payload)),
        };
        FileRelay files = new(_client, Others);
        Models = new ModelPeers(files);
        QuestionRelay questions = new(_client, Others);
        Sessions = new SessionPeers(questions, other => node.View.FindNode(other)?.Name);
        NodeService service = new(credentials, node.Receive, node.TakeTimestampsAsync, _log)
        {
            Notifications = _notifications, Files = files, Questions = questions,
        };
        FragmentResources fragments = new(_settings.QueryMemoryBytes, Path.Combine(options.Directory, "spill"), Environment.ProcessorCount);
        ClusterStore tables = new(
            node, store, _client, call => service.Check(call), _settings.ToStorage(), fragments, $"{membership.Id}.{options.Process:x}", Chance(), _log);
        _store = tables;
        return methods =>
        {
            service.AddTo(methods);
            tables.AddTo(methods);
        };
        IReadOnlyList<NodeId> Others() => [.. node.View.Alive.Where(other => other != node.Id)];
    }

    /// <summary>Begins to take part; the tables of the cluster, once their definitions are known here.</summary>
    public async Task<IStorage> StartAsync(CancellationToken cancellation)
    {
        if (_node is not { } node || _store is not { } store)
            throw new InvalidOperationException("the node has not joined");
        _ = TellAsync(node.Refused);
        _ = TellAsync(store.Failed);
        _ = WatchAsync(node);
        await store.StartAsync(cancellation);
        return store.Storage;
        async Task TellAsync(Task<string> failure) => _failed.TrySetResult(await failure);
    }

    public void Send(uint database, IReadOnlyList<SqlNotification> notifications) => _notifications?.Send(
        [.. notifications.Select(sent => new Notification(database, sent.BackendId, sent.Channel, sent.Payload))]);

    /// <summary>Returns when somebody serves the cluster's tables.</summary>
    public Task WaitForTablesAsync(CancellationToken cancellation) => _store?.WaitForHomeAsync(cancellation) ?? Task.CompletedTask;

    /// <summary>The node stops soon: returns when others are the primaries of what it was primary of, or it has taken too long.</summary>
    public async Task LeaveAsync()
    {
        if (_node is not { Refused.IsCompleted: false } node)
            return;
        using CancellationTokenSource late = new(LeaveTime);
        node.Leave();
        try
        {
            await node.WaitUntilLeftAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            // Others find out when the lease is given up.
        }
    }

    /// <summary>Ends the node's part in shards, its own and others': whoever waits for one is told that it is over.</summary>
    public async ValueTask EndAsync()
    {
        if (_store is not null)
            await _store.EndShardsAsync();
        _client?.Dispose();
    }

    /// <summary>Tells one of the nodes that are left when others are gone: that with the least number.</summary>
    private async Task WatchAsync(ClusterNode node)
    {
        HashSet<NodeId> seen = [];
        try
        {
            while (true)
            {
                await node.WaitAsync(view => !seen.SetEquals(view.Alive), _ended.Token);
                HashSet<NodeId> alive = [.. node.View.Alive];
                bool isLess = !seen.IsSubsetOf(alive);
                seen = alive;
                if (isLess && alive.Count > 0 && alive.Min() == node.Id)
                    Sessions?.Lost?.Invoke();
            }
        }
        catch (OperationCanceledException)
        {
            // The node has ended.
        }
    }

    public ClusterDescription Describe()
    {
        if (_node is not { } node)
            return new ClusterDescription(_cluster.Name, _clusterId, [], 0, 0);
        ClusterView view = node.View;
        Dictionary<NodeId, (int Replicas, int Primaries)> counts = [];
        foreach (ShardState shard in view.Shards.Values)
        {
            foreach (NodeId replica in shard.Replicas)
            {
                (int replicas, int primaries) = counts.GetValueOrDefault(replica);
                counts[replica] = (replicas + 1, primaries + (shard.Primary == replica ? 1 : 0));
            }
        }
        ImmutableArray<NodeDescription> nodes =
            [.. node.DescribeNodes().Select(seen => Describe(seen, counts.GetValueOrDefault(seen.Id), seen.Id == view.Controller))];
        return new ClusterDescription(_cluster.Name, _clusterId, nodes, view.Shards.Count, view.Shards.Values.Count(static shard => shard.Primary.IsNone))
        {
            Replicas = [.. ReplicaRows.Of(view, node.Id, _store?.Figures ?? [])],
            Jobs = [.. view.Jobs.Values.Select(entry => ClusterControl.Describe(entry.Job, view))],
            Settings = [.. SharedSettings.List(view.Settings)],
        };
    }

    public IClusterControl? Control => _node is { } node
        ? new ClusterControl(node, new ClusterOperations(node, ScopedMetadataStore.OfCluster(_etcd, _cluster.Name), TimeProvider.System)) : null;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_node is not null)
            await _node.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
        _client?.Dispose();
        _etcd.Dispose();
    }

    private static NodeDescription Describe(NodeView seen, (int Replicas, int Primaries) counts, bool isController)
    {
        MachineFigures? machine = seen.Status?.Machine;
        return new NodeDescription(seen.Id.Value, seen.Record.Name, seen.Record.Zone, seen.State.ToString().ToLowerInvariant(), seen.Reason)
        {
            IsController = isController,
            IsDraining = seen.Record.IsDraining,
            SqlAddress = seen.Record.SqlAddress,
            FlightAddress = seen.Record.FlightAddress,
            Version = seen.Record.Version,
            Cpu = machine?.Cpu,
            MemoryBytes = machine?.MemoryUsed,
            MemoryBytesMax = machine?.MemoryTotal,
            DiskFreeBytes = machine?.DiskFree,
            DiskBytes = machine?.DiskTotal,
            ClockOffset = seen.ClockOffset,
            Replicas = counts.Replicas,
            Primaries = counts.Primaries,
        };
    }

    private MachineFigures Figures()
    {
        (long free, long total) = _machine.Disk;
        return new MachineFigures(_machine.Cpu, MachineWatch.MemoryBytes, MachineWatch.MemoryBytesMax, free, total);
    }

    private IPEndPoint Advertised(IPEndPoint listened) => _cluster.Advertised is { } address ? new IPEndPoint(address, listened.Port) : listened;

    private Uri? AddressOf(NodeId node) =>
        _node?.View.FindNode(node) is { } record && Uri.TryCreate(record.FlightAddress, UriKind.Absolute, out Uri? address) ? address : null;

    /// <summary>Other nodes' certificates are by the authority that clients' are, where one is given.</summary>
    private SslClientAuthenticationOptions TrustPeers()
    {
        SslClientAuthenticationOptions options = new();
        if (_settings.TlsAuthorityFile is not { } file)
            return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        return options;
    }

    private static Random Chance() => new(RandomNumberGenerator.GetInt32(int.MaxValue));
}
