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
    internal const int TileRows = 8;

    /// <summary>Packs whole vectors into panels, the last filled up with zeros, and measures them.</summary>
    /// <param name="squares">Room for the square of each vector.</param>
    internal static float[] Pack(ReadOnlySpan<float> vectors, int dimensions, Span<double> squares)
    {
        int panels = (squares.Length + Lanes - 1) / Lanes;
        float[] packed = new float[checked(panels * dimensions * Lanes)];
        for (int i = 0; i < squares.Length; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * dimensions, dimensions);
            Span<float> panel = packed.AsSpan(i / Lanes * dimensions * Lanes);
            double square = 0;
            for (int j = 0; j < dimensions; j++)
            {
                panel[(j * Lanes) + (i % Lanes)] = vector[j];
                square += (double)vector[j] * vector[j];
            }
            squares[i] = square;
        }
        return packed;
    }

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
                var use = new NearestUse(ref square, panel, ref best[0], ref panelOf[0]);
                if (count == TileRows)
                    Tile8(ref x, ref y, dimensions, ref use);
                else
                    Tile1(ref x, ref y, dimensions, ref use);
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

    /// <summary>Hands on the dot products of one row with a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Tile1<TUse>(ref float x, ref float panel, int dimensions, ref TUse use)
        where TUse : struct, IPanelUse, allows ref struct
    {
        Vector512<float> a = default, b = default;
        for (nint j = 0; j < dimensions; j++)
        {
            Vector512<float> value = Vector512.Create(Unsafe.Add(ref x, j));
            a = Vector512.MultiplyAddEstimate(value, Vector512.LoadUnsafe(ref panel, (nuint)j * Lanes), a);
            b = Vector512.MultiplyAddEstimate(value, Vector512.LoadUnsafe(ref panel, ((nuint)j * Lanes) + 16), b);
        }
        use.Take(0, a, b);
    }

    /// <summary>Hands on the dot products of <see cref="TileRows"/> rows with a panel.</summary>
    // Sixteen sums and two panel registers: what 32 registers hold without spilling.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Tile8<TUse>(ref float x, ref float panel, int dimensions, ref TUse use)
        where TUse : struct, IPanelUse, allows ref struct
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default,
            a7 = default, b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default,
            b7 = default;
        nint d = dimensions;
        for (nint j = 0; j < d; j++)
        {
            if (TUse.AsksAhead && (j & 1) == 0) // a line of the next tile, which has one for every second dimension
                Prefetch.Ask(ref x, (nuint)(TileRows * d), j * (TileRows * sizeof(float)), 1);
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
        use.Take(0, a0, b0);
        use.Take(1, a1, b1);
        use.Take(2, a2, b2);
        use.Take(3, a3, b3);
        use.Take(4, a4, b4);
        use.Take(5, a5, b5);
        use.Take(6, a6, b6);
        use.Take(7, a7, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        float value, Vector512<float> low, Vector512<float> high, ref Vector512<float> a, ref Vector512<float> b)
    {
        Vector512<float> all = Vector512.Create(value);
        a = Vector512.MultiplyAddEstimate(all, low, a);
        b = Vector512.MultiplyAddEstimate(all, high, b);
    }

    /// <summary>Keeps the nearest vector of each row, lane by lane.</summary>
    private readonly ref struct NearestUse(ref float square, int number, ref float best, ref int panelOf) : IPanelUse
    {
        private readonly ref float _square = ref square, _best = ref best;
        private readonly ref int _panelOf = ref panelOf;

        // |c|² − 2·x·c orders as |x − c|² does.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Take(int row, Vector512<float> low, Vector512<float> high)
        {
            Keep(Vector512.LoadUnsafe(ref _square) - (low + low), (nuint)row * Lanes);
            Keep(Vector512.LoadUnsafe(ref _square, 16) - (high + high), ((nuint)row * Lanes) + 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Keep(Vector512<float> value, nuint at)
        {
            Vector512<float> old = Vector512.LoadUnsafe(ref _best, at);
            Vector512<float> isLess = Vector512.LessThan(value, old);
            Vector512.ConditionalSelect(isLess, value, old).StoreUnsafe(ref _best, at);
            Vector512.ConditionalSelect(isLess.AsInt32(), Vector512.Create(number), Vector512.LoadUnsafe(ref _panelOf, at))
                .StoreUnsafe(ref _panelOf, at);
        }
    }
}

/// <summary>What becomes of the dot products of a row with the 32 vectors of a panel.</summary>
internal interface IPanelUse
{
    /// <summary>Whether the next rows come from memory: eight side by side are more than the processor sees coming by itself.</summary>
    static virtual bool AsksAhead => false;

    /// <param name="row">Within the tile.</param>
    void Take(int row, Vector512<float> low, Vector512<float> high);
}
