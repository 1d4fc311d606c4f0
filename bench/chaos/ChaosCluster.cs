using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Bench.Chaos;

/// <summary>An etcd and nodes, each in a network and, nodes, on a disk of its own.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private readonly ServerProcess[] _nodes;
    private readonly long[] _cutOff;
    private readonly Dictionary<string, string>[] _settings;

    private ChaosCluster(NetworkLab network, DiskLab disks, EtcdServer etcd, int nodes)
    {
        (Network, Disks, Etcd, _nodes, _cutOff) = (network, disks, etcd, new ServerProcess[nodes], new long[nodes]);
        _settings = [.. Enumerable.Range(1, nodes).Select(node => ClusterProcesses.Settings(etcd, $"n{node}"))];
        foreach (Dictionary<string, string> settings in _settings)
            settings["VECSQL_LOG_LEVEL"] = "info";
    }

    public NetworkLab Network { get; }

    public DiskLab Disks { get; }

    public EtcdServer Etcd { get; }

    public int NodeCount => _nodes.Length;

    /// <summary>Where etcd is in <see cref="Network"/>; nodes are before it.</summary>
    public int EtcdPlace => _nodes.Length;

    /// <summary>Starts all of it.</summary>
    public static async Task<ChaosCluster> StartAsync(int nodes)
    {
        NetworkLab network = await NetworkLab.MakeAsync(nodes + 1);
        DiskLab disks = await DiskLab.MakeAsync(nodes);
        ChaosCluster cluster = new(network, disks, await EtcdServer.StartAsync(network.Places[nodes]), nodes);
        try
        {
            for (int i = 0; i < nodes; i++)
                cluster._nodes[i] = await ServerProcess.StartAsync(disks.Data(i), cluster._settings[i], network.Places[i]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>These nodes have no way to etcd from now on; others have.</summary>
    public void CutOff(IReadOnlyCollection<int> nodes)
    {
        for (int node = 0; node < NodeCount; node++)
            Volatile.Write(ref _cutOff[node], nodes.Contains(node) ? Stopwatch.GetTimestamp() : 0);
    }

    /// <summary>The timestamp since when a node has no way to etcd.</summary>
    public long? CutOffSince(int node) => Volatile.Read(ref _cutOff[node]) is var since and not 0 ? since : null;

    public ServerProcess Node(int node) => _nodes[node];

    public Task RestartAsync(int node) => _nodes[node].RestartAsync(_settings[node]);

    /// <summary>A connection that waits for no answer longer than a client would.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(int node, CancellationToken cancellation)
    {
        NpgsqlConnection connection = new(_nodes[node].ConnectionString + ";Timeout=5;CommandTimeout=20;Cancellation Timeout=1000");
        await connection.OpenAsync(cancellation); // one that fails leaves nothing open
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess? node in _nodes)
        {
            if (node is not null)
                await node.DisposeAsync();
        }
        await Etcd.DisposeAsync();
        await Network.DisposeAsync();
        await Disks.DisposeAsync();
    }
}
