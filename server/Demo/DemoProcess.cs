using System.ComponentModel;
using System.Diagnostics;
using VecSQL.Server.Configuration;

namespace VecSQL.Server.Demo;

/// <summary>A process that the demo starts and ends: etcd, or a node.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const int LinesKept = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DemoProcess(string name, ProcessStartInfo start, string readyText)
    {
        _name = name;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data, readyText);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, readyText);
        _process.Exited += (_, _) => _ready.TrySetException(Failed("has ended"));
    }

    /// <summary>Starts a program and returns when it has said that it is ready.</summary>
    /// <param name="readyText">What the line that says so contains.</param>
    /// <exception cref="SettingException">It cannot be started, or has ended; with what it has said.</exception>
    public static async Task<DemoProcess> StartAsync(
        string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> variables, string readyText, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string variable, string value) in variables)
            start.Environment[variable] = value;
        DemoProcess process = new(name, start, readyText);
        try
        {
            process._process.Start();
            process._process.BeginOutputReadLine();
            process._process.BeginErrorReadLine();
            await process._ready.Task.WaitAsync(Patience, cancellation);
            return process;
        }
        catch (Exception failure)
        {
            SettingException told = failure switch
            {
                TimeoutException => process.Failed("does not say that it is ready"),
                Win32Exception => new SettingException($"{name} cannot be started: {failure.Message}; Debian and Ubuntu have it in the package etcd-server"),
                _ => new SettingException($"{name}: {failure.Message}"),
            };
            await process.DisposeAsync();
            if (failure is OperationCanceledException or SettingException)
                throw;
            throw told;
        }
    }

    /// <summary>Ends it as kill -9 does.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It never ran, or has ended.
        }
        _process.Dispose();
    }

    private SettingException Failed(string what)
    {
        lock (_lines)
            return new SettingException($"{_name} {what}: {string.Join('\n', _lines)}");
    }

    private void Take(string? line, string readyText)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
                _lines.Dequeue();
        }
        if (line.Contains(readyText, StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
