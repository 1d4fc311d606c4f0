using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Counts of ones for eight rows at once, whose bit strings lie one after the other.</summary>
/// <remarks>
/// The counts of eight rows are added up across lanes together, which for short strings costs far less than a sum for each row.
/// Shapes: rows of 8, 16 or a multiple of 32 bytes. Result: as <see cref="BitCounts"/> counts.
/// </remarks>
internal static class BitRows
{
    internal const int Rows = 8;

    internal static bool Handles(int rowBytes) =>
        Avx512BW.IsSupported && Avx512DQ.IsSupported && rowBytes > 0 && (rowBytes is 8 or 16 || rowBytes % 32 == 0);

    /// <summary>The counts for eight rows, from a multiple of 8 bytes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<ulong> Count<TCombine>(ref byte query, ref byte rows, nuint rowBytes) where TCombine : struct, IBitCombination
    {
        if (rowBytes == 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref query);
            return Ones(TCombine.Of(Vector512.Create(word).AsByte(), Vector512.LoadUnsafe(ref rows)));
        }
        if (rowBytes == 16)
        {
            Vector128<byte> half = Vector128.LoadUnsafe(ref query);
            Vector256<byte> pair = Vector256.Create(half, half);
            Vector512<byte> wide = Vector512.Create(pair, pair);
            Vector512<ulong> low = Ones(TCombine.Of(wide, Vector512.LoadUnsafe(ref rows))),
                high = Ones(TCombine.Of(wide, Vector512.LoadUnsafe(ref rows, 64)));
            Vector512<ulong> sums = Avx512F.UnpackLow(low, high) + Avx512F.UnpackHigh(low, high); // rows 0 4 1 5 2 6 3 7
            return Avx512F.PermuteVar8x64(sums, Vector512.Create(0UL, 2, 4, 6, 1, 3, 5, 7));
        }
        Vector512<ulong> r0 = OfRow<TCombine>(ref query, ref rows, rowBytes), r1 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, rowBytes), rowBytes),
            r2 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 2 * rowBytes), rowBytes),
            r3 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 3 * rowBytes), rowBytes),
            r4 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 4 * rowBytes), rowBytes),
            r5 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 5 * rowBytes), rowBytes),
            r6 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 6 * rowBytes), rowBytes),
            r7 = OfRow<TCombine>(ref query, ref Unsafe.Add(ref rows, 7 * rowBytes), rowBytes);
        // Pairs of lanes, then pairs of these, then halves: each step leaves half as many vectors.
        Vector512<ulong> a = Pairs(r0, r1), b = Pairs(r2, r3), c = Pairs(r4, r5), d = Pairs(r6, r7); // r0 r1 in each quarter
        Vector512<ulong> e = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00) + Avx512F.Shuffle4x128(a, b, 0b11_01_11_01); // a a b b
        Vector512<ulong> f = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00) + Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
        return Avx512F.Shuffle4x128(e, f, 0b10_00_10_00) + Avx512F.Shuffle4x128(e, f, 0b11_01_11_01); // a b c d
    }

    private static Vector512<ulong> Pairs(Vector512<ulong> x, Vector512<ulong> y) => Avx512F.UnpackLow(x, y) + Avx512F.UnpackHigh(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> OfRow<TCombine>(ref byte query, ref byte row, nuint rowBytes) where TCombine : struct, IBitCombination
    {
        Vector512<ulong> sum = default;
        nuint i = 0;
        for (; i + 64 <= rowBytes; i += 64)
            sum += Ones(TCombine.Of(Vector512.LoadUnsafe(ref query, i), Vector512.LoadUnsafe(ref row, i)));
        return i == rowBytes
            ? sum
            : sum + Ones(Vector512.Create(TCombine.Of(Vector256.LoadUnsafe(ref query, i), Vector256.LoadUnsafe(ref row, i)), Vector256<byte>.Zero));
    }

    /// <summary>The ones of each eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Ones(Vector512<byte> bits)
    {
        Vector512<byte> ones = Vector512.Create(BitCounts.Ones256, BitCounts.Ones256), low = Vector512.Create((byte)0x0F);
        Vector512<byte> high = (bits.AsUInt16() >> 4).AsByte() & low;
        Vector512<byte> counts = Avx512BW.Shuffle(ones, bits & low) + Avx512BW.Shuffle(ones, high);
        return Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
    }
}
