using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSQL.Vectors.Codes;

namespace VecSQL.Vectors.Kernels;

/// <summary>Dot products of a query in int16 with the sixteen rows of a block of int8 codes.</summary>
/// <remarks>
/// Shapes: query[p, 2], block[p, 16, 2] → dots[16], p dimension pairs; layout as <see cref="VectorCodes"/> has it.
/// Error:  none, as long as the query's codes are so small that no sum leaves int32.
/// </remarks>
internal static class CodeDots
{
    private const int Lanes = VectorCodes.BlockRows, PairBytes = 2 * Lanes;

    /// <summary>Whether this machine multiplies 16-bit pairs: without it, exact distances are as cheap.</summary>
    internal static bool IsFast => Avx2.IsSupported;

    internal static void OfBlock(ReadOnlySpan<short> query, ReadOnlySpan<sbyte> block, Span<int> dots)
    {
        if (query.Length * Lanes != block.Length || dots.Length != Lanes)
            throw new ArgumentException($"{query.Length} dimensions with {block.Length} codes into {dots.Length} sums");
        ref short q = ref MemoryMarshal.GetReference(query);
        ref sbyte codes = ref MemoryMarshal.GetReference(block);
        ref int target = ref MemoryMarshal.GetReference(dots);
        nuint pairs = (nuint)query.Length / 2;
        if (Avx512BW.IsSupported)
            OfBlock512(ref q, ref codes, pairs).StoreUnsafe(ref target);
        else if (Avx2.IsSupported)
            OfBlock256(ref q, ref codes, pairs, ref target);
        else
            OfBlockPlain(query, block, dots);
    }

    internal static void OfBlockPlain(ReadOnlySpan<short> query, ReadOnlySpan<sbyte> block, Span<int> dots)
    {
        dots.Clear();
        for (int i = 0; i < query.Length; i++)
        {
            ReadOnlySpan<sbyte> pair = block.Slice(i / 2 * PairBytes, PairBytes);
            for (int row = 0; row < Lanes; row++)
                dots[row] += query[i] * pair[(row * 2) + (i & 1)];
        }
    }

    // Two sums, so that one addition need not wait for the other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> OfBlock512(ref short query, ref sbyte codes, nuint pairs)
    {
        ref int q = ref Unsafe.As<short, int>(ref query);
        Vector512<int> even = default, odd = default;
        nuint i = 0;
        for (; i + 2 <= pairs; i += 2)
        {
            Prefetch.Ask(ref codes, i * PairBytes, Prefetch.AheadBytes, 2 * PairBytes);
            even += Term512(Unsafe.Add(ref q, i), ref codes, i);
            odd += Term512(Unsafe.Add(ref q, i + 1), ref codes, i + 1);
        }
        if (i < pairs)
            even += Term512(Unsafe.Add(ref q, i), ref codes, i);
        return even + odd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Term512(int queryPair, ref sbyte codes, nuint pair) =>
        Avx512BW.MultiplyAddAdjacent(
            Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref codes, pair * PairBytes)),
            Vector512.Create(queryPair).AsInt16());

    private static void OfBlock256(ref short query, ref sbyte codes, nuint pairs, ref int dots)
    {
        ref int q = ref Unsafe.As<short, int>(ref query);
        Vector256<int> low = default, high = default;
        for (nuint i = 0; i < pairs; i++)
        {
            Vector256<short> pair = Vector256.Create(Unsafe.Add(ref q, i)).AsInt16();
            low += Avx2.MultiplyAddAdjacent(Wide256(ref codes, i * PairBytes), pair);
            high += Avx2.MultiplyAddAdjacent(Wide256(ref codes, (i * PairBytes) + Lanes), pair);
        }
        low.StoreUnsafe(ref dots);
        high.StoreUnsafe(ref dots, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Wide256(ref sbyte codes, nuint at) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref codes, at));
}
