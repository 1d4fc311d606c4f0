using System.Net;
using System.Net.Sockets;
using Npgsql;
using VecSQL.Server.Configuration;

namespace VecSQL.Server.Demo;

/// <summary>An etcd and three nodes, each a process with a data directory of its own.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly DemoProcess?[] _nodes;
    private readonly int[] _flightPorts;
    private DemoProcess? _etcd;
    private string _etcdAddress = "";

    private DemoCluster(string folder, int nodes)
    {
        _folder = folder;
        _nodes = new DemoProcess?[nodes];
        Ports = FreePorts(nodes);
        _flightPorts = FreePorts(nodes);
    }

    /// <summary>Where PostgreSQL clients connect to each node, on loopback.</summary>
    public int[] Ports { get; }

    /// <summary>Starts all of it.</summary>
    /// <param name="folder">Where data go.</param>
    /// <exception cref="SettingException">A process cannot be started.</exception>
    public static async Task<DemoCluster> StartAsync(string folder, int nodes, CancellationToken cancellation)
    {
        DemoCluster cluster = new(folder, nodes);
        try
        {
            await cluster.StartEtcdAsync(cancellation);
            for (int node = 0; node < nodes; node++) // one after the other, so that their numbers are as their names
                await cluster.StartNodeAsync(node, cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public static string NameOf(int node) => $"n{node + 1}";

    /// <summary>Starts a node, again on its data where it was killed.</summary>
    public async Task StartNodeAsync(int node, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "start", "--data-dir", Path.Combine(_folder, NameOf(node)), "--pg-listen", $"127.0.0.1:{Ports[node]}", "--flight-listen", $"127.0.0.1:{_flightPorts[node]}",
            "--http-listen", $"127.0.0.1:{FreePorts(1)[0]}", "--cluster", _etcdAddress, "--node-name", NameOf(node), "--zone", ((char)('a' + node)).ToString(),
        ];
        (string program, string[] first) = ThisProgram();
        _nodes[node] = await DemoProcess.StartAsync(NameOf(node), program, [.. first, .. arguments],
            new Dictionary<string, string> { ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on" }, "vecsql: ready", cancellation);
    }

    public async Task KillAsync(int node)
    {
        if (_nodes[node] is { } process)
            await process.DisposeAsync();
        _nodes[node] = null;
    }

    /// <summary>A connection that gives a node up as quickly as a client that knows of others.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(int node, CancellationToken cancellation)
    {
        NpgsqlConnection connection = new(
            $"Host=127.0.0.1;Port={Ports[node]};Username=vecsql;Database=vecsql;Pooling=false;Timeout=2;CommandTimeout=30;Server Compatibility Mode=NoTypeLoading");
        await connection.OpenAsync(cancellation); // one that fails leaves nothing open
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        for (int node = 0; node < _nodes.Length; node++)
            await KillAsync(node);
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    private async Task StartEtcdAsync(CancellationToken cancellation)
    {
        int[] ports = FreePorts(2);
        _etcdAddress = $"http://127.0.0.1:{ports[0]}";
        string peers = $"http://127.0.0.1:{ports[1]}";
        _etcd = await DemoProcess.StartAsync("etcd", "etcd",
        [
            "--name", "demo", "--data-dir", Path.Combine(_folder, "etcd"), "--listen-client-urls", _etcdAddress, "--advertise-client-urls", _etcdAddress,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", $"demo={peers}", "--logger", "zap", "--log-outputs", "stderr",
        ], new Dictionary<string, string>(), "serving client", cancellation);
    }

    /// <summary>How this program is started: by its own launcher, or by dotnet.</summary>
    private static (string Program, string[] Arguments) ThisProgram()
    {
        string process = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? (process, [Path.Combine(AppContext.BaseDirectory, "vecsql.dll")]) : (process, []);
    }

    /// <summary>Ports that nothing listens at now.</summary>
    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }
}
