using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Whether <c>vecsql.target_recall</c> keeps its word, and how much more than the least effort it takes.</summary>
internal static partial class TargetRecallMeasure
{
    private static readonly double[] Targets = [0.90, 0.95, 0.98, 0.99];

    public static async Task RunAsync(Bench bench, TextWriter output, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        foreach (ServerIndex server in bench.Servers.Where(server => server.IsVecSql))
        {
            SqlTable table = server.Table(bench.Data, "", []);
            try
            {
                await table.PrepareAsync(bench.Keep, cancellation);
                // A quarter more effort each: fine enough to find the least that reaches a recall.
                Sweep fine = new([.. Enumerable.Range(0, 28).Select(i => 4 * Math.Pow(1.25, i)).Select(effort =>
                    string.Create(CultureInfo.InvariantCulture, $"{Math.Round(effort)}")).Select(effort =>
                    ($"ef_search {effort}", $"SET vecsql.target_recall = 0; SET hnsw.ef_search = {effort}"))]);
                List<(double Recall, double Cells)> known = await MeasureAsync(bench, server, table, fine, cancellation);
                Sweep targets = new([.. Targets.Select(target => ($"target {target}",
                    string.Create(CultureInfo.InvariantCulture, $"SET vecsql.target_recall = {target}")))]);
                List<(double Recall, double Cells)> found = await MeasureAsync(bench, server, table, targets, cancellation);
                for (int i = 0; i < found.Count; i++)
                {
                    double least = LeastFor(Targets[i], known);
                    rows.Add([server.Name, $"{Targets[i]:F2}", $"{found[i].Recall:F4}", $"{found[i].Cells:N0}", $"{least:N0}",
                        $"{found[i].Cells / least:F2}x", found[i].Recall >= Targets[i] - 0.005 ? "yes" : "no"]);
                }
            }
            finally
            {
                if (!bench.Keep)
                    await table.DropAsync(default);
            }
        }
        output.WriteLine("What vecsql.target_recall gives:");
        output.WriteLine();
        MarkdownReport.Table(output,
            ["index", "target", "recall", "cells looked into", "least that reach the target", "ratio", "kept within 0.005"], rows);
    }

    private static async Task<List<(double Recall, double Cells)>> MeasureAsync(
        Bench bench, ServerIndex server, SqlTable table, Sweep sweep, CancellationToken cancellation)
    {
        List<(double, double)> found = [];
        SqlContestant contestant = new(server, table, bench.Data.Queries, bench.Wanted, [1], sweep, keep: true, []);
        using IWorker worker = contestant.OpenWorker();
        for (int effort = 0; effort < sweep.Efforts.Count; effort++)
        {
            worker.SetEffort(effort);
            double recall = Enumerable.Range(0, bench.Data.Queries.Count)
                .Average(query => bench.Truth.RecallOf(query, worker.Ask(query)));
            found.Add((recall, await CellsAsync(bench.Data, table, sweep.Efforts[effort].Sql, cancellation)));
            if (recall > 0.9985)
                break;
        }
        return found;
    }

    // Every query looks into equally many.
    private static async Task<double> CellsAsync(DataSet data, SqlTable table, string setting, CancellationToken cancellation)
    {
        string query = "[" + string.Join(',', data.Queries[0].ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "]";
        await using NpgsqlConnection connection = await table.Target.OpenAsync(cancellation);
        await Target.ExecuteAsync(connection, setting, cancellation);
        await using NpgsqlCommand command = new(
            "EXPLAIN (ANALYZE) " + table.SearchFor(10).Replace("$1", $"'{query}'", StringComparison.Ordinal), connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (CellsProbed().Match(reader.GetString(0)) is { Success: true } match)
                return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        }
        throw new InvalidOperationException($"{table.Target.Name} does not say how many cells it looked into");
    }

    private static double LeastFor(double recall, List<(double Recall, double Cells)> known)
    {
        Curve curve = new("", 1, "", [.. known.Select(point => new CurvePoint("", point.Recall, new Throughput(1 / point.Cells, 1, 1, 1, 1)))]);
        return curve.At(recall) is { } least ? 1 / least.PerSecond : double.NaN;
    }

    [GeneratedRegex(@"Cells Probed: (\d+)")]
    private static partial Regex CellsProbed();
}
