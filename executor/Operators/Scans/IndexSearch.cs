using System.Collections.Concurrent;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Finds the likely nearest rows of the segments that have a vector index, and measures those exactly.</summary>
/// <remarks>How rows are found that pass a filter, <see cref="SegmentSearch"/> says.</remarks>
internal sealed partial class IndexSearch
{
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
                _segments.Add(new IndexedSegment(search, index));
            _segments[^1].Units.Add((i, start));
        }
    }

    /// <summary>Units whose nearest rows have been found.</summary>
    internal bool[] IsDone { get; }

    /// <summary>Whether there are any.</summary>
    internal bool HasFound => Array.IndexOf(IsDone, true) >= 0;

    /// <summary>Whether all rows that pass were looked at, so that there are no more than were found.</summary>
    internal bool IsComplete { get; private set; } = true;

    /// <summary>How rows are to be found that pass the filter; after the search, how they were in the last segment.</summary>
    internal FilterStrategy Strategy { get; set; }

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
        if (IsMaxSim)
        {
            RunMaxSim(target, recall, effort, cancellation);
            return;
        }
        float[] vector = _search.Query?.ToSingles() ?? [];
        if (_segments.Count == 0 || vector.Length != _segments[0].Index.Dimensions)
            return; // the exact scan says what is wrong
        CellQuery query = new(_segments[0].Index, vector);
        if (!Idle.TryTake(out CellSearch? cells))
            cells = new CellSearch();
        FilterStrategy taken = Strategy;
        foreach (IndexedSegment segment in _segments)
        {
            cancellation.ThrowIfCancellationRequested();
            SegmentSearch own = new(_search, segment, target, cells, query, new SearchAim(recall, effort));
            if (_search.Filter is null)
                own.RunAll();
            else
                taken = own.RunFiltered(Strategy);
            _rowsMeasured += own.RowsMeasured;
            IsComplete &= own.IsComplete;
            foreach ((int unit, _) in segment.Units)
                IsDone[unit] = true;
        }
        Strategy = taken;
        Work = cells.Work with { RowsMeasured = _rowsMeasured };
        cells.Reset();
        Idle.Add(cells);
    }

    /// <summary>Looks at the rows that the searched indexes leave out, where these may come first.</summary>
    internal void AddMissing(NearestScan target, bool withNulls)
    {
        foreach (IndexedSegment segment in _segments)
        {
            ReadOnlySpan<int> missing = segment.Missing;
            if (IsExact || IsMaxSim)
            {
                AddMissingByOne(target, segment, missing, withNulls);
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
            List<int> rows = [];
            for (next = next < 0 ? ~next : next; next < missing.Length && missing[next] < first + run.RowCount; next++)
            {
                int row = missing[next] - first;
                bool isNull = !run.NullVector.IsAbsent && run.NullVector[row];
                if (isNull ? withNulls : run.Visible.IsAbsent || run.Visible[row])
                    rows.Add(row);
            }
            foreach (int row in _search.Filter is null ? rows : Passing(segment, first, rows))
            {
                if (!run.NullVector.IsAbsent && run.NullVector[row])
                    target.KeepNull(unit.Number, run.FirstPosition + row);
                else
                    target.Measure(segment.Vectors.At(first + row), unit.Number, run.FirstPosition + row);
            }
        }
    }

    private static List<int> Passing(IndexedSegment segment, int first, List<int> rows)
    {
        if (rows.Count == 0)
            return rows;
        ulong[] live = Bitmap.Allocate(rows.Count);
        live.AsSpan().Fill(ulong.MaxValue);
        segment.Test.Keep(rows.ConvertAll(row => first + row).ToArray(), live);
        return [.. rows.Where((_, i) => (live[i >> 6] >> (i & 63) & 1) != 0)];
    }
}
