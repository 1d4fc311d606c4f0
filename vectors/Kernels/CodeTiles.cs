using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSQL.Vectors.Codes;

namespace VecSQL.Vectors.Kernels;

/// <summary>Dot products of eight queries in int16 with two blocks of int8 codes: a tile of a matrix product.</summary>
/// <remarks>
/// Shapes: queries[p, 8, 2], blocks[2, p, 16, 2] → dots[8, 2, 16], p dimension pairs; blocks as <see cref="VectorCodes"/> has them.
/// Codes are widened once for eight queries, and a query's pair is loaded once for 32 rows: of 34 steps 16 multiply 32 pairs each.
/// Error:  none, as long as the queries' codes are so small that no sum leaves int32.
/// </remarks>
internal static class CodeTiles
{
    internal const int Queries = 8, Blocks = 2, Dots = Queries * Blocks * Lanes;

    private const int Lanes = VectorCodes.BlockRows, PairBytes = 2 * Lanes;

    /// <summary>Whether a tile is faster here than its queries one after the other.</summary>
    internal static bool IsFast => Avx512BW.IsSupported;

    /// <param name="queries">Pair by pair, the two codes of each of the eight.</param>
    internal static void Multiply(ReadOnlySpan<short> queries, ReadOnlySpan<sbyte> blocks, Span<int> dots)
    {
        if (queries.Length * Blocks * Lanes != blocks.Length * Queries || dots.Length != Dots || queries.Length % (2 * Queries) != 0)
            throw new ArgumentException($"{queries.Length} query codes with {blocks.Length} codes into {dots.Length} sums");
        if (IsFast)
            Multiply512(ref MemoryMarshal.GetReference(queries), ref MemoryMarshal.GetReference(blocks),
                (nuint)blocks.Length / (Blocks * PairBytes), ref MemoryMarshal.GetReference(dots));
        else
            MultiplyPlain(queries, blocks, dots);
    }

    internal static void MultiplyPlain(ReadOnlySpan<short> queries, ReadOnlySpan<sbyte> blocks, Span<int> dots)
    {
        dots.Clear();
        int blockBytes = blocks.Length / Blocks;
        for (int i = 0; i < queries.Length; i++)
        {
            int pair = i / (2 * Queries), query = i / 2 % Queries, half = i & 1;
            for (int row = 0; row < Blocks * Lanes; row++)
            {
                int code = blocks[(row / Lanes * blockBytes) + (pair * PairBytes) + (row % Lanes * 2) + half];
                dots[(query * Blocks * Lanes) + row] += queries[i] * code;
            }
        }
    }

    // Sixteen sums, the codes of two blocks and a query's pair: what 32 registers hold without spilling.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply512(ref short queries, ref sbyte blocks, nuint pairs, ref int dots)
    {
        ref int q = ref Unsafe.As<short, int>(ref queries);
        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default,
            a7 = default, b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default,
            b7 = default;
        for (nuint i = 0; i < pairs; i++)
        {
            Vector512<short> a = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref blocks, i * PairBytes));
            Vector512<short> b = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref blocks, (pairs + i) * PairBytes));
            ref int pair = ref Unsafe.Add(ref q, i * Queries);
            Step(pair, a, b, ref a0, ref b0);
            Step(Unsafe.Add(ref pair, 1), a, b, ref a1, ref b1);
            Step(Unsafe.Add(ref pair, 2), a, b, ref a2, ref b2);
            Step(Unsafe.Add(ref pair, 3), a, b, ref a3, ref b3);
            Step(Unsafe.Add(ref pair, 4), a, b, ref a4, ref b4);
            Step(Unsafe.Add(ref pair, 5), a, b, ref a5, ref b5);
            Step(Unsafe.Add(ref pair, 6), a, b, ref a6, ref b6);
            Step(Unsafe.Add(ref pair, 7), a, b, ref a7, ref b7);
        }
        Store(0, a0, b0, ref dots);
        Store(1, a1, b1, ref dots);
        Store(2, a2, b2, ref dots);
        Store(3, a3, b3, ref dots);
        Store(4, a4, b4, ref dots);
        Store(5, a5, b5, ref dots);
        Store(6, a6, b6, ref dots);
        Store(7, a7, b7, ref dots);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(int pair, Vector512<short> a, Vector512<short> b, ref Vector512<int> sumA, ref Vector512<int> sumB)
    {
        Vector512<short> all = Vector512.Create(pair).AsInt16();
        sumA += Avx512BW.MultiplyAddAdjacent(a, all);
        sumB += Avx512BW.MultiplyAddAdjacent(b, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(nuint query, Vector512<int> a, Vector512<int> b, ref int dots)
    {
        a.StoreUnsafe(ref dots, query * Blocks * Lanes);
        b.StoreUnsafe(ref dots, ((query * Blocks) + 1) * Lanes);
    }
}
