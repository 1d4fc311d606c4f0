using System.Buffers;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The rows of a table nearest to a vector: filter, distance and top-k in one pass over the vectors where they lie.</summary>
/// <remarks>
/// Order:   by distance, NaN before or after numbers as the plan says, null last, equal distances by row id.
/// Memory:  about 32 bytes a row wanted and worker; other columns are read for the winners alone.
/// Threads: workers share the runs of a few thousand vectors, so that all are busy to the end; each keeps its own nearest rows, which
///          are merged at the end, and tells the others how near a row must be.
/// </remarks>
internal sealed class VectorTopKOperator(VectorTopKPlan plan, OperatorContext context) : Operator
{
    /// <summary>What the settings of pgvector's indexes reach at their defaults here: more effort, more recall.</summary>
    private const double DefaultRecall = VectorIndexDefinition.DefaultRecall, DefaultEffort = 40, DefaultProbes = 10;

    private const int RowsPerWorker = 8192; // fewer are scanned sooner than a worker starts

    private readonly MemoryGrant _grant = new(context.Memory);
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private IReadOnlyList<ScanUnit> _units = [];
    private List<ZoneBound> _bounds = [];
    private NearestSearch? _search;
    private Winner[]? _winners;
    private int _next;

    /// <param name="Number">As <see cref="NearestScan"/> numbers rows.</param>
    /// <param name="IsNull">Without a distance.</param>
    private readonly record struct Winner(double Distance, long Number, bool IsNull)
    {
        internal int Unit => (int)(Number >> 32);

        internal int Place => (int)Number;

        internal bool HasDistanceOf(Winner other) =>
            IsNull == other.IsNull && (IsNull || Distance.Equals(other.Distance) || Distance == other.Distance);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_winners is null)
        {
            RowRange range = RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);
            _winners = range.Limit == 0 ? [] : await FindAsync(range, cancellation).ConfigureAwait(false);
            _next = (int)Math.Min(range.Offset, _winners.Length);
        }
        cancellation.ThrowIfCancellationRequested();
        int count = Math.Min(ColumnBatch.RowsMax, _winners.Length - _next);
        if (count == 0)
            return null;
        ColumnBatch rows = Materialise(_winners.AsSpan(_next, count), _columns.Stored.Span);
        _next += count;
        return Output(rows, _winners.AsSpan(_next - count, count));
    }

    public override ValueTask DisposeAsync()
    {
        _grant.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<Winner[]> FindAsync(RowRange range, CancellationToken cancellation)
    {
        _units = context.Run.View(plan.Table).Units;
        _bounds = ScanColumns.Bounds(plan.Zones, context.Evaluation);
        long rowsMax = 0;
        foreach (ScanUnit unit in _units)
            rowsMax += unit.RowCountMax;
        int wanted = (int)Math.Min(Math.Min(range.End, rowsMax), Array.MaxLength / 4);
        if (wanted == 0)
            return [];
        Column query = CompiledExpressions.EvaluateConstant(plan.Query, context.Evaluation);
        NearestSearch search = _search = new NearestSearch(_units, plan.VectorColumn,
            query.IsNull(0) ? null : new VectorQuery(query, plan.Query.Type, plan.Metric), wanted, plan.NaNIsNearest,
            BitCount(), _bounds, new ScanColumns(plan.Table, plan.FilterColumns), CompiledExpressions.CompileOptional(plan.Filter),
            context.Evaluation);
        if (plan.Index != 0 && search.Query is not null && !plan.NaNIsNearest && !IsExact
            && await FindByIndexAsync(search, wanted, cancellation).ConfigureAwait(false) is { } found)
            return found;
        return await ScanAsync(search, new NearestScan(search), [], rowsMax, wanted, cancellation).ConfigureAwait(false);
    }

    private bool IsExact => context.Evaluation.Session.Setting("vecsql.exact") == "on";

    /// <summary>The recall to aim at, and how much more or less effort than it takes the settings ask for.</summary>
    private (double Recall, double Effort) Aim()
    {
        double target = Number("vecsql.target_recall");
        if (target > 0)
            return (target, 1);
        bool isLists = context.Transaction.Catalog.TryFindTable(plan.Table, out TableEntry? table)
            && table.Indexes.Any(index => index.Oid == plan.Index && index.Method == "ivfflat");
        return (DefaultRecall, isLists ? Math.Max(1, Number("ivfflat.probes") / DefaultProbes) : Number("hnsw.ef_search") / DefaultEffort);
    }

    private double Number(string setting) => double.Parse(
        context.Evaluation.Session.Setting(setting) ?? throw new InvalidOperationException($"there is no setting {setting}"),
        CultureInfo.InvariantCulture);

    /// <summary>The nearest rows by the index, and by looking at all rows of what it does not cover; null where that finds fewer
    /// rows than wanted, for then rows may be missing that are there.</summary>
    private async ValueTask<Winner[]?> FindByIndexAsync(NearestSearch search, int wanted, CancellationToken cancellation)
    {
        (double recall, double effort) = Aim();
        var nearest = new NearestScan(search);
        IndexSearch index = new(search, plan.Index);
        index.Run(nearest, recall, effort, cancellation);
        if (Array.IndexOf(index.IsDone, true) < 0)
            return null;
        long rowsLeft = 0;
        for (int i = 0; i < _units.Count; i++)
            rowsLeft += index.IsDone[i] ? 0 : _units[i].RowCountMax;
        Winner[] winners = await ScanAsync(search, nearest, index.IsDone, rowsLeft, wanted, cancellation).ConfigureAwait(false);
        SearchWork work = index.Work;
        context.Run.Meter(plan)?.Note($"Cells Probed: {work.CellsProbed}  Codes Scanned: {work.CodesScanned}  " +
            $"Codes Measured: {work.CodesMeasured}  Re-ranked: {work.RowsMeasured}  Rows Not Indexed: {rowsLeft}");
        int distances = 0;
        foreach (Winner winner in winners)
            distances += winner.IsNull ? 0 : 1;
        return distances == wanted ? winners : null;
    }

    /// <summary>Looks at all rows of the units that are left.</summary>
    /// <param name="first">A worker that may have rows already.</param>
    private async ValueTask<Winner[]> ScanAsync(
        NearestSearch search, NearestScan first, bool[] isDone, long rowsLeft, int wanted, CancellationToken cancellation)
    {
        int workers = WorkersFor(rowsLeft, search.Prepare(isDone));
        _grant.Set(wanted * 32L * workers);
        if (workers == 1)
        {
            first.Run(cancellation);
            return Ordered(first, wanted);
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
        return Ordered(first, wanted);
    }

    private int WorkersFor(long rowsMax, int pieces)
    {
        if (plan.Filter is not null)
        {
            PlanTraits traits = PlanTraits.Of(plan.Filter);
            if (traits.IsVolatile || traits.HasSubplan)
                return 1;
        }
        long useful = Math.Min(pieces, rowsMax / RowsPerWorker);
        return (int)Math.Clamp(useful, 1, Math.Max(context.ParallelismMax, 1));
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
        int nullCount = Math.Min(wanted - nearest.Length, scan.Nulls.Count);
        var winners = new Winner[nearest.Length + nullCount];
        for (int i = 0; i < nearest.Length; i++)
            winners[i] = new Winner(nearest[i].Distance, nearest[i].Row, IsNull: false);
        scan.Nulls.Sort();
        for (int i = 0; i < nullCount; i++)
            winners[nearest.Length + i] = new Winner(0, scan.Nulls[i], IsNull: true);
        OrderTies(winners);
        return winners;
    }

    // Places ascend mostly as row ids do, but an old row may have moved to a later unit.
    private void OrderTies(Winner[] winners)
    {
        for (int start = 0; start < winners.Length;)
        {
            int end = start + 1;
            while (end < winners.Length && winners[end].HasDistanceOf(winners[start]))
                end++;
            if (end - start > 1)
            {
                Span<Winner> ties = winners.AsSpan(start, end - start);
                var ids = new long[ties.Length];
                ((FixedColumn<long>)Materialise(ties, []).Columns[^1].Expand()).Values.CopyTo(ids);
                ids.AsSpan().Sort(ties);
            }
            start = end;
        }
    }

    /// <summary>The winners' columns and row ids, in the winners' order.</summary>
    private ColumnBatch Materialise(ReadOnlySpan<Winner> winners, ReadOnlySpan<short> columns)
    {
        int[] order = new int[winners.Length];
        long[] numbers = new long[winners.Length];
        for (int i = 0; i < order.Length; i++)
            (order[i], numbers[i]) = (i, winners[i].Number);
        numbers.AsSpan().Sort(order.AsSpan());
        BatchBuilder? rows = null;
        ColumnBatch single = ColumnBatch.Empty;
        for (int start = 0; start < numbers.Length;)
        {
            int unit = (int)(numbers[start] >> 32), end = start + 1;
            while (end < numbers.Length && (int)(numbers[end] >> 32) == unit)
                end++;
            int[] places = new int[end - start];
            for (int i = 0; i < places.Length; i++)
                places[i] = (int)numbers[start + i];
            single = Fetch(unit, places, columns);
            if (rows is not null || end < numbers.Length)
            {
                rows ??= new BatchBuilder(BatchShapes.PhysicalOf(single), numbers.Length);
                rows.AppendAll(single);
            }
            start = end;
        }
        int[] back = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            back[order[i]] = i;
        return (rows?.Build() ?? single).Take(back);
    }

    private ColumnBatch Fetch(int unitNumber, int[] places, ReadOnlySpan<short> columns)
    {
        ScanUnit unit = _units[unitNumber];
        if (_search is { } search && search.RunsOf(unitNumber) is not null)
            return unit.Gather(places, columns, withRowId: true);
        // Read by batches: read again the same way, and pick the rows by their count.
        using UnitReader reader = unit.Open(columns, withRowId: true, _bounds);
        BatchBuilder? picked = null;
        int first = 0, next = 0;
        while (next < places.Length && reader.Next() is { } batch)
        {
            picked ??= new BatchBuilder(BatchShapes.PhysicalOf(batch), places.Length);
            for (; next < places.Length && places[next] < first + batch.RowCount; next++)
                picked.AppendRow(batch, places[next] - first);
            first += batch.RowCount;
        }
        return picked?.Build() ?? ColumnBatch.Empty;
    }

    private ColumnBatch Output(ColumnBatch rows, ReadOnlySpan<Winner> winners)
    {
        var distances = (FixedColumnBuilder<double>)ColumnBuilder.Create(PhysicalType.Float64, winners.Length);
        foreach (Winner winner in winners)
        {
            if (winner.IsNull)
                distances.AppendNull();
            else
                distances.Append(winner.Distance);
        }
        rows = _columns.Complete(rows);
        if (!plan.WithRowId)
            rows = BatchShapes.Columns(rows, 0, rows.Columns.Length - 1);
        return BatchShapes.With(rows, [distances.Build()]);
    }
}
