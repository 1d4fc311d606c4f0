using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Finds a segment's nearest rows by its index, in the way that costs least where there is a filter.</summary>
/// <remarks>
/// Conditions on columns are asked of keys that are kept in the order of the cells and sorted: so it is known how many rows pass.
/// Few are measured by their codes, all of them. Else a search compares the keys where it is anyway, goes as far as it takes, and asks
/// the rest of the filter of the rows that are left. Of filters that say nothing of keys the share of rows that pass is found on some
/// rows: where many do, the search asks them, or even only what it has found; where few do, all rows are asked before, and the answer is
/// kept for the next search.
/// </remarks>
internal sealed class SegmentSearch(
    NearestSearch search, IndexedSegment segment, NearestScan target, CellSearch cells, CellQuery query, SearchAim aim)
{
    /// <summary>What measuring a row anywhere in a segment costs, exactly and by its codes, in codes scanned; and a cell that hardly has a
    /// row that passes.</summary>
    private const double RowCost = 30, CodeCost = 16, CellCost = 54;

    /// <summary>How many rows a search asks a filter about, for each that is in its result, and what asking one costs in place of all
    /// rows in turn: from the two follows which share of rows must pass.</summary>
    private const double RowsAsked = 60, AskedCost = 20;

    /// <summary>A greater share than this is worth a try without the filter.</summary>
    private const double NearlyAll = 0.9;

    /// <summary>So many rows are found at most to be asked afterwards.</summary>
    private const int FoundMax = 500;

    /// <summary>How many rows ahead vectors are asked for.</summary>
    private const int Ahead = 12;

    internal long RowsMeasured { get; private set; }

    /// <summary>Whether all rows that pass were measured.</summary>
    internal bool IsComplete { get; private set; }

    private CellIndex Index => segment.Index;

    private float Limit => LimitOf(Index.Metric, target.Nearest.Threshold);

    /// <summary>Without a filter.</summary>
    internal void RunAll()
    {
        if (segment.Seen.Length == 0)
        {
            MeasureNearest(cells.Run(Index, query, Index.EffortFor(aim.Recall, search.Aim, search.Wanted, aim.Effort), filter: null, Limit),
                cells.Estimates);
            return;
        }
        RunAmong(segment.Seen, Bitmap.CountSet(segment.Seen));
    }

    /// <param name="wanted">The way the user wants.</param>
    /// <returns>The way that was taken.</returns>
    internal FilterStrategy RunFiltered(FilterStrategy wanted)
    {
        if (wanted == FilterStrategy.Prefilter)
            return RunBefore();
        if (search.Keys.Count > 0 && wanted != FilterStrategy.Postfilter)
            return RunByKeys(search.Keys, wanted);
        bool mayAsk = search.MayFilterSome;
        if (wanted == FilterStrategy.Auto && (!mayAsk || segment.HasPassing))
            return RunBefore();
        double share = mayAsk ? segment.Test.Share(segment.RowCount, segment.Seen) : 1;
        if (wanted == FilterStrategy.Postfilter || (wanted == FilterStrategy.Auto && share >= NearlyAll))
        {
            if (RunAfter(share))
                return FilterStrategy.Postfilter;
        }
        else if (wanted == FilterStrategy.Auto && share * segment.RowCount < RowsAsked * AskedCost * search.Wanted)
        {
            return RunBefore();
        }
        Run(new CellFilter([], segment.Seen, segment.Test));
        return FilterStrategy.InWalk;
    }

    private FilterStrategy RunBefore()
    {
        ulong[] passing = segment.FindPassing(target, out int count);
        RunAmong(passing, count);
        return FilterStrategy.Prefilter;
    }

    private void RunAmong(ulong[] visible, int count)
    {
        if (count * RowCost <= Index.CostOf(Index.EffortFor(aim.Recall, search.Aim, search.Wanted, aim.Effort)))
        {
            Measure(segment.Positions(visible, count));
            IsComplete = segment.Missing.IsEmpty;
        }
        else
        {
            Run(new CellFilter([], visible, test: null));
        }
    }

    private FilterStrategy RunByKeys(IReadOnlyList<KeyCondition> keys, FilterStrategy wanted)
    {
        CellCondition[] conditions = [.. keys.Select(segment.Condition)];
        CellCondition fewest = conditions.MinBy(static condition => condition.Count) ?? throw new InvalidOperationException("no conditions");
        // Of the rows with a hash only those that are found are asked for their values: hardly ever two have the same.
        bool asksAll = !search.IsFilteredByKeys || keys.Any(static key => !key.IsExact && !key.IsHashed);
        bool asksFound = !asksAll && keys.Any(static key => key.IsHashed);
        CellFilter filter = new(conditions, segment.Seen, asksAll ? segment.Test : null);
        SearchEffort effort = Index.EffortFor(aim.Recall, search.Aim, search.Wanted, aim.Effort);
        if (wanted != FilterStrategy.InWalk && fewest.Count * CodeCost <= Math.Max(Index.CostOf(effort), CostOfWalk(conditions)))
        {
            Keep(cells.RunAmong(Index, query, effort.Candidates, filter, fewest), effort.Candidates, asksFound);
            return FilterStrategy.Prefilter;
        }
        Run(filter, asksFound);
        return FilterStrategy.InWalk;
    }

    /// <summary>What a search among the rows that pass costs, if these are rare and anywhere.</summary>
    private double CostOfWalk(CellCondition[] conditions)
    {
        double rows = Math.Max(1, Index.RowCount), share = 1;
        foreach (CellCondition condition in conditions)
            share *= condition.Count / rows;
        int cells = Index.EffortFor(aim.Recall, search.Aim / Math.Max(share, 1 / rows), search.Wanted, aim.Effort).Cells;
        return cells * (CellCost + (rows * share / Math.Max(1, Index.CellCount) * CodeCost));
    }

    // A search that does not find as many as wanted has been in all cells.
    private void Run(CellFilter filter, bool asksFound = false) => Keep(
        cells.Run(Index, query, Index.EffortAmong(aim.Recall, search.Aim, search.Wanted, aim.Effort), filter, Limit), search.Wanted, asksFound);

    /// <summary>Searches without the filter, for so many rows more that enough of them pass.</summary>
    /// <returns>False where too few pass.</returns>
    private bool RunAfter(double share)
    {
        CellFilter? seen = segment.Seen.Length == 0 ? null : new CellFilter([], segment.Seen, test: null);
        for (double rows = search.Wanted / Math.Max(share, 0.01);; rows *= 4)
        {
            int wanted = (int)Math.Ceiling(rows * 1.2) + 2;
            SearchEffort effort = seen is null
                ? Index.EffortFor(aim.Recall, wanted, wanted, aim.Effort) : Index.EffortAmong(aim.Recall, wanted, wanted, aim.Effort);
            if (effort.Candidates > FoundMax)
                return false;
            (int[] positions, float[] estimates) = Passing(cells.Run(Index, query, effort, seen, Limit));
            if (positions.Length < search.Wanted)
                continue;
            MeasureNearest(positions, estimates);
            return true;
        }
    }

    /// <param name="all">Where fewer were found, there are no more.</param>
    private void Keep(ReadOnlySpan<int> found, int all, bool asks)
    {
        IsComplete = found.Length < all && segment.Missing.IsEmpty;
        if (!asks || found.IsEmpty)
        {
            MeasureNearest(found, cells.Estimates);
            return;
        }
        (int[] positions, float[] estimates) = Passing(found);
        MeasureNearest(positions, estimates);
    }

    private (int[] Positions, float[] Estimates) Passing(ReadOnlySpan<int> found)
    {
        ulong[] live = Bitmap.Allocate(found.Length);
        live.AsSpan().Fill(ulong.MaxValue);
        segment.Test.Keep(found, live);
        List<int> positions = [];
        List<float> estimates = [];
        for (int i = 0; i < found.Length; i++)
        {
            if ((live[i >> 6] >> (i & 63) & 1) == 0)
                continue;
            positions.Add(found[i]);
            estimates.Add(cells.Estimates[i]);
        }
        return ([.. positions], [.. estimates]);
    }

    // Those that a search has found, until the rest can hardly be nearer.
    private void MeasureNearest(ReadOnlySpan<int> positions, ReadOnlySpan<float> estimates)
    {
        MappedRows vectors = segment.Vectors;
        vectors.Ask(positions);
        RerankBound bound = new(estimates, search.Wanted);
        double limit = Limit;
        int asked = 0;
        for (int i = 0; i < positions.Length && !bound.EndsAt(i, limit); i++)
        {
            for (; asked < Math.Min(i + Ahead, positions.Length); asked++)
                Prefetch.Ask(vectors.At(positions[asked]));
            (int unit, int place) = segment.Find(positions[i]);
            bound.Add(i, SearchDistance(segment.Index.Metric, target.Measure(vectors.At(positions[i]), unit, place)));
            RowsMeasured++;
        }
    }

    // The rows lie anywhere in the segment: each is asked for before it is needed.
    private void Measure(ReadOnlySpan<int> positions)
    {
        RowsMeasured += positions.Length;
        MappedRows vectors = segment.Vectors;
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

    /// <summary>What a search compares with, from the distance that rows must be below; a little more, for rounding.</summary>
    internal static float LimitOf(DistanceMetric metric, double threshold)
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
}
