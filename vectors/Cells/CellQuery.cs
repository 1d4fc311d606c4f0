using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>A query as the cells' codes want it: made once for all segments of an index.</summary>
/// <remarks>Threads: immutable; any.</remarks>
public sealed class CellQuery
{
    /// <param name="index">Any segment's: they share metric, dimensions and rotation.</param>
    public CellQuery(CellIndex index, ReadOnlySpan<float> query)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (query.Length != index.Dimensions)
            throw new ArgumentException($"{query.Length} dimensions in an index of {index.Dimensions}");
        float[] vector = query.ToArray();
        if (index.Metric == DistanceMetric.Cosine)
            CellIndexBuilder.Normalize(vector);
        IsInnerProduct = index.Metric == DistanceMetric.NegativeInnerProduct;
        float[] rotated = new float[index.Rotation.PaddedDimensions];
        index.Rotation.Apply(vector, rotated);
        Bits = new BinaryQuery(rotated);
        Codes = new short[CellIndex.CodeStride(query.Length)];
        CodeScale = WordCodes.Encode(vector, Codes);
        double square = 0;
        foreach (float value in vector)
            square += (double)value * value;
        Square = square;
    }

    internal bool IsInnerProduct { get; }

    internal BinaryQuery Bits { get; }

    /// <summary>The query in sixteen bits, with zeros behind.</summary>
    internal short[] Codes { get; }

    internal float CodeScale { get; }

    /// <summary>|q|².</summary>
    internal double Square { get; }
}
