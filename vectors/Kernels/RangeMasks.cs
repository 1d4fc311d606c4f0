using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Which of the numbers that lie one after the other are in a range, 64 with a word.</summary>
/// <remarks>Shapes: values[masks, 64] → masks; all are read, whether they count or not.</remarks>
internal static class RangeMasks
{
    internal const int Rows = 64;

    /// <summary>Sets the bits of numbers in the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Add(ReadOnlySpan<int> values, int least, int most, Span<ulong> masks)
    {
        CheckShape(values.Length, masks.Length);
        ref int first = ref MemoryMarshal.GetReference(values);
        // Taken from the least, numbers outside are beyond the range's width, from below too.
        Vector512<int> from = Vector512.Create(least);
        Vector512<uint> width = Vector512.Create((uint)most - (uint)least);
        for (int i = 0; i < masks.Length; i++)
        {
            nuint at = (nuint)i * Rows;
            masks[i] |= IsIn(ref first, at, from, width) | IsIn(ref first, at + 16, from, width) << 16
                | IsIn(ref first, at + 32, from, width) << 32 | IsIn(ref first, at + 48, from, width) << 48;
        }
    }

    /// <summary>Sets the bits of numbers in the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Add(ReadOnlySpan<long> values, long least, long most, Span<ulong> masks)
    {
        CheckShape(values.Length, masks.Length);
        ref long first = ref MemoryMarshal.GetReference(values);
        Vector512<long> from = Vector512.Create(least);
        Vector512<ulong> width = Vector512.Create((ulong)most - (ulong)least);
        for (int i = 0; i < masks.Length; i++)
        {
            for (int j = 0; j < Rows; j += 8)
            {
                Vector512<ulong> above = (Vector512.LoadUnsafe(ref first, ((nuint)i * Rows) + (nuint)j) - from).AsUInt64();
                masks[i] |= Vector512.LessThanOrEqual(above, width).ExtractMostSignificantBits() << j;
            }
        }
    }

    /// <summary>Sets the bits of ranges that have numbers in common with the range.</summary>
    /// <param name="leasts">The ranges' beginnings; as many as bits, or fewer.</param>
    /// <param name="mosts">Their ends.</param>
    internal static void AddOverlaps(ReadOnlySpan<long> leasts, ReadOnlySpan<long> mosts, long least, long most, Span<ulong> masks)
    {
        if (mosts.Length != leasts.Length || masks.Length * Rows < leasts.Length)
            throw new ArgumentException($"{leasts.Length} and {mosts.Length} ends for {masks.Length} masks");
        ref long begin = ref MemoryMarshal.GetReference(leasts), end = ref MemoryMarshal.GetReference(mosts);
        Vector512<long> from = Vector512.Create(least), to = Vector512.Create(most);
        int i = 0;
        for (; i + 8 <= leasts.Length; i += 8)
        {
            Vector512<long> overlaps = Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref begin, (nuint)i), to)
                & Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref end, (nuint)i), from);
            masks[i >> 6] |= overlaps.ExtractMostSignificantBits() << (i & 63);
        }
        for (; i < leasts.Length; i++)
            masks[i >> 6] |= (leasts[i] <= most && mosts[i] >= least ? 1UL : 0) << (i & 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong IsIn(ref int values, nuint at, Vector512<int> from, Vector512<uint> width) =>
        Vector512.LessThanOrEqual((Vector512.LoadUnsafe(ref values, at) - from).AsUInt32(), width).ExtractMostSignificantBits();

    private static void CheckShape(int values, int masks)
    {
        if (values < masks * Rows)
            throw new ArgumentException($"{values} numbers for {masks} masks");
    }

    /// <summary>64 bits of words from any bit on.</summary>
    internal static ulong Bits(ReadOnlySpan<ulong> words, int first)
    {
        int word = first >> 6, shift = first & 63;
        if (word >= words.Length)
            return 0;
        ulong low = words[word] >> shift;
        return shift == 0 || word + 1 == words.Length ? low : low | words[word + 1] << (64 - shift);
    }
}
