using System.Diagnostics;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The rows of a table nearest to a vector: filter, distance and top-k in one pass over the vectors where they lie.</summary>
/// <remarks>
/// Order:   by distance, NaN and null before or after numbers as the plan says, equal distances by primary key, then by row id.
/// Memory:  about 32 bytes a row wanted and worker; other columns are read for the winners alone.
/// Threads: workers share the runs of a few thousand vectors, so that all are busy to the end; each keeps its own nearest rows, which
///          are merged at the end, and tells the others how near a row must be.
/// </remarks>
internal sealed class VectorTopKOperator(VectorTopKPlan plan, OperatorContext context) : Operator
{
    /// <summary>Fewer rows are scanned sooner than a worker starts; of rows of many vectors a worker takes fewer.</summary>
    private const int RowsPerWorker = 8192, MultiVectorsPerWorker = 256;

    private readonly MemoryGrant _grant = new(context.Memory);
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private IReadOnlyList<ScanUnit> _units = [];
    private List<ZoneBound> _bounds = [];
    private WinnerRows? _rows;
    private Winner[]? _winners;
    private int _next;
    private SearchBounds? _within;
    private SearchesAhead? _ahead;
    private SearchFilter? _filter;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _winners ??= await FindAsync(cancellation).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        int count = Math.Min(ColumnBatch.RowsMax, _winners.Length - _next);
        if (count == 0 || _rows is null)
            return null;
        ColumnBatch rows = _rows.Materialise(_winners.AsSpan(_next, count), _columns.Stored.Span);
        _next += count;
        return Output(rows, _winners.AsSpan(_next - count, count));
    }

    public override ValueTask DisposeAsync()
    {
        _grant.Dispose();
        return ValueTask.CompletedTask;
    }

    private SearchFilter Filter => _filter ?? throw new InvalidOperationException("no search has begun");

    private async ValueTask<Winner[]> FindAsync(CancellationToken cancellation)
    {
        RowRange range = RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);
        Winner[] found = await FindAsync(range, cancellation).ConfigureAwait(false);
        if (context.Depth is { } depth && plan.Limit is OuterExpression limit && limit.Slot == depth.Slot)
            depth.IsExhausted = found.Length < range.Limit;
        return found;
    }

    private async ValueTask<Winner[]> FindAsync(RowRange range, CancellationToken cancellation)
    {
        if (range.Limit == 0)
            return [];
        _units = context.Run.View(plan.Table).Units;
        _bounds = ScanColumns.Bounds(plan.Zones, context.Evaluation);
        long rowsMax = 0;
        foreach (ScanUnit unit in _units)
            rowsMax += unit.RowCountMax;
        rowsMax = Math.Min(rowsMax, Array.MaxLength / 4);
        if (rowsMax == 0)
            return [];
        Column query = CompiledExpressions.EvaluateConstant(plan.Query, context.Evaluation);
        VectorQuery? vector = query.IsNull(0) ? null : new VectorQuery(query, plan.Query.Type, plan.Metric);
        if (plan.Within is not null || plan.Beyond is not null)
        {
            if (vector is null)
                return []; // nothing is near, nor far
            _within = SearchBounds.Of(CompiledExpressions.CompileOptional(plan.Within), CompiledExpressions.CompileOptional(plan.Beyond),
                plan.Metric == VectorMetric.NegativeInnerProduct, context.Evaluation);
        }
        if (plan.WithTies)
            range = new RowRange(0, range.End); // what is above passes rows over
        bool usesIndex = UsesIndex(vector);
        _filter = SearchFilter.Of(plan, usesIndex, context.Evaluation);
        bool isPaged = range.Offset > 0 && usesIndex;
        _ahead = isPaged ? null : context.Ahead.FirstOrDefault(search => ReferenceEquals(search.Search, plan));
        Winner[] page = plan.WithTies
            ? await FindWithTiesAsync(vector, range.End, rowsMax, usesIndex, cancellation).ConfigureAwait(false)
            : isPaged
            ? await FindPageAsync(vector, range, rowsMax, cancellation).ConfigureAwait(false)
            : Rest(await FindFirstAsync(vector, range.End, rowsMax, usesIndex, cancellation).ConfigureAwait(false), range.Offset);
        if (usesIndex && context.Run.Execution.MeasuresRecall)
            await MeasureRecallAsync(page, vector, range, rowsMax, cancellation).ConfigureAwait(false);
        return page;
    }

    private static Winner[] Rest(Winner[] winners, long offset) => offset == 0 ? winners : winners[(int)Math.Min(offset, winners.Length)..];

    private async ValueTask MeasureRecallAsync(
        Winner[] found, VectorQuery? vector, RowRange range, long rowsMax, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        Winner[] exact = await FindFirstAsync(vector, range.End, rowsMax, usesIndex: false, cancellation).ConfigureAwait(false);
        TimeSpan spent = Stopwatch.GetElapsedTime(began);
        int wanted = (int)Math.Max(0, exact.Length - range.Offset), hits = 0;
        if (wanted == 0)
            return;
        Winner last = exact[^1];
        foreach (Winner winner in found)
            hits += last.HasDistanceOf(winner) || Compare(winner, last) < 0 ? 1 : 0;
        context.Run.Add(new RecallTally(1, Math.Min(hits, wanted), wanted, spent));
        context.Run.Meter(plan)?.Share("Recall", Math.Min(hits, wanted), wanted);
        context.Run.Meter(plan)?.Count("Exact Search Time", spent.TotalMilliseconds);
    }

    /// <summary>One page of many.</summary>
    /// <remarks>
    /// What an index finds depends on how many rows are wanted, so the rows of a later page are what a search for more rows finds beside
    /// those that the searches for fewer found: whoever turns the pages meets every row once.
    /// </remarks>
    private async ValueTask<Winner[]> FindPageAsync(
        VectorQuery? vector, RowRange range, long rowsMax, CancellationToken cancellation)
    {
        const int Growth = 4;
        List<Winner> all = [];
        HashSet<long> known = [];
        long wanted = range.Limit;
        while (true)
        {
            wanted = Math.Min(wanted, rowsMax);
            Winner[] found = await FindFirstAsync(vector, wanted, rowsMax, usesIndex: true, cancellation).ConfigureAwait(false);
            foreach (Winner winner in found)
            {
                if (all.Count < wanted && known.Add(winner.Number))
                    all.Add(winner);
            }
            if (wanted >= Math.Min(range.End, rowsMax) || found.Length < wanted)
                break;
            wanted *= Growth;
        }
        int first = (int)Math.Min(range.Offset, all.Count);
        Winner[] page = [.. all[first..(int)Math.Min(range.End, all.Count)]];
        page.AsSpan().Sort(Compare);
        OrderTies(page);
        return page;
    }

    private int Compare(Winner x, Winner y)
    {
        if (x.IsNull != y.IsNull)
            return x.IsNull == plan.NullsFirst ? -1 : 1;
        bool isNaN = double.IsNaN(x.Distance);
        if (isNaN != double.IsNaN(y.Distance))
            return isNaN == plan.NaNIsNearest ? -1 : 1;
        return x.HasDistanceOf(y) ? x.Number.CompareTo(y.Number) : x.Distance.CompareTo(y.Distance);
    }

    /// <summary>The nearest rows in their order: of those that are equally far at the end, the first by key.</summary>
    private async ValueTask<Winner[]> FindFirstAsync(
        VectorQuery? vector, long end, long rowsMax, bool usesIndex, CancellationToken cancellation)
    {
        Winner[] winners = await FindWithTiesAsync(vector, end, rowsMax, usesIndex, cancellation).ConfigureAwait(false);
        if (plan.Within is null || end < long.MaxValue)
            OrderTies(winners);
        return winners.Length > end ? winners[..(int)end] : winners;
    }

    /// <summary>The nearest rows, and those that tie with the last of them.</summary>
    private async ValueTask<Winner[]> FindWithTiesAsync(
        VectorQuery? vector, long end, long rowsMax, bool usesIndex, CancellationToken cancellation)
    {
        const int Growth = 8;
        int wanted = (int)Math.Min(end, rowsMax);
        long asked = Math.Min(wanted + 1L, rowsMax); // one more tells whether there are ties
        for (int round = 0;; round++)
        {
            NearestSearch search = NewSearch(vector, (int)asked, round == 0 ? wanted : (int)asked);
            _rows = new WinnerRows(search.Units, unit => search.RunsOf(unit) is not null, search.Bounds);
            (Winner[] found, bool isExact) = await FindAsync(
                search, round == 0, usesIndex, usesIndex && round < 2 && wanted < rowsMax, rowsMax, cancellation).ConfigureAwait(false);
            int tiesEnd = EndOfTies(found, wanted);
            if (tiesEnd < found.Length || found.Length < asked || asked == rowsMax)
                return found[..tiesEnd];
            bool isNull = found[wanted - 1].IsNull;
            if (isExact && (isNull ? !plan.WithTies : plan.TieKey is null))
                return found; // a scan keeps all that is as near as the last
            asked = isNull ? rowsMax : Math.Min(rowsMax, asked * Growth);
        }
    }

    private NearestSearch NewSearch(VectorQuery? vector, int wanted, int aim) => new(
        _units, plan.VectorColumn, vector, wanted, plan.NaNIsNearest && _within is not { KeepsNaN: false }, BitCount(), _bounds,
        new ScanColumns(plan.Table, plan.FilterColumns), Filter.Code, Filter.Evaluation)
    {
        ColumnKeys = context.Run.Execution.ColumnKeys,
        Keys = Filter.Keys,
        IsFilteredByKeys = Filter.IsOfKeys,
        MayFilterSome = Filter.IsSteady,
        FilterKey = Filter.Key,
        Aim = aim,
        Within = _within,
    };

    private async ValueTask<FoundRows> FindAsync(
        NearestSearch search, bool isFirst, bool usesIndex, bool triesIndex, long rowsMax, CancellationToken cancellation)
    {
        SearchesAhead? ahead = isFirst ? _ahead : null;
        if (ahead is not null && ahead.TryTake(out FoundRows? known))
        {
            if (known is not null)
                return known;
            ahead = null;
        }
        // Within a distance may be few rows, which are counted as they come out.
        _grant.Set(_within is null ? SearchBytes(search, context.ParallelismMax) : 0);
        if (triesIndex)
        {
            IndexSearch index = new(search, plan.Index);
            Winner[]? rows = await FindByIndexAsync(search, index, cancellation).ConfigureAwait(false);
            if (ahead is not null && index.HasFound)
            {
                await FindAheadAsync(ahead, search, cancellation).ConfigureAwait(false);
                ahead = null;
            }
            if (rows is not null)
                return new FoundRows(rows, index.IsExact);
        }
        if (usesIndex)
            context.Run.Meter(plan)?.Tell("Strategy", "exact");
        Winner[]? together = ahead is null
            ? null : await ScanAheadAsync(ahead, search, usesIndex, rowsMax, cancellation).ConfigureAwait(false);
        return new FoundRows(
            together ?? await ScanAsync(search, new NearestScan(search), [], rowsMax, cancellation).ConfigureAwait(false),
            IsExact: true);
    }

    private static long SearchBytes(NearestSearch search, int workers) => search.Wanted * 32L * Math.Max(workers, 1);

    /// <summary>The query that is searched for and those of outer rows to come, where they may be searched for together.</summary>
    private VectorQuery?[] QueriesAhead(SearchesAhead ahead, NearestSearch search, bool usesIndex)
    {
        if (search.Query is not { } current)
            return [];
        const long BytesMax = 16 << 20;
        VectorQuery?[] queries = ahead.Queries(current, SearchBytes(search, ahead.ParallelismMax), BytesMax, context.Evaluation);
        foreach (ref VectorQuery? query in queries.AsSpan())
        {
            if (query is not null && UsesIndex(query) != usesIndex)
                query = null;
        }
        if (queries.Length > 0)
            context.Run.Meter(plan)?.Count("Query Batches", 1);
        return queries;
    }

    /// <summary>Searches by the index for outer rows to come: whole searches, side by side.</summary>
    private async ValueTask FindAheadAsync(SearchesAhead ahead, NearestSearch search, CancellationToken cancellation)
    {
        VectorQuery?[] queries = QueriesAhead(ahead, search, usesIndex: true);
        if (queries.Length == 0)
            return;
        var found = new FoundRows?[queries.Length];
        var workers = new int[WorkersFor(long.MaxValue, queries.Length, ahead.ParallelismMax)];
        _grant.Set(SearchBytes(search, workers.Length));
        int last = 0; // the current row's own has been done
        await ParallelWork.RunAsync(workers, async (_, stop) =>
        {
            for (int i = Interlocked.Increment(ref last); i < queries.Length; i = Interlocked.Increment(ref last))
            {
                stop.ThrowIfCancellationRequested();
                if (queries[i] is not { } query)
                    continue;
                NearestSearch next = NewSearch(query, search.Wanted, search.Aim);
                IndexSearch index = new(next, plan.Index);
                Winner[]? rows = await FindByIndexAsync(next, index, stop).ConfigureAwait(false);
                found[i] = rows is null ? null : new FoundRows(rows, index.IsExact);
            }
        }, cancellation).ConfigureAwait(false);
        ahead.Keep(found);
    }

    /// <summary>Looks at all rows for the current outer row and those to come at once; null where that is no gain.</summary>
    private async ValueTask<Winner[]?> ScanAheadAsync(
        SearchesAhead ahead, NearestSearch search, bool usesIndex, long rowsMax, CancellationToken cancellation)
    {
        if (!QueryPanels.IsFast || search.Query?.PanelMetric is not { } metric)
            return null;
        VectorQuery?[] queries = QueriesAhead(ahead, search, usesIndex);
        int[] places = [.. Enumerable.Range(0, queries.Length).Where(place => queries[place] is not null)];
        if (places.Length < 2)
            return null;
        VectorQuery[] asked = [.. queries.OfType<VectorQuery>()];
        NearestSearch[] searches = [search, .. asked.Skip(1).Select(query => NewSearch(query, search.Wanted, search.Aim))];
        float[] singles = [.. asked.SelectMany(static query => query.ToSingles())];
        if (singles.Length == 0)
            return null;
        QueryPanels panels = new(metric, singles, singles.Length / asked.Length);
        var workers = new BatchScan[WorkersFor(rowsMax, search.Prepare([]), ahead.ParallelismMax)];
        CodeQueries? codes = search.Query.IsSingle ? VectorDevice.Current.Codes(metric, singles, panels.Dimensions) : null;
        IQuerySieve[] sieves = [.. workers.Select(_ => VectorDevice.Current.Sieve(panels))];
        _grant.Set((SearchBytes(search, workers.Length) * asked.Length) + sieves.Sum(sieve => BatchScan.BytesOf(panels, sieve))
            + (codes?.Bytes ?? 0));
        for (int i = 0; i < workers.Length; i++)
            workers[i] = new BatchScan(searches, panels, sieves[i], codes is null ? null : new CodeSieve(codes));
        await ParallelWork.RunAsync(workers, static (scan, stop) =>
        {
            scan.Run(stop);
            return Task.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        for (int i = 1; i < workers.Length; i++)
            workers[0].Merge(workers[i]);
        var found = new FoundRows?[queries.Length];
        for (int i = 0; i < places.Length; i++)
            found[places[i]] = new FoundRows(Ordered(workers[0].Scans[i], search.Wanted), IsExact: true);
        ahead.Keep(found);
        return found[0]?.Rows;
    }

    /// <summary>Where the rows end that are among the first, or equal to the last of these.</summary>
    private int EndOfTies(Winner[] found, int wanted)
    {
        if (found.Length <= wanted || wanted == 0)
            return Math.Min(found.Length, wanted);
        int end = wanted;
        if (plan.TieKey is null || !plan.WithTies)
        {
            while (end < found.Length && found[end].HasDistanceOf(found[wanted - 1]))
                end++;
            return end;
        }
        KeyBuffer keys = new();
        new SortKeyColumns([new Planner.Physical.SortKey(plan.TieKey, IsDescending: false, NullsFirst: false)])
            .Append(new ColumnBatch([Distances(found.AsSpan(wanted - 1))], found.Length - wanted + 1), context.Evaluation, keys);
        while (end < found.Length && keys[end - wanted + 1].SequenceEqual(keys[0]))
            end++;
        return end;
    }

    private bool UsesIndex(VectorQuery? vector) =>
        plan.Index != 0 && vector is not null && context.Evaluation.Session.Setting("vecsql.exact") != "on"
        && !(plan.Metric == VectorMetric.Cosine && vector.IsZero)
        && _within is not { HasFloor: true }; // which takes away just what an index finds

    private SearchAim Aim() => SearchAim.Of(
        context.Transaction.Catalog.TryFindTable(plan.Table, out TableEntry? table)
            && table.Indexes.FirstOrDefault(index => index.Oid == plan.Index) is { } found
            ? found : throw new InvalidOperationException($"there is no index {plan.Index}"),
        context.Evaluation.Session);

    /// <summary>The nearest rows by the index, and by looking at all rows of what it does not cover; null where that finds fewer
    /// rows than wanted, for then rows may be missing that are there.</summary>
    private async ValueTask<Winner[]?> FindByIndexAsync(NearestSearch search, IndexSearch index, CancellationToken cancellation)
    {
        SearchAim aim = Aim();
        var nearest = new NearestScan(search);
        if (plan.Filter is not null)
            index.Strategy = FilterStrategies.Parse(context.Evaluation.Session.Setting(FilterStrategies.Setting));
        index.Run(nearest, aim.Recall, aim.Effort, cancellation);
        if (!index.HasFound)
            return null;
        bool isShort = index.IsExact && nearest.Nearest.Sorted().Length < search.Wanted;
        if (isShort || plan.NullsFirst || plan.NaNIsNearest)
            index.AddMissing(nearest, isShort || plan.NullsFirst);
        long rowsLeft = 0;
        for (int i = 0; i < _units.Count; i++)
            rowsLeft += index.IsDone[i] ? 0 : _units[i].RowCountMax;
        Winner[] winners = await ScanAsync(search, nearest, index.IsDone, rowsLeft, cancellation).ConfigureAwait(false);
        if (context.Run.Meter(plan) is { } meter)
            Tell(meter, aim, index, rowsLeft);
        if (index.IsExact)
            return winners;
        int sure = 0; // rows that the index leaves out count only where they come first, for then they were looked at
        foreach (Winner winner in winners)
            sure += !winner.IsNull || plan.NullsFirst ? 1 : 0;
        return sure >= search.Wanted || index.IsComplete ? winners : null;
    }

    private void Tell(NodeMeter meter, SearchAim aim, IndexSearch index, long rowsLeft)
    {
        meter.Tell("Strategy", index.IsExact ? "inverted lists" : "cells");
        if (!index.IsExact)
            meter.Tell("Target Recall", aim.Recall.ToString(CultureInfo.InvariantCulture));
        if (aim.Effort != 1 && !index.IsExact)
            meter.Tell("Effort", aim.Effort.ToString("0.##", CultureInfo.InvariantCulture));
        if (plan.Filter is not null)
            meter.Tell("Filter Strategy", FilterStrategies.NameOf(index.Strategy));
        if (index.IsExact)
        {
            meter.Count("Postings Read", index.ListWork.Postings);
            meter.Count("Rows Measured", index.ListWork.Rows);
            meter.Count("Rows Not Indexed", rowsLeft);
            return;
        }
        SearchWork work = index.Work;
        meter.Count("Cells Probed", work.CellsProbed);
        meter.Count("Codes Scanned", work.CodesScanned);
        meter.Count("Codes Measured", work.CodesMeasured);
        meter.Count("Re-ranked", work.RowsMeasured);
        meter.Count("Rows Not Indexed", rowsLeft);
    }

    /// <summary>Looks at all rows of the units that are left.</summary>
    /// <param name="first">A worker that may have rows already.</param>
    private async ValueTask<Winner[]> ScanAsync(
        NearestSearch search, NearestScan first, bool[] isDone, long rowsLeft, CancellationToken cancellation)
    {
        int workers = WorkersFor(rowsLeft, search.Prepare(isDone), context.ParallelismMax);
        if (workers == 1)
        {
            first.Run(cancellation);
            return Ordered(first, search.Wanted);
        }
        var scans = new NearestScan[workers];
        scans[0] = first;
        for (int i = 1; i < workers; i++)
            scans[i] = new NearestScan(search);
        await ParallelWork.RunAsync(scans, static (scan, stop) =>
        {
            scan.Run(stop);
            return Task.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        for (int i = 1; i < workers; i++)
            first.Merge(scans[i]);
        return Ordered(first, search.Wanted);
    }

    private int WorkersFor(long rowsMax, int pieces, int workersMax)
    {
        if (!Filter.IsSteady)
            return 1;
        long useful = Math.Min(pieces, rowsMax / (plan.Metric == VectorMetric.MaxSim ? MultiVectorsPerWorker : RowsPerWorker));
        return (int)Math.Clamp(useful, 1, Math.Max(workersMax, 1));
    }

    // bit(n)'s rows lie without their lengths; the column's type has it.
    private int BitCount() =>
        plan.Query.Type.Oid is TypeOid.Bit or TypeOid.VarBit
        && context.Transaction.Catalog.TryFindTable(plan.Table, out TableEntry? table)
            ? Math.Max(table.Column(plan.VectorColumn).Type.Modifier, 0)
            : 0;

    private Winner[] Ordered(NearestScan scan, int wanted)
    {
        ReadOnlySpan<(double Distance, long Row)> nearest = scan.Nearest.Sorted();
        if (_within is not null)
        {
            if (!_within.KeepsNaN)
                nearest = Numbers(nearest);
            _grant.Set(nearest.Length * 32L);
        }
        scan.Nulls.Sort();
        int nullCount = Math.Min(plan.NullsFirst ? wanted : Math.Max(0, wanted - nearest.Length), scan.Nulls.Count);
        int count = plan.NullsFirst && nullCount == wanted ? 0 : nearest.Length;
        var winners = new Winner[count + nullCount];
        Span<Winner> nulls = plan.NullsFirst ? winners.AsSpan(0, nullCount) : winners.AsSpan(count);
        Span<Winner> others = plan.NullsFirst ? winners.AsSpan(nullCount) : winners;
        for (int i = 0; i < count; i++)
            others[i] = new Winner(nearest[i].Distance, nearest[i].Row, IsNull: false);
        for (int i = 0; i < nullCount; i++)
            nulls[i] = new Winner(0, scan.Nulls[i], IsNull: true);
        return winners;
    }

    private static ReadOnlySpan<(double Distance, long Row)> Numbers(ReadOnlySpan<(double Distance, long Row)> nearest)
    {
        int end = nearest.Length; // what is not a number counts as farthest here
        while (end > 0 && double.IsNaN(nearest[end - 1].Distance))
            end--;
        return nearest[..end];
    }

    private void OrderTies(Winner[] winners)
    {
        bool hasTies = false;
        for (int i = 1; i < winners.Length; i++)
            hasTies |= winners[i].HasDistanceOf(winners[i - 1]);
        if (!hasTies)
            return;
        IndexEntry? key = null;
        if (context.Transaction.Catalog.TryFindTable(plan.Table, out TableEntry? table))
            key = table.Indexes.FirstOrDefault(static index => index.IsPrimary);
        OrderedKeyEncoder? encoder = table is null || key is null
            ? null
            : new([.. key.Columns.Select(column => new KeyOrder(KeyKinds.Of(table.Column(column).Type)))]);
        _rows?.OrderTies(winners, new ScanColumns(plan.Table, key?.Columns ?? []), encoder);
    }

    private Column Distances(ReadOnlySpan<Winner> winners)
    {
        if (plan.Metric == VectorMetric.MaxSim)
            return SingleDistances(winners);
        var distances = (FixedColumnBuilder<double>)ColumnBuilder.Create(PhysicalType.Float64, winners.Length);
        foreach (Winner winner in winners)
        {
            if (winner.IsNull)
                distances.AppendNull();
            else
                distances.Append(winner.Distance);
        }
        return distances.Build();
    }

    private static Column SingleDistances(ReadOnlySpan<Winner> winners)
    {
        var distances = (FixedColumnBuilder<float>)ColumnBuilder.Create(PhysicalType.Float32, winners.Length);
        foreach (Winner winner in winners)
        {
            if (winner.IsNull)
                distances.AppendNull();
            else
                distances.Append((float)winner.Distance);
        }
        return distances.Build();
    }

    private ColumnBatch Output(ColumnBatch rows, ReadOnlySpan<Winner> winners)
    {
        rows = _columns.Complete(rows);
        if (!plan.WithRowId)
            rows = BatchShapes.Columns(rows, 0, rows.Columns.Length - 1);
        return BatchShapes.With(rows, [Distances(winners)]);
    }
}
