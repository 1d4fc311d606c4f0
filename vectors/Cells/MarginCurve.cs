using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Cells;

/// <summary>The share of so many nearest rows that lies in cells no more than a margin farther than the last of these rows, on average
/// over rows of the index as queries.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct MarginPoint(int Neighbours, float Recall, float Margin);

/// <summary>By how much cells may be farther than the rows found so far before none of them need be looked into: measured on the
/// index's own rows.</summary>
/// <remarks>
/// Where a filter lets only some rows pass, it cannot be known how many cells hold the nearest of them, for these may be dense where
/// the query is, or elsewhere. How far rows are from their cell's centroid is the same everywhere, so what can be known is where to
/// stop: the distance of the cells to come says. From afar a row is nearer than its centroid by its residual's part in the direction of
/// the query, however far that is, so margins are of lengths, not of squares. With rarer rows fewer of the cells at the margin have one, so it may be smaller, by
/// as much for each power of ten as between ten and a hundred neighbours.
/// Units:   lengths, for cosine between unit vectors; for inner products those of a query of length 1.
/// Threads: immutable; any.
/// </remarks>
public sealed class MarginCurve
{
    /// <summary>Recalls at which margins are measured.</summary>
    internal static readonly float[] Recalls = [0.5f, 0.7f, 0.8f, 0.85f, 0.9f, 0.93f, 0.95f, 0.96f, 0.97f, 0.98f, 0.985f, 0.99f, 0.995f, 0.998f, 0.999f];

    /// <summary>Where ten and a hundred neighbours lie in few cells, their margins say little of rows that are rarer still.</summary>
    private const double PerDecadeMax = 1 / 6.0;

    private readonly MarginPoint[] _points;

    /// <param name="points">By ascending neighbours, then by ascending recall.</param>
    /// <exception cref="ArgumentException">They do not ascend, or are impossible.</exception>
    public MarginCurve(ReadOnlySpan<MarginPoint> points)
    {
        _points = points.ToArray();
        for (int i = 0; i < _points.Length; i++)
        {
            MarginPoint point = _points[i], before = i == 0 ? default : _points[i - 1];
            bool isNext = point.Neighbours == before.Neighbours;
            if (point.Neighbours < before.Neighbours || !(point.Recall is > 0 and <= 1) || !float.IsFinite(point.Margin)
                || (isNext && (point.Recall <= before.Recall || point.Margin < before.Margin)))
                throw new ArgumentException($"point {i} of the margins is impossible");
        }
    }

    public ReadOnlySpan<MarginPoint> Points => _points;

    /// <summary>The margin that is to reach a recall; infinite where nothing was measured, or all is wanted.</summary>
    public SearchMargin For(double recall)
    {
        if (_points.Length == 0 || recall >= 1)
            return new SearchMargin(double.PositiveInfinity, 0);
        double aim = RecallCurve.AimFor(recall);
        double near = At(RecallCurve.Neighbours, aim), far = At(10 * RecallCurve.Neighbours, aim);
        double perDecade = double.IsNaN(far) ? 0 : near - far;
        return new SearchMargin(near, Math.Clamp(perDecade, 0, Math.Max(0, near) * PerDecadeMax));
    }

    // By the logarithm of what is missed; beyond the last point as before it.
    private double At(int neighbours, double recall)
    {
        MarginPoint below = default, above = default;
        foreach (MarginPoint point in _points)
        {
            if (point.Neighbours != neighbours)
                continue;
            (below, above) = (above, point);
            if (above.Recall >= recall && below.Neighbours == neighbours)
                break;
        }
        if (below.Neighbours != neighbours)
            return above.Neighbours == neighbours ? above.Margin : double.NaN;
        double lost = Math.Log(1 - below.Recall), left = Math.Log(1 - above.Recall), wanted = Math.Log(1 - recall);
        return below.Margin + ((above.Margin - below.Margin) * Math.Max(0, (lost - wanted) / (lost - left)));
    }
}

/// <summary>A margin for ten rows of all, and what it loses with each power of ten of rows that do not pass for one that does.</summary>
public readonly record struct SearchMargin(double Near, double PerDecade)
{
    private const double DecadesMax = 3;

    internal float Among(double share) =>
        (float)(Near - (PerDecade * Math.Clamp(-Math.Log10(share), 0, DecadesMax)));
}
