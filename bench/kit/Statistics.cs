namespace VecSQL.Bench.Kit;

/// <summary>Figures out of many.</summary>
public static class Statistics
{
    /// <summary>The middle one, of an even number the upper.</summary>
    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    /// <param name="sorted">Ascending; not empty.</param>
    /// <param name="share">0 for the least, 1 for the greatest.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double share) =>
        sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
}
