using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Parts of a cell index, each one block of bytes in memory or in a mapped file.</summary>
public enum CellIndexPart
{
    /// <summary>cells × dimensions float32: the centroids, before they are coded in eight bits; what the other parts mean by a
    /// cell's centroid is the coded one.</summary>
    Centroids = 1,

    /// <summary>cells + 1 int32: where in <see cref="Order"/> a cell begins.</summary>
    Offsets = 2,

    /// <summary>rows int32: the position of each indexed row, cell by cell; a place in here is what the other parts are ordered
    /// by.</summary>
    Order = 3,

    /// <summary>One-bit codes with their factors, each cell's in blocks of 64 rows, the last filled up with zeros.</summary>
    Bits = 4,

    /// <summary>Eight-bit codes of the residuals to the cells' centroids, one row after the other.</summary>
    Codes = 5,

    /// <summary>For each place what its codes are multiplied by, and for distances |r|² + 2·c·r with r the coded residual to the
    /// centroid c, 0 for inner products: 2 float32.</summary>
    CodeFactors = 6,

    /// <summary>Points of the <see cref="RecallCurve"/>: neighbours and cells (int32) and recall (float32), ascending.</summary>
    Recall = 7,

    /// <summary>Points of the <see cref="MarginCurve"/>: neighbours (int32), recall and margin (float32), ascending.</summary>
    Margins = 8,
}

/// <summary>A cell index as bytes: what a file holds. Integers and floats are little-endian.</summary>
/// <param name="Metric">L2, NegativeInnerProduct or Cosine.</param>
/// <param name="Seed">Of the rotation: an index has one for all its segments.</param>
public sealed record CellIndexImage(
    DistanceMetric Metric, int Dimensions, int RowCount, int CellCount, ulong Seed,
    IReadOnlyDictionary<CellIndexPart, ReadOnlyMemory<byte>> Parts)
{
    public ReadOnlySpan<T> Part<T>(CellIndexPart part) where T : unmanaged => MemoryMarshal.Cast<byte, T>(Parts[part].Span);

    /// <summary>Makes sure that every part has the size and the numbers that searches will trust.</summary>
    /// <exception cref="ArgumentException">One has not; says which.</exception>
    internal void Check()
    {
        if (Metric is not (DistanceMetric.L2 or DistanceMetric.NegativeInnerProduct or DistanceMetric.Cosine))
            throw new ArgumentException($"there are no cells for metric {(int)Metric}");
        if (Dimensions is < 1 or > 16_000 || RowCount < 0 || CellCount < 0 || CellCount > RowCount
            || (CellCount == 0 && RowCount > 0))
            throw new ArgumentException($"{RowCount} rows of {Dimensions} dimensions in {CellCount} cells");
        long padded = (Dimensions + 15L) / 16 * 16;
        CheckSize(CellIndexPart.Centroids, 4L * CellCount * Dimensions);
        CheckSize(CellIndexPart.Offsets, 4 * (CellCount + 1L));
        CheckSize(CellIndexPart.Order, 4L * RowCount);
        CheckSize(CellIndexPart.Codes, (long)RowCount * CellIndex.CodeStride(Dimensions));
        CheckSize(CellIndexPart.CodeFactors, 8L * RowCount);
        if (!Parts.ContainsKey(CellIndexPart.Recall) || !Parts.ContainsKey(CellIndexPart.Margins))
            throw new ArgumentException("what was measured of recall is missing");
        ReadOnlySpan<int> offsets = Part<int>(CellIndexPart.Offsets);
        long blocks = 0;
        for (int cell = 0; cell < CellCount; cell++)
        {
            if (offsets[cell] > offsets[cell + 1])
                throw new ArgumentException($"cell {cell} ends before it begins");
            blocks += BlocksFor(offsets[cell + 1] - offsets[cell]);
        }
        CheckSize(CellIndexPart.Bits, blocks * Quantization.BinaryCodes.BlockBytes((int)padded));
        if (offsets[0] != 0 || offsets[^1] != RowCount)
            throw new ArgumentException("the cells do not hold all rows");
    }

    /// <summary>Blocks of a cell with so many rows: the next cell begins with a block of its own.</summary>
    internal static int BlocksFor(int rows) => (rows + FastScan.BlockRows - 1) / FastScan.BlockRows;

    /// <summary>The first block of each cell, and the count of all blocks.</summary>
    internal static int[] FirstBlocks(ReadOnlySpan<int> offsets)
    {
        int[] first = new int[offsets.Length];
        for (int cell = 0; cell < offsets.Length - 1; cell++)
            first[cell + 1] = first[cell] + BlocksFor(offsets[cell + 1] - offsets[cell]);
        return first;
    }

    private void CheckSize(CellIndexPart part, long bytes)
    {
        if (!Parts.TryGetValue(part, out ReadOnlyMemory<byte> content) || content.Length != bytes)
            throw new ArgumentException($"{part} of the index should have {bytes} bytes");
    }

    /// <summary>Bytes of all parts.</summary>
    public long Bytes => Parts.Values.Sum(part => (long)part.Length);
}
