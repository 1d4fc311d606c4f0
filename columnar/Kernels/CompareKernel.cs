using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Columnar.Kernels;

/// <summary>Compares numbers row by row into bits.</summary>
/// <remarks>
/// Shapes: x and y hold one value a row, or a single one that stands for all rows; bits beyond the last row are
/// unspecified.
/// Order:  SQL's: NaN equals NaN and is greater than every other float; −0 equals 0.
/// </remarks>
public static class CompareKernel
{
    private const int WordBits = 64;

    /// <param name="bits">A bit a row, in whole words; every word is overwritten.</param>
    public static void Run<T>(ComparisonKind kind, ReadOnlySpan<T> x, ReadOnlySpan<T> y, int count, Span<ulong> bits)
        where T : unmanaged, INumber<T>
    {
        switch (kind)
        {
            case ComparisonKind.Equal:
                Fill<T, EqualStep<T>>(x, y, count, bits, flip: 0);
                break;
            case ComparisonKind.NotEqual:
                Fill<T, EqualStep<T>>(x, y, count, bits, flip: ulong.MaxValue);
                break;
            case ComparisonKind.Less:
                Fill<T, LessStep<T>>(x, y, count, bits, flip: 0);
                break;
            case ComparisonKind.Greater:
                Fill<T, LessStep<T>>(y, x, count, bits, flip: 0);
                break;
            case ComparisonKind.LessOrEqual:
                Fill<T, LessStep<T>>(y, x, count, bits, flip: ulong.MaxValue);
                break;
            default:
                Fill<T, LessStep<T>>(x, y, count, bits, flip: ulong.MaxValue);
                break;
        }
    }

    private static void Fill<T, TStep>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, int count, Span<ulong> bits, ulong flip)
        where T : unmanaged, INumber<T>
        where TStep : struct, IStep<T>
    {
        if (count == 0)
            return;
        bool isConstantX = x.Length < count, isConstantY = y.Length < count;
        int maskX = isConstantX ? 0 : -1, maskY = isConstantY ? 0 : -1, lanes = Vector256<T>.Count;
        ref T xs = ref MemoryMarshal.GetReference(x);
        ref T ys = ref MemoryMarshal.GetReference(y);
        Vector256<T> allX = Vector256.Create(xs), allY = Vector256.Create(ys);
        int row = 0, words = (count + WordBits - 1) / WordBits;
        for (int w = 0; w < words; w++)
        {
            ulong word = 0;
            int end = Math.Min(row + WordBits, count);
            for (int shift = 0; row <= end - lanes; shift += lanes, row += lanes)
            {
                Vector256<T> left = isConstantX ? allX : Vector256.LoadUnsafe(ref xs, (nuint)row);
                Vector256<T> right = isConstantY ? allY : Vector256.LoadUnsafe(ref ys, (nuint)row);
                word |= (ulong)TStep.Wide(left, right).ExtractMostSignificantBits() << shift;
            }
            for (; row < end; row++)
            {
                if (TStep.Scalar(Unsafe.Add(ref xs, row & maskX), Unsafe.Add(ref ys, row & maskY)))
                    word |= 1UL << (row & (WordBits - 1));
            }
            bits[w] = word ^ flip;
        }
    }

    private interface IStep<T> where T : unmanaged
    {
        static abstract bool Scalar(T x, T y);

        static abstract Vector256<T> Wide(Vector256<T> x, Vector256<T> y);
    }

    private readonly struct EqualStep<T> : IStep<T> where T : unmanaged, INumber<T>
    {
        public static bool Scalar(T x, T y) => x == y || (T.IsNaN(x) && T.IsNaN(y));

        public static Vector256<T> Wide(Vector256<T> x, Vector256<T> y) => IsFloat<T>()
            ? Vector256.Equals(x, y) | ~(Vector256.Equals(x, x) | Vector256.Equals(y, y))
            : Vector256.Equals(x, y);
    }

    private readonly struct LessStep<T> : IStep<T> where T : unmanaged, INumber<T>
    {
        public static bool Scalar(T x, T y) => x < y || (T.IsNaN(y) && !T.IsNaN(x));

        public static Vector256<T> Wide(Vector256<T> x, Vector256<T> y) => IsFloat<T>()
            ? Vector256.LessThan(x, y) | (Vector256.Equals(x, x) & ~Vector256.Equals(y, y))
            : Vector256.LessThan(x, y);
    }

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);
}
