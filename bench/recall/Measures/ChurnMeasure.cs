using System.Buffers.Binary;
using System.Diagnostics;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Recall, latency and size after every row has been replaced three times, beside a table freshly built of the same rows.</summary>
/// <remarks>
/// The rows change places: row n gets the vector that another had, so that what is to be found is known. Half of the rows are deleted
/// and loaded anew in batches, the other half updated one at a time. Meanwhile one connection searches without a pause; its answers
/// are not looked at, since what is right changes. The rest is measured when the background has put things in order.
/// </remarks>
internal static class ChurnMeasure
{
    private const int Passes = 3, BatchRows = 500;

    private const string EffortSql = "SET vecsql.target_recall = 0.97";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(Bench bench, TextWriter output, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        foreach (ServerIndex server in bench.Servers)
        {
            DataSet data = bench.Data;
            SqlTable table = server.Table(data, "churn_", []);
            try
            {
                await table.PrepareAsync(keep: false, cancellation);
                rows.Add(await RowAsync(bench, server, data, table, "before", null, cancellation));
                for (int pass = 1; pass <= Passes; pass++)
                {
                    bench.Progress.WriteLine($"churn: {server.Name}, pass {pass} of {Passes}");
                    data = Permuted(bench.Data, pass);
                    SqlTable after = table with { Data = data };
                    Pass replaced = await ReplaceAndSearchAsync(bench, server, after, cancellation);
                    rows.Add(await RowAsync(bench, server, data, after, $"after pass {pass}", replaced, cancellation));
                    table = after;
                }
                await table.PrepareAsync(keep: false, cancellation);
                rows.Add(await RowAsync(bench, server, data, table, "freshly built", null, cancellation));
            }
            finally
            {
                await table.DropAsync(default);
            }
        }
        output.WriteLine("Every row replaced three times, half by DELETE and COPY, half by single UPDATEs; then a table built of the same rows:");
        output.WriteLine();
        MarkdownReport.Table(output,
            ["index", "when", "replacing took s", "p50 ms meanwhile", "p95", "p99", "in order after s", "recall", "queries/s", "p50 ms", "p95 ms",
                "table MB", "index MB", "rows outside the index"], rows);
    }

    private static async Task<Pass> ReplaceAndSearchAsync(Bench bench, ServerIndex server, SqlTable table, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<Throughput> searching = Task.Factory.StartNew(() =>
        {
            using WireConnection connection = WireConnection.Open(table.Target);
            if (server.IsVecSql)
                connection.Execute(EffortSql);
            connection.Prepare("search", table.SearchFor(bench.Wanted));
            byte[][] searches = [.. Enumerable.Range(0, bench.Data.Queries.Count).Select(query =>
                WireConnection.ExecutionOf("search", WireConnection.BinaryOf(bench.Data.Queries[query])))];
            return ClosedLoop.RunUntil(number => connection.Run(searches[number % searches.Length], null), end.Token);
        }, TaskCreationOptions.LongRunning);
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            await ReplaceAsync(table, cancellation);
        }
        finally
        {
            await end.CancelAsync();
        }
        TimeSpan took = clock.Elapsed;
        Throughput searches = await searching;
        return new Pass(took, searches, await table.WaitSettledAsync(Patience, cancellation));
    }

    private static async Task<string[]> RowAsync(
        Bench bench, ServerIndex server, DataSet data, SqlTable table, string when, Pass? replaced, CancellationToken cancellation)
    {
        GroundTruth truth = GroundTruth.Find(data, bench.Wanted, bench.Threads);
        (string Text, string Sql)[] effort = [server.IsVecSql ? ("target 0.97", EffortSql) : ("default", "")];
        CurveRun run = new(data, truth, bench.Rounds, bench.RoundTime, TextWriter.Null);
        CurvePoint point = run.Measure([new SqlContestant(
            server, table, data.Queries, bench.Wanted, [1], new Sweep(effort), keep: true, [])])[0].Points[0];
        (long tableBytes, long indexBytes) = await table.SizesAsync(cancellation);
        return
        [
            server.Name, when, $"{replaced?.Took.TotalSeconds:F1}", $"{replaced?.Searches.MedianMilliseconds:F3}",
            $"{replaced?.Searches.LateMilliseconds:F3}", $"{replaced?.Searches.SlowMilliseconds:F3}", $"{replaced?.Settling.TotalSeconds:F1}",
            $"{point.Recall:F4}", $"{point.Speed.PerSecond:N0}",
            $"{point.Speed.MedianMilliseconds:F3}", $"{point.Speed.LateMilliseconds:F3}", $"{tableBytes / 1e6:N0}", $"{indexBytes / 1e6:N0}",
            $"{await table.WaitIndexedAsync(cancellation):N0}",
        ];
    }

    /// <summary>Row n has the vector that was row n + pass · step's at first.</summary>
    private static DataSet Permuted(DataSet first, int pass)
    {
        int count = first.Rows.Count, step = (count / 5) + 1;
        return first with { Rows = first.Rows.Pick([.. Enumerable.Range(0, count).Select(row => (int)((row + ((long)pass * step)) % count))]) };
    }

    private static async Task ReplaceAsync(SqlTable table, CancellationToken cancellation)
    {
        using WireConnection connection = WireConnection.Open(table.Target);
        connection.Prepare("change", $"UPDATE {table.Name} SET v = $2 WHERE id = $1");
        int count = table.Data.Rows.Count;
        for (int first = 0; first < count; first += BatchRows)
        {
            int rows = Math.Min(BatchRows, count - first);
            if (first / BatchRows % 2 == 0)
            {
                connection.Execute($"DELETE FROM {table.Name} WHERE id >= {first} AND id < {first + rows}");
                await table.CopyAsync(first, rows, cancellation);
                continue;
            }
            byte[] id = new byte[4];
            for (int row = first; row < first + rows; row++)
            {
                BinaryPrimitives.WriteInt32BigEndian(id, row);
                connection.Run(WireConnection.ExecutionOf("change", id, WireConnection.BinaryOf(table.Data.Rows[row])), null);
            }
        }
    }

    /// <param name="Took">To replace all rows.</param>
    /// <param name="Searches">Those of one connection meanwhile.</param>
    /// <param name="Settling">Until the background had nothing left to do.</param>
    private sealed record Pass(TimeSpan Took, Throughput Searches, TimeSpan Settling);
}
