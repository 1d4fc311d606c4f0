using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>Tables in Markdown.</summary>
internal static class MarkdownReport
{
    public static readonly double[] Recalls = [0.90, 0.95, 0.98, 0.99];

    public static void WriteData(DataSet data, TextWriter output)
    {
        output.WriteLine($"## {data.Name}");
        output.WriteLine();
        output.WriteLine($"{data.Rows.Count:N0} rows of {data.Dimensions} dimensions, {data.Metric}; {data.Queries.Count:N0} queries; " +
            $"{Environment.ProcessorCount} processors.");
        output.WriteLine();
    }

    public static void WriteBuild(IReadOnlyList<(string Name, IReadOnlyList<BuildFigure> Figures)> builds, TextWriter output)
    {
        Table(output, ["index", "what", "took"],
            builds.SelectMany(build => build.Figures.Select(figure => (string[])[build.Name, figure.What, figure.Value])));
    }

    public static void WriteCurves(IReadOnlyList<Curve> curves, TextWriter output) => Table(output,
        ["index", "effort", "recall", "queries/s", "p50 ms", "p99 ms", "own us"],
        curves.SelectMany(curve => curve.Points.Select(point => (string[])
        [
            curve.Title, point.Effort, $"{point.Recall:F4}", $"{point.Speed.PerSecond:N0}",
            $"{point.Speed.MedianMilliseconds:F3}", $"{point.Speed.SlowMilliseconds:F3}",
            $"{point.Speed.OwnMicroseconds:F1}",
        ])));

    /// <summary>Speeds at equal recall, and how many times those of the reference with as many workers.</summary>
    /// <param name="reference">A contestant's name; null to compare with none.</param>
    public static void WriteRatios(IReadOnlyList<Curve> curves, string? reference, TextWriter output)
    {
        foreach (double recall in Recalls)
        {
            Table(output, [$"at recall {recall:F2}", "queries/s", "ratio", "p50 ms", "p99 ms", "ratio"], curves.Select(curve =>
            {
                Throughput? speed = curve.At(recall);
                Throughput? other = curves.FirstOrDefault(found =>
                    found.Name == reference && found.Name != curve.Name
                    && (found.WorkerWord, found.Workers) == (curve.WorkerWord, curve.Workers))?.At(recall);
                return (string[])
                [
                    curve.Title, speed is null ? "not reached" : $"{speed.Value.PerSecond:N0}",
                    speed is null || other is null ? "" : $"{speed.Value.PerSecond / other.Value.PerSecond:F2}x",
                    speed is null ? "" : $"{speed.Value.MedianMilliseconds:F3}",
                    speed is null ? "" : $"{speed.Value.SlowMilliseconds:F3}",
                    speed is null || other is null ? "" : $"{speed.Value.SlowMilliseconds / other.Value.SlowMilliseconds:F2}x",
                ];
            }));
        }
    }

    public static void Table(TextWriter output, IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        output.WriteLine($"| {string.Join(" | ", heads)} |");
        output.WriteLine($"|{string.Concat(heads.Select(_ => " --- |"))}");
        foreach (string[] row in rows)
            output.WriteLine($"| {string.Join(" | ", row)} |");
        output.WriteLine();
    }
}
