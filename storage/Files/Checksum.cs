using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSQL.Storage.Files;

/// <summary>CRC-32C (Castagnoli), the checksum of every block that storage writes.</summary>
/// <remarks>
/// Uses the processor's CRC instruction where it has one, else the runtime's table. An instruction takes 8 bytes and its result
/// is there after 3 cycles, so three stretches of the bytes are run through side by side, and their checksums joined.
/// </remarks>
public static class Checksum
{
    /// <summary>Words of a stretch. Joining costs about as much as 20 words.</summary>
    private const int StretchWords = 128, StretchBytes = StretchWords * sizeof(ulong);

    /// <summary>What a stretch of zeros makes of a register, for each value of each of the register's bytes.</summary>
    private static readonly uint[] AcrossZeros = MakeAcrossZeros();

    public static uint Crc32C(ReadOnlySpan<byte> bytes) => Crc32C(bytes, 0);

    /// <summary>Goes on from the checksum of the bytes before, so that pieces give what the whole would.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes, uint before)
    {
        uint crc = ~before;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        if (!BitConverter.IsLittleEndian)
            words = default; // a word's bytes would go in backwards; the loop below takes them one by one
        bytes = bytes[(words.Length * sizeof(ulong))..];
        for (; words.Length >= 3 * StretchWords; words = words[(3 * StretchWords)..])
            crc = OfThree(crc, words);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    private static uint OfThree(uint crc, ReadOnlySpan<ulong> words)
    {
        ReadOnlySpan<ulong> first = words[..StretchWords], second = words.Slice(StretchWords, StretchWords);
        ReadOnlySpan<ulong> third = words.Slice(2 * StretchWords, StretchWords);
        uint next = 0, last = 0;
        for (int i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, first[i]);
            next = BitOperations.Crc32C(next, second[i]);
            last = BitOperations.Crc32C(last, third[i]);
        }
        return Across(Across(crc) ^ next) ^ last;
    }

    /// <summary>The register after a stretch of zeros.</summary>
    private static uint Across(uint crc) =>
        AcrossZeros[crc & 0xFF] ^ AcrossZeros[256 + ((crc >> 8) & 0xFF)]
        ^ AcrossZeros[512 + ((crc >> 16) & 0xFF)] ^ AcrossZeros[768 + (crc >> 24)];

    private static uint[] MakeAcrossZeros()
    {
        uint[] table = new uint[4 * 256];
        for (int bit = 0; bit < 32; bit++)
        {
            uint crc = 1u << bit;
            for (int i = 0; i < StretchBytes; i += sizeof(ulong))
                crc = BitOperations.Crc32C(crc, 0UL);
            // The register's bits do not touch each other, so that a byte gives the sum of what its bits give.
            int value = 1 << (bit & 7), first = bit >> 3 << 8;
            for (int lower = 0; lower < value; lower++)
                table[first + value + lower] = table[first + lower] ^ crc;
        }
        return table;
    }
}
