using System.Collections.Concurrent;
using System.Numerics;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Finds the likely nearest rows of the segments that have a vector index, and measures those exactly.</summary>
/// <remarks>
/// A filter is turned into bits before the search, so that every row found passes it, and the bits are kept for the next search.
/// Where so few rows pass that measuring them costs less than a search, these are measured.
/// </remarks>
internal sealed partial class IndexSearch
{
    /// <summary>What measuring a row anywhere in a segment costs, in codes scanned.</summary>
    private const double RowCost = 30;

    /// <summary>How many rows ahead vectors are asked for.</summary>
    private const int Ahead = 12;

    /// <summary>Searches that are not in use, with what they have allocated.</summary>
    private static readonly ConcurrentBag<CellSearch> Idle = [];

    private readonly NearestSearch _search;
    private readonly List<IndexedSegment> _segments = [];
    private long _rowsMeasured;

    internal IndexSearch(NearestSearch search, uint indexOid)
    {
        _search = search;
        IsDone = new bool[search.Units.Count];
        for (int i = 0; i < search.Units.Count; i++)
        {
            if (search.Units[i].FindIndex(indexOid, out int start) is not IVectorIndex index)
                continue;
            if (_segments.Count == 0 || _segments[^1].Any != index)
                _segments.Add(new IndexedSegment(index, []));
            _segments[^1].Units.Add((i, start));
        }
    }

    /// <summary>Units whose nearest rows have been found.</summary>
    internal bool[] IsDone { get; }

    /// <summary>Whether there are any.</summary>
    internal bool HasFound => Array.IndexOf(IsDone, true) >= 0;

    /// <summary>What the searches did, over all segments.</summary>
    internal SearchWork Work { get; private set; }

    /// <param name="target">Keeps the rows.</param>
    /// <param name="recall">Which share of the nearest rows to find.</param>
    /// <param name="effort">By how much to multiply the cells that this takes.</param>
    internal void Run(NearestScan target, double recall, double effort, CancellationToken cancellation)
    {
        if (IsExact)
        {
            RunSparse(target, cancellation);
            return;
        }
        float[] vector = _search.Query?.ToSingles() ?? [];
        if (_segments.Count == 0 || vector.Length != _segments[0].Index.Dimensions)
            return; // the exact scan says what is wrong
        CellQuery query = new(_segments[0].Index, vector);
        if (!Idle.TryTake(out CellSearch? cells))
            cells = new CellSearch();
        foreach (IndexedSegment segment in _segments)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong[] visible = FindVisible(segment, target, out int visibleCount);
            if (visible.Length == 0)
            {
                MeasureNearest(segment, target, cells, cells.Run(segment.Index, query,
                    segment.Index.EffortFor(recall, _search.Aim, _search.Wanted, effort), visible,
                    LimitOf(segment.Index.Metric, target.Nearest.Threshold)));
            }
            else
            {
                // Of the rows in the index: a partial one has fewer than the segment.
                double share = Math.Min(1, (double)visibleCount / Math.Max(1, segment.Index.RowCount));
                SearchEffort among = segment.Index.EffortAmong(share, recall, _search.Aim, _search.Wanted, effort);
                if (visibleCount * RowCost <= segment.Index.CostOf(among))
                    Measure(segment, target, Positions(segment, visible, visibleCount));
                else
                    MeasureNearest(segment, target, cells, cells.Run(segment.Index, query, among, visible,
                        LimitOf(segment.Index.Metric, target.Nearest.Threshold)));
            }
            segment.Visible = visible;
            foreach ((int unit, _) in segment.Units)
                IsDone[unit] = true;
        }
        Work = cells.Work with { RowsMeasured = _rowsMeasured };
        cells.Reset();
        Idle.Add(cells);
    }

    // Those that a search has found, until the rest can hardly be nearer.
    private void MeasureNearest(IndexedSegment segment, NearestScan target, CellSearch cells, ReadOnlySpan<int> positions)
    {
        MappedRows vectors = segment.Vectors(_search);
        vectors.Ask(positions);
        RerankBound bound = new(cells.Estimates, _search.Wanted);
        double limit = LimitOf(segment.Index.Metric, target.Nearest.Threshold);
        int asked = 0;
        for (int i = 0; i < positions.Length && !bound.EndsAt(i, limit); i++)
        {
            for (; asked < Math.Min(i + Ahead, positions.Length); asked++)
                Prefetch.Ask(vectors.At(positions[asked]));
            (int unit, int place) = segment.Find(positions[i]);
            bound.Add(i, SearchDistance(segment.Index.Metric, target.Measure(vectors.At(positions[i]), unit, place)));
            _rowsMeasured++;
        }
    }

    // The rows lie anywhere in the segment: each is asked for before it is needed.
    private void Measure(IndexedSegment segment, NearestScan target, ReadOnlySpan<int> positions)
    {
        _rowsMeasured += positions.Length;
        MappedRows vectors = segment.Vectors(_search);
        for (int i = 0; i < positions.Length + Ahead; i++)
        {
            if (i < positions.Length)
                Prefetch.Ask(vectors.At(positions[i]));
            if (i >= Ahead)
            {
                int position = positions[i - Ahead];
                (int unit, int place) = segment.Find(position);
                target.Measure(vectors.At(position), unit, place);
            }
        }
    }

    /// <summary>The rows that pass and are in the index.</summary>
    private int[] Positions(IndexedSegment segment, ulong[] visible, int visibleCount)
    {
        ReadOnlySpan<int> missing = segment.Any.Missing(segment.RowCount(_search.Units));
        List<int> positions = new(visibleCount);
        for (int i = 0; i < visible.Length; i++)
        {
            for (ulong word = visible[i]; word != 0; word &= word - 1)
            {
                int position = (i << 6) + BitOperations.TrailingZeroCount(word);
                if (missing.IsEmpty || missing.BinarySearch(position) < 0)
                    positions.Add(position);
            }
        }
        return [.. positions];
    }

    /// <summary>What a search compares with, from the distance that rows must be below; a little more, for rounding.</summary>
    private static float LimitOf(DistanceMetric metric, double threshold)
    {
        double limit = SearchDistance(metric, threshold);
        return (float)(limit + (1e-4 * Math.Abs(limit)));
    }

    /// <summary>A distance as searches have it.</summary>
    private static double SearchDistance(DistanceMetric metric, double distance) => metric switch
    {
        DistanceMetric.L2 => distance * distance,
        DistanceMetric.Cosine => 2 * distance, // of unit vectors, squared
        _ => distance,
    };

    /// <summary>Looks at the rows that the searched indexes leave out, where these may come first.</summary>
    internal void AddMissing(NearestScan target, bool withNulls)
    {
        foreach (IndexedSegment segment in _segments)
        {
            ReadOnlySpan<int> missing = segment.Any.Missing(segment.RowCount(_search.Units));
            if (IsExact)
            {
                AddMissingSparse(target, segment, missing, withNulls);
                continue;
            }
            foreach ((int unit, int start) in segment.Units)
            {
                if (!missing.IsEmpty && IsDone[unit] && _search.Units[unit].MapVectors(_search.VectorColumn) is { } runs)
                    AddMissing(target, segment, (unit, start), missing, runs, withNulls);
            }
        }
    }

    private void AddMissing(
        NearestScan target, IndexedSegment segment, (int Number, int Start) unit, ReadOnlySpan<int> missing, VectorRuns runs, bool withNulls)
    {
        for (int i = 0; i < runs.Count; i++)
        {
            if (!runs.TryRead(i, _search.Bounds, out VectorRun run))
                continue;
            int first = unit.Start + run.FirstPosition, next = missing.BinarySearch(first);
            for (next = next < 0 ? ~next : next; next < missing.Length && missing[next] < first + run.RowCount; next++)
            {
                int row = missing[next] - first;
                if (!segment.Passes(missing[next]))
                    continue;
                if (!run.NullVector.IsAbsent && run.NullVector[row])
                {
                    if (withNulls)
                        target.KeepNull(unit.Number, run.FirstPosition + row);
                }
                else if (run.Visible.IsAbsent || run.Visible[row])
                {
                    target.Measure(segment.Vectors(_search).At(missing[next]), unit.Number, run.FirstPosition + row);
                }
            }
        }
    }

    /// <summary>Bits of the rows that are seen and pass the filter; empty for all.</summary>
    private ulong[] FindVisible(IndexedSegment segment, NearestScan target, out int count)
    {
        ulong[] seen = FindSeen(segment);
        if (_search.Filter is null)
        {
            count = seen.Length == 0 ? segment.RowCount(_search.Units) : CountBits(seen);
            return seen;
        }
        FilterCache cache = FilterCache.Of(segment.Any);
        if (_search.FilterKey is { } key && cache.Find(key, seen) is { } known)
        {
            if (seen.Length == 0)
            {
                count = known.PassingCount;
                return known.Passing;
            }
            for (int i = 0; i < seen.Length; i++)
                seen[i] &= known.Passing[i];
            count = CountBits(seen);
            return seen;
        }
        ulong[] bits = seen.Length > 0 ? [.. seen] : AllRows(segment);
        Filter(segment, target, bits);
        count = CountBits(bits);
        if (_search.FilterKey is { } asked)
            cache.Add(new FilterCache.Entry(asked, bits, seen, count));
        return bits;
    }

    /// <summary>Bits of the rows that are seen; empty for all.</summary>
    private ulong[] FindSeen(IndexedSegment segment)
    {
        ulong[]? bits = null;
        foreach ((int unit, int start) in segment.Units)
        {
            Bitmap seen = _search.Units[unit].FindVisible();
            if (seen.IsAbsent)
                continue;
            bits ??= AllRows(segment);
            seen.Words.CopyTo(bits.AsSpan(start >> 6));
        }
        if (bits is null)
            return [];
        int rows = segment.RowCount(_search.Units);
        if ((rows & 63) != 0)
            bits[rows >> 6] &= (1UL << (rows & 63)) - 1;
        return bits;
    }

    private ulong[] AllRows(IndexedSegment segment)
    {
        int rows = segment.RowCount(_search.Units);
        ulong[] bits = Bitmap.Allocate(rows);
        bits.AsSpan().Fill(ulong.MaxValue);
        if ((rows & 63) != 0)
            bits[rows >> 6] &= (1UL << (rows & 63)) - 1;
        return bits;
    }

    private static int CountBits(ReadOnlySpan<ulong> words)
    {
        int count = 0;
        foreach (ulong word in words)
            count += BitOperations.PopCount(word);
        return count;
    }

    private void Filter(IndexedSegment segment, NearestScan target, ulong[] bits)
    {
        Span<ulong> none = stackalloc ulong[ColumnBatch.RowsMax / 64];
        foreach ((int number, int start) in segment.Units)
        {
            ScanUnit unit = _search.Units[number];
            for (int first = 0; first < unit.RowCountMax; first += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, unit.RowCountMax - first);
                Span<ulong> live = bits.AsSpan((start + first) >> 6, Bitmap.WordCount(count)), missing = none[..live.Length];
                if (_search.Ranges is { } ranges)
                {
                    ranges.Keep(unit, first, count, live);
                    continue;
                }
                missing.Clear();
                target.Filter(unit, first, count, live, missing);
            }
        }
    }

    /// <param name="Units">Numbers of its units, and where in the segment they begin.</param>
    private sealed record IndexedSegment(IVectorIndex Any, List<(int Unit, int Start)> Units)
    {
        internal CellIndex Index => (CellIndex)Any;

        /// <summary>Rows that are seen and pass the filter; empty for all, or before the search.</summary>
        internal ulong[] Visible { get; set; } = [];

        internal bool Passes(int position) => Visible.Length == 0 || (Visible[position >> 6] >> (position & 63) & 1) != 0;

        internal MappedRows Vectors(NearestSearch search) => search.Units[Units[0].Unit].FindVectors(search.VectorColumn);

        internal int RowCount(IReadOnlyList<ScanUnit> units) => Units[^1].Start + units[Units[^1].Unit].RowCountMax;

        internal (int Unit, int Place) Find(int position)
        {
            int low = 0, high = Units.Count - 1;
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                if (Units[middle].Start <= position)
                    low = middle;
                else
                    high = middle - 1;
            }
            return (Units[low].Unit, position - Units[low].Start);
        }
    }
}
