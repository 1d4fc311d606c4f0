using System.Numerics;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Vectors.Mining;

/// <summary>Finds the nearest allowed rows of a batch of queries by looking at every row.</summary>
/// <remarks>
/// Rows that are certainly too far from a query are ruled out for 32 queries at once (<see cref="QuerySieve"/>); what is left is
/// asked of the rule and then measured, so that the answer is bit for bit that of measuring every pair.
/// A distance that is not a number is never found.
/// Cost:    about d multiply-adds a pair of query and row; the rows are read once for the batch.
/// Threads: any, with collectors of their own.
/// </remarks>
public static class ExactMiner
{
    /// <summary>Queries that are best searched for together: the rows come from memory once for all of them.</summary>
    public const int QueriesAtOnce = 256;

    private const int RowsPerLook = 4096; // at whether the search was cancelled

    /// <param name="rows">Whole vectors, one after the other.</param>
    /// <param name="queries">Likewise.</param>
    /// <param name="nearest">Collectors: of each query as many, which may differ in how near they take rows.</param>
    public static void Find(
        DistanceMetric metric, int dimensions, ReadOnlySpan<float> rows, ReadOnlySpan<float> queries, IMiningRule rule,
        ReadOnlySpan<TopK> nearest, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (rows.Length % dimensions != 0 || queries.Length % dimensions != 0
            || (queries.Length > 0 && nearest.Length % (queries.Length / dimensions) != 0))
            throw new ArgumentException($"{rows.Length} and {queries.Length} floats of {dimensions} dimensions", nameof(queries));
        var pairs = new Pairs(metric, dimensions, rows, queries, rule, nearest);
        if (QueryPanels.IsFast && QueryPanels.Handles(metric) && pairs.QueryCount > 1)
            Sift(pairs, cancellation);
        else
            MeasureAll(pairs, cancellation);
    }

    private static void MeasureAll(Pairs pairs, CancellationToken cancellation)
    {
        for (int row = 0; row < pairs.RowCount; row++)
        {
            if (row % RowsPerLook == 0)
                cancellation.ThrowIfCancellationRequested();
            for (int query = 0; query < pairs.QueryCount; query++)
                pairs.Offer(query, row);
        }
    }

    private static void Sift(Pairs pairs, CancellationToken cancellation)
    {
        QueryPanels panels = new(pairs.Metric, pairs.Queries, pairs.Dimensions);
        IQuerySieve sieve = VectorDevice.Current.Sieve(panels);
        double[] thresholds = new double[pairs.QueryCount];
        thresholds.AsSpan().Fill(double.PositiveInfinity);
        uint[] room = new uint[sieve.RowsMax * panels.PanelCount];
        for (int first = 0; first < pairs.RowCount; first += sieve.RowsMax)
        {
            if (first % RowsPerLook == 0)
                cancellation.ThrowIfCancellationRequested();
            for (int query = 0; query < thresholds.Length; query++)
            {
                double threshold = pairs.ThresholdOf(query);
                if (threshold == thresholds[query])
                    continue;
                thresholds[query] = threshold;
                sieve.SetThreshold(query, threshold);
            }
            int count = Math.Min(sieve.RowsMax, pairs.RowCount - first);
            Span<uint> kept = room.AsSpan(0, count * panels.PanelCount);
            sieve.Sift(pairs.Rows.Slice(first * pairs.Dimensions, count * pairs.Dimensions), kept);
            for (int i = 0; i < kept.Length; i++)
            {
                (int panel, int row) = Math.DivRem(i, count);
                for (uint bits = kept[i]; bits != 0; bits &= bits - 1)
                    pairs.Offer((panel * QueryPanels.Lanes) + BitOperations.TrailingZeroCount(bits), first + row);
            }
        }
    }

    /// <summary>What is searched, for what, and what has been found.</summary>
    private readonly ref struct Pairs(
        DistanceMetric metric, int dimensions, ReadOnlySpan<float> rows, ReadOnlySpan<float> queries, IMiningRule rule,
        ReadOnlySpan<TopK> nearest)
    {
        private readonly ReadOnlySpan<TopK> _nearest = nearest;

        internal DistanceMetric Metric { get; } = metric;

        internal int Dimensions { get; } = dimensions;

        internal ReadOnlySpan<float> Rows { get; } = rows;

        internal ReadOnlySpan<float> Queries { get; } = queries;

        internal int RowCount { get; } = rows.Length / dimensions;

        internal int QueryCount { get; } = queries.Length / dimensions;

        private int PerQuery => _nearest.Length / QueryCount;

        internal double ThresholdOf(int query)
        {
            double threshold = double.NegativeInfinity;
            foreach (TopK nearest in _nearest.Slice(query * PerQuery, PerQuery))
                threshold = Math.Max(threshold, nearest.Threshold);
            return threshold;
        }

        internal void Offer(int query, int row)
        {
            if (!rule.Allows(query, row))
                return;
            double distance = Distances.Between(Metric, Rows.Slice(row * Dimensions, Dimensions),
                Queries.Slice(query * Dimensions, Dimensions));
            for (int i = query * PerQuery; i < (query + 1) * PerQuery; i++)
            {
                if (distance >= rule.LeastOf(i))
                    _nearest[i].Offer(distance, row);
            }
        }
    }
}
