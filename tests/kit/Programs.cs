using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VecSQL.Kit;

/// <summary>Starts programs for tests and reads what they print.</summary>
/// <remarks>What still runs when the tests' own process ends, as after a failure, is killed then.</remarks>
public static class Programs
{
    private static readonly ConcurrentDictionary<Process, bool> Running = new();

    static Programs() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (Process process in Running.Keys)
            End(process);
    };

    /// <summary>The checkout that the tests were built from.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The built server program.</summary>
    public static string ServerDll { get; } = Path.Combine(
        RepositoryRoot, "server", "bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug",
        "net10.0", "vecsql.dll");

    /// <summary>Runs a program that has nothing to say where it does what it is to.</summary>
    /// <exception cref="InvalidOperationException">It has failed; the message has what it said.</exception>
    public static async Task DoAsync(string file, params string[] arguments)
    {
        ProgramResult result = await RunAsync(file, arguments);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {result.Error.Trim()}");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="input">What it reads from standard input; null for nothing.</param>
    /// <exception cref="TimeoutException">It ran for longer than three minutes and was ended.</exception>
    public static async Task<ProgramResult> RunAsync(
        string file, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(file, arguments, environment);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(3));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            End(process);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end");
        }
    }

    public static Process Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        Running[process] = true;
        process.Disposed += (_, _) => Running.TryRemove(process, out bool _);
        return process;
    }

    /// <param name="signal">As kill(1) names it: TERM, STOP.</param>
    /// <exception cref="InvalidOperationException">The process does not run.</exception>
    internal static async Task SignalAsync(Process? process, string signal)
    {
        int id = process?.Id ?? throw new InvalidOperationException("the process is not running");
        using Process kill = Process.Start("kill", [$"-{signal}", id.ToString()]);
        await kill.WaitForExitAsync();
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>A port that nothing listens on at this moment.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VecSQL.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no VecSQL.sln above the tests");
    }
}

public sealed record ProgramResult(int ExitCode, string Output, string Error);
