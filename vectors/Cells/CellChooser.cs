using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Finds the cells nearest to a query, by eight-bit codes of their centroids.</summary>
/// <remarks>Memory: some bytes a cell, used again. Threads: one at a time.</remarks>
internal sealed class CellChooser
{
    private int[] _dots = [];
    private float[] _ranks = [];
    private int[] _cells = [];
    private ulong[] _keys = [];
    private CellIndex? _index;
    private CellQuery? _query;

    /// <summary>Cells by <see cref="CellSelection.Nearest"/>; valid until the next call.</summary>
    internal ReadOnlySpan<int> Nearest(CellIndex index, CellQuery query, int wanted)
    {
        Rank(index, query);
        return CellSelection.Nearest(_ranks.AsSpan(0, index.CellCount), Math.Min(wanted, index.CellCount), _cells);
    }

    /// <summary>The same, all in order.</summary>
    /// <remarks>After <see cref="Rank"/>, as often as more are wanted.</remarks>
    internal ReadOnlySpan<int> NearestInOrder(int wanted)
    {
        int count = _index?.CellCount ?? 0;
        if (_keys.Length < _cells.Length)
            _keys = new ulong[_cells.Length];
        return CellSelection.Sorted(_ranks.AsSpan(0, count), Math.Min(wanted, count), _cells, _keys);
    }

    /// <summary>Measures the query against all cells.</summary>
    internal void Rank(CellIndex index, CellQuery query)
    {
        (_index, _query) = (index, query);
        VectorCodes codes = index.CentroidCodes;
        int count = index.CellCount, rounded = (count + VectorCodes.BlockRows - 1) / VectorCodes.BlockRows * VectorCodes.BlockRows;
        if (_cells.Length < rounded)
            (_cells, _ranks, _dots) = (new int[rounded], new float[rounded], new int[rounded]);
        ReadOnlySpan<short> coded = query.Codes.AsSpan(0, (index.Dimensions + 1) & ~1);
        for (int first = 0; first < count; first += VectorCodes.BlockRows)
            CodeDots.OfBlock(coded, codes.BlockOf(first), _dots.AsSpan(first, VectorCodes.BlockRows));
        ref int dots = ref MemoryMarshal.GetArrayDataReference(_dots);
        ref float scales = ref MemoryMarshal.GetArrayDataReference(codes.Scales);
        ref float squares = ref MemoryMarshal.GetArrayDataReference(codes.CodedSquares);
        ref float ranks = ref MemoryMarshal.GetArrayDataReference(_ranks);
        Vector512<float> weight = Vector512.Create(query.IsInnerProduct ? -query.CodeScale : -2 * query.CodeScale);
        Vector512<float> withSquare = Vector512.Create(query.IsInnerProduct ? 0f : 1f);
        for (nuint i = 0; i < (nuint)count; i += VectorCodes.BlockRows)
        {
            Vector512<float> dot = Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref dots, i)) * Vector512.LoadUnsafe(ref scales, i);
            ((Vector512.LoadUnsafe(ref squares, i) * withSquare) + (dot * weight)).StoreUnsafe(ref ranks, i);
        }
    }

    /// <summary>|q − c|² to one of the cells of the last call, and q·c.</summary>
    internal (float Square, float Dot) Distance(int cell)
    {
        if (_index is null || _query is null)
            throw new InvalidOperationException("no cells were chosen");
        VectorCodes codes = _index.CentroidCodes;
        double dot = (double)_dots[cell] * codes.Scales[cell] * _query.CodeScale;
        return ((float)Math.Max(0, _query.Square + codes.CodedSquares[cell] - (2 * dot)), (float)dot);
    }

    /// <summary>How many of the cells of the last call are nearer.</summary>
    internal int RankOf(int cell)
    {
        float own = _ranks[cell];
        int nearer = 0;
        for (int other = 0; other < (_index?.CellCount ?? 0); other++)
            nearer += _ranks[other] < own || (_ranks[other] == own && other < cell) ? 1 : 0;
        return nearer;
    }
}
