using System.Numerics;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>Searches cell indexes, one after the other.</summary>
/// <remarks>
/// Nearest cells first; in each, blocks of 64 one-bit codes rule out nearly all rows, eight-bit codes order the rest. Rows that are
/// left are measured once the next cell's blocks have been read, by when their codes have come from memory.
/// Memory:  scratch of a few bytes a cell, used again by the next search.
/// Threads: one at a time.
/// </remarks>
public sealed unsafe class CellSearch
{
    private const int BlocksAtOnce = 16, PendingMax = BlocksAtOnce * FastScan.BlockRows;

    private readonly Beam _beam = new();
    private readonly CellChooser _chooser = new();
    private readonly Pending[] _pending = new Pending[2 * PendingMax];
    private int _pendingCount;
    private int _best; // the first place in the beam that a row has taken
    private int[] _positions = [];
    private SearchWork _work;

    /// <summary>A row that may be near.</summary>
    /// <param name="Part">Its cell's part of the distance.</param>
    private readonly record struct Pending(int Place, float Part);

    /// <summary>What searches have done since this was made or <see cref="Reset"/>.</summary>
    public SearchWork Work => _work;

    /// <summary>The distances by codes of the rows that <see cref="Run"/> gave, ascending: squared for L2 and for cosine's unit vectors;
    /// valid until the next call.</summary>
    public ReadOnlySpan<float> Estimates => _beam.Distances;

    /// <summary>Forgets what was done, so that another may use it.</summary>
    public void Reset() => _work = default;

    /// <summary>Positions of the likely nearest rows, nearest first by their codes; valid until the next call.</summary>
    /// <param name="visible">Bit i: the row at position i counts. Empty for all.</param>
    /// <param name="limit">Rows whose distance (squared for L2 and cosine's unit vectors) is certainly not below are of no
    /// interest: what other segments have found.</param>
    public ReadOnlySpan<int> Run(
        CellIndex index, CellQuery query, SearchEffort effort, ReadOnlySpan<ulong> visible, float limit = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        _beam.Clear(effort.Candidates);
        _pendingCount = 0;
        int probed = effort.Patience > 0
            ? ProbeOn(index, query, effort, visible, limit)
            : Probe(index, query, _chooser.Nearest(index, query, effort.Cells), effort.Reach, visible, limit);
        Measure(index, query, _pendingCount);
        _work.CellsProbed += probed;
        if (_positions.Length < _beam.Count)
            _positions = new int[_beam.Count];
        for (int i = 0; i < _beam.Count; i++)
            _positions[i] = index.Position(_beam.Places[i]);
        index.StayAlive();
        return _positions.AsSpan(0, _beam.Count);
    }

    /// <summary>How many cells are nearer to the last query than this one.</summary>
    internal int RankOf(int cell) => _chooser.RankOf(cell);

    private int Probe(
        CellIndex index, CellQuery query, ReadOnlySpan<int> cells, float reach, ReadOnlySpan<ulong> visible, float limit)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            if (i + 1 < cells.Length)
                Prefetch.Lines(index.PlacesOf(cells[i + 1]).Blocks, index.BlockBytes);
            Scan(index, query, cells[i], reach, visible, limit);
        }
        return cells.Length;
    }

    private int ProbeOn(CellIndex index, CellQuery query, SearchEffort effort, ReadOnlySpan<ulong> visible, float limit)
    {
        int probed = 0, until = effort.Cells, improved = 0;
        _chooser.Rank(index, query);
        while (probed < Math.Min(until, index.CellCount))
        {
            ReadOnlySpan<int> cells = _chooser.NearestInOrder(until);
            for (; probed < Math.Min(until, cells.Length); probed++)
            {
                if (probed + 1 < cells.Length)
                    Prefetch.Lines(index.PlacesOf(cells[probed + 1]).Blocks, index.BlockBytes);
                _best = effort.Wanted;
                Scan(index, query, cells[probed], effort.Reach, visible, limit);
                if (_best < effort.Wanted)
                    improved = probed + 1;
            }
            // Until there are as many as wanted, every cell counts as one that might have had them.
            until = Math.Max(until, (int)((_beam.Count < effort.Wanted ? probed : improved) * effort.Patience) + 1);
        }
        return probed;
    }

    private void Scan(CellIndex index, CellQuery query, int cell, float reach, ReadOnlySpan<ulong> visible, float limit)
    {
        CellPlaces places = index.PlacesOf(cell);
        (float square, float dot) = _chooser.Distance(cell);
        float part = query.IsInnerProduct ? -dot : square;
        float bias = query.Bits.Bias + (reach * BinaryCodes.ErrorShare * MathF.Sqrt(square));
        ulong* masks = stackalloc ulong[BlocksAtOnce];
        int blocks = CellIndexImage.BlocksFor(places.Count);
        for (int block = 0; block < blocks;)
        {
            // The first rows of all set the limit, so they are measured at once.
            bool isOpen = _beam.Worst == float.PositiveInfinity;
            int count = isOpen ? 1 : Math.Min(BlocksAtOnce, blocks - block);
            Span<ulong> near = new(masks, count);
            BlockFilter.Below(query.Bits.Table, query.Bits.Groups, places.Blocks + ((long)block * index.BlockBytes),
                query.Bits.Step, bias, Math.Min(_beam.Worst, limit) - part, near);
            int first = block * FastScan.BlockRows, rows = Math.Min(places.Count - first, count * FastScan.BlockRows);
            if (rows < count * FastScan.BlockRows)
                near[^1] &= ulong.MaxValue >> ((count * FastScan.BlockRows) - rows);
            _work.CodesScanned += rows;
            int earlier = _pendingCount;
            foreach (ulong mask in near)
            {
                if (mask != 0)
                    Keep(index, places.First + first, mask, part, visible);
                first += FastScan.BlockRows;
            }
            Measure(index, query, isOpen ? _pendingCount : earlier);
            block += count;
        }
    }

    /// <summary>Asks for the codes of rows that are left, to be measured later.</summary>
    private void Keep(CellIndex index, int start, ulong mask, float part, ReadOnlySpan<ulong> visible)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int place = start + BitOperations.TrailingZeroCount(mask);
            if (!visible.IsEmpty)
            {
                int position = index.Position(place);
                if ((visible[position >> 6] >> (position & 63) & 1) == 0)
                    continue;
            }
            Prefetch.Lines((byte*)index.Codes(place), index.CodeBytes);
            Prefetch.Lines((byte*)index.CodeFactors(place), 1);
            _pending[_pendingCount++] = new Pending(place, part);
        }
    }

    /// <summary>Measures the first of the rows that wait.</summary>
    private void Measure(CellIndex index, CellQuery query, int count)
    {
        if (count == 0)
            return;
        float weight = query.IsInnerProduct ? -query.CodeScale : -2 * query.CodeScale;
        for (int i = 0; i < count; i++)
        {
            (int place, float part) = _pending[i];
            float* factors = index.CodeFactors(place);
            float dot = RowCodes.Dot(query.Codes, new ReadOnlySpan<sbyte>(index.Codes(place), index.CodeBytes));
            _best = Math.Min(_best, _beam.Offer(part + factors[1] + (dot * factors[0] * weight), place));
        }
        _work.CodesMeasured += count;
        _pending.AsSpan(count, _pendingCount - count).CopyTo(_pending);
        _pendingCount -= count;
    }
}
