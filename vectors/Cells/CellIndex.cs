using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>An index over the rows of one segment: cells, one-bit codes to rule rows out, eight-bit codes to order what is left.</summary>
/// <remarks>Threads: immutable; any number may search, each with a <see cref="CellSearch"/> of its own.</remarks>
public sealed class CellIndex
{
    private readonly CellIndexImage _image;
    private readonly VectorCodes _centroidCodes;
    private int[]? _missing;

    /// <exception cref="ArgumentException">A part is missing or has not the size it must have.</exception>
    public CellIndex(CellIndexImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        image.Check();
        _image = image;
        _centroidCodes = VectorCodes.Encode(
            image.Part<float>(CellIndexPart.Centroids), image.Dimensions, image.Dimensions, image.CellCount);
        Rotation = new Rotation(image.Dimensions, image.Seed);
        Recall = new RecallCurve(image.Part<RecallPoint>(CellIndexPart.Recall));
        BlockBytes = BinaryCodes.BlockBytes(Rotation.PaddedDimensions);
    }

    public DistanceMetric Metric => _image.Metric;

    public int Dimensions => _image.Dimensions;

    public int RowCount => _image.RowCount;

    public int CellCount => _image.CellCount;

    /// <summary>Bytes that searches read: all parts, and the coded centroids.</summary>
    public long Bytes => _image.Bytes + ((long)CellCount * CodeStride(Dimensions));

    /// <summary>Recall at rising effort; without points for an index too small to measure.</summary>
    public RecallCurve Recall { get; }

    /// <summary>The greatest position it names; −1 where it has no rows.</summary>
    public int PositionMax
    {
        get
        {
            int greatest = -1;
            foreach (int position in Order)
                greatest = Math.Max(greatest, position);
            return greatest;
        }
    }

    /// <summary>Positions of a segment's rows that the index leaves out, ascending: null vectors, and for cosine zero ones.</summary>
    /// <param name="rowCount">Of the segment: always the same.</param>
    public ReadOnlySpan<int> Missing(int rowCount)
    {
        if (RowCount == rowCount)
            return [];
        if (Volatile.Read(ref _missing) is { } known)
            return known;
        bool[] isIndexed = new bool[rowCount];
        foreach (int position in Order)
            isIndexed[position] = true;
        int[] missing = new int[rowCount - RowCount];
        for (int position = 0, next = 0; position < rowCount; position++)
        {
            if (!isIndexed[position])
                missing[next++] = position;
        }
        Volatile.Write(ref _missing, missing); // two that look at once find the same
        return missing;
    }

    internal Rotation Rotation { get; }

    internal int BlockBytes { get; }

    internal VectorCodes CentroidCodes => _centroidCodes;

    /// <summary>The position of the row at a place.</summary>
    internal ReadOnlySpan<int> Order => _image.Part<int>(CellIndexPart.Order);

    internal ReadOnlySpan<float> Centroid(int cell) =>
        _image.Part<float>(CellIndexPart.Centroids).Slice(cell * Dimensions, Dimensions);

    internal (int First, int End) PlacesOf(int cell)
    {
        ReadOnlySpan<int> offsets = _image.Part<int>(CellIndexPart.Offsets);
        return (offsets[cell], offsets[cell + 1]);
    }

    internal ReadOnlySpan<byte> Bits => _image.Part<byte>(CellIndexPart.Bits);

    internal ReadOnlySpan<float> BitFactors => _image.Part<float>(CellIndexPart.BitFactors);

    internal ReadOnlySpan<sbyte> Codes => _image.Part<sbyte>(CellIndexPart.Codes);

    internal ReadOnlySpan<float> CodeFactors => _image.Part<float>(CellIndexPart.CodeFactors);

    internal static int CodeStride(int dimensions) => (dimensions + RowCodes.Multiple - 1) / RowCodes.Multiple * RowCodes.Multiple;
}
