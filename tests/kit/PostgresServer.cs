using System.Collections.Concurrent;
using System.Diagnostics;

namespace VecSQL.Kit;

/// <summary>A private PostgreSQL server, the reference that SQL is compared with.</summary>
/// <remarks>One that still runs when the tests' process ends, as after a failure, is killed then, and its files go with it.</remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<PostgresServer, bool> Running = new();

    private readonly string _directory, _programs;

    static PostgresServer() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (PostgresServer server in Running.Keys)
            server.Kill();
    };

    private PostgresServer(string directory, string programs, int port)
    {
        _directory = directory;
        _programs = programs;
        Port = port;
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    /// <summary>The folder of initdb and pg_ctl; null where PostgreSQL is not installed.</summary>
    public static string? ProgramFolder { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderBy(folder => folder, StringComparer.Ordinal)
            .Select(folder => Path.Combine(folder, "bin")).LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;

    /// <param name="certificates">What it shows over TLS; null for no TLS.</param>
    /// <param name="rules">Its pg_hba.conf; null to trust everybody.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or did not start.</exception>
    public static async Task<PostgresServer> StartAsync(TestCertificates? certificates = null, string? rules = null)
    {
        string programs = ProgramFolder ?? throw new InvalidOperationException("PostgreSQL is not installed");
        string directory = Directory.CreateTempSubdirectory("vecsql-pg-").FullName;
        PostgresServer server = new(directory, programs, Programs.FreePort());
        Running[server] = true;
        if (Environment.IsPrivilegedProcess)
            await CheckAsync("chown", ["postgres", directory]);
        await server.RunAsync("initdb", "-D", $"{directory}/data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");
        if (rules is not null)
            await File.WriteAllTextAsync($"{directory}/data/pg_hba.conf", rules);
        if (certificates is not null)
            await server.InstallAsync(certificates);
        await server.RunAsync("pg_ctl", "-D", $"{directory}/data", "-w", "-l", $"{directory}/log", "-o",
            $"-p {server.Port} -c listen_addresses=127.0.0.1 -c fsync=off -c ssl={(certificates is null ? "off" : "on")} -k {directory}", "start");
        return server;
    }

    /// <summary>Copies the certificate and its key to where PostgreSQL looks for them, for its user alone.</summary>
    private async Task InstallAsync(TestCertificates certificates)
    {
        File.Copy(certificates.ServerFile, $"{_directory}/data/server.crt");
        File.Copy(certificates.ServerKeyFile, $"{_directory}/data/server.key");
        if (Environment.IsPrivilegedProcess)
            await CheckAsync("chown", ["postgres", $"{_directory}/data/server.crt", $"{_directory}/data/server.key"]);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "-D", $"{_directory}/data", "-m", "immediate", "-w", "stop");
        Running.TryRemove(this, out bool _);
        Directory.Delete(_directory, recursive: true);
    }

    private void Kill()
    {
        string file = Path.Combine(_directory, "data", "postmaster.pid"); // its first line is the process id
        if (File.Exists(file) && int.TryParse(File.ReadLines(file).First(), out int id))
        {
            using Process server = Process.GetProcessById(id);
            server.Kill();
            server.WaitForExit();
        }
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs one of its programs; as root by way of the postgres user, since PostgreSQL refuses root.</summary>
    private Task RunAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        return Environment.IsPrivilegedProcess
            ? CheckAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : CheckAsync(path, arguments);
    }

    private static async Task CheckAsync(string file, IEnumerable<string> arguments)
    {
        // Output goes nowhere: the server that pg_ctl leaves behind would hold a pipe open.
        ProcessStartInfo start = new("sh") { WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" >/dev/null 2>&1");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(file);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} failed with {process.ExitCode}");
    }
}
