namespace VecSQL.Kit;

/// <summary>A private etcd and the nodes of a cluster, as processes: n1, n2 and so on, each in a zone of its own unless it is told another.</summary>
public sealed class ClusterProcesses : IAsyncDisposable
{
    private readonly List<ServerProcess> _nodes = [];
    private readonly Dictionary<ServerProcess, Dictionary<string, string>> _settings = [];

    private ClusterProcesses(EtcdServer etcd) => Etcd = etcd;

    public EtcdServer Etcd { get; }

    /// <summary>More variables of the environment, VECSQL_… settings among them, of all nodes that are added from now on.</summary>
    public Dictionary<string, string> Shared { get; } = [];

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<ServerProcess> Nodes => _nodes;

    /// <summary>Starts etcd and, one after the other, as many nodes.</summary>
    /// <param name="etcd">More of etcd's arguments.</param>
    public static async Task<ClusterProcesses> StartAsync(int nodes = 0, params string[] etcd)
    {
        ClusterProcesses cluster = new(await EtcdServer.StartAsync(etcd));
        try
        {
            for (int node = 0; node < nodes; node++)
                await cluster.AddAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What makes a process a node of the cluster at this etcd.</summary>
    public static Dictionary<string, string> Settings(EtcdServer etcd, string name, string? zone = null)
    {
        Dictionary<string, string> settings = new()
        {
            ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on", ["VECSQL_CLUSTER"] = etcd.Address.ToString(), ["VECSQL_NODE_NAME"] = name,
        };
        if (zone is not null)
            settings["VECSQL_ZONE"] = zone;
        return settings;
    }

    /// <summary>A node joins.</summary>
    /// <param name="directory">The data directory; null for a new one.</param>
    public async Task<ServerProcess> AddAsync(string? zone = null, string? directory = null)
    {
        int number = _nodes.Count + 1;
        Dictionary<string, string> settings = Settings(Etcd, $"n{number}", zone ?? $"z{number}");
        foreach ((string name, string value) in Shared)
            settings[name] = value;
        ServerProcess node = await ServerProcess.StartAsync(directory, settings);
        _nodes.Add(node);
        _settings.Add(node, settings);
        return node;
    }

    /// <summary>A node that is alone, until it is restarted as one of the cluster.</summary>
    public async Task<ServerProcess> AddAloneAsync()
    {
        ServerProcess node = await ServerProcess.StartAsync();
        _nodes.Add(node);
        _settings.Add(node, Settings(Etcd, $"n{_nodes.Count}", $"z{_nodes.Count}"));
        return node;
    }

    /// <summary>Starts a node, which is not running, as one of the cluster, on the data that it has.</summary>
    public Task RestartAsync(ServerProcess node) => node.RestartAsync(_settings[node]);

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess node in _nodes)
            await node.DisposeAsync();
        await Etcd.DisposeAsync();
    }
}
