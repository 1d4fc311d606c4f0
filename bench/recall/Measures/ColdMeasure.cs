using System.Diagnostics;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Searches of a server that has just been started with nothing of its files in memory, and of the same server later.</summary>
/// <remarks>
/// Only who runs the server can restart it and make the system forget its files, so that is a command's part. Each query is asked once,
/// then all are asked again.
/// </remarks>
internal static class ColdMeasure
{
    private const int FirstQueries = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="command">For the shell; gets the target's name as $1.</param>
    public static async Task RunAsync(Bench bench, string command, TextWriter output, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        foreach (ServerIndex server in bench.Servers)
        {
            SqlTable table = server.Table(bench.Data, "", []);
            try
            {
                await table.PrepareAsync(bench.Keep, cancellation);
                await table.WaitSettledAsync(Patience, cancellation);
                rows.Add(await MeasureAsync(bench, server, table, command, cancellation));
            }
            finally
            {
                if (!bench.Keep)
                    await table.DropAsync(default);
            }
        }
        output.WriteLine($"Searches after a restart with no file in memory, one connection; of the queries {FirstQueries} first, all, and all again:");
        output.WriteLine();
        MarkdownReport.Table(output,
            ["index", "answers after s", "index open after s", "first ms", "first p50 ms", "p99", "all p50 ms", "p99", "again p50 ms", "p99"], rows);
    }

    private static async Task<string[]> MeasureAsync(
        Bench bench, ServerIndex server, SqlTable table, string command, CancellationToken cancellation)
    {
        bench.Progress.WriteLine($"restarting {server.Name}");
        using (Process shell = Process.Start("/bin/sh", ["-c", command, "sh", server.Name]))
        {
            await shell.WaitForExitAsync(cancellation);
            if (shell.ExitCode != 0)
                throw new IOException($"the command that restarts {server.Name} ended with {shell.ExitCode}");
        }
        NpgsqlConnection.ClearAllPools(); // theirs lead to the server before
        Stopwatch clock = Stopwatch.StartNew();
        using WireConnection connection = await ConnectAsync(table.Target, clock, cancellation);
        double reachable = clock.Elapsed.TotalSeconds;
        await table.WaitIndexedAsync(cancellation);
        double open = clock.Elapsed.TotalSeconds;
        connection.Execute(server.SessionSql);
        if (server.IsVecSql)
            connection.Execute("SET vecsql.target_recall = 0.97");
        connection.Prepare("search", table.SearchFor(bench.Wanted));
        double[] once = Ask(bench, connection), again = Ask(bench, connection);
        return
        [
            server.Name, $"{reachable:F1}", $"{open:F1}", $"{once[0]:F2}", .. Quantiles(once[..Math.Min(FirstQueries, once.Length)]), .. Quantiles(once),
            .. Quantiles(again),
        ];
    }

    private static async Task<WireConnection> ConnectAsync(Target target, Stopwatch clock, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return WireConnection.Open(target);
            }
            catch (System.Net.Sockets.SocketException) when (clock.Elapsed < Patience)
            {
                await Task.Delay(20, cancellation); // it is starting
            }
        }
    }

    private static double[] Ask(Bench bench, WireConnection connection)
    {
        double[] times = new double[bench.Data.Queries.Count];
        for (int query = 0; query < times.Length; query++)
        {
            byte[] execution = WireConnection.ExecutionOf("search", WireConnection.BinaryOf(bench.Data.Queries[query]));
            long start = Stopwatch.GetTimestamp();
            connection.Run(execution, null);
            times[query] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return times;
    }

    private static string[] Quantiles(double[] times)
    {
        double[] sorted = [.. times.Order()];
        return [$"{Statistics.Quantile(sorted, 0.5):F2}", $"{Statistics.Quantile(sorted, 0.99):F2}"];
    }
}
