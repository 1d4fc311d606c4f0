using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Counts the ones in a combination of two bit strings.</summary>
/// <remarks>
/// Wide: the ones of each half byte are looked up by a shuffle and added up across eight bytes by a sum of absolute
///       differences.
/// Short strings are counted by the processor's instruction, eight bytes at a time.
/// </remarks>
internal static class BitCounts
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Count<TCombine>(ref byte x, ref byte y, nuint length) where TCombine : struct, IBitCombination
    {
        long count = 0;
        nuint i = 0;
        if (Avx512BW.IsSupported && length >= 64)
        {
            Vector512<byte> ones = Vector512.Create(Ones256, Ones256), low = Vector512.Create((byte)0x0F);
            Vector512<ulong> sum = default;
            for (; length - i >= 64; i += 64)
            {
                Vector512<byte> bits = TCombine.Of(Vector512.LoadUnsafe(ref x, i), Vector512.LoadUnsafe(ref y, i));
                Vector512<byte> high = (bits.AsUInt16() >> 4).AsByte() & low;
                Vector512<byte> counts = Avx512BW.Shuffle(ones, bits & low) + Avx512BW.Shuffle(ones, high);
                sum += Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
            }
            count += (long)Vector512.Sum(sum);
        }
        if (Avx2.IsSupported && length - i >= 32)
        {
            Vector256<byte> ones = Ones256, low = Vector256.Create((byte)0x0F);
            Vector256<ulong> sum = default;
            for (; length - i >= 32; i += 32)
            {
                Vector256<byte> bits = TCombine.Of(Vector256.LoadUnsafe(ref x, i), Vector256.LoadUnsafe(ref y, i));
                Vector256<byte> high = (bits.AsUInt16() >> 4).AsByte() & low;
                Vector256<byte> counts = Avx2.Shuffle(ones, bits & low) + Avx2.Shuffle(ones, high);
                sum += Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
            }
            count += (long)Vector256.Sum(sum);
        }
        for (; length - i >= sizeof(ulong); i += sizeof(ulong))
        {
            ulong left = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref x, i));
            ulong right = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref y, i));
            count += BitOperations.PopCount(TCombine.Of(left, right));
        }
        for (; i < length; i++)
            count += BitOperations.PopCount(TCombine.Of(Unsafe.Add(ref x, i), (ulong)Unsafe.Add(ref y, i)));
        return count;
    }

    internal static Vector256<byte> Ones256 => Vector256.Create(
        (byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}

/// <summary>How two bit strings are combined before their ones are counted.</summary>
internal interface IBitCombination
{
    static abstract ulong Of(ulong x, ulong y);

    static abstract Vector256<byte> Of(Vector256<byte> x, Vector256<byte> y);

    static abstract Vector512<byte> Of(Vector512<byte> x, Vector512<byte> y);
}

internal readonly struct CommonBits : IBitCombination
{
    public static ulong Of(ulong x, ulong y) => x & y;

    public static Vector256<byte> Of(Vector256<byte> x, Vector256<byte> y) => x & y;

    public static Vector512<byte> Of(Vector512<byte> x, Vector512<byte> y) => x & y;
}

internal readonly struct DifferentBits : IBitCombination
{
    public static ulong Of(ulong x, ulong y) => x ^ y;

    public static Vector256<byte> Of(Vector256<byte> x, Vector256<byte> y) => x ^ y;

    public static Vector512<byte> Of(Vector512<byte> x, Vector512<byte> y) => x ^ y;
}
