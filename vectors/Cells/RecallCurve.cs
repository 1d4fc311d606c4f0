using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Cells;

/// <summary>Recall that an index reached when so many cells were probed, on rows of its own as queries.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RecallPoint(int Cells, float Recall);

/// <summary>How many cells it takes for a recall: measured on the index's own rows.</summary>
/// <remarks>Threads: immutable; any.</remarks>
public sealed class RecallCurve
{
    /// <summary>Neighbours that recall was measured with.</summary>
    public const int Neighbours = 10;

    private readonly RecallPoint[] _points;

    /// <param name="points">By ascending cells.</param>
    /// <exception cref="ArgumentException">They do not ascend.</exception>
    public RecallCurve(ReadOnlySpan<RecallPoint> points)
    {
        _points = points.ToArray();
        for (int i = 0; i < _points.Length; i++)
        {
            int before = i == 0 ? 0 : _points[i - 1].Cells;
            if (_points[i].Cells <= before || !(_points[i].Recall is >= 0 and <= 1))
                throw new ArgumentException($"point {i} of the recall curve is impossible");
        }
    }

    public ReadOnlySpan<RecallPoint> Points => _points;

    /// <summary>The least number of cells that reaches a recall, between two points by the logarithm of what is missed.</summary>
    /// <param name="cellCount">All cells there are: where no fewer were enough.</param>
    public int CellsFor(double recall, int cellCount)
    {
        for (int i = 0; i < _points.Length; i++)
        {
            RecallPoint point = _points[i];
            if (point.Recall < recall)
                continue;
            if (i == 0)
                return point.Cells;
            RecallPoint before = _points[i - 1];
            double lost = Missed(before.Recall), left = Missed(point.Recall), wanted = Missed(recall);
            double share = lost > left ? Math.Clamp(Math.Log(lost / wanted) / Math.Log(lost / left), 0, 1) : 1;
            return (int)Math.Ceiling(before.Cells * Math.Pow((double)point.Cells / before.Cells, share));
        }
        return cellCount;
    }

    /// <summary>The recall that so many cells reach: that of the last point at or below; 1 for all cells, NaN where nothing was
    /// measured.</summary>
    public double RecallAt(int cells, int cellCount)
    {
        if (cells >= cellCount)
            return 1;
        double recall = _points.Length == 0 ? double.NaN : 0;
        foreach (RecallPoint point in _points)
            recall = point.Cells <= cells ? Math.Max(recall, point.Recall) : recall;
        return recall;
    }

    // Fewer misses than this cannot be told from none.
    private static double Missed(double recall) => Math.Max(1 - recall, 1e-4);
}
