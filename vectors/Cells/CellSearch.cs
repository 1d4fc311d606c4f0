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

    /// <summary>So few rows of a block are measured by their eight-bit codes at once: that costs less than the block's one-bit codes.</summary>
    private const int ReadAlone = 6;

    /// <summary>So many rows wait for their codes.</summary>
    private const int Ahead = 16;

    private const int TestedAtOnce = 128;

    private readonly Beam _beam = new();
    private readonly CellChooser _chooser = new();
    private readonly Pending[] _pending = new Pending[2 * PendingMax];
    private int _pendingCount;
    private CellFilter? _filter;
    private long _tested, _passed; // rows of which it was asked one by one
    private int[] _positions = [], _testedPositions = [];
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
    /// <param name="filter">Which rows count; null for all.</param>
    /// <param name="limit">Rows whose distance (squared for L2 and cosine's unit vectors) is certainly not below are of no
    /// interest: what other segments have found.</param>
    public ReadOnlySpan<int> Run(
        CellIndex index, CellQuery query, SearchEffort effort, CellFilter? filter, float limit = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        Begin(effort.Candidates, filter);
        int probed = filter is null
            ? Probe(index, query, _chooser.Nearest(index, query, effort.Cells), effort.Reach, limit)
            : ProbeAmong(index, query, effort, filter, limit);
        Measure(index, query, _pendingCount);
        _work.CellsProbed += probed;
        return Found(index);
    }

    /// <summary>The same among all rows that meet one of the filter's conditions, each of which is measured by its codes.</summary>
    public ReadOnlySpan<int> RunAmong(
        CellIndex index, CellQuery query, int candidates, CellFilter filter, CellCondition condition)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(condition);
        Begin(candidates, filter);
        _chooser.Rank(index, query);
        foreach (int place in condition.Places())
        {
            if (filter.Passes(place, condition) && filter.IsVisible(index.Position(place)))
                Wait(index, place, PartOf(query, index.CellOf(place)));
            if (_pendingCount == PendingMax)
                Measure(index, query, PendingMax - Ahead);
        }
        Measure(index, query, _pendingCount);
        return Found(index);
    }

    /// <summary>How many cells are nearer to the last query than this one.</summary>
    internal int RankOf(int cell) => _chooser.RankOf(cell);

    /// <summary>The length from the last query to a cell, or for inner products its product with a query of length 1.</summary>
    internal float LengthOf(int cell, CellQuery query) => LengthOf(PartOf(query, cell), query);

    private static float LengthOf(float distance, CellQuery query) => !query.IsInnerProduct ? MathF.Sqrt(Math.Max(0, distance))
        : query.Square > 0 ? distance / (float)Math.Sqrt(query.Square) : distance;

    private float PartOf(CellQuery query, int cell)
    {
        (float square, float dot) = _chooser.Distance(cell);
        return query.IsInnerProduct ? -dot : square;
    }

    private void Begin(int candidates, CellFilter? filter)
    {
        _beam.Clear(candidates);
        _filter = filter;
        (_pendingCount, _tested, _passed) = (0, 0, 0);
    }

    private ReadOnlySpan<int> Found(CellIndex index)
    {
        if (_positions.Length < _beam.Count)
            _positions = new int[_beam.Count];
        for (int i = 0; i < _beam.Count; i++)
            _positions[i] = index.Position(_beam.Places[i]);
        _filter = null;
        index.StayAlive();
        return _positions.AsSpan(0, _beam.Count);
    }

    private int Probe(CellIndex index, CellQuery query, ReadOnlySpan<int> cells, float reach, float limit)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            if (i + 1 < cells.Length)
                Prefetch.Lines(index.PlacesOf(cells[i + 1]).Blocks, index.BlockBytes);
            Scan(index, query, cells[i], reach, limit);
        }
        return cells.Length;
    }

    // As many cells as it takes: how many rows pass in each is known when it is there. Never fewer than where all pass.
    private int ProbeAmong(CellIndex index, CellQuery query, SearchEffort effort, CellFilter filter, float limit)
    {
        double rowsPerCell = (double)index.RowCount / Math.Max(1, index.CellCount);
        float least = effort.Margin.Among(0);
        int probed = 0, having = 0; // rows that pass
        long passing = 0;
        _chooser.Begin(index, query, filter);
        for (int wanted = CellSelection.InOrder;; wanted *= 2)
        {
            double rows = _chooser.CountReached() * rowsPerCell;
            if (wanted > CellSelection.InOrder && IsBeyond(_chooser.Reached))
                return probed;
            ReadOnlySpan<int> cells = _chooser.Next(wanted);
            if (cells.IsEmpty)
                return probed;
            rows = _chooser.CountReached() * rowsPerCell;
            for (int i = 0; i < cells.Length; i++)
            {
                if (i + 1 < cells.Length)
                    Ask(index, filter, index.PlacesOf(cells[i + 1]));
                if (IsBeyond(PartOf(query, cells[i])))
                    continue;
                long earlier = _passed, asked = _tested;
                int found = ScanPassing(index, query, cells[i], effort.Reach, limit);
                passing += found;
                // Where no row was near enough to be asked, some may well pass.
                having += found > 0 || _passed > earlier || (filter.AsksConditions && _tested == asked) ? 1 : 0;
                probed++;
            }

            bool IsBeyond(float part)
            {
                if (having < effort.Cells)
                    return false;
                float most = Math.Min(limit, _beam.Count < effort.Wanted ? float.PositiveInfinity : _beam.Distances[effort.Wanted - 1]);
                float beyond = LengthOf(part, query) - LengthOf(most, query);
                return beyond > least && beyond > effort.Margin.Among(ShareOf(passing, rows));
            }
        }
    }

    private static void Ask(CellIndex index, CellFilter filter, CellPlaces places)
    {
        if (filter.HasConditions)
            filter.Ask(places.First, places.Count);
        else
            Prefetch.Lines(places.Blocks, index.BlockBytes);
    }

    /// <summary>The share of rows that pass, where the search has been.</summary>
    private double ShareOf(long passing, double rows)
    {
        double share = _filter is { HasConditions: true } ? (passing + 1) / (rows + 1) : 1;
        return _tested > 0 ? share * (_passed + 1) / (_tested + 1) : share;
    }

    /// <summary>Looks through a cell for rows that meet the filter's conditions.</summary>
    /// <returns>How many there are.</returns>
    private int ScanPassing(CellIndex index, CellQuery query, int cell, float reach, float limit)
    {
        if (_filter is not { HasConditions: true } filter)
        {
            Scan(index, query, cell, reach, limit);
            return 0;
        }
        CellPlaces places = index.PlacesOf(cell);
        (float square, float dot) = _chooser.Distance(cell);
        float part = query.IsInnerProduct ? -dot : square;
        float bias = query.Bits.Bias + (reach * BinaryCodes.ErrorShare * MathF.Sqrt(square));
        int earlier = _pendingCount, passing = 0;
        ulong near = 0;
        Span<ulong> masks = stackalloc ulong[CellFilter.MasksMax];
        for (int first = 0; first < places.Count; first += FastScan.BlockRows)
        {
            int block = first / FastScan.BlockRows % CellFilter.MasksMax;
            if (block == 0)
                filter.FindMasks(places.First + first, masks[..Math.Min(masks.Length, CellIndexImage.BlocksFor(places.Count - first))]);
            ulong mask = masks[block];
            if (places.Count - first < FastScan.BlockRows)
                mask &= ulong.MaxValue >> (FastScan.BlockRows - (places.Count - first));
            int count = BitOperations.PopCount(mask);
            if (count == 0)
                continue;
            passing += count;
            if (count > ReadAlone)
            {
                BlockFilter.Below(query.Bits.Table, query.Bits.Groups, places.Blocks + ((long)(first / FastScan.BlockRows) * index.BlockBytes),
                    query.Bits.Step, bias, Math.Min(_beam.Worst, limit) - part, new Span<ulong>(ref near));
                mask &= near;
                _work.CodesScanned += FastScan.BlockRows;
            }
            Keep(index, places.First + first, mask, part);
            if (_beam.Worst == float.PositiveInfinity || _pendingCount > PendingMax)
                (_, earlier) = (Settle(index, query, _pendingCount), 0);
        }
        Settle(index, query, earlier);
        return passing;
    }

    private void Scan(CellIndex index, CellQuery query, int cell, float reach, float limit)
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
                    Keep(index, places.First + first, mask, part);
                first += FastScan.BlockRows;
            }
            Settle(index, query, isOpen ? _pendingCount : earlier);
            block += count;
        }
    }

    /// <summary>Keeps rows that are left, to be measured later.</summary>
    private void Keep(CellIndex index, int start, ulong mask, float part)
    {
        CellFilter? filter = _filter is { AsksRows: true } ? _filter : null;
        for (; mask != 0; mask &= mask - 1)
        {
            int place = start + BitOperations.TrailingZeroCount(mask);
            if (filter is not null)
            {
                _tested++;
                if (!filter.Keeps(index, place))
                    continue;
                _passed++;
            }
            Wait(index, place, part);
        }
    }

    /// <summary>Asks for a row's codes.</summary>
    private void Wait(CellIndex index, int place, float part)
    {
        Prefetch.Lines((byte*)index.Codes(place), index.CodeBytes);
        Prefetch.Lines((byte*)index.CodeFactors(place), 1);
        _pending[_pendingCount++] = new Pending(place, part);
    }

    /// <summary>Measures the first of the rows that wait; where they are tested before, once there are many, for that costs the same
    /// for many as for few.</summary>
    private int Settle(CellIndex index, CellQuery query, int count)
    {
        if (_filter is not { Test: not null } || _pendingCount > TestedAtOnce)
            Measure(index, query, _filter is { Test: not null } ? _pendingCount : count);
        return _pendingCount;
    }

    /// <summary>Measures the first of the rows that wait.</summary>
    private void Measure(CellIndex index, CellQuery query, int count)
    {
        if (_filter?.Test is { } test && count > 0)
            count = Test(index, test, count);
        if (count == 0)
            return;
        float weight = query.IsInnerProduct ? -query.CodeScale : -2 * query.CodeScale;
        for (int i = 0; i < count; i++)
        {
            (int place, float part) = _pending[i];
            float* factors = index.CodeFactors(place);
            float dot = RowCodes.Dot(query.Codes, new ReadOnlySpan<sbyte>(index.Codes(place), index.CodeBytes));
            _beam.Offer(part + factors[1] + (dot * factors[0] * weight), place);
        }
        _work.CodesMeasured += count;
        _pending.AsSpan(count, _pendingCount - count).CopyTo(_pending);
        _pendingCount -= count;
    }

    /// <summary>Drops those of the first rows that wait that do not pass; says how many are left.</summary>
    private int Test(CellIndex index, IRowTest test, int count)
    {
        if (_testedPositions.Length < count)
            _testedPositions = new int[_pending.Length];
        Span<int> positions = _testedPositions.AsSpan(0, count);
        for (int i = 0; i < count; i++)
            positions[i] = index.Position(_pending[i].Place);
        Span<ulong> live = stackalloc ulong[(_pending.Length + 63) / 64];
        live = live[..((count + 63) / 64)];
        live.Fill(ulong.MaxValue);
        if ((count & 63) != 0)
            live[^1] = (1UL << count) - 1;
        test.Keep(positions, live);
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if ((live[i >> 6] >> (i & 63) & 1) != 0)
                _pending[kept++] = _pending[i];
        }
        (_tested, _passed) = (_tested + count, _passed + kept);
        _pending.AsSpan(count, _pendingCount - count).CopyTo(_pending.AsSpan(kept));
        _pendingCount -= count - kept;
        return kept;
    }
}
