using System.Buffers.Binary;
using System.Numerics;

namespace VecSQL.Text.Inverted;

/// <summary>Small numbers, each in as many bits as the greatest of them takes.</summary>
/// <remarks>Layout: number i has the bits from i · bits on, the lowest first.</remarks>
internal static class BitPacking
{
    /// <summary>Bits that the greatest of the numbers takes.</summary>
    internal static int BitsOf(ReadOnlySpan<int> numbers)
    {
        uint all = 0;
        foreach (int number in numbers)
            all |= (uint)number;
        return 32 - BitOperations.LeadingZeroCount(all);
    }

    /// <summary>Bytes of packed numbers.</summary>
    internal static int BytesOf(int count, int bits) => ((count * bits) + 7) / 8;

    internal static void Pack(ReadOnlySpan<int> numbers, int bits, Span<byte> target)
    {
        ulong pending = 0;
        int pendingBits = 0, at = 0;
        foreach (int number in numbers)
        {
            pending |= (ulong)(uint)number << pendingBits;
            pendingBits += bits;
            for (; pendingBits >= 8; pendingBits -= 8, pending >>= 8)
                target[at++] = (byte)pending;
        }
        if (pendingBits > 0)
            target[at] = (byte)pending;
    }

    /// <param name="source">May go on behind the numbers.</param>
    internal static void Unpack(ReadOnlySpan<byte> source, int bits, Span<int> numbers)
    {
        if (bits == 0)
        {
            numbers.Clear();
            return;
        }
        ulong mask = (1UL << bits) - 1;
        int i = 0;
        // A number begins within eight bits of a byte and takes 32 at most: eight bytes hold it.
        int safe = Math.Min(numbers.Length, ((source.Length - 8) * 8 / bits) + 1);
        for (int bit = 0; i < safe; i++, bit += bits)
            numbers[i] = (int)((BinaryPrimitives.ReadUInt64LittleEndian(source[(bit >> 3)..]) >> (bit & 7)) & mask);
        for (; i < numbers.Length; i++)
        {
            int bit = i * bits;
            ulong value = 0;
            for (int at = bit >> 3, shift = 0; at < source.Length && shift < 40; at++, shift += 8)
                value |= (ulong)source[at] << shift;
            numbers[i] = (int)((value >> (bit & 7)) & mask);
        }
    }
}
