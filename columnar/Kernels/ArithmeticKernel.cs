using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Columnar.Kernels;

/// <summary>Adds, subtracts and multiplies numbers row by row, and says whether a result may be out of range.</summary>
/// <remarks>
/// Shapes: x and y hold one value a row, or a single one that stands for all rows; result holds one a row.
/// Range:  the answer "suspect" is wrong on the safe side only: integers that wrapped around, floats that became
/// infinite or (for
///         products) zero. The caller then looks at the rows that count, since null rows hold arbitrary values.
/// </remarks>
public static class ArithmeticKernel
{
    /// <returns>Whether some row's result must be looked at.</returns>
    public static bool Add<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result) where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        Run<T, AddStep<T>>(x, y, result);

    /// <inheritdoc cref="Add{T}"/>
    public static bool Subtract<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result) where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        Run<T, SubtractStep<T>>(x, y, result);

    /// <inheritdoc cref="Add{T}"/>
    public static bool Multiply<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result) where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        Run<T, MultiplyStep<T>>(x, y, result);

    private static bool Run<T, TStep>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : unmanaged
        where TStep : struct, IStep<T>
    {
        if (result.IsEmpty)
            return false;
        int count = result.Length, row = 0, lanes = Vector256<T>.Count;
        bool isConstantX = x.Length < count, isConstantY = y.Length < count;
        int maskX = isConstantX ? 0 : -1, maskY = isConstantY ? 0 : -1;
        ref T xs = ref MemoryMarshal.GetReference(x);
        ref T ys = ref MemoryMarshal.GetReference(y);
        ref T results = ref MemoryMarshal.GetReference(result);
        bool isSuspect = false;
        if (TStep.HasWide)
        {
            Vector256<T> allX = Vector256.Create(xs), allY = Vector256.Create(ys), suspects = default;
            for (; row <= count - lanes; row += lanes)
            {
                Vector256<T> left = isConstantX ? allX : Vector256.LoadUnsafe(ref xs, (nuint)row);
                Vector256<T> right = isConstantY ? allY : Vector256.LoadUnsafe(ref ys, (nuint)row);
                Vector256<T> value = TStep.Wide(left, right);
                suspects |= TStep.WideSuspect(left, right, value); // a set sign bit is a suspect lane
                value.StoreUnsafe(ref results, (nuint)row);
            }
            isSuspect = suspects.ExtractMostSignificantBits() != 0;
        }
        for (; row < count; row++)
            Unsafe.Add(ref results, row) = TStep.Scalar(Unsafe.Add(ref xs, row & maskX), Unsafe.Add(ref ys,
                row & maskY), ref isSuspect);
        return isSuspect;
    }

    private interface IStep<T> where T : unmanaged
    {
        static abstract bool HasWide { get; }

        static abstract T Scalar(T x, T y, ref bool isSuspect);

        static abstract Vector256<T> Wide(Vector256<T> x, Vector256<T> y);

        static abstract Vector256<T> WideSuspect(Vector256<T> x, Vector256<T> y, Vector256<T> result);
    }

    private readonly struct AddStep<T> : IStep<T> where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public static bool HasWide => true;

        public static T Scalar(T x, T y, ref bool isSuspect)
        {
            T sum = unchecked(x + y);
            isSuspect |= IsFloat<T>() ? T.IsInfinity(sum) : T.IsNegative(x) == T.IsNegative(y)
                && T.IsNegative(x) != T.IsNegative(sum);
            return sum;
        }

        public static Vector256<T> Wide(Vector256<T> x, Vector256<T> y) => x + y;

        public static Vector256<T> WideSuspect(Vector256<T> x, Vector256<T> y, Vector256<T> result) =>
            IsFloat<T>() ? IsInfinite(result) : (x ^ result) & (y ^ result);
    }

    private readonly struct SubtractStep<T> : IStep<T> where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public static bool HasWide => true;

        public static T Scalar(T x, T y, ref bool isSuspect)
        {
            T difference = unchecked(x - y);
            isSuspect |= IsFloat<T>()
                ? T.IsInfinity(difference)
                : T.IsNegative(x) != T.IsNegative(y) && T.IsNegative(x) != T.IsNegative(difference);
            return difference;
        }

        public static Vector256<T> Wide(Vector256<T> x, Vector256<T> y) => x - y;

        public static Vector256<T> WideSuspect(Vector256<T> x, Vector256<T> y, Vector256<T> result) =>
            IsFloat<T>() ? IsInfinite(result) : (x ^ y) & (x ^ result);
    }

    private readonly struct MultiplyStep<T> : IStep<T> where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public static bool HasWide => IsFloat<T>();

        public static T Scalar(T x, T y, ref bool isSuspect)
        {
            T product = unchecked(x * y);
            if (IsFloat<T>())
            {
                isSuspect |= T.IsInfinity(product) || T.IsZero(product);
            }
            else if (typeof(T) == typeof(long))
            {
                long high = Math.BigMul(long.CreateTruncating(x), long.CreateTruncating(y), out long low);
                isSuspect |= high != low >> 63;
            }
            else
            {
                isSuspect |= long.CreateTruncating(x) * long.CreateTruncating(y) != long.CreateTruncating(product);
            }
            return product;
        }

        public static Vector256<T> Wide(Vector256<T> x, Vector256<T> y) => x * y;

        public static Vector256<T> WideSuspect(Vector256<T> x, Vector256<T> y, Vector256<T> result) =>
            IsInfinite(result) | Vector256.Equals(result, Vector256<T>.Zero);
    }

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);

    private static Vector256<T> IsInfinite<T>(Vector256<T> value) where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        Vector256.GreaterThan(Vector256.Abs(value), Vector256.Create(T.MaxValue));
}
