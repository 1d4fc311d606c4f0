using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSQL.Storage.Files;

/// <summary>CRC-32C (Castagnoli), the checksum of every block that storage writes.</summary>
/// <remarks>
/// Uses the processor's CRC instruction where it has one (about 8 bytes in 3 cycles), else the runtime's table.
/// </remarks>
public static class Checksum
{
    public static uint Crc32C(ReadOnlySpan<byte> bytes) => Crc32C(bytes, 0);

    /// <summary>Goes on from the checksum of the bytes before, so that pieces give what the whole would.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes, uint before)
    {
        uint crc = ~before;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        if (!BitConverter.IsLittleEndian)
            words = default; // a word's bytes would go in backwards; the loop below takes them one by one
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
