using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSQL.Vectors.Kernels;

/// <summary>A sparse vector: ascending indexes, counted from 0, and the value at each; every other element is
/// 0.</summary>
public readonly ref struct SparseView(ReadOnlySpan<int> indexes, ReadOnlySpan<float> values)
{
    public ReadOnlySpan<int> Indexes { get; } = indexes;

    public ReadOnlySpan<float> Values { get; } = values;

    public int Count => Indexes.Length;

    /// <summary>A value as it is stored: dimensions and count (int32 each), then the indexes, then the values.</summary>
    public static SparseView Of(ReadOnlySpan<byte> value)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(value[4..]);
        return new SparseView(MemoryMarshal.Cast<byte, int>(value.Slice(8, 4 * count)),
            MemoryMarshal.Cast<byte, float>(value.Slice(8 + (4 * count), 4 * count)));
    }
}

/// <summary>Distances between sparse vectors of equal dimensions, which the caller has checked.</summary>
/// <remarks>Result: as pgvector's: sums in float32 in order of the indexes, root and quotient in float64.</remarks>
public static class SparseDistances
{
    public static double Between(DistanceMetric metric, SparseView x, SparseView y) => metric switch
    {
        DistanceMetric.L2 => Math.Sqrt(Merge<SquaredDifference>(x, y)),
        DistanceMetric.NegativeInnerProduct => -(double)InnerProduct(x, y),
        DistanceMetric.Cosine => ScalarDistances.Cosine(InnerProduct(x, y), SquaredNorm(x), SquaredNorm(y)),
        DistanceMetric.L1 => Merge<AbsoluteDifference>(x, y),
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };

    public static float InnerProduct(SparseView x, SparseView y)
    {
        float sum = 0;
        int i = 0, j = 0;
        while (i < x.Count && j < y.Count)
        {
            int left = x.Indexes[i], right = y.Indexes[j];
            if (left == right)
                sum += x.Values[i] * y.Values[j];
            i += left <= right ? 1 : 0;
            j += right <= left ? 1 : 0;
        }
        return sum;
    }

    private static float SquaredNorm(SparseView x) => ScalarDistances.InnerProduct(x.Values, x.Values);

    private static float Merge<TTerm>(SparseView x, SparseView y) where TTerm : struct, ITerm
    {
        float sum = 0;
        int i = 0, j = 0;
        while (i < x.Count && j < y.Count)
        {
            int left = x.Indexes[i], right = y.Indexes[j];
            sum += TTerm.Of((left <= right ? x.Values[i] : 0) - (right <= left ? y.Values[j] : 0));
            i += left <= right ? 1 : 0;
            j += right <= left ? 1 : 0;
        }
        for (; i < x.Count; i++)
            sum += TTerm.Of(x.Values[i]);
        for (; j < y.Count; j++)
            sum += TTerm.Of(y.Values[j]);
        return sum;
    }

    private interface ITerm
    {
        static abstract float Of(float difference);
    }

    private readonly struct SquaredDifference : ITerm
    {
        public static float Of(float difference) => difference * difference;
    }

    private readonly struct AbsoluteDifference : ITerm
    {
        public static float Of(float difference) => Math.Abs(difference);
    }
}
