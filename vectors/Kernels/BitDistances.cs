using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        bool isWide = stride == query.Length && BitRows.Handles(stride);
        for (int i = 0; i < count; i++)
        {
            if (isWide && (i & 7) == 0 && count - i >= BitRows.Rows)
            {
                ulong wanted = live.IsEmpty ? 0xFF : (live[i >> 6] >> (i & 63)) & 0xFF;
                if (wanted == 0xFF)
                    ScanEight(metric, ref x, ref Unsafe.Add(ref y, (nint)i * stride), length, distances[i..]);
                if (wanted is 0xFF or 0)
                {
                    i += BitRows.Rows - 1;
                    continue;
                }
            }
            if (!live.IsEmpty && ((live[i >> 6] >> (i & 63)) & 1) == 0)
                continue;
            ref byte row = ref Unsafe.Add(ref y, (nint)i * stride);
            distances[i] = metric == BitMetric.Hamming ? Hamming(ref x, ref row, length)
                : Jaccard(ref x, ref row, length);
        }
    }

    private static void ScanEight(BitMetric metric, ref byte x, ref byte rows, nuint length, Span<double> distances)
    {
        Vector512<double> different = Vector512.ConvertToDouble(BitRows.Count<DifferentBits>(ref x, ref rows, length));
        if (metric == BitMetric.Hamming)
        {
            different.CopyTo(distances);
            return;
        }
        Vector512<double> common = Vector512.ConvertToDouble(BitRows.Count<CommonBits>(ref x, ref rows, length));
        Vector512<double> far = Vector512<double>.One - (common / (common + different));
        Vector512.ConditionalSelect(Vector512.Equals(common, Vector512<double>.Zero), Vector512<double>.One, far).CopyTo(distances);
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
