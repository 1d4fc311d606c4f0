using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Vectors.Clustering;

/// <summary>Vectors packed for being measured against many rows at once: centroids, or the queries of a batch.</summary>
/// <remarks>
/// Layout:  panels of 32 vectors, dimension by dimension; the last panel is filled up with zeros.
/// Threads: immutable; any.
/// </remarks>
public sealed class VectorPanels : ICentroidSearch
{
    private readonly float[] _panels;
    private readonly float[] _squares; // |c|², infinite beyond the last vector, so that it is never the nearest

    /// <param name="vectors">Whole vectors, one after the other.</param>
    public VectorPanels(ReadOnlySpan<float> vectors, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (vectors.IsEmpty || vectors.Length % dimensions != 0)
            throw new ArgumentException($"{vectors.Length} floats are not whole vectors of {dimensions}");
        Dimensions = dimensions;
        Count = vectors.Length / dimensions;
        double[] squares = new double[Count];
        _panels = PanelDots.Pack(vectors, dimensions, squares);
        _squares = new float[_panels.Length / dimensions];
        Array.Fill(_squares, float.PositiveInfinity);
        for (int i = 0; i < Count; i++)
            _squares[i] = (float)squares[i];
    }

    public int Dimensions { get; }

    public int Count { get; }

    /// <summary>A few rows' values and a panel are then within reach of the core.</summary>
    public int RowsAtOnce => 512;

    /// <inheritdoc/>
    public void FindNearest(ReadOnlySpan<float> rows, Span<int> nearest)
    {
        if (rows.Length != nearest.Length * Dimensions)
            throw new ArgumentException($"{rows.Length} floats for {nearest.Length} rows of {Dimensions}");
        PanelDots.FindNearest(rows, Dimensions, _panels, _squares, nearest);
    }
}
