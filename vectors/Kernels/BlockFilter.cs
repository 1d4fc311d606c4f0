using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Which rows of consecutive blocks may be nearer than a limit, by their one-bit codes: sums and estimates in one pass.</summary>
/// <remarks>
/// Shapes: blocks[b] of bits[g, 64] and factors[2, 64] → masks[b], as <see cref="FastScan"/> and <see cref="CodeEstimate"/> have
/// them.
/// Where the processor permutes 64 bytes at once, a group's 64 sums are looked up in a register, from a table made once a
/// query. The least distances differ from those of <see cref="CodeEstimate"/> by rounding alone.
/// </remarks>
internal static unsafe class BlockFilter
{
    internal const int WideTableBytes = 64;

    private const int FactorBytes = 2 * sizeof(float) * FastScan.BlockRows;

    /// <summary>Whether the wide table is used for so many groups.</summary>
    internal static bool IsWide(int groups) => Avx512Vbmi.IsSupported && groups <= FastScan.GroupsPerSum;

    /// <summary>All 64 sums of each group, from its two tables of eight.</summary>
    internal static void Widen(ReadOnlySpan<byte> table, Span<byte> wide)
    {
        int groups = table.Length / FastScan.TableBytes;
        if (wide.Length != groups * WideTableBytes)
            throw new ArgumentException($"{wide.Length} bytes for {groups} groups");
        ref byte entries = ref MemoryMarshal.GetReference(table);
        ref byte target = ref MemoryMarshal.GetReference(wide);
        for (nuint group = 0; group < (nuint)groups; group++)
            FastScan.AllSums(ref entries, group).StoreUnsafe(ref target, group * WideTableBytes);
    }

    /// <param name="table">The wide table where <see cref="IsWide"/> says so, else the narrow one.</param>
    /// <param name="bias">See <see cref="CodeEstimate.Below"/>.</param>
    /// <param name="limit">Less the cell's part.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Below(
        ReadOnlySpan<byte> table, int groups, byte* blocks, float step, float bias, float limit, Span<ulong> masks)
    {
        if (table.Length != groups * (IsWide(groups) ? WideTableBytes : FastScan.TableBytes))
            throw new ArgumentException($"{table.Length} table bytes for {groups} groups");
        if (!IsWide(groups))
        {
            BelowByParts(table, blocks, step, bias, limit, masks);
            return;
        }
        ref byte wide = ref MemoryMarshal.GetReference(table);
        for (int i = 0; i < masks.Length; i++)
        {
            masks[i] = Below512(ref wide, blocks, (nuint)groups, step, bias, limit);
            blocks += (groups * FastScan.BlockRows) + FactorBytes;
        }
    }

    /// <summary>The estimates of all rows of consecutive blocks, less their cell's part.</summary>
    /// <param name="bias">Of the query, with no margin.</param>
    /// <param name="estimates">64 a block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Estimate(
        ReadOnlySpan<byte> table, int groups, byte* blocks, float step, float bias, Span<float> estimates)
    {
        bool isWide = IsWide(groups);
        if (table.Length != groups * (isWide ? WideTableBytes : FastScan.TableBytes) || estimates.Length % FastScan.BlockRows != 0)
            throw new ArgumentException($"{table.Length} table bytes for {groups} groups");
        ref byte wide = ref MemoryMarshal.GetReference(table);
        Span<int> sums = stackalloc int[FastScan.BlockRows];
        ref int sum = ref MemoryMarshal.GetReference(sums);
        for (int row = 0; row < estimates.Length; row += FastScan.BlockRows)
        {
            if (isWide)
                Sum512(ref wide, blocks, (nuint)groups, ref sum);
            else
                FastScan.Sum(table, new ReadOnlySpan<byte>(blocks, groups * FastScan.BlockRows), sums);
            float* factors = (float*)(blocks + (groups * FastScan.BlockRows));
            for (int i = 0; i < FastScan.BlockRows; i += 16)
            {
                Vector512<float> subset = Vector512.MultiplyAddEstimate(
                    Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref sum, (nuint)i)), Vector512.Create(step), Vector512.Create(bias));
                Vector512.MultiplyAddEstimate(
                    subset, Vector512.Load(factors + FastScan.BlockRows + i), Vector512.Load(factors + i)).CopyTo(estimates[(row + i)..]);
            }
            blocks += (groups * FastScan.BlockRows) + FactorBytes;
        }
    }

    private static void BelowByParts(
        ReadOnlySpan<byte> table, byte* blocks, float step, float bias, float limit, Span<ulong> masks)
    {
        int bitBytes = table.Length / FastScan.TableBytes * FastScan.BlockRows;
        Span<int> sums = stackalloc int[FastScan.BlockRows];
        for (int i = 0; i < masks.Length; i++)
        {
            FastScan.Sum(table, new ReadOnlySpan<byte>(blocks, bitBytes), sums);
            masks[i] = CodeEstimate.Below(
                sums, new ReadOnlySpan<float>(blocks + bitBytes, 2 * FastScan.BlockRows), step, bias, limit);
            blocks += bitBytes + FactorBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Below512(
        ref byte table, byte* bits, nuint groups, float step, float bias, float limit)
    {
        (Vector512<ushort> even, Vector512<ushort> odd) = Sums512(ref table, bits, groups);
        Vector512<float> steps = Vector512.Create(step), from = Vector512.Create(bias), most = Vector512.Create(limit);
        float* factors = (float*)(bits + (groups * FastScan.BlockRows));
        (Vector512<uint> sum0, Vector512<uint> sum1) = Vector512.Widen(even);
        (Vector512<uint> sum2, Vector512<uint> sum3) = Vector512.Widen(odd);
        return Part(sum0, factors, steps, from, most)
            | Part(sum1, factors + 16, steps, from, most) << 16
            | Part(sum2, factors + 32, steps, from, most) << 32
            | Part(sum3, factors + 48, steps, from, most) << 48;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum512(ref byte table, byte* bits, nuint groups, ref int sums)
    {
        (Vector512<ushort> even, Vector512<ushort> odd) = Sums512(ref table, bits, groups);
        (Vector512<uint> sum0, Vector512<uint> sum1) = Vector512.Widen(even);
        (Vector512<uint> sum2, Vector512<uint> sum3) = Vector512.Widen(odd);
        sum0.AsInt32().StoreUnsafe(ref sums);
        sum1.AsInt32().StoreUnsafe(ref sums, 16);
        sum2.AsInt32().StoreUnsafe(ref sums, 32);
        sum3.AsInt32().StoreUnsafe(ref sums, 48);
    }

    /// <summary>The sums of rows 0 to 31, and of rows 32 to 63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<ushort> Even, Vector512<ushort> Odd) Sums512(ref byte table, byte* bits, nuint groups)
    {
        // Even bytes are added with the odd ones above them; what the odd ones put there is taken off at the end.
        Vector512<ushort> both = default, odd = default;
        for (nuint group = 0; group < groups; group += 2)
        {
            Vector512<byte> sum = Lookup(ref table, bits, group) + Lookup(ref table, bits, group + 1);
            both += sum.AsUInt16();
            odd += sum.AsUInt16() >>> 8;
        }
        return (both - (odd << 8), odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Lookup(ref byte table, byte* bits, nuint group) =>
        Avx512Vbmi.PermuteVar64x8(
            Vector512.LoadUnsafe(ref table, group * WideTableBytes), Vector512.Load(bits + (group * FastScan.BlockRows)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Part(
        Vector512<uint> sum, float* factors, Vector512<float> step, Vector512<float> bias, Vector512<float> limit)
    {
        Vector512<float> subset = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum.AsInt32()), step, bias);
        Vector512<float> least = Vector512.FusedMultiplyAdd(
            subset, Vector512.Load(factors + FastScan.BlockRows), Vector512.Load(factors));
        return Vector512.LessThan(least, limit).ExtractMostSignificantBits();
    }
}
