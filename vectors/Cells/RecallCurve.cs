using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Cells;

/// <summary>The share of so many nearest rows that lies in the first cells, on average over rows of the index as queries.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RecallPoint(int Neighbours, int Cells, float Recall);

/// <summary>How many cells it takes for a recall: measured on the index's own rows.</summary>
/// <remarks>
/// Rows of the index are a little easier to find than strangers, since the cells were made for them, so searches aim higher: they
/// allow for four fifths of the misses that the recall does.
/// Threads: immutable; any.
/// </remarks>
public sealed class RecallCurve
{
    /// <summary>Neighbours that recall is spoken of where no number is said.</summary>
    public const int Neighbours = 10;

    private const double AllowedMisses = 0.8;

    private readonly RecallPoint[] _points;
    private readonly List<(int Neighbours, int First, int End)> _curves = [];

    /// <param name="points">By ascending neighbours, then by ascending cells.</param>
    /// <exception cref="ArgumentException">They do not ascend, or are impossible.</exception>
    public RecallCurve(ReadOnlySpan<RecallPoint> points)
    {
        _points = points.ToArray();
        for (int i = 0; i < _points.Length; i++)
        {
            RecallPoint point = _points[i], before = i == 0 ? default : _points[i - 1];
            bool isNext = point.Neighbours == before.Neighbours;
            if (point.Neighbours < before.Neighbours || point.Cells <= (isNext ? before.Cells : 0) || !(point.Recall is >= 0 and <= 1))
                throw new ArgumentException($"point {i} of the recall curve is impossible");
            if (!isNext)
                _curves.Add((point.Neighbours, i, i));
            _curves[^1] = _curves[^1] with { End = i + 1 };
        }
    }

    public ReadOnlySpan<RecallPoint> Points => _points;

    /// <summary>The recall of an index's own rows at which that of strangers is as wanted.</summary>
    internal static double AimFor(double recall) => 1 - ((1 - recall) * AllowedMisses);

    /// <summary>The recall of strangers where that of an index's own rows is this.</summary>
    internal static double RecallFor(double found) => 1 - ((1 - found) / AllowedMisses);

    /// <summary>The number of cells that is to reach a recall of the ten nearest.</summary>
    /// <param name="cellCount">All cells there are: where no fewer were enough.</param>
    public int CellsFor(double recall, int cellCount) => CellsFor(recall, Neighbours, cellCount);

    /// <summary>The number of cells that is to reach a recall of the nearest.</summary>
    /// <param name="neighbours">How many; between and beyond those measured it follows the logarithms.</param>
    /// <param name="cellCount">All cells there are: where no fewer were enough.</param>
    public int CellsFor(double recall, double neighbours, int cellCount)
    {
        if (_curves.Count == 0 || recall >= 1)
            return cellCount;
        double aim = AimFor(recall);
        int upper = Math.Max(1, _curves.FindIndex(curve => curve.Neighbours >= neighbours));
        if (neighbours > _curves[^1].Neighbours)
            upper = _curves.Count - 1;
        if (_curves.Count == 1)
            upper = 0;
        double cells = CellsOn(upper, aim, cellCount);
        if (upper > 0 && cells < cellCount)
        {
            double below = CellsOn(upper - 1, aim, cellCount);
            double share = Math.Log(neighbours / _curves[upper - 1].Neighbours)
                / Math.Log((double)_curves[upper].Neighbours / _curves[upper - 1].Neighbours);
            cells = below * Math.Pow(Math.Max(1, cells / below), Math.Max(0, share));
        }
        return (int)Math.Min(cellCount, Math.Ceiling(cells));
    }

    /// <summary>The recall of the ten nearest that so many cells reach: measured, or between two points as <see cref="CellsFor(double, int)"/>
    /// has it; 1 for all cells, NaN where nothing was measured.</summary>
    public double RecallAt(int cells, int cellCount)
    {
        if (cells >= cellCount)
            return 1;
        RecallPoint before = default;
        foreach (RecallPoint point in _points)
        {
            if (point.Neighbours != Neighbours)
                continue;
            if (point.Cells > cells && before.Cells > 0)
            {
                double share = Math.Log((double)cells / before.Cells) / Math.Log((double)point.Cells / before.Cells);
                double lost = Missed(before.Recall);
                return 1 - (lost * Math.Pow(Math.Min(1, Missed(point.Recall) / lost), share));
            }
            if (point.Cells <= cells)
                before = point;
        }
        return _points.Length == 0 ? double.NaN : before.Recall;
    }

    // Between two points by the logarithm of what is missed.
    private double CellsOn(int curve, double recall, int cellCount)
    {
        for (int i = _curves[curve].First; i < _curves[curve].End; i++)
        {
            RecallPoint point = _points[i];
            if (point.Recall < recall)
                continue;
            if (i == _curves[curve].First)
                return point.Cells;
            RecallPoint before = _points[i - 1];
            double lost = Missed(before.Recall), left = Missed(point.Recall), wanted = Missed(recall);
            double share = lost > left ? Math.Clamp(Math.Log(lost / wanted) / Math.Log(lost / left), 0, 1) : 1;
            return before.Cells * Math.Pow((double)point.Cells / before.Cells, share);
        }
        return cellCount;
    }

    // Fewer misses than this cannot be told from none.
    private static double Missed(double recall) => Math.Max(1 - recall, 1e-4);
}
