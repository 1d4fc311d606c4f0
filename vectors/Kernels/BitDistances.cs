using System.Buffers.Binary;
using System.Numerics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Distances between bit strings of equal length: their bytes, padded with zero bits, without a length before them.</summary>
public static class BitDistances
{
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static double Between(BitMetric metric, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"bit strings have {x.Length} and {y.Length} bytes", nameof(y));
        long common = 0, onlyOne = 0;
        for (int i = 0; i < x.Length; i++)
        {
            common += BitOperations.PopCount((uint)(x[i] & y[i]));
            onlyOne += BitOperations.PopCount((uint)(x[i] ^ y[i]));
        }
        return metric == BitMetric.Hamming ? onlyOne : Jaccard(common, onlyOne);
    }

    /// <summary>The distances of consecutive rows from one query; parameters as in <see cref="Distances"/>.</summary>
    public static void Scan(
        BitMetric metric, ReadOnlySpan<byte> query, ReadOnlySpan<byte> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default)
    {
        for (int i = 0; i < count; i++)
        {
            if (live.IsEmpty || (live[i >> 6] >> (i & 63) & 1) != 0)
                distances[i] = Between(metric, query, rows.Slice(i * stride, query.Length));
        }
    }

    internal static double Jaccard(long common, long onlyOne) =>
        common == 0 ? 1 : 1 - ((double)common / (common + onlyOne));
}
