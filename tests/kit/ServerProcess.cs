using System.Diagnostics;
using System.Text;

namespace VecSQL.Kit;

/// <summary>A VecSQL node as a process of its own, with a data directory that outlives kills and goes at the end.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>As lines of the log have them.</summary>
    private static readonly string[] LogLevels = [" info: ", " warn: ", " fail: "];

    private readonly bool _ownsDirectory;
    private readonly StringBuilder _errors = new();
    private readonly StringBuilder _logged = new();
    private Process? _process;

    private readonly ProcessPlace _place;

    private ServerProcess(ProcessPlace place, string directory, bool ownsDirectory, int port, int flightPort, int httpPort)
    {
        _place = place;
        DataDirectory = directory;
        _ownsDirectory = ownsDirectory;
        Port = port;
        FlightPort = flightPort;
        HttpPort = httpPort;
    }

    public string DataDirectory { get; }

    public int Port { get; }

    public int FlightPort { get; }

    public int HttpPort { get; }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("the node is not running");

    public string ConnectionString => $"Host={_place.Address};Port={Port};Username=vecsql;Database=vecsql;Pooling=false";

    /// <summary>What the process has printed as errors so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>What the process has logged so far.</summary>
    public string Logged
    {
        get
        {
            lock (_logged)
                return _logged.ToString();
        }
    }

    /// <summary>Starts a node and waits until it is ready.</summary>
    /// <param name="directory">The data directory; null for a new one.</param>
    /// <param name="environment">Settings as VECSQL_… variables.</param>
    /// <param name="place">Where; null for loopback.</param>
    public static async Task<ServerProcess> StartAsync(
        string? directory = null, IReadOnlyDictionary<string, string>? environment = null, ProcessPlace? place = null)
    {
        ServerProcess server = new(place ?? ProcessPlace.Loopback, directory ?? Directory.CreateTempSubdirectory("vecsql-test-").FullName, directory is null,
            Programs.FreePort(), Programs.FreePort(), Programs.FreePort());
        await server.RestartAsync(environment);
        return server;
    }

    /// <summary>Starts the process again, on the same data and ports.</summary>
    /// <exception cref="InvalidOperationException">It ended without becoming ready; the message has what it said.</exception>
    public async Task RestartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        // A test run in the background of a shell has SIGINT ignored, and would hand that on.
        (string file, string[] arguments) = _place.Command("env",
            "--default-signal=INT", "dotnet", Programs.ServerDll, "start", "--data-dir", DataDirectory, "--pg-listen", $"{_place.Address}:{Port}",
            "--flight-listen", $"{_place.Address}:{FlightPort}", "--http-listen", $"127.0.0.1:{HttpPort}");
        Process process = Programs.Start(file, arguments, environment);
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        string? said = await process.StandardOutput.ReadLineAsync(limit.Token);
        while (said is not null && LogLevels.Any(level => said.Contains(level, StringComparison.Ordinal)))
        {
            Keep(said);
            said = await process.StandardOutput.ReadLineAsync(limit.Token);
        }
        if (said?.Contains("ready", StringComparison.Ordinal) != true)
        {
            await process.WaitForExitAsync(limit.Token);
            throw new InvalidOperationException($"the node did not start: {said} {Errors}");
        }
        _ = KeepAsync(process.StandardOutput); // or it would wait for a reader when the pipe is full
    }

    private void Keep(string line)
    {
        lock (_logged)
            _logged.AppendLine(line);
    }

    private async Task KeepAsync(StreamReader log)
    {
        try
        {
            while (await log.ReadLineAsync() is { } line)
                Keep(line);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // With the process.
        }
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

    /// <summary>Waits until the process has ended by itself.</summary>
    /// <exception cref="OperationCanceledException">It has not in that time.</exception>
    public async Task UntilEndedAsync(TimeSpan patience)
    {
        if (_process is null)
            return;
        using CancellationTokenSource limit = new(patience);
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Asks the process to stop and returns its exit code.</summary>
    /// <param name="signal">TERM or INT.</param>
    /// <exception cref="TimeoutException">It runs on a minute after.</exception>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        if (_process is null)
            return 0;
        await Programs.SignalAsync(_process, signal);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the node has not stopped a minute after it was told to: {Logged}{Errors}");
        }
        int exitCode = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_ownsDirectory)
            Directory.Delete(DataDirectory, recursive: true);
    }
}
