using System.Runtime.InteropServices;
using VecSQL.Vectors.Cells;

namespace VecSQL.Vectors.MultiVectors;

/// <summary>How many rows are to be measured exactly, after a search in so many cells, for a share of the nearest rows.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct MaxSimPoint(int Neighbours, int Cells, float Recall, int Candidates);

/// <summary>How hard to look.</summary>
/// <param name="Cells">Cells to probe for each vector of the query.</param>
/// <param name="Candidates">Rows to measure exactly.</param>
public readonly record struct MaxSimEffort(int Cells, int Candidates);

/// <summary>What it takes to find a share of the nearest rows: measured on the index's own rows.</summary>
/// <remarks>
/// Of the numbers of cells that were tried, each with the candidates that it needs, the one that costs least is taken. Which is likely one
/// that chance made look good, and rows of the index are easier to find than strangers: so searches allow for fewer misses than the
/// recall does.
/// Threads: immutable; any.
/// </remarks>
public sealed class MaxSimEfforts
{
    /// <summary>Vectors of a query as it is measured.</summary>
    internal const int QueryVectors = 16;

    private const double AllowedMisses = 0.65;

    private readonly MaxSimPoint[] _points;
    private readonly double _cellCost, _rowCost;
    private readonly int _cellCount;

    /// <param name="points">By ascending neighbours, cells and recall; none where too little was there to be measured.</param>
    /// <exception cref="ArgumentException">They do not ascend, or are impossible.</exception>
    internal MaxSimEfforts(ReadOnlySpan<MaxSimPoint> points, MaxSimIndex index)
    {
        _points = points.ToArray();
        for (int i = 0; i < _points.Length; i++)
        {
            MaxSimPoint point = _points[i], before = i == 0 ? default : _points[i - 1];
            bool ascends = (point.Neighbours, point.Cells, point.Recall).CompareTo((before.Neighbours, before.Cells, before.Recall)) > 0;
            if (!ascends || point.Cells < 1 || point.Candidates < 1 || !(point.Recall is >= 0 and <= 1))
                throw new ArgumentException($"point {i} of what a recall takes is impossible");
        }
        _cellCount = index.Cells.CellCount;
        // Of a vector by its codes, and of a row by all its vectors, whose bytes come from memory: in eighths of a nanosecond a dimension.
        int dimensions = index.Cells.Dimensions;
        double vectors = index.Cells.RowCount / (double)Math.Max(1, index.RowCount);
        _cellCost = QueryVectors * (index.Cells.RowCount / (double)Math.Max(1, _cellCount)) * (dimensions + 64);
        _rowCost = (vectors * dimensions * 6) + 4000;
    }

    public ReadOnlySpan<MaxSimPoint> Points => _points;

    /// <summary>The least effort for a recall; null where looking at all rows is the way.</summary>
    /// <param name="neighbours">How many nearest rows, out of all: where only some count, as many as have the wanted among them.</param>
    /// <param name="wanted">How many rows are wanted.</param>
    public MaxSimEffort? For(double recall, double neighbours, int wanted)
    {
        double aim = AimFor(recall), share = wanted / Math.Max(neighbours, wanted);
        int measured = 0;
        foreach (MaxSimPoint point in _points)
        {
            if (measured < neighbours)
                measured = Math.Max(measured, point.Neighbours);
        }
        double beyond = Math.Max(1, neighbours / Math.Max(1, measured)); // the farther, the more cells
        MaxSimEffort? least = null;
        double leastCost = double.PositiveInfinity;
        int tried = 0;
        foreach (MaxSimPoint point in _points)
        {
            if (point.Neighbours != measured || point.Cells == tried || point.Recall < aim)
                continue;
            tried = point.Cells; // the first that is enough
            double cells = Math.Min(_cellCount, point.Cells * Math.Sqrt(beyond));
            double candidates = Math.Max(point.Candidates * beyond * share, wanted);
            double cost = (cells * _cellCost) + (candidates * _rowCost);
            if (cost >= leastCost || candidates > int.MaxValue / 2)
                continue;
            leastCost = cost;
            least = new MaxSimEffort((int)Math.Ceiling(cells), (int)Math.Ceiling(candidates) + (share < 1 ? (2 * wanted) + 10 : 0));
        }
        return least;
    }

    private static double AimFor(double recall) => 1 - ((1 - recall) * AllowedMisses);

    /// <summary>What a search costs, in rows measured exactly.</summary>
    public double CostOf(MaxSimEffort effort) => (effort.Cells * _cellCost / _rowCost) + effort.Candidates;

    /// <summary>The recall of strangers that was measured where a recall is asked for; 1 where all rows are looked at, NaN where
    /// nothing was measured.</summary>
    internal double MeasuredFor(double recall)
    {
        if (_points.Length == 0)
            return double.NaN;
        if (For(recall, RecallCurve.Neighbours, RecallCurve.Neighbours) is not { } effort)
            return 1;
        foreach (MaxSimPoint point in _points)
        {
            if (point.Neighbours == RecallCurve.Neighbours && point.Cells == effort.Cells && point.Candidates == effort.Candidates
                && point.Recall >= AimFor(recall))
                return 1 - ((1 - point.Recall) / AllowedMisses);
        }
        return recall;
    }
}
