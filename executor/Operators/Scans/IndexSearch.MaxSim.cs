using System.Collections.Concurrent;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.MultiVectors;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Searches among rows of several vectors: candidates by the cells of the query's vectors, which are measured exactly.</summary>
internal sealed partial class IndexSearch
{
    /// <summary>How many rows an exact scan measures while a search measures one that lies anywhere.</summary>
    private const double ScanGain = 2;

    private static readonly ConcurrentBag<MaxSimSearch> IdleMaxSim = [];

    private bool IsMaxSim => _segments.Count > 0 && _segments[0].Any is MaxSimIndex;

    // Segments of which too many rows would have to be measured are left to the exact scan, which has more threads.
    private void RunMaxSim(NearestScan target, double recall, double effort, CancellationToken cancellation)
    {
        CellIndex first = ((MaxSimIndex)_segments[0].Any).Cells;
        if (_search.Query?.Multiple is not { Count: > 0 } query || query.Dimensions != first.Dimensions)
            return; // the exact scan says what is wrong, or finds all rows as near
        CellQuery[] vectors = Coded(query, first);
        if (!IdleMaxSim.TryTake(out MaxSimSearch? search))
            search = new MaxSimSearch();
        foreach (IndexedSegment segment in _segments)
        {
            cancellation.ThrowIfCancellationRequested();
            var index = (MaxSimIndex)segment.Any;
            ulong[] visible = segment.FindVisible(target, out int count);
            double neighbours = _search.Aim * (double)segment.RowCount / Math.Max(1, count);
            if (index.Efforts.For(recall, neighbours, _search.Wanted) is not { } least)
                continue;
            MaxSimEffort taken = new((int)Math.Clamp(least.Cells * effort, 1, index.CellCount),
                (int)Math.Clamp(least.Candidates * effort, _search.Wanted, Math.Max(_search.Wanted, index.RowCount)));
            if (count <= ScanGain * index.Efforts.CostOf(taken))
                continue;
            foreach (int position in search.Run(index, vectors, taken, visible))
            {
                (int unit, int place) = segment.Find(position);
                target.Measure(ReadVector(unit, place)[0], unit, place);
                _rowsMeasured++;
            }
            segment.Visible = visible;
            foreach ((int unit, _) in segment.Units)
                IsDone[unit] = true;
            IsComplete = false;
        }
        Strategy = FilterStrategy.Prefilter;
        Work = search.Work with { RowsMeasured = _rowsMeasured };
        search.Reset();
        IdleMaxSim.Add(search);
    }

    private static CellQuery[] Coded(MaxSimQuery query, CellIndex index)
    {
        var coded = new CellQuery[query.Count];
        float[] vector = new float[query.Dimensions];
        for (int i = 0; i < coded.Length; i++)
        {
            query.Read(i, vector);
            coded[i] = new CellQuery(index, vector);
        }
        return coded;
    }
}
