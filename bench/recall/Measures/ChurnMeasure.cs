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
/// and loaded anew in batches, the other half updated one at a time.
/// </remarks>
internal static class ChurnMeasure
{
    private const int Passes = 3, BatchRows = 500;

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
                rows.Add(await RowAsync(bench, server, data, table, "before", TimeSpan.Zero, cancellation));
                for (int pass = 1; pass <= Passes; pass++)
                {
                    bench.Progress.WriteLine($"churn: {server.Name}, pass {pass} of {Passes}");
                    Stopwatch clock = Stopwatch.StartNew();
                    data = Permuted(bench.Data, pass);
                    SqlTable after = table with { Data = data };
                    await ReplaceAsync(after, cancellation);
                    await after.WaitIndexedAsync(cancellation);
                    rows.Add(await RowAsync(bench, server, data, after, $"after pass {pass}", clock.Elapsed, cancellation));
                    table = after;
                }
                await table.PrepareAsync(keep: false, cancellation);
                rows.Add(await RowAsync(bench, server, data, table, "freshly built", TimeSpan.Zero, cancellation));
            }
            finally
            {
                await table.DropAsync(default);
            }
        }
        output.WriteLine("Every row replaced three times, half by DELETE and COPY, half by single UPDATEs; then a table built of the same rows:");
        output.WriteLine();
        MarkdownReport.Table(output,
            ["index", "when", "replacing took s", "recall", "queries/s", "p50 ms", "p95 ms", "table MB", "index MB", "rows outside the index"], rows);
    }

    private static async Task<string[]> RowAsync(
        Bench bench, ServerIndex server, DataSet data, SqlTable table, string when, TimeSpan took, CancellationToken cancellation)
    {
        GroundTruth truth = GroundTruth.Find(data, bench.Wanted, bench.Threads);
        (string Text, string Sql)[] effort = [server.IsVecSql ? ("target 0.97", "SET vecsql.target_recall = 0.97") : ("default", "")];
        CurveRun run = new(data, truth, bench.Rounds, bench.RoundTime, TextWriter.Null);
        CurvePoint point = run.Measure([new SqlContestant(
            server, table, data.Queries, bench.Wanted, [1], new Sweep(effort), keep: true, [])])[0].Points[0];
        (long tableBytes, long indexBytes) = await table.SizesAsync(cancellation);
        return
        [
            server.Name, when, took == TimeSpan.Zero ? "" : $"{took.TotalSeconds:F1}", $"{point.Recall:F4}", $"{point.Speed.PerSecond:N0}",
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
}
