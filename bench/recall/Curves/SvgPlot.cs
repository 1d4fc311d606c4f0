using System.Globalization;
using System.Net;
using System.Text;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>Curves as a picture: queries per second over recall, both by logarithms, the latter of what is missed.</summary>
/// <remarks>A viewer's dark or light preference chooses the colours. A colour is a contestant, a dash its number of workers.</remarks>
internal static class SvgPlot
{
    private const double Left = 66, Top = 46, Width = 600, Height = 360, LegendTop = 34;
    private const double RecallMin = 0.8, RecallMax = 0.9985;

    private static readonly double[] RecallTicks = [0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998];
    private static readonly string[] Dashes = ["", "7 4", "2 3", "9 3 2 3"];

    private const string Style = """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #333 }
        .title { font-size: 14px; font-weight: 600 }
        .paper { fill: #fff }
        .grid { stroke: #ddd; stroke-width: 1 }
        .frame { fill: none; stroke: #888; stroke-width: 1 }
        .line { fill: none; stroke-width: 2 }
        .c0 { stroke: #1f6feb; color: #1f6feb } .c1 { stroke: #bc4c00; color: #bc4c00 } .c2 { stroke: #1a7f37; color: #1a7f37 }
        .c3 { stroke: #8250df; color: #8250df } .c4 { stroke: #bf3989; color: #bf3989 } .c5 { stroke: #7d6600; color: #7d6600 }
        .dot { fill: currentColor; stroke: none }
        @media (prefers-color-scheme: dark) {
        text { fill: #ddd } .paper { fill: #0d1117 } .grid { stroke: #30363d }
        .c0 { stroke: #58a6ff; color: #58a6ff } .c1 { stroke: #f0883e; color: #f0883e } .c2 { stroke: #3fb950; color: #3fb950 }
        .c3 { stroke: #bc8cff; color: #bc8cff } .c4 { stroke: #f778ba; color: #f778ba } .c5 { stroke: #d29922; color: #d29922 }
        }
        </style>
        """;

    /// <exception cref="ArgumentException">No curve has a point in the picture's range of recall.</exception>
    public static string Draw(string title, IReadOnlyList<Curve> curves)
    {
        double[] speeds = [.. curves.SelectMany(Seen).Select(point => point.Speed.PerSecond)];
        if (speeds.Length == 0)
            throw new ArgumentException($"no curve has a point with recall from {RecallMin} to {RecallMax}");
        double[] ticks = SpeedTicks(speeds.Min(), speeds.Max());
        Scale scale = new(ticks[0], ticks[^1]);
        double bottom = Top + Height, full = bottom + 58 + (18 * curves.Count);
        StringBuilder svg = new();
        svg.AppendLine(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 24} {full}" role="img">"""))
            .AppendLine(Invariant($"<title>{WebUtility.HtmlEncode(title)}</title>")).AppendLine(Style)
            .AppendLine("""<rect class="paper" width="100%" height="100%" rx="6"/>""")
            .AppendLine(Invariant($"""<text class="title" x="{Left}" y="26">{WebUtility.HtmlEncode(title)}</text>"""));
        foreach (double tick in RecallTicks)
        {
            double x = Scale.X(tick);
            svg.AppendLine(Invariant($"""<line class="grid" x1="{x:F1}" x2="{x:F1}" y1="{Top}" y2="{bottom}"/>"""))
                .AppendLine(Invariant($"""<text x="{x:F1}" y="{bottom + 17}" text-anchor="middle">{tick}</text>"""));
        }
        foreach (double tick in ticks)
        {
            double y = scale.Y(tick);
            svg.AppendLine(Invariant($"""<line class="grid" x1="{Left}" x2="{Left + Width}" y1="{y:F1}" y2="{y:F1}"/>"""))
                .AppendLine(Invariant($"""<text x="{Left - 8}" y="{y + 4:F1}" text-anchor="end">{tick:N0}</text>"""));
        }
        svg.AppendLine(Invariant($"""<rect class="frame" x="{Left}" y="{Top}" width="{Width}" height="{Height}"/>"""))
            .AppendLine(Invariant($"""<text x="{Left + (Width / 2)}" y="{bottom + 38}" text-anchor="middle">recall of the ten nearest</text>"""))
            .AppendLine(Invariant($"""<text transform="translate(16 {Top + (Height / 2)}) rotate(-90)" text-anchor="middle">queries per second</text>"""));
        DrawCurves(svg, curves, scale, bottom + LegendTop + 24);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawCurves(StringBuilder svg, IReadOnlyList<Curve> curves, Scale scale, double legendTop)
    {
        List<string> names = [.. curves.Select(curve => curve.Name).Distinct()];
        for (int i = 0; i < curves.Count; i++)
        {
            Curve curve = curves[i];
            int color = names.IndexOf(curve.Name) % 6;
            string dash = Dashes[curves.Take(i).Count(earlier => earlier.Name == curve.Name) % Dashes.Length];
            (double X, double Y)[] places = [.. Seen(curve).Select(point => (Scale.X(point.Recall), scale.Y(point.Speed.PerSecond)))];
            string path = string.Join(' ', places.Select(place => Invariant($"{place.X:F1},{place.Y:F1}")));
            svg.AppendLine($"""<polyline class="line c{color}" stroke-dasharray="{dash}" points="{path}"/>""");
            foreach ((double x, double y) in places)
                svg.AppendLine(Invariant($"""<circle class="dot c{color}" cx="{x:F1}" cy="{y:F1}" r="3"/>"""));
            double row = legendTop + (18 * i);
            svg.AppendLine(Invariant($"""<line class="line c{color}" stroke-dasharray="{dash}" x1="{Left}" x2="{Left + 34}" y1="{row - 4}" y2="{row - 4}"/>"""))
                .AppendLine(Invariant($"""<text x="{Left + 44}" y="{row}">{WebUtility.HtmlEncode(curve.Title)}</text>"""));
        }
    }

    private static IEnumerable<CurvePoint> Seen(Curve curve) =>
        curve.Points.Where(point => point.Recall is >= RecallMin and <= RecallMax);

    // 1, 2 and 5 of each power of ten, from below the least to above the greatest.
    private static double[] SpeedTicks(double least, double greatest)
    {
        double[] all = [.. Enumerable.Range(-1, 10).SelectMany(power => (double[])[1, 2, 5], (power, step) => step * Math.Pow(10, power))];
        int first = Math.Max(0, Array.FindLastIndex(all, tick => tick <= least));
        int last = Array.FindIndex(all, tick => tick >= greatest);
        return all[first..Math.Max(last + 1, first + 2)];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Scale(double SpeedMin, double SpeedMax)
    {
        public static double X(double recall) =>
            Left + (Width * Math.Log((1 - RecallMin) / (1 - recall)) / Math.Log((1 - RecallMin) / (1 - RecallMax)));

        public double Y(double speed) => Top + Height - (Height * Math.Log(speed / SpeedMin) / Math.Log(SpeedMax / SpeedMin));
    }
}
