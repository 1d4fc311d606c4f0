using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Searches among the rows that pass a filter: of several selectivities, and with and against the nearness of vectors.</summary>
internal static class FilterMeasure
{
    private const double RecallWanted = 0.95;
    private const int QueriesMax = 200;
    private static readonly double[] Shares = [0.5, 0.1, 0.01, 0.001, 0.0001];

    public static async Task RunAsync(Bench bench, TextWriter output, CancellationToken cancellation)
    {
        DataSet data = bench.Data with { Queries = bench.Data.Queries.First(QueriesMax) };
        FilterKeys keys = new(data, seed: 1);
        SqlTable[] tables = [.. bench.Servers.Select(server => server.Table(data, "filter_", [("drawn", keys.Drawn), ("place", keys.Ordered)]))];
        try
        {
            foreach (SqlTable table in tables)
                await table.PrepareAsync(bench.Keep, cancellation);
            Throughput?[] unfiltered = Speeds(bench, data, GroundTruth.Find(data, bench.Wanted, bench.Threads), tables, [], out _);
            List<string[]> rows = [];
            foreach ((FilterKind kind, double share) in
                from kind in Enum.GetValues<FilterKind>() from share in Shares select (kind, share))
            {
                bench.Progress.WriteLine($"filter: {kind}, {share:P2}");
                (int First, int End)[] ranges = [.. Enumerable.Range(0, data.Queries.Count).Select(query => keys.RangeFor(kind, share, query))];
                GroundTruth truth = GroundTruth.FindAmong(data, bench.Wanted, bench.Threads, query => keys.RowsOf(kind, ranges[query]));
                string column = kind == FilterKind.Independent ? "drawn" : "place";
                string[] filters = [.. ranges.Select(range => $"WHERE {column} >= {range.First} AND {column} < {range.End} ")];
                Throughput?[] speeds = Speeds(bench, data, truth, tables, filters, out double[][] recalls);
                for (int i = 0; i < tables.Length; i++)
                    rows.Add(Row(kind, share, bench.Servers[i].Name, speeds[i], recalls[i], unfiltered[i], speeds[^1], i == tables.Length - 1));
            }
            output.WriteLine($"Filters, one connection, {data.Queries.Count} queries; speeds are at recall {RecallWanted}:");
            output.WriteLine();
            MarkdownReport.Table(output,
                ["filter", "rows that pass", "index", "recall, least to most effort", "queries/s", "p99 ms", "of unfiltered", "ratio"], rows);
        }
        finally
        {
            foreach (SqlTable table in bench.Keep ? [] : tables)
                await table.DropAsync(default);
        }
    }

    private static Throughput?[] Speeds(
        Bench bench, DataSet data, GroundTruth truth, SqlTable[] tables, string[] filters, out double[][] recalls)
    {
        CurveRun run = new(data, truth, bench.Rounds, bench.RoundTime, TextWriter.Null);
        IReadOnlyList<Curve> curves = run.Measure([.. tables.Select((table, i) => new SqlContestant(
            bench.Servers[i], table, data.Queries, bench.Wanted, [1], bench.Servers[i].FilteredEfforts, keep: true, filters))]);
        recalls = [.. curves.Select(curve => curve.Points.Select(point => point.Recall).ToArray())];
        return [.. curves.Select(curve => curve.At(RecallWanted))];
    }

    private static string[] Row(
        FilterKind kind, double share, string name, Throughput? speed, double[] recalls, Throughput? unfiltered,
        Throughput? reference, bool isReference) =>
    [
        kind.ToString(), $"{share:P2}", name, $"{recalls[0]:F3} to {recalls[^1]:F3}",
        speed is null ? "not reached" : $"{speed.Value.PerSecond:N0}",
        speed is null ? "" : $"{speed.Value.SlowMilliseconds:F2}",
        speed is null || unfiltered is null ? "" : $"{speed.Value.PerSecond / unfiltered.Value.PerSecond:F2}x",
        speed is null || isReference ? "" : reference is null ? "only one" : $"{speed.Value.PerSecond / reference.Value.PerSecond:F2}x",
    ];
}
