using System.Diagnostics;
using System.Text;

namespace VecSQL.Kit;

/// <summary>A member of a private etcd, on loopback ports of its own, with a data directory that outlives kills and goes at the end.</summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly string[] _arguments;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private readonly ProcessPlace _place;

    private EtcdServer(ProcessPlace place, string folder, int port, string scheme, string[] arguments)
    {
        _place = place;
        Folder = folder;
        Address = new Uri($"{scheme}://{place.Address}:{port}");
        _arguments = arguments;
    }

    /// <summary>Why there is none to test with; null where there is.</summary>
    public static string? WhyMissing { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "etcd")))
            ? null : "etcd is not on this machine; ./test installs it";

    /// <summary>Where its clients connect.</summary>
    public Uri Address { get; }

    public string Folder { get; }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("etcd is not running");

    /// <summary>What the process has said so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static async Task<EtcdServer> StartAsync(params string[] arguments) => (await StartManyAsync(1, arguments))[0];

    /// <summary>Starts one at a place of its own.</summary>
    public static async Task<EtcdServer> StartAsync(ProcessPlace place)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-etcd-").FullName;
        int port = Programs.FreePort();
        string peers = $"http://{place.Address}:{Programs.FreePort()}";
        EtcdServer server = new(place, folder, port, "http", [.. Arguments("m0", folder, $"http://{place.Address}:{port}", peers), "--initial-cluster", $"m0={peers}"]);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts as many members as one cluster, and waits until all of them serve.</summary>
    /// <param name="arguments">More of etcd's; with <c>--cert-file</c> its clients use TLS.</param>
    public static async Task<EtcdServer[]> StartManyAsync(int count, params string[] arguments)
    {
        int[] clients = [.. Enumerable.Range(0, count).Select(_ => Programs.FreePort())], peers = [.. Enumerable.Range(0, count).Select(_ => Programs.FreePort())];
        string all = string.Join(',', peers.Select((port, i) => $"m{i}=http://127.0.0.1:{port}"));
        string scheme = arguments.Any(argument => argument.StartsWith("--cert-file", StringComparison.Ordinal)) ? "https" : "http";
        EtcdServer[] servers = [.. clients.Select((port, i) =>
        {
            string folder = Directory.CreateTempSubdirectory("vecsql-etcd-").FullName;
            return new EtcdServer(ProcessPlace.Loopback, folder, port, scheme,
            [
                .. Arguments($"m{i}", folder, $"{scheme}://127.0.0.1:{port}", $"http://127.0.0.1:{peers[i]}"),
                "--initial-cluster", all, "--initial-cluster-token", folder, .. arguments,
            ]);
        })];
        for (int i = 1; i < count; i++) // one token for all: the first one's folder
            servers[i]._arguments[Array.IndexOf(servers[i]._arguments, "--initial-cluster-token") + 1] = servers[0].Folder;
        await Task.WhenAll(servers.Select(server => server.RestartAsync()));
        return servers;
    }

    /// <summary>Starts the process, again on the same data and ports, and waits until it serves.</summary>
    public async Task RestartAsync()
    {
        TaskCompletionSource isReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (string file, string[] arguments) = _place.Command("etcd", _arguments);
        Process process = Programs.Start(file, arguments);
        _process = process;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => isReady.TrySetException(new InvalidOperationException($"etcd has ended: {Log}"));
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
            if (line.Data?.Contains("serving client", StringComparison.Ordinal) == true)
                isReady.TrySetResult();
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await isReady.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Ends the process as kill -9 does.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Holds the process where it is.</summary>
    public Task PauseAsync() => Programs.SignalAsync(_process, "STOP");

    public Task ContinueAsync() => Programs.SignalAsync(_process, "CONT");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static string[] Arguments(string name, string folder, string clients, string peers) =>
    [
        "--name", name, "--data-dir", Path.Combine(folder, "data"), "--listen-client-urls", clients, "--advertise-client-urls", clients,
        "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--logger", "zap", "--log-outputs", "stderr",
    ];
}
