using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Many rows against panels of 32 vectors: a matrix product whose results are used up in registers.</summary>
/// <remarks>
/// Shapes: rows[n, d], panels[p, d, 32] → for each row, over all 32·p vectors.
/// Each step takes one dimension of a panel (two 512-bit registers) times that dimension of several rows, so a loaded
/// value is used for every row of the tile and no sum across lanes is needed.
/// Compiled in full at once: the first tier, whose calls are not inlined, would be busy for most of a short build.
/// Error:  a dot product of d terms is within (d + 2)·2⁻²⁴ of the sum of the terms' magnitudes.
/// </remarks>
internal static class PanelDots
{
    internal const int Lanes = 32;
    private const int TileRows = 8;

    internal static void FindNearest(
        ReadOnlySpan<float> rows, int dimensions, ReadOnlySpan<float> panels, ReadOnlySpan<float> squares, Span<int> nearest)
    {
        if (rows.Length != nearest.Length * dimensions || panels.Length != squares.Length * dimensions
            || squares.Length % Lanes != 0)
            throw new ArgumentException($"{rows.Length} and {panels.Length} floats of {dimensions} dimensions");
        Span<float> best = stackalloc float[TileRows * Lanes];
        Span<int> panelOf = stackalloc int[TileRows * Lanes];
        for (int row = 0; row < nearest.Length;)
        {
            int count = Vector512.IsHardwareAccelerated && nearest.Length - row >= TileRows ? TileRows : 1;
            best.Fill(float.PositiveInfinity);
            panelOf.Clear();
            for (int panel = 0; panel < squares.Length / Lanes; panel++)
            {
                ref float x = ref MemoryMarshal.GetReference(rows[(row * dimensions)..]);
                ref float y = ref MemoryMarshal.GetReference(panels[(panel * dimensions * Lanes)..]);
                ref float square = ref MemoryMarshal.GetReference(squares[(panel * Lanes)..]);
                if (count == TileRows)
                    Tile8(ref x, ref y, ref square, dimensions, panel, ref best[0], ref panelOf[0]);
                else
                    Tile1(ref x, ref y, ref square, dimensions, panel, ref best[0], ref panelOf[0]);
            }
            for (int i = 0; i < count; i++)
                nearest[row + i] = LeastOf(best.Slice(i * Lanes, Lanes), panelOf.Slice(i * Lanes, Lanes));
            row += count;
        }
    }

    private static int LeastOf(ReadOnlySpan<float> values, ReadOnlySpan<int> panelOf)
    {
        int least = panelOf[0] * Lanes;
        float value = values[0];
        for (int lane = 1; lane < Lanes; lane++)
        {
            int number = (panelOf[lane] * Lanes) + lane;
            if (values[lane] < value || (values[lane] == value && number < least))
                (least, value) = (number, values[lane]);
        }
        return least;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1(
        ref float x, ref float panel, ref float square, int dimensions, int number, ref float best, ref int panelOf)
    {
        Vector512<float> a = default, b = default;
        for (nint j = 0; j < dimensions; j++)
        {
            Vector512<float> value = Vector512.Create(Unsafe.Add(ref x, j));
            a = Vector512.MultiplyAddEstimate(value, Vector512.LoadUnsafe(ref panel, (nuint)j * Lanes), a);
            b = Vector512.MultiplyAddEstimate(value, Vector512.LoadUnsafe(ref panel, ((nuint)j * Lanes) + 16), b);
        }
        Keep(a, b, ref square, number, ref best, ref panelOf);
    }

    // Sixteen sums and two panel registers: what 32 registers hold without spilling.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8(
        ref float x, ref float panel, ref float square, int dimensions, int number, ref float best, ref int panelOf)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default,
            a7 = default, b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default,
            b7 = default;
        nint d = dimensions;
        for (nint j = 0; j < d; j++)
        {
            Vector512<float> low = Vector512.LoadUnsafe(ref panel, (nuint)j * Lanes);
            Vector512<float> high = Vector512.LoadUnsafe(ref panel, ((nuint)j * Lanes) + 16);
            ref float at = ref Unsafe.Add(ref x, j);
            Step(at, low, high, ref a0, ref b0);
            Step(Unsafe.Add(ref at, d), low, high, ref a1, ref b1);
            Step(Unsafe.Add(ref at, 2 * d), low, high, ref a2, ref b2);
            Step(Unsafe.Add(ref at, 3 * d), low, high, ref a3, ref b3);
            Step(Unsafe.Add(ref at, 4 * d), low, high, ref a4, ref b4);
            Step(Unsafe.Add(ref at, 5 * d), low, high, ref a5, ref b5);
            Step(Unsafe.Add(ref at, 6 * d), low, high, ref a6, ref b6);
            Step(Unsafe.Add(ref at, 7 * d), low, high, ref a7, ref b7);
        }
        Keep(a0, b0, ref square, number, ref best, ref panelOf);
        Keep(a1, b1, ref square, number, ref Unsafe.Add(ref best, Lanes), ref Unsafe.Add(ref panelOf, Lanes));
        Keep(a2, b2, ref square, number, ref Unsafe.Add(ref best, 2 * Lanes), ref Unsafe.Add(ref panelOf, 2 * Lanes));
        Keep(a3, b3, ref square, number, ref Unsafe.Add(ref best, 3 * Lanes), ref Unsafe.Add(ref panelOf, 3 * Lanes));
        Keep(a4, b4, ref square, number, ref Unsafe.Add(ref best, 4 * Lanes), ref Unsafe.Add(ref panelOf, 4 * Lanes));
        Keep(a5, b5, ref square, number, ref Unsafe.Add(ref best, 5 * Lanes), ref Unsafe.Add(ref panelOf, 5 * Lanes));
        Keep(a6, b6, ref square, number, ref Unsafe.Add(ref best, 6 * Lanes), ref Unsafe.Add(ref panelOf, 6 * Lanes));
        Keep(a7, b7, ref square, number, ref Unsafe.Add(ref best, 7 * Lanes), ref Unsafe.Add(ref panelOf, 7 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        float value, Vector512<float> low, Vector512<float> high, ref Vector512<float> a, ref Vector512<float> b)
    {
        Vector512<float> all = Vector512.Create(value);
        a = Vector512.MultiplyAddEstimate(all, low, a);
        b = Vector512.MultiplyAddEstimate(all, high, b);
    }

    // |c|² − 2·x·c orders as |x − c|² does.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(
        Vector512<float> a, Vector512<float> b, ref float square, int number, ref float best, ref int panelOf)
    {
        KeepHalf(Vector512.LoadUnsafe(ref square) - (a + a), number, ref best, ref panelOf);
        KeepHalf(Vector512.LoadUnsafe(ref square, 16) - (b + b), number, ref Unsafe.Add(ref best, 16), ref Unsafe.Add(ref panelOf, 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeepHalf(Vector512<float> value, int number, ref float best, ref int panelOf)
    {
        Vector512<float> old = Vector512.LoadUnsafe(ref best);
        Vector512<float> isLess = Vector512.LessThan(value, old);
        Vector512.ConditionalSelect(isLess, value, old).StoreUnsafe(ref best);
        Vector512.ConditionalSelect(isLess.AsInt32(), Vector512.Create(number), Vector512.LoadUnsafe(ref panelOf))
            .StoreUnsafe(ref panelOf);
    }
}
