using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Queries per second over recall, and what building took.</summary>
internal static class CurveMeasure
{
    /// <param name="others">Contestants that are no servers.</param>
    /// <param name="svgPath">Where to draw the curves; null for nowhere.</param>
    public static async Task RunAsync(
        Bench bench, IReadOnlyList<IContestant> others, string? svgPath, TextWriter output, CancellationToken cancellation)
    {
        List<IContestant> contestants = [.. others, .. bench.Servers.Select(server => new SqlContestant(
            server, server.Table(bench.Data, "", []), bench.Data.Queries, bench.Wanted, bench.Connections, server.Efforts, bench.Keep, []))];
        try
        {
            List<(string, IReadOnlyList<BuildFigure>)> builds = [];
            foreach (IContestant contestant in contestants)
            {
                bench.Progress.WriteLine($"building {contestant.Name}");
                builds.Add((contestant.Name, await contestant.BuildAsync(cancellation)));
            }
            MarkdownReport.WriteBuild(builds, output);
            IReadOnlyList<Curve> curves = new CurveRun(bench.Data, bench.Truth, bench.Rounds, bench.RoundTime, bench.Progress).Measure(contestants);
            MarkdownReport.WriteCurves(curves, output);
            MarkdownReport.WriteRatios(curves, output);
            if (svgPath is not null)
                await File.WriteAllTextAsync(svgPath, SvgPlot.Draw(bench.Data.Name, curves), cancellation);
        }
        finally
        {
            foreach (IContestant contestant in contestants)
                await contestant.DisposeAsync();
        }
    }
}
