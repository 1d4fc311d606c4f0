using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>The orthonormal Walsh–Hadamard transform, and what a rotation needs beside it; all in place.</summary>
/// <remarks>The same operations in the same order in every width, so results agree bit for bit.</remarks>
internal static class Hadamard
{
    /// <summary>x := H·x / √n.</summary>
    /// <param name="x">A power of two of floats, at least 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Transform(Span<float> x)
    {
        if (x.Length < 16 || (x.Length & (x.Length - 1)) != 0)
            throw new ArgumentException($"{x.Length} is not a power of two from 16");
        ref float values = ref MemoryMarshal.GetReference(x);
        float scale = 1 / MathF.Sqrt(x.Length);
        Vector128<float> oneMinus = Vector128.Create(1f, -1, 1, -1), twoMinus = Vector128.Create(1f, 1, -1, -1);
        for (nuint i = 0; i < (nuint)x.Length; i += 4)
        {
            Vector128<float> four = Vector128.LoadUnsafe(ref values, i) * scale;
            four = (four * oneMinus) + Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2));
            four = (four * twoMinus) + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
            four.StoreUnsafe(ref values, i);
        }
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            Vector128<float> a = Vector128.LoadUnsafe(ref values, i), b = Vector128.LoadUnsafe(ref values, i + 4);
            (a + b).StoreUnsafe(ref values, i);
            (a - b).StoreUnsafe(ref values, i + 4);
        }
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
        {
            Vector256<float> a = Vector256.LoadUnsafe(ref values, i), b = Vector256.LoadUnsafe(ref values, i + 8);
            (a + b).StoreUnsafe(ref values, i);
            (a - b).StoreUnsafe(ref values, i + 8);
        }
        for (nuint half = 16; half < (nuint)x.Length; half *= 2)
        {
            for (nuint start = 0; start < (nuint)x.Length; start += 2 * half)
                Butterfly(ref Unsafe.Add(ref values, start), ref Unsafe.Add(ref values, start + half), half);
        }
    }

    /// <summary>x[i] := x[i] · factors[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(Span<float> x, ReadOnlySpan<float> factors)
    {
        if (x.Length % 16 != 0 || factors.Length != x.Length)
            throw new ArgumentException($"{x.Length} values and {factors.Length} factors");
        ref float values = ref MemoryMarshal.GetReference(x);
        ref float signs = ref MemoryMarshal.GetReference(factors);
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
            (Vector512.LoadUnsafe(ref values, i) * Vector512.LoadUnsafe(ref signs, i)).StoreUnsafe(ref values, i);
    }

    /// <summary>Sums and differences of the two halves, over √2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void MixHalves(Span<float> x)
    {
        int half = x.Length / 2;
        const float scale = 0.70710678f;
        for (int i = 0; i < half; i++)
        {
            float a = x[i] * scale, b = x[i + half] * scale;
            x[i] = a + b;
            x[i + half] = a - b;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(ref float first, ref float second, nuint count)
    {
        for (nuint i = 0; i < count; i += 16)
        {
            Vector512<float> a = Vector512.LoadUnsafe(ref first, i), b = Vector512.LoadUnsafe(ref second, i);
            (a + b).StoreUnsafe(ref first, i);
            (a - b).StoreUnsafe(ref second, i);
        }
    }
}
