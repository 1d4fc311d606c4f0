using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Vectors.Codes;

namespace VecSQL.Vectors.Kernels;

/// <summary>What coding a row takes: sums over it, and its values as multiples of a scale.</summary>
/// <remarks>Error: sums of d terms in float32, within (d + 2)·2⁻²⁴ of the sum of the terms' magnitudes.</remarks>
internal static class CodeEncoding
{
    private const int Lanes = 16, PairBytes = 2 * VectorCodes.BlockRows;

    /// <summary>The largest magnitude, and the sum of squares; NaN or infinity in either if there is one in x.</summary>
    internal static (float Largest, float Square) Measure(ReadOnlySpan<float> x)
    {
        ref float values = ref MemoryMarshal.GetReference(x);
        Vector512<float> wide = default, squares = default;
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            Vector512<float> value = Vector512.LoadUnsafe(ref values, (nuint)i);
            wide = Vector512.Max(wide, Vector512.Abs(value));
            squares += value * value;
        }
        float largest = 0, square = Vector512.Sum(squares);
        for (int lane = 0; lane < Lanes; lane++)
            largest = Math.Max(largest, wide[lane]);
        for (; i < x.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(x[i]));
            square += x[i] * x[i];
        }
        return (largest, square);
    }

    /// <summary>Writes a row's codes into its places in a block.</summary>
    /// <param name="scale">Greater than 0, and so large that no code leaves ±127.</param>
    /// <param name="target">The row's first place; pairs are <c>2 · BlockRows</c> apart, as <see cref="VectorCodes"/> has
    /// it.</param>
    /// <returns>|x − scale·c|², and |c|².</returns>
    internal static (float ErrorSquare, int CodeSquare) Write(ReadOnlySpan<float> x, float scale, Span<sbyte> target)
    {
        ref float values = ref MemoryMarshal.GetReference(x);
        ref sbyte place = ref MemoryMarshal.GetReference(target);
        Vector512<float> inverse = Vector512.Create(1 / scale), minusScale = Vector512.Create(-scale), errors = default;
        Vector512<int> squares = default;
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            Vector512<float> value = Vector512.LoadUnsafe(ref values, (nuint)i);
            Vector512<float> rounded = Vector512.Round(value * inverse);
            Vector512<float> error = Vector512.FusedMultiplyAdd(rounded, minusScale, value);
            errors += error * error;
            Vector512<int> code = Vector512.ConvertToInt32(rounded);
            squares += code * code;
            Vector256<int> low = code.GetLower(), high = code.GetUpper();
            Vector128<ulong> narrow = Vector128.Narrow(
                Vector128.Narrow(low.GetLower(), low.GetUpper()), Vector128.Narrow(high.GetLower(), high.GetUpper()))
                .AsUInt64();
            ref sbyte at = ref Unsafe.Add(ref place, i * VectorCodes.BlockRows);
            WritePairs(ref at, narrow.ToScalar());
            WritePairs(ref Unsafe.Add(ref at, 4 * PairBytes), narrow.GetElement(1));
        }
        float errorSquare = Vector512.Sum(errors);
        int codeSquare = Vector512.Sum(squares);
        for (; i < x.Length; i++)
        {
            float rounded = MathF.Round(x[i] / scale), error = MathF.FusedMultiplyAdd(rounded, -scale, x[i]);
            errorSquare += error * error;
            codeSquare += (int)rounded * (int)rounded;
            Unsafe.Add(ref place, (i / 2 * PairBytes) + (i & 1)) = (sbyte)rounded;
        }
        return (errorSquare, codeSquare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WritePairs(ref sbyte place, ulong codes)
    {
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref place), (ushort)codes);
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref place, PairBytes)), (ushort)(codes >> 16));
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref place, 2 * PairBytes)), (ushort)(codes >> 32));
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref place, 3 * PairBytes)), (ushort)(codes >> 48));
    }
}
