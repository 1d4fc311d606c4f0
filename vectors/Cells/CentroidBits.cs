using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>One-bit codes of an index's centroids, to tell roughly which are near before their eight-bit codes are read.</summary>
/// <remarks>
/// Why:    eight-bit codes of some thousand centroids are more than the nearest cache holds beside all else, so that reading them
///         took longer than anything else in a search; these are an eighth of them.
/// Layout: as of rows, see <see cref="BinaryCodes"/>, with the centroids' mean in place of their cell's centroid.
/// Threads: immutable; any.
/// </remarks>
internal sealed unsafe class CentroidBits
{
    private const int CellsMin = 512;

    private const int DimensionsMin = 64; // signs of fewer say too little

    private readonly byte[] _blocks;
    private readonly int _blockBytes;

    private CentroidBits(byte[] blocks, int blockBytes)
    {
        _blocks = blocks;
        _blockBytes = blockBytes;
    }

    /// <summary>Null where they would be no gain.</summary>
    internal static CentroidBits? Of(VectorCodes centroids, Rotation rotation, DistanceMetric metric)
    {
        int padded = rotation.PaddedDimensions, count = centroids.RowCount;
        if (count < CellsMin || padded < DimensionsMin)
            return null;
        float[] rotated = new float[count * padded], one = new float[centroids.Dimensions], mean = new float[padded];
        for (int i = 0; i < count; i++)
        {
            centroids.Decode(i, one);
            Span<float> own = rotated.AsSpan(i * padded, padded);
            rotation.Apply(one, own);
            for (int j = 0; j < padded; j++)
                mean[j] += own[j] / count;
        }
        int blockBytes = BinaryCodes.BlockBytes(padded);
        byte[] blocks = new byte[(count + FastScan.BlockRows - 1) / FastScan.BlockRows * blockBytes];
        for (int i = 0; i < count; i++)
        {
            Span<float> residual = rotated.AsSpan(i * padded, padded);
            for (int j = 0; j < padded; j++)
                residual[j] -= mean[j];
            (int block, int row) = Math.DivRem(i, FastScan.BlockRows);
            BinaryCodes.Write(residual, mean, metric == DistanceMetric.NegativeInnerProduct, blocks.AsSpan(block * blockBytes, blockBytes), row);
        }
        return new CentroidBits(blocks, blockBytes);
    }

    /// <summary>Estimates of the query's distances to all centroids, each less the same.</summary>
    /// <param name="estimates">Room for whole blocks of 64; what is beyond the centroids means nothing.</param>
    internal void Estimate(BinaryQuery query, Span<float> estimates)
    {
        fixed (byte* blocks = _blocks)
            BlockFilter.Estimate(query.Table, query.Groups, blocks, query.Step, query.Bias, estimates[..(_blocks.Length / _blockBytes * FastScan.BlockRows)]);
    }
}
