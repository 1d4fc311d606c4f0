using System.Diagnostics;
using System.Text;

namespace VecSQL.Kit;

/// <summary>A member of a private etcd, on loopback ports of its own, with a data directory that outlives kills and goes at the end.</summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly string[] _arguments;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private EtcdServer(string folder, int port, string scheme, string[] arguments)
    {
        Folder = folder;
        Address = new Uri($"{scheme}://127.0.0.1:{port}");
        _arguments = arguments;
    }

    /// <summary>Why there is none to test with; null where there is.</summary>
    public static string? WhyMissing { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "etcd")))
            ? null : "etcd is not on this machine; ./test installs it";

    /// <summary>Where its clients connect.</summary>
    public Uri Address { get; }

    public string Folder { get; }

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
            return new EtcdServer(folder, port, scheme,
            [
                "--name", $"m{i}", "--data-dir", Path.Combine(folder, "data"),
                "--listen-client-urls", $"{scheme}://127.0.0.1:{port}", "--advertise-client-urls", $"{scheme}://127.0.0.1:{port}",
                "--listen-peer-urls", $"http://127.0.0.1:{peers[i]}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peers[i]}",
                "--initial-cluster", all, "--initial-cluster-token", folder, "--logger", "zap", "--log-outputs", "stderr", .. arguments,
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
        Process process = Programs.Start("etcd", _arguments);
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
    public Task PauseAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task SignalAsync(string signal)
    {
        int id = _process?.Id ?? throw new InvalidOperationException("etcd is not running");
        using Process kill = Process.Start("kill", [$"-{signal}", id.ToString()]);
        await kill.WaitForExitAsync();
    }
}
