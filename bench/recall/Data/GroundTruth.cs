using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall.Data;

/// <summary>The exact answers to a data set's queries, and how many of them others find.</summary>
/// <remarks>
/// Ties: a row counts as found if it is as near as the farthest exact answer, since an equal row is as good an answer. The
/// distances compared are measured by the same kernel, and may differ by a few roundings.
/// </remarks>
internal sealed class GroundTruth
{
    private const double Roundings = 1e-6;

    private readonly DataSet _data;
    private readonly double[] _farthest;

    private GroundTruth(DataSet data, int[][] nearest)
    {
        (_data, Nearest) = (data, nearest);
        _farthest = [.. nearest.Select((rows, query) => rows.Length == 0 ? double.NegativeInfinity : DistanceOf(query, rows[^1]))];
    }

    /// <summary>Each query's nearest rows, nearest first.</summary>
    public int[][] Nearest { get; }

    /// <summary>Measures every row against every query.</summary>
    public static GroundTruth Find(DataSet data, int count, int threads)
    {
        const int QueriesPerPiece = 32, BlockBytes = 1 << 17; // a block of rows stays in cache while a piece's queries look at it
        int[][] nearest = new int[data.Queries.Count][];
        int block = Math.Max(1, BlockBytes / (4 * data.Dimensions));
        int pieces = (nearest.Length + QueriesPerPiece - 1) / QueriesPerPiece;
        Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, piece =>
        {
            int first = piece * QueriesPerPiece, queries = Math.Min(QueriesPerPiece, nearest.Length - first);
            TopK[] found = [.. Enumerable.Range(0, queries).Select(_ => new TopK(count))];
            double[] distances = new double[block];
            for (int row = 0; row < data.Rows.Count; row += block)
            {
                int rows = Math.Min(block, data.Rows.Count - row);
                ReadOnlySpan<float> values = data.Rows.Values.AsSpan(row * data.Dimensions, rows * data.Dimensions);
                for (int i = 0; i < queries; i++)
                {
                    Distances.Scan(data.Metric, data.Queries[first + i], values, data.Dimensions, rows, distances.AsSpan(0, rows));
                    found[i].OfferRun(distances.AsSpan(0, rows), row);
                }
            }
            for (int i = 0; i < queries; i++)
                nearest[first + i] = Numbers(found[i]);
        });
        return new GroundTruth(data, nearest);
    }

    /// <summary>Measures, for each query, only the rows that it may find.</summary>
    public static GroundTruth FindAmong(DataSet data, int count, int threads, Func<int, ReadOnlyMemory<int>> rowsOf)
    {
        int[][] nearest = new int[data.Queries.Count][];
        Parallel.For(0, nearest.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, query =>
        {
            TopK found = new(count);
            foreach (int row in rowsOf(query).Span)
                found.Offer(Distances.Between(data.Metric, data.Queries[query], data.Rows[row]), row);
            nearest[query] = Numbers(found);
        });
        return new GroundTruth(data, nearest);
    }

    /// <summary>Of a query's exact answers the share that somebody's rows are as good as.</summary>
    public double RecallOf(int query, ReadOnlySpan<int> rows)
    {
        if (Nearest[query].Length == 0)
            return 1;
        HashSet<int> good = [];
        double limit = _farthest[query] + (Math.Abs(_farthest[query]) * Roundings) + Roundings;
        foreach (int row in rows)
        {
            if (DistanceOf(query, row) <= limit)
                good.Add(row);
        }
        return (double)Math.Min(good.Count, Nearest[query].Length) / Nearest[query].Length;
    }

    private double DistanceOf(int query, int row) => Distances.Between(_data.Metric, _data.Queries[query], _data.Rows[row]);

    private static int[] Numbers(TopK found)
    {
        ReadOnlySpan<(double Distance, long Row)> sorted = found.Sorted();
        int[] numbers = new int[sorted.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = (int)sorted[i].Row;
        return numbers;
    }
}
