using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Kernels;

/// <summary>Distances between vectors of float32 (vector) and float16 (halfvec).</summary>
/// <remarks>
/// Result: what pgvector's operators return: sums in float32, the square root and the quotient in float64. pgvector's
///         own sums depend on how its compiler ordered them, so the last bits of either may differ.
/// Error:  a sum of d terms differs from the exact one by at most about (d + 2)·2⁻²⁴ of the sum of the terms'
///         magnitudes.
/// Order:  <c>Scan</c> gives bit for bit what <c>Between</c> gives, so a sort by either is the same.
/// Halves: must be finite, as halfvec's are.
/// </remarks>
public static class Distances
{
    private const int LiveBlock = 1024; // rows whose numbers are written down before they are measured; whole words

    /// <exception cref="ArgumentException">The two vectors differ in length.</exception>
    public static double Between(DistanceMetric metric, ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        CheckLengths(x.Length, y.Length);
        Span<double> distance = stackalloc double[1];
        Scan<SingleLoader, float>(metric, x, y, x.Length, 1, distance, default);
        return distance[0];
    }

    /// <exception cref="ArgumentException">The two vectors differ in length.</exception>
    public static double Between(DistanceMetric metric, ReadOnlySpan<Half> x, ReadOnlySpan<Half> y)
    {
        CheckLengths(x.Length, y.Length);
        Span<double> distance = stackalloc double[1];
        Scan(metric, x, y, x.Length, 1, distance);
        return distance[0];
    }

    /// <summary>The distances of consecutive rows from one query.</summary>
    /// <param name="rows">Row i begins at <c>i · stride</c>.</param>
    /// <param name="stride">Elements from one row to the next; at least the query's length.</param>
    /// <param name="live">Bit i set: row i is wanted. Empty for all; of other rows the distance is left as it
    /// was.</param>
    public static void Scan(
        DistanceMetric metric, ReadOnlySpan<float> query, ReadOnlySpan<float> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default) =>
        Scan<SingleLoader, float>(metric, query, rows, stride, count, distances, live);

    /// <summary>The distances of consecutive rows of halves from one query; parameters as for floats.</summary>
    public static void Scan(
        DistanceMetric metric, ReadOnlySpan<Half> query, ReadOnlySpan<Half> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default)
    {
        const int OnStack = 512;
        float[]? rented = query.Length > OnStack ? ArrayPool<float>.Shared.Rent(query.Length) : null;
        Span<float> wide = rented is null ? stackalloc float[OnStack] : rented;
        wide = wide[..query.Length];
        ref short bits = ref Unsafe.As<Half, short>(ref MemoryMarshal.GetReference(query));
        for (int i = 0; i < wide.Length; i++)
            wide[i] = HalfLoader.Load(ref bits, (nuint)i);
        Scan<HalfLoader, short>(metric, wide, MemoryMarshal.Cast<Half, short>(rows), stride, count, distances, live);
        if (rented is not null)
            ArrayPool<float>.Shared.Return(rented);
    }

    private static void Scan<TLoader, T>(
        DistanceMetric metric, ReadOnlySpan<float> query, ReadOnlySpan<T> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live)
        where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        ScanBounds.Check(query.Length, rows.Length, stride, count, distances.Length, live.Length);
        switch (metric)
        {
            case DistanceMetric.L2:
                ScanRows<L2Body, TLoader, T>(query, rows, stride, count, distances, live);
                break;
            case DistanceMetric.NegativeInnerProduct:
                ScanRows<NegativeInnerProductBody, TLoader, T>(query, rows, stride, count, distances, live);
                break;
            case DistanceMetric.Cosine:
                ScanRows<CosineBody, TLoader, T>(query, rows, stride, count, distances, live);
                break;
            case DistanceMetric.L1:
                ScanRows<L1Body, TLoader, T>(query, rows, stride, count, distances, live);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(metric));
        }
    }

    private static void ScanRows<TBody, TLoader, T>(
        ReadOnlySpan<float> query, ReadOnlySpan<T> rows, int stride, int count, Span<double> distances,
        ReadOnlySpan<ulong> live)
        where TBody : struct, IMetricBody where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        ref float x = ref MemoryMarshal.GetReference(query);
        ref T y = ref MemoryMarshal.GetReference(rows);
        ref double target = ref MemoryMarshal.GetReference(distances);
        nuint length = (nuint)query.Length;
        // Counted by the same code as a row's, so that a vector's distance from itself does not hang on which of the
        // two it is.
        float square = TBody.NeedsQuerySquare
            ? Reduction.DotAndSquare<SingleLoader, float>(ref x, ref x, length, 0).Square : 0;
        if (live.IsEmpty)
        {
            for (nint i = 0; i < count; i++)
            {
                ref T row = ref Unsafe.Add(ref y, i * stride);
                Unsafe.Add(ref target, i) =
                    TBody.Distance<TLoader, T>(ref x, ref row, length, Prefetch.AheadBytes, square);
            }
            return;
        }
        Span<int> wanted = stackalloc int[LiveBlock];
        nint rowBytes = (nint)stride * Unsafe.SizeOf<T>();
        int lead = (int)Math.Max(1, Prefetch.AheadBytes / Math.Max(rowBytes, 1)); // in wanted rows
        for (int first = 0; first < count; first += LiveBlock)
        {
            int found = WriteLive(live[(first >> 6)..], Math.Min(LiveBlock, count - first), first, wanted);
            for (int k = 0; k < found; k++)
            {
                nint i = wanted[k], ahead = (wanted[Math.Min(k + lead, found - 1)] - i) * rowBytes;
                ref T row = ref Unsafe.Add(ref y, i * stride);
                Unsafe.Add(ref target, i) = TBody.Distance<TLoader, T>(ref x, ref row, length, ahead, square);
            }
        }
    }

    /// <summary>The numbers of the rows whose bit is set, ascending; returns how many.</summary>
    private static int WriteLive(ReadOnlySpan<ulong> live, int count, int first, Span<int> rows)
    {
        int found = 0;
        for (int start = 0; start < count; start += 64)
        {
            ulong word = live[start >> 6];
            if (count - start < 64)
                word &= (1UL << (count - start)) - 1;
            for (; word != 0; word &= word - 1)
                rows[found++] = first + start + BitOperations.TrailingZeroCount(word);
        }
        return found;
    }

    private static void CheckLengths(int x, int y)
    {
        if (x != y)
            throw new ArgumentException($"vectors have {x} and {y} dimensions");
    }
}
