using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Finds the cells nearest to a query, by eight-bit codes of their centroids.</summary>
/// <remarks>Memory: some bytes a cell, used again. Threads: one at a time.</remarks>
internal sealed class CellChooser
{
    /// <summary>For so many times the wanted cells, and so many more, eight-bit codes are read: the error of one-bit codes leaves
    /// hardly one of the wanted out of them.</summary>
    private const int RoughShare = 4, RoughMore = 32;

    private int[] _dots = [];
    private float[] _ranks = [], _estimates = [];
    private int[] _blocks = []; // of cells whose ranks are known
    private int[] _cells = [];
    private ulong[] _keys = [];
    private float[] _open = []; // as ranks, but infinite for cells that are left out
    private int _openCount, _taken;
    private float _reached;
    private CellIndex? _index;
    private CellQuery? _query;

    /// <summary>Cells by <see cref="CellSelection.Nearest"/>, of those that are roughly near; valid until the next call.</summary>
    internal ReadOnlySpan<int> Nearest(CellIndex index, CellQuery query, int wanted)
    {
        wanted = Math.Min(wanted, index.CellCount);
        int roughly = (RoughShare * wanted) + RoughMore;
        if (index.CentroidBits is { } bits && roughly < index.CellCount / 4)
        {
            int found = RankRoughlyNear(index, query, bits, roughly);
            ReadOnlySpan<int> cells = CellSelection.Nearest(_ranks.AsSpan(0, found), wanted, _cells);
            for (int i = 0; i < cells.Length; i++)
                _cells[i] = (_blocks[cells[i] / VectorCodes.BlockRows] * VectorCodes.BlockRows) + (cells[i] % VectorCodes.BlockRows);
            return cells;
        }
        Rank(index, query);
        return CellSelection.Nearest(_ranks.AsSpan(0, index.CellCount), wanted, _cells);
    }

    /// <summary>Begins with the nearest of the cells that may have rows that pass.</summary>
    internal void Begin(CellIndex index, CellQuery query, CellFilter filter)
    {
        Rank(index, query);
        int count = index.CellCount;
        if (_open.Length < _cells.Length)
            (_open, _keys) = (new float[_cells.Length], new ulong[_cells.Length]);
        _openCount = count;
        _ranks.AsSpan(0, count).CopyTo(_open);
        if (filter.HasConditions)
            LeaveOut(filter, count);
        (_reached, _taken) = (float.NegativeInfinity, 0);
    }

    private void LeaveOut(CellFilter filter, int count)
    {
        int words = (count + 63) / 64;
        Span<ulong> having = words <= 256 ? stackalloc ulong[words] : new ulong[words];
        having.Fill(ulong.MaxValue);
        filter.DropCells(having);
        for (int i = 0; i < words; i++)
        {
            for (ulong without = ~having[i]; without != 0; without &= without - 1)
            {
                int cell = (i << 6) + BitOperations.TrailingZeroCount(without);
                if (cell >= count)
                    break;
                (_open[cell], _openCount) = (float.PositiveInfinity, _openCount - 1);
            }
        }
    }

    /// <summary>The cells that come next: at least so many, if there are; if there are few, in order, else by number.</summary>
    internal ReadOnlySpan<int> Next(int wanted)
    {
        ReadOnlySpan<int> cells = CellSelection.Beyond(
            _open.AsSpan(0, _index?.CellCount ?? 0), ref _reached, _taken, Math.Min(wanted, _openCount - _taken), _cells, _keys);
        _taken += cells.Length;
        return cells;
    }

    /// <summary>Where the cells that came end, in the terms of <see cref="Distance"/>.</summary>
    internal float Reached => _query is not { IsInnerProduct: false } query ? _reached : (float)(query.Square + _reached);

    /// <summary>How many cells are as near as those that came, whether they may have rows that pass or not.</summary>
    internal int CountReached() => CellSelection.CountUpTo(_ranks.AsSpan(0, _index?.CellCount ?? 0), _reached);

    /// <summary>Measures the query against all cells.</summary>
    internal void Rank(CellIndex index, CellQuery query)
    {
        Begin(index, query);
        for (int block = 0; block * VectorCodes.BlockRows < index.CellCount; block++)
            RankBlock(index.CentroidCodes, query, block, block);
    }

    /// <summary>Measures the query against the blocks of cells in which some are roughly near.</summary>
    /// <returns>How many cells that are; their ranks lie side by side.</returns>
    private int RankRoughlyNear(CellIndex index, CellQuery query, CentroidBits bits, int wanted)
    {
        Begin(index, query);
        bits.Estimate(query.Bits, _estimates);
        ReadOnlySpan<float> estimates = _estimates.AsSpan(0, index.CellCount);
        float cut = CellSelection.Cut(estimates, wanted);
        int found = 0;
        for (int first = 0; first < estimates.Length; first += VectorCodes.BlockRows)
        {
            if (CellSelection.UpTo(estimates, first, cut) == 0)
                continue;
            _blocks[found] = first / VectorCodes.BlockRows;
            RankBlock(index.CentroidCodes, query, _blocks[found], found);
            found++;
        }
        int beyond = ((_blocks[found - 1] + 1) * VectorCodes.BlockRows) - index.CellCount; // of the last block
        return (found * VectorCodes.BlockRows) - Math.Max(0, beyond);
    }

    private void Begin(CellIndex index, CellQuery query)
    {
        (_index, _query) = (index, query);
        int blocks = (index.CellCount + FastScan.BlockRows - 1) / FastScan.BlockRows, rounded = blocks * FastScan.BlockRows;
        if (_cells.Length >= rounded)
            return;
        (_cells, _ranks, _dots, _estimates) = (new int[rounded], new float[rounded], new int[rounded], new float[rounded]);
        _blocks = new int[rounded / VectorCodes.BlockRows];
    }

    /// <param name="place">Which block of the ranks gets them.</param>
    private void RankBlock(VectorCodes codes, CellQuery query, int block, int place)
    {
        int first = block * VectorCodes.BlockRows;
        CodeDots.OfBlock(query.Codes.AsSpan(0, (codes.Dimensions + 1) & ~1), codes.BlockOf(first), _dots.AsSpan(first, VectorCodes.BlockRows));
        Vector512<float> dot = Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_dots), (nuint)first))
            * Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(codes.Scales), (nuint)first);
        Vector512<float> rank = query.IsInnerProduct
            ? dot * -query.CodeScale
            : Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(codes.CodedSquares), (nuint)first)
                + (dot * (-2 * query.CodeScale));
        rank.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(_ranks), (nuint)(place * VectorCodes.BlockRows));
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
