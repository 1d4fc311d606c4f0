using System.Xml.Linq;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;

namespace VecSQL.Bench.Tests.Recall;

public sealed class CurveTests
{
    private static readonly Curve Falling = Curve(("a", 0.5, 4000), ("b", 0.9, 1000), ("c", 0.99, 100));

    [Fact]
    public void A_point_of_the_curve_is_met() => Assert.Equal(1000, Falling.At(0.9)?.PerSecond);

    [Fact]
    public void Between_two_points_half_the_way_of_the_misses_is_half_the_way_of_the_speeds()
    {
        // 1 − 0.9 and 1 − 0.99 are one power of ten apart, and so are 1000 and 100.
        double? speed = Falling.At(1 - Math.Pow(10, -1.5))?.PerSecond;
        Assert.NotNull(speed);
        Assert.Equal(Math.Pow(10, 2.5), speed.Value, precision: 6);
    }

    [Fact]
    public void Below_all_points_the_fastest_counts_and_above_all_there_is_none()
    {
        Assert.Equal(4000, Falling.At(0.3)?.PerSecond);
        Assert.Null(Falling.At(0.995));
    }

    [Fact]
    public void An_effort_that_is_both_better_and_faster_is_taken() =>
        Assert.Equal(3000, Curve(("a", 0.9, 1000), ("b", 0.95, 3000)).At(0.9)?.PerSecond);

    [Fact]
    public void Ratios_are_to_the_reference_with_as_many_workers()
    {
        StringWriter text = new();
        Curve other = Curve(("a", 0.99, 300)) with { Name = "other" };
        MarkdownReport.WriteRatios([Curve(("a", 0.99, 900)), other, other with { Name = "third", Workers = 8 }], text);
        Assert.Contains("| one, 1 thread | 900 | 3.00x | 1.000 | 1.00x | 2.000 | 1.00x | 3.0 |", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("| other, 1 thread | 300 |  | 1.000 |  | 2.000 |  | 3.0 |", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("| third, 8 threads | 300 |  |", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_is_well_formed_and_has_a_line_and_a_name_for_each_curve()
    {
        string svg = SvgPlot.Draw("speed < light & \"more\"", [Falling, Falling with { Name = "<other>", Workers = 8 }]);
        XElement root = XDocument.Parse(svg).Root ?? throw new InvalidDataException("empty");
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(2, root.Elements(space + "polyline").Count());
        string[] texts = [.. root.Elements(space + "text").Select(text => text.Value)];
        Assert.Contains("speed < light & \"more\"", texts);
        Assert.Contains("one, 1 thread", texts);
        Assert.Contains("<other>, 8 threads", texts);
        Assert.Contains("100", texts);
        Assert.Contains("1,000", texts);
        // Two of three points are in the range of recall; the faster one is higher up.
        double[] heights = [.. root.Elements(space + "circle").Take(2).Select(dot => double.Parse(dot.Attribute("cy")?.Value ?? ""))];
        Assert.True(heights[0] < heights[1], $"{heights[0]} is not above {heights[1]}");
    }

    [Fact]
    public void A_closed_loop_counts_what_its_workers_did()
    {
        int[] calls = new int[2];
        Throughput found = ClosedLoop.Run([i => calls[0] = i + 1, i => calls[1] = i + 1], TimeSpan.FromMilliseconds(1));
        Assert.All(calls, count => Assert.InRange(count, 1, int.MaxValue));
        Assert.InRange(found.MedianMilliseconds, 0, found.SlowMilliseconds);
        Assert.Throws<InvalidOperationException>(() => ClosedLoop.Run([_ => throw new InvalidDataException()], TimeSpan.Zero));
    }

    private static Curve Curve(params (string Effort, double Recall, double Speed)[] points) => new(
        "one", 1, "thread", [.. points.Select(point => new CurvePoint(point.Effort, point.Recall, new Throughput(point.Speed, 1, 1.5, 2, 3)))]);
}
