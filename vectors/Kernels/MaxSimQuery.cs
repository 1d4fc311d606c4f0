using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>A query of several vectors, packed for being held against rows of several vectors each: MaxSim.</summary>
/// <remarks>
/// Shapes: query[m, d], row[n, d] → −Σ over the query's m vectors of the greatest inner product with one of the row's n.
/// The query's vectors are the lanes of panels, so that a row is read once for each 32 of them and no sum across lanes is needed.
/// Cost:   from memory about what it is from cache, as the next vectors are asked for ahead: for 32 vectors of 128 dimensions against 32 of a
///         query 1.8 instead of 3.1 µs; pair by pair it is 22.
/// Error:  a product of d terms is within (d + 2)·2⁻²⁴ of the sum of the terms' magnitudes; their sum is taken in double. A product that
///         is not a number, which takes sums beyond float32, is never the greatest.
/// Threads: immutable; any.
/// </remarks>
public sealed class MaxSimQuery
{
    private readonly float[] _panels;

    /// <param name="vectors">Whole vectors, one after the other; none is a query that is as near to all.</param>
    public MaxSimQuery(ReadOnlySpan<float> vectors, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimensions);
        if (dimensions == 0 ? !vectors.IsEmpty : vectors.Length % dimensions != 0)
            throw new ArgumentException($"{vectors.Length} floats for vectors of {dimensions}");
        Dimensions = dimensions;
        Count = dimensions == 0 ? 0 : vectors.Length / dimensions;
        _panels = PanelDots.Pack(vectors, dimensions, new double[Count]);
    }

    /// <summary>0 where there are no vectors.</summary>
    public int Dimensions { get; }

    /// <summary>Vectors of the query.</summary>
    public int Count { get; }

    /// <summary>Copies one of the vectors.</summary>
    public void Read(int vector, Span<float> target)
    {
        ReadOnlySpan<float> panel = _panels.AsSpan(vector / PanelDots.Lanes * Dimensions * PanelDots.Lanes);
        for (int j = 0; j < Dimensions; j++)
            target[j] = panel[(j * PanelDots.Lanes) + (vector % PanelDots.Lanes)];
    }

    /// <summary>The distance of a row: positive infinity for a row without vectors, 0 for a query without.</summary>
    /// <param name="row">Whole vectors, one after the other.</param>
    public float Distance(ReadOnlySpan<float> row)
    {
        if (Count == 0)
            return 0;
        float distance = 0;
        Distances(row, [Count], new Span<float>(ref distance));
        return distance;
    }

    /// <summary>The distances of a row to several queries, the vectors of which are one after the other.</summary>
    /// <param name="ends">Where among the vectors each query ends, ascending.</param>
    internal void Distances(ReadOnlySpan<float> row, ReadOnlySpan<int> ends, Span<float> distances)
    {
        int count = row.Length / Dimensions;
        if (row.Length != count * Dimensions || ends[^1] != Count || distances.Length != ends.Length)
            throw new ArgumentException($"{row.Length} floats for vectors of {Dimensions}, {distances.Length} queries");
        Span<float> greatest = stackalloc float[PanelDots.Lanes];
        double sum = 0;
        int query = 0;
        for (int vector = 0; vector < Count; vector++)
        {
            if (vector % PanelDots.Lanes == 0)
            {
                greatest.Fill(float.NegativeInfinity);
                FindGreatest(row, count, _panels.AsSpan(vector * Dimensions), greatest);
            }
            sum += greatest[vector % PanelDots.Lanes];
            if (vector + 1 < ends[query])
                continue;
            distances[query++] = (float)(0 - sum);
            sum = 0;
        }
    }

    // Vectors beyond a multiple of a tile are taken with some before them once more, which does not change what is the greatest.
    private void FindGreatest(ReadOnlySpan<float> row, int count, ReadOnlySpan<float> panel, Span<float> greatest)
    {
        ref float y = ref MemoryMarshal.GetReference(panel);
        var use = new GreatestUse(ref MemoryMarshal.GetReference(greatest));
        bool byTiles = Vector512.IsHardwareAccelerated && count >= PanelDots.TileRows;
        for (int i = 0; i < count;)
        {
            if (byTiles)
            {
                int first = Math.Min(i, count - PanelDots.TileRows);
                PanelDots.Tile8(ref MemoryMarshal.GetReference(row[(first * Dimensions)..]), ref y, Dimensions, ref use);
                i += PanelDots.TileRows;
            }
            else
            {
                PanelDots.Tile1(ref MemoryMarshal.GetReference(row[(i * Dimensions)..]), ref y, Dimensions, ref use);
                i++;
            }
        }
    }

    /// <summary>Keeps the greatest product of each lane.</summary>
    private readonly ref struct GreatestUse(ref float greatest) : IPanelUse
    {
        private readonly ref float _greatest = ref greatest;

        public static bool AsksAhead => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Take(int row, Vector512<float> low, Vector512<float> high)
        {
            Keep(low, 0);
            Keep(high, 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Keep(Vector512<float> products, nuint at)
        {
            Vector512<float> old = Vector512.LoadUnsafe(ref _greatest, at);
            Vector512.ConditionalSelect(Vector512.GreaterThan(products, old), products, old).StoreUnsafe(ref _greatest, at);
        }
    }
}
