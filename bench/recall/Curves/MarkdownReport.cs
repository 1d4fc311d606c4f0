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

    /// <summary>Speeds at equal recall, and how many times those of the reference: of the last contestant with as many of the same
    /// workers.</summary>
    public static void WriteRatios(IReadOnlyList<Curve> curves, TextWriter output)
    {
        foreach (double recall in Recalls)
        {
            Table(output, [$"at recall {recall:F2}", "queries/s", "ratio", "p50 ms", "ratio", "p99 ms", "ratio", "own us"],
                curves.Select(curve => Row(curve, curve.At(recall), curves.Last(other =>
                    (other.WorkerWord, other.Workers) == (curve.WorkerWord, curve.Workers)), recall)));
        }
    }

    private static string[] Row(Curve curve, Throughput? found, Curve reference, double recall)
    {
        if (found is not { } speed)
            return [curve.Title, "not reached", "", "", "", "", "", ""];
        Throughput? other = ReferenceEquals(curve, reference) ? null : reference.At(recall);
        return
        [
            curve.Title, $"{speed.PerSecond:N0}", Ratio(speed.PerSecond, other?.PerSecond),
            $"{speed.MedianMilliseconds:F3}", Ratio(speed.MedianMilliseconds, other?.MedianMilliseconds),
            $"{speed.SlowMilliseconds:F3}", Ratio(speed.SlowMilliseconds, other?.SlowMilliseconds), $"{speed.OwnMicroseconds:F1}",
        ];
    }

    private static string Ratio(double value, double? reference) => reference is null ? "" : $"{value / reference:F2}x";

    public static void Table(TextWriter output, IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        output.WriteLine($"| {string.Join(" | ", heads)} |");
        output.WriteLine($"|{string.Concat(heads.Select(_ => " --- |"))}");
        foreach (string[] row in rows)
            output.WriteLine($"| {string.Join(" | ", row)} |");
        output.WriteLine();
    }
}
