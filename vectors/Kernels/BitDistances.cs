using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Kernels;

/// <summary>Distances between bit strings of equal length: their bytes, padded with zero bits, without a length before
/// them.</summary>
public static class BitDistances
{
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static double Between(BitMetric metric, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"bit strings have {x.Length} and {y.Length} bytes", nameof(y));
        ref byte left = ref MemoryMarshal.GetReference(x);
        ref byte right = ref MemoryMarshal.GetReference(y);
        return metric switch
        {
            BitMetric.Hamming => Hamming(ref left, ref right, (nuint)x.Length),
            BitMetric.Jaccard => Jaccard(ref left, ref right, (nuint)x.Length),
            _ => throw new ArgumentOutOfRangeException(nameof(metric)),
        };
    }

    /// <summary>The distances of consecutive rows from one query; parameters as in <see cref="Distances"/>, in
    /// bytes.</summary>
    public static void Scan(
        BitMetric metric, ReadOnlySpan<byte> query, ReadOnlySpan<byte> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default)
    {
        ScanBounds.Check(query.Length, rows.Length, stride, count, distances.Length, live.Length);
        ref byte x = ref MemoryMarshal.GetReference(query);
        ref byte y = ref MemoryMarshal.GetReference(rows);
        nuint length = (nuint)query.Length;
        for (int i = 0; i < count; i++)
        {
            if (!live.IsEmpty && ((live[i >> 6] >> (i & 63)) & 1) == 0)
                continue;
            ref byte row = ref Unsafe.Add(ref y, (nint)i * stride);
            distances[i] = metric == BitMetric.Hamming ? Hamming(ref x, ref row, length)
                : Jaccard(ref x, ref row, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Hamming(ref byte x, ref byte y, nuint length) =>
        BitCounts.Count<DifferentBits>(ref x, ref y, length);

    /// <summary>1 where the two have no bit in common, also where neither has any.</summary>
    private static double Jaccard(ref byte x, ref byte y, nuint length)
    {
        long common = BitCounts.Count<CommonBits>(ref x, ref y, length);
        return common == 0 ? 1 : 1 - ((double)common / (common + BitCounts.Count<DifferentBits>(ref x, ref y, length)));
    }
}
