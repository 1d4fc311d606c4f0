using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>The queries of a batch, packed for being measured against many rows at once.</summary>
/// <remarks>
/// Layout:  panels of 32 queries, dimension by dimension; the last panel is filled up with zeros.
/// Threads: immutable; any.
/// </remarks>
public sealed class QueryPanels
{
    /// <summary>Queries of a panel.</summary>
    public const int Lanes = PanelDots.Lanes;

    /// <summary>Lengths whose squares stay clear of float32's ends, with room for sums and differences.</summary>
    internal const double LengthMin = 1e-15, LengthMax = 1e15;

    private readonly float[] _panels;
    private readonly double[] _lengths;

    /// <param name="queries">Whole vectors, one after the other.</param>
    public QueryPanels(DistanceMetric metric, ReadOnlySpan<float> queries, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (!Handles(metric) || queries.IsEmpty || queries.Length % dimensions != 0)
            throw new ArgumentException($"{queries.Length} floats for vectors of {dimensions} by {metric}");
        Metric = metric;
        Dimensions = dimensions;
        Count = queries.Length / dimensions;
        PanelCount = (Count + PanelDots.Lanes - 1) / PanelDots.Lanes;
        _lengths = new double[Count];
        _panels = PanelDots.Pack(queries, dimensions, _lengths);
        for (int i = 0; i < Count; i++)
            _lengths[i] = Math.Sqrt(_lengths[i]);
    }

    /// <summary>Whether this machine's arithmetic gains by panels.</summary>
    public static bool IsFast => Vector256.IsHardwareAccelerated;

    public DistanceMetric Metric { get; }

    public int Dimensions { get; }

    public int Count { get; }

    public int PanelCount { get; }

    public static bool Handles(DistanceMetric metric) =>
        metric is DistanceMetric.L2 or DistanceMetric.NegativeInnerProduct or DistanceMetric.Cosine;

    internal ReadOnlySpan<float> Panels => _panels;

    internal double LengthOf(int query) => _lengths[query];
}
