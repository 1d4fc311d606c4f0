using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Folds a query and a row of equal length into one number, block by block.</summary>
/// <remarks>
/// Four accumulators hide the latency of multiply-add; one row at a time is faster than four at once, which need too
/// many loads (measured: 116–151 against 82–88 GB/s in the second-level cache).
/// </remarks>
internal static class Reduction
{
    /// <param name="ahead">Bytes from the row to the one that is asked for meanwhile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Run<TStep, TLoader, T>(ref float x, ref T y, nuint length, nint ahead)
        where TStep : struct, IReductionStep where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        float sum = 0;
        nuint i = 0;
        if (Vector512.IsHardwareAccelerated && length >= 16)
            sum = Run512<TStep, TLoader, T>(ref x, ref y, length, ahead, ref i);
        else if (Vector256.IsHardwareAccelerated && length >= 16)
            sum = Run256<TStep, TLoader, T>(ref x, ref y, length, ahead, ref i);
        if (Vector128.IsHardwareAccelerated && length - i >= 4)
        {
            Vector128<float> rest = default;
            for (; length - i >= 4; i += 4)
                rest = TStep.Wide(Vector128.LoadUnsafe(ref x, i), TLoader.Load128(ref y, i), rest);
            sum += Vector128.Sum(rest);
        }
        for (; i < length; i++)
            sum = TStep.Scalar(Unsafe.Add(ref x, i), TLoader.Load(ref y, i), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Run512<TStep, TLoader, T>(
        ref float x, ref T y, nuint length, nint ahead, ref nuint i)
        where TStep : struct, IReductionStep where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        for (; length - i >= 64; i += 64)
        {
            Prefetch.Ask(ref y, i, ahead, 64 * Unsafe.SizeOf<T>());
            a = TStep.Wide(Vector512.LoadUnsafe(ref x, i), TLoader.Load512(ref y, i), a);
            b = TStep.Wide(Vector512.LoadUnsafe(ref x, i + 16), TLoader.Load512(ref y, i + 16), b);
            c = TStep.Wide(Vector512.LoadUnsafe(ref x, i + 32), TLoader.Load512(ref y, i + 32), c);
            d = TStep.Wide(Vector512.LoadUnsafe(ref x, i + 48), TLoader.Load512(ref y, i + 48), d);
        }
        for (; length - i >= 16; i += 16)
        {
            Prefetch.Ask(ref y, i, ahead, 16 * Unsafe.SizeOf<T>());
            a = TStep.Wide(Vector512.LoadUnsafe(ref x, i), TLoader.Load512(ref y, i), a);
        }
        return Vector512.Sum((a + b) + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Run256<TStep, TLoader, T>(
        ref float x, ref T y, nuint length, nint ahead, ref nuint i)
        where TStep : struct, IReductionStep where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (; length - i >= 32; i += 32)
        {
            Prefetch.Ask(ref y, i, ahead, 32 * Unsafe.SizeOf<T>());
            a = TStep.Wide(Vector256.LoadUnsafe(ref x, i), TLoader.Load256(ref y, i), a);
            b = TStep.Wide(Vector256.LoadUnsafe(ref x, i + 8), TLoader.Load256(ref y, i + 8), b);
            c = TStep.Wide(Vector256.LoadUnsafe(ref x, i + 16), TLoader.Load256(ref y, i + 16), c);
            d = TStep.Wide(Vector256.LoadUnsafe(ref x, i + 24), TLoader.Load256(ref y, i + 24), d);
        }
        for (; length - i >= 8; i += 8)
            a = TStep.Wide(Vector256.LoadUnsafe(ref x, i), TLoader.Load256(ref y, i), a);
        return Vector256.Sum((a + b) + (c + d));
    }

    /// <summary>The dot product and the row's squared norm in one pass over the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (float Dot, float Square) DotAndSquare<TLoader, T>(
        ref float x, ref T y, nuint length, nint ahead)
        where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        float dot = 0, square = 0;
        nuint i = 0;
        if (Vector512.IsHardwareAccelerated && length >= 16)
        {
            Vector512<float> dotEven = default, dotOdd = default, squareEven = default, squareOdd = default;
            for (; length - i >= 32; i += 32)
            {
                Prefetch.Ask(ref y, i, ahead, 32 * Unsafe.SizeOf<T>());
                Vector512<float> even = TLoader.Load512(ref y, i), odd = TLoader.Load512(ref y, i + 16);
                dotEven = ProductStep.Wide(Vector512.LoadUnsafe(ref x, i), even, dotEven);
                dotOdd = ProductStep.Wide(Vector512.LoadUnsafe(ref x, i + 16), odd, dotOdd);
                squareEven = ProductStep.Wide(even, even, squareEven);
                squareOdd = ProductStep.Wide(odd, odd, squareOdd);
            }
            for (; length - i >= 16; i += 16)
            {
                Prefetch.Ask(ref y, i, ahead, 16 * Unsafe.SizeOf<T>());
                Vector512<float> even = TLoader.Load512(ref y, i);
                dotEven = ProductStep.Wide(Vector512.LoadUnsafe(ref x, i), even, dotEven);
                squareEven = ProductStep.Wide(even, even, squareEven);
            }
            (dot, square) = (Vector512.Sum(dotEven + dotOdd), Vector512.Sum(squareEven + squareOdd));
        }
        else if (Vector256.IsHardwareAccelerated && length >= 16)
        {
            Vector256<float> dotEven = default, dotOdd = default, squareEven = default, squareOdd = default;
            for (; length - i >= 16; i += 16)
            {
                Prefetch.Ask(ref y, i, ahead, 16 * Unsafe.SizeOf<T>());
                Vector256<float> even = TLoader.Load256(ref y, i), odd = TLoader.Load256(ref y, i + 8);
                dotEven = ProductStep.Wide(Vector256.LoadUnsafe(ref x, i), even, dotEven);
                dotOdd = ProductStep.Wide(Vector256.LoadUnsafe(ref x, i + 8), odd, dotOdd);
                squareEven = ProductStep.Wide(even, even, squareEven);
                squareOdd = ProductStep.Wide(odd, odd, squareOdd);
            }
            (dot, square) = (Vector256.Sum(dotEven + dotOdd), Vector256.Sum(squareEven + squareOdd));
        }
        if (Vector128.IsHardwareAccelerated && length - i >= 4)
        {
            Vector128<float> dotRest = default, squareRest = default;
            for (; length - i >= 4; i += 4)
            {
                Vector128<float> four = TLoader.Load128(ref y, i);
                dotRest = ProductStep.Wide(Vector128.LoadUnsafe(ref x, i), four, dotRest);
                squareRest = ProductStep.Wide(four, four, squareRest);
            }
            dot += Vector128.Sum(dotRest);
            square += Vector128.Sum(squareRest);
        }
        for (; i < length; i++)
        {
            float value = TLoader.Load(ref y, i);
            dot = ProductStep.Scalar(Unsafe.Add(ref x, i), value, dot);
            square = ProductStep.Scalar(value, value, square);
        }
        return (dot, square);
    }
}
