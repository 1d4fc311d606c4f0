using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Sums of looked-up bytes for 64 coded rows at once: six one-bit dimensions a lookup.</summary>
/// <remarks>
/// Shapes: table[g, 16], block[g, 64] → sums[64], g groups of six dimensions, g even.
/// Layout: byte 2i of a group is row i's, byte 2i + 1 row (32 + i)'s, so that the sums of even and of odd bytes come out in order.
///         A group's table has eight sums of subsets of its first three dimensions, then eight of its last three, each at most
///         <see cref="EntryMax"/>; a code's low three bits look up the one, its high three bits the other.
/// Error:  none; every width gives the same integers.
/// Source: André, Kermarrec and Le Scouarnec, "Quicker ADC", 2018, for lookups in registers.
/// </remarks>
internal static class FastScan
{
    internal const int BlockRows = 64, TableBytes = 16, GroupDimensions = 6, EntryMax = 63;

    // 16-bit sums of two lookups a group, each of at most 2 · EntryMax.
    internal const int GroupsPerSum = 512;

    internal static void Sum(ReadOnlySpan<byte> table, ReadOnlySpan<byte> block, Span<int> sums)
    {
        int groups = table.Length / TableBytes;
        if (table.Length != groups * TableBytes || (groups & 1) != 0 || block.Length != groups * BlockRows
            || sums.Length != BlockRows)
            throw new ArgumentException($"{block.Length} codes with {table.Length} table bytes into {sums.Length} sums");
        sums.Clear();
        for (int first = 0; first < groups; first += GroupsPerSum)
        {
            int count = Math.Min(GroupsPerSum, groups - first);
            ReadOnlySpan<byte> entries = table.Slice(first * TableBytes, count * TableBytes);
            ReadOnlySpan<byte> codes = block.Slice(first * BlockRows, count * BlockRows);
            if (Avx512Vbmi.IsSupported)
                Add512(entries, codes, sums);
            else if (Vector256.IsHardwareAccelerated)
                Add256(entries, codes, sums);
            else
                AddPlain(entries, codes, sums);
        }
    }

    internal static void AddPlain(ReadOnlySpan<byte> table, ReadOnlySpan<byte> block, Span<int> sums)
    {
        for (int group = 0; group < table.Length / TableBytes; group++)
        {
            ReadOnlySpan<byte> entries = table.Slice(group * TableBytes, TableBytes);
            for (int place = 0; place < BlockRows; place++)
            {
                int code = block[(group * BlockRows) + place], row = (place >> 1) + ((place & 1) * 32);
                sums[row] += entries[code & 7] + entries[8 + (code >> 3)];
            }
        }
    }

    private static void Add512(ReadOnlySpan<byte> table, ReadOnlySpan<byte> block, Span<int> sums)
    {
        ref byte entries = ref MemoryMarshal.GetReference(table);
        ref byte codes = ref MemoryMarshal.GetReference(block);
        nuint groups = (nuint)(table.Length / TableBytes);
        Vector512<ushort> even = default, odd = default, lowByte = Vector512.Create((ushort)0xFF);
        for (nuint group = 0; group < groups; group += 2)
        {
            Vector512<byte> sum = Lookup512(ref entries, ref codes, group) + Lookup512(ref entries, ref codes, group + 1);
            even += sum.AsUInt16() & lowByte;
            odd += sum.AsUInt16() >>> 8;
        }
        ref int target = ref MemoryMarshal.GetReference(sums);
        AddTo(even.GetLower(), ref target, 0);
        AddTo(even.GetUpper(), ref target, 16);
        AddTo(odd.GetLower(), ref target, 32);
        AddTo(odd.GetUpper(), ref target, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Lookup512(ref byte table, ref byte codes, nuint group) =>
        Avx512Vbmi.PermuteVar64x8(AllSums(ref table, group), Vector512.LoadUnsafe(ref codes, group * BlockRows));

    /// <summary>All 64 sums of a group's subsets, from its two tables of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> AllSums(ref byte table, nuint group)
    {
        Vector512<byte> tables = Vector512.Create(Vector256.Create(Vector128.LoadUnsafe(ref table, group * TableBytes)));
        return Avx512BW.Shuffle(tables, LowIndexes) + Avx512BW.Shuffle(tables, HighIndexes);
    }

    private static Vector512<byte> LowIndexes => Vector512.Create(0x0706050403020100UL).AsByte();

    private static Vector512<byte> HighIndexes => Vector512.Create(
        0x0808080808080808UL, 0x0909090909090909, 0x0A0A0A0A0A0A0A0A, 0x0B0B0B0B0B0B0B0B,
        0x0C0C0C0C0C0C0C0C, 0x0D0D0D0D0D0D0D0D, 0x0E0E0E0E0E0E0E0E, 0x0F0F0F0F0F0F0F0F).AsByte();

    private static void AddTo(Vector256<ushort> values, ref int sums, nuint at)
    {
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(values);
        (Vector256.LoadUnsafe(ref sums, at) + low.AsInt32()).StoreUnsafe(ref sums, at);
        (Vector256.LoadUnsafe(ref sums, at + 8) + high.AsInt32()).StoreUnsafe(ref sums, at + 8);
    }

    private static void Add256(ReadOnlySpan<byte> table, ReadOnlySpan<byte> block, Span<int> sums)
    {
        ref byte entries = ref MemoryMarshal.GetReference(table);
        ref byte codes = ref MemoryMarshal.GetReference(block);
        nuint groups = (nuint)(table.Length / TableBytes);
        Vector256<ushort> lowByte = Vector256.Create((ushort)0xFF);
        ref int target = ref MemoryMarshal.GetReference(sums);
        for (nuint half = 0; half < 2; half++)
        {
            Vector256<ushort> even = default, odd = default;
            for (nuint group = 0; group < groups; group++)
            {
                Vector128<byte> one = Vector128.LoadUnsafe(ref entries, group * TableBytes);
                Vector256<byte> tables = Vector256.Create(one);
                Vector256<byte> code = Vector256.LoadUnsafe(ref codes, (group * BlockRows) + (half * 32));
                Vector256<byte> low = code & Vector256.Create((byte)7);
                Vector256<byte> high = ((code.AsUInt16() >>> 3).AsByte() & Vector256.Create((byte)7)) + Vector256.Create((byte)8);
                Vector256<byte> sum = Shuffle(tables, low) + Shuffle(tables, high);
                even += sum.AsUInt16() & lowByte;
                odd += sum.AsUInt16() >>> 8;
            }
            AddTo(even, ref target, half * 16);
            AddTo(odd, ref target, 32 + (half * 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Shuffle(Vector256<byte> tables, Vector256<byte> indexes) =>
        Avx2.IsSupported
            ? Avx2.Shuffle(tables, indexes)
            : Vector256.Create(
                Vector128.Shuffle(tables.GetLower(), indexes.GetLower()), Vector128.Shuffle(tables.GetUpper(), indexes.GetUpper()));
}
