using System.Diagnostics;
using System.Text.Json;
using VecSQL.Bench.Tpch.Data;
using VecSQL.Bench.Tpch.Queries;

namespace VecSQL.Bench.Tpch.Contestants;

/// <summary>A program that loads the tables from files and answers queries, a line of JSON each way.</summary>
/// <remarks>
/// Started with the folder of TABLE.tbl files (bars between columns) and schema.sql as its last argument. Says {"ready":true}; then for
/// each {"sql":…} one {"milliseconds":…,"rows":[[…]]} or {"error":…}.
/// </remarks>
internal sealed class ProcessContestant(string name, string command, Generator generator, string folder) : IContestant
{
    private Process? _process;

    public string Name => name;

    public async Task<TimeSpan> PrepareAsync(CancellationToken cancellation)
    {
        BarFiles.Write(generator, folder);
        Stopwatch clock = Stopwatch.StartNew();
        ProcessStartInfo start = new("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in new[] { "-c", $"exec {command} \"$1\"", "sh", folder })
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new ContestantException($"{command} did not start");
        await ReadAsync(cancellation);
        return clock.Elapsed;
    }

    public async Task<Answer> AskAsync(Query query, CancellationToken cancellation)
    {
        Process process = _process ?? throw new InvalidOperationException("nothing is loaded yet");
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { sql = query.Sql }).AsMemory(), cancellation);
        await process.StandardInput.FlushAsync(cancellation);
        using JsonDocument answer = await ReadAsync(cancellation);
        string[] rows = [.. answer.RootElement.GetProperty("rows").EnumerateArray()
            .Select(row => string.Join('|', row.EnumerateArray().Select(value => value.ToString())))];
        return new Answer(answer.RootElement.GetProperty("milliseconds").GetDouble(), rows);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close(); // it ends with its input
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<JsonDocument> ReadAsync(CancellationToken cancellation)
    {
        string line = _process is { } process && await process.StandardOutput.ReadLineAsync(cancellation) is { } said
            ? said : throw new ContestantException($"{name} ended");
        JsonDocument answer = JsonDocument.Parse(line);
        return answer.RootElement.TryGetProperty("error", out JsonElement error) ? throw new ContestantException(error.ToString()) : answer;
    }
}
