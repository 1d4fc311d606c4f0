using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSQL.Storage.Segments;

/// <summary>From key hashes to positions, in a file: a hash table with open addressing, and a filter before
/// it.</summary>
/// <remarks>
/// Layout: see <see cref="SidecarFormat"/>. The table is three quarters full, 10.7 bytes a key; the filter takes 10
///         bits a key and lets about one absent key in a hundred through.
/// Source: the filter is Putze, Sanders and Singler's blocked Bloom filter, with one bit in each of eight words.
/// </remarks>
internal static class KeyTable
{
    private const int FilterBlockBytes = 32, FilterWords = 8, FilterBitsPerKey = 10;

    private static ReadOnlySpan<uint> Salts =>
        [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31];

    internal static byte[] BuildTable(ReadOnlySpan<ulong> hashes, ReadOnlySpan<int> positions)
    {
        uint slots = (uint)Math.Max(1, hashes.Length + (hashes.Length / 3) + 1);
        byte[] table = new byte[checked(SidecarFormat.KeyHeadBytes + (int)(slots * SidecarFormat.SlotBytes))];
        BinaryPrimitives.WriteUInt32LittleEndian(table, slots);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4), hashes.Length);
        Span<ulong> entries = MemoryMarshal.Cast<byte, ulong>(table.AsSpan(SidecarFormat.KeyHeadBytes));
        for (int i = 0; i < hashes.Length; i++)
        {
            uint slot = SlotOf(hashes[i], slots);
            while (entries[(int)slot] != 0)
                slot = slot + 1 == slots ? 0 : slot + 1;
            entries[(int)slot] = Entry(hashes[i], positions[i]);
        }
        return table;
    }

    internal static byte[] BuildFilter(ReadOnlySpan<ulong> hashes)
    {
        int blocks = (int)Math.Max(1, (((long)hashes.Length * FilterBitsPerKey) + 255) / 256);
        byte[] filter = new byte[blocks * FilterBlockBytes];
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(filter.AsSpan());
        foreach (ulong hash in hashes)
        {
            int first = BlockOf(hash, blocks) * FilterWords;
            for (int i = 0; i < FilterWords; i++)
                words[first + i] |= BitOf(hash, i);
        }
        return filter;
    }

    /// <summary>False: no key has the hash.</summary>
    internal static bool MayHave(SidecarSection filter, ulong hash)
    {
        int block = BlockOf(hash, filter.Length / FilterBlockBytes);
        ReadOnlySpan<byte> bytes = filter.Read((long)block * FilterBlockBytes, FilterBlockBytes);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        uint missing = 0;
        for (int i = 0; i < FilterWords; i++)
            missing |= ~words[i] & BitOf(hash, i);
        return missing == 0;
    }

    /// <summary>Positions of keys that may have the hash; returns how many there are, and writes those that
    /// fit.</summary>
    internal static int Find(SidecarSection table, ulong hash, Span<int> positions)
    {
        uint slots = BinaryPrimitives.ReadUInt32LittleEndian(table.Read(0, SidecarFormat.KeyHeadBytes));
        uint slot = SlotOf(hash, slots), tag = (uint)(hash >> 32);
        int count = 0;
        for (uint seen = 0; seen < slots; seen++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(
                table.Read(
                    SidecarFormat.KeyHeadBytes + ((long)slot * SidecarFormat.SlotBytes), SidecarFormat.SlotBytes));
            if (entry == 0)
                return count;
            if ((uint)entry == tag)
            {
                if (count < positions.Length)
                    positions[count] = (int)(entry >> 32) - 1;
                count++;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
        return count;
    }

    private static ulong Entry(ulong hash, int position) => (hash >> 32) | ((ulong)(uint)(position + 1) << 32);

    /// <summary>The slot is the low half's share of the table, so that it says nothing about the tag, the high
    /// half.</summary>
    private static uint SlotOf(ulong hash, uint slots) => (uint)(((hash & uint.MaxValue) * slots) >> 32);

    private static int BlockOf(ulong hash, int blocks) => (int)(((hash >> 32) * (uint)blocks) >> 32);

    private static uint BitOf(ulong hash, int word) => 1u << (int)(((uint)hash * Salts[word]) >> 27);
}
