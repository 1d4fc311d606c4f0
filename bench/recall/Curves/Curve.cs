using VecSQL.Bench.Kit;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>What one effort gives.</summary>
/// <param name="Effort">In words.</param>
internal sealed record CurvePoint(string Effort, double Recall, Throughput Speed);

/// <summary>What a contestant gives with so many workers, by rising effort.</summary>
internal sealed record Curve(string Name, int Workers, string WorkerWord, IReadOnlyList<CurvePoint> Points)
{
    public string Title => $"{Name}, {Workers} {WorkerWord}{(Workers == 1 ? "" : "s")}";

    /// <summary>The speed at a recall: the best of the efforts that reach it, or on the line between two efforts of which one
    /// does; null where none does.</summary>
    /// <remarks>Between two efforts by the logarithms of what is missed and of the speed, which lie nearly on a line.</remarks>
    public Throughput? At(double recall)
    {
        Throughput? best = null;
        for (int i = 0; i < Points.Count; i++)
        {
            if (Points[i].Recall < recall)
                continue;
            Offer(Points[i].Speed);
            if (i > 0 && Points[i - 1].Recall < recall)
                Offer(Between(Points[i - 1], Points[i], recall));
        }
        return best;

        void Offer(Throughput found) => best = best is { } before && before.PerSecond >= found.PerSecond ? before : found;
    }

    private static Throughput Between(CurvePoint below, CurvePoint above, double recall)
    {
        double lost = Math.Log(Missed(below.Recall)), left = Math.Log(Missed(above.Recall));
        double share = lost > left ? Math.Clamp((lost - Math.Log(Missed(recall))) / (lost - left), 0, 1) : 1;
        return new Throughput(
            Mix(below.Speed.PerSecond, above.Speed.PerSecond),
            Mix(below.Speed.MedianMilliseconds, above.Speed.MedianMilliseconds),
            Mix(below.Speed.LateMilliseconds, above.Speed.LateMilliseconds),
            Mix(below.Speed.SlowMilliseconds, above.Speed.SlowMilliseconds),
            Mix(below.Speed.OwnMicroseconds, above.Speed.OwnMicroseconds));

        double Mix(double x, double y) => Math.Exp(Math.Log(x) + (share * (Math.Log(y) - Math.Log(x))));
    }

    // Fewer misses than this cannot be told from none.
    private static double Missed(double recall) => Math.Max(1 - recall, 1e-4);
}
