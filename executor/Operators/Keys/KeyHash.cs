using System.Runtime.InteropServices;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Hashes of canonical keys: of words and of bytes.</summary>
/// <remarks>Method: 64 × 64 → 128 bit multiplication folded by xor, which mixes every input bit into every output bit.</remarks>
internal static class KeyHash
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15, Second = 0xD6E8_FEB8_6659_FD93;

    internal static ulong Of(ulong word) => Fold(word ^ First, Second);

    internal static ulong Of(UInt128 word) => Fold((ulong)word ^ First, (ulong)(word >> 64) ^ Second);

    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Second ^ (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), First);
            bytes = bytes[8..];
        }
        ulong last = 0;
        for (int i = 0; i < bytes.Length; i++)
            last |= (ulong)bytes[i] << (8 * i);
        return Fold(hash ^ last, Second);
    }

    private static ulong Fold(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x, y, out ulong low);
        return high ^ low;
    }
}
