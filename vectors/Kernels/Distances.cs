namespace VecSQL.Vectors.Kernels;

/// <summary>Distances between vectors of float32 (vector) and float16 (halfvec).</summary>
/// <remarks>
/// Result: what pgvector's operator returns: sums in float32, the square root and the quotient in float64.
/// Error:  a sum of d terms differs from the exact one by at most about (d + 2)·2⁻²⁴ of the sum of the terms' magnitudes.
/// Order:  <c>Scan</c> gives bit for bit what <c>Between</c> gives, so a sort by either is the same.
/// </remarks>
public static class Distances
{
    /// <exception cref="ArgumentException">The two vectors differ in length.</exception>
    public static double Between(DistanceMetric metric, ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"vectors have {x.Length} and {y.Length} dimensions", nameof(y));
        return ScalarDistances.Between(metric, x, y);
    }

    /// <exception cref="ArgumentException">The two vectors differ in length.</exception>
    public static double Between(DistanceMetric metric, ReadOnlySpan<Half> x, ReadOnlySpan<Half> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"vectors have {x.Length} and {y.Length} dimensions", nameof(y));
        return ScalarDistances.Between(metric, Widen(x), Widen(y));
    }

    /// <summary>The distances of consecutive rows from one query.</summary>
    /// <param name="rows">Row i begins at <c>i · stride</c>.</param>
    /// <param name="stride">Elements from one row to the next; at least the query's length.</param>
    /// <param name="live">Bit i set: row i is wanted. Empty for all; of other rows the distance is left as it was.</param>
    public static void Scan(
        DistanceMetric metric, ReadOnlySpan<float> query, ReadOnlySpan<float> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default)
    {
        for (int i = 0; i < count; i++)
        {
            if (live.IsEmpty || (live[i >> 6] >> (i & 63) & 1) != 0)
                distances[i] = Between(metric, query, rows.Slice(i * stride, query.Length));
        }
    }

    /// <inheritdoc cref="Scan(DistanceMetric, ReadOnlySpan{float}, ReadOnlySpan{float}, int, int, Span{double}, ReadOnlySpan{ulong})"/>
    public static void Scan(
        DistanceMetric metric, ReadOnlySpan<Half> query, ReadOnlySpan<Half> rows, int stride, int count,
        Span<double> distances, ReadOnlySpan<ulong> live = default)
    {
        for (int i = 0; i < count; i++)
        {
            if (live.IsEmpty || (live[i >> 6] >> (i & 63) & 1) != 0)
                distances[i] = Between(metric, query, rows.Slice(i * stride, query.Length));
        }
    }

    private static float[] Widen(ReadOnlySpan<Half> values)
    {
        float[] wide = new float[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = (float)values[i];
        return wide;
    }
}
