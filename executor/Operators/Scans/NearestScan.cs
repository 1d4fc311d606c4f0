using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What all workers of one nearest-vector search share: the question, the work that is left, and how near a row must be.</summary>
/// <param name="Query">Null for a null query: every distance is null then.</param>
/// <param name="Wanted">How many rows to find.</param>
/// <param name="NaNIsNearest">Whether a distance that is not a number comes first instead of last.</param>
/// <param name="BitCount">Length of the column's bit strings, where it is fixed; 0 otherwise.</param>
internal sealed record NearestSearch(
    IReadOnlyList<ScanUnit> Units, short VectorColumn, VectorQuery? Query, int Wanted, bool NaNIsNearest, int BitCount,
    IReadOnlyList<ZoneBound> Bounds, ScanColumns FilterColumns, VectorExpression? Filter, EvaluationContext Evaluation)
{
    /// <summary>How many rows an index is to look for; fewer than are kept where one more shows whether there are ties.</summary>
    internal int Aim { get; init; } = Wanted;

    /// <summary>The distances that count; where there are bounds, rows without a vector do not.</summary>
    internal SearchBounds? Within { get; init; }

    /// <summary>The filter as others may know it; null where what it says is not to be kept.</summary>
    internal FilterKey? FilterKey { get; init; }

    /// <summary>Where keys are kept.</summary>
    internal required ColumnKeys ColumnKeys { get; init; }

    /// <summary>What parts of the filter ask of keys.</summary>
    internal IReadOnlyList<KeyCondition> Keys { get; init; } = [];

    /// <summary>Whether these are all of the filter.</summary>
    internal bool IsFilteredByKeys { get; init; }

    /// <summary>Whether rows may be asked in any order, and some not at all.</summary>
    internal bool MayFilterSome { get; init; }

    /// <summary>How many pieces of work a run is: several where a row has many vectors.</summary>
    internal int PartsPerRun { get; } = Query?.Multiple is null ? 1 : 16;

    private readonly VectorRuns?[] _runs = new VectorRuns?[Units.Count];
    private readonly int[] _ends = new int[Units.Count]; // the number after the last piece of work of each unit
    private int _next = -1;
    private double _threshold = double.PositiveInfinity;

    /// <summary>Finds where the vectors lie; once, before the workers start.</summary>
    /// <returns>How many pieces of work there are.</returns>
    /// <param name="isDone">Units whose nearest rows are found already.</param>
    internal int Prepare(ReadOnlySpan<bool> isDone)
    {
        int count = 0;
        (_next, _threshold) = (-1, double.PositiveInfinity);
        for (int i = 0; i < _ends.Length; i++)
        {
            if (isDone.IsEmpty || !isDone[i])
                count += RunsOf(i)?.Count * PartsPerRun ?? 1;
            _ends[i] = count;
        }
        return count;
    }

    /// <summary>The unit's vectors, scanned in place, so that places in it are positions; null where it is read by batches.</summary>
    internal VectorRuns? RunsOf(int unit) => Query is null ? null : _runs[unit] ??= Units[unit].MapVectors(VectorColumn);

    /// <summary>Whether there is work for anyone; before the workers start.</summary>
    internal bool HasWork => _ends.Length > 0 && _ends[^1] > 0;

    /// <summary>Takes the next piece of work: a run of vectors or a part of one, or a whole unit that is read by batches.</summary>
    /// <param name="unit">That of the worker's last piece, or 0.</param>
    /// <param name="run">The piece's number in the unit: <see cref="PartsPerRun"/> for each run.</param>
    internal bool TryTake(ref int unit, out int run)
    {
        int next = Interlocked.Increment(ref _next);
        while (unit < _ends.Length && next >= _ends[unit])
            unit++;
        run = unit == 0 ? next : next - _ends[unit - 1];
        return unit < _ends.Length;
    }

    /// <summary>Lets a worker's rows bound those of the others.</summary>
    internal void Share(TopK nearest)
    {
        double shared = Volatile.Read(ref _threshold);
        while (nearest.Threshold < shared)
        {
            double found = Interlocked.CompareExchange(ref _threshold, nearest.Threshold, shared);
            if (found.Equals(shared))
                return;
            shared = found;
        }
        nearest.Tighten(shared);
    }
}

/// <summary>One worker of a nearest-vector search: filters, measures, and keeps the nearest rows it meets.</summary>
/// <remarks>
/// A row's number is its unit's number in the high half and its place in the unit in the low half: the position where the vectors are
/// scanned in place, the count of rows read before it where they are read by batches.
/// </remarks>
internal sealed class NearestScan(NearestSearch search)
{
    private const int RunRows = ColumnBatch.RowsMax;

    private readonly TopK _nearest = NewTopK(search);
    private CodeQuery? _coded;
    private readonly List<long> _nulls = []; // rows without a vector, ascending

    /// <summary>Nearest first.</summary>
    internal TopK Nearest => _nearest;

    internal List<long> Nulls => _nulls;

    private readonly int _nullsMax = search.Within is null ? search.Wanted : 0;

    private static TopK NewTopK(NearestSearch search)
    {
        var nearest = new TopK(search.Wanted, search.NaNIsNearest, keepsTies: true);
        if (search.Within is { } bounds)
            nearest.Tighten(bounds.Radius);
        return nearest;
    }

    internal void Run(CancellationToken cancellation)
    {
        if (!search.HasWork)
            return;
        _coded = search.Query?.Code();
        double[] distances = ArrayPool<double>.Shared.Rent(RunRows);
        try
        {
            int unit = 0;
            while (search.TryTake(ref unit, out int index))
            {
                cancellation.ThrowIfCancellationRequested();
                if (search.RunsOf(unit) is not { } runs)
                    ReadUnit(unit, [this], cancellation);
                else if (runs.TryRead(index / search.PartsPerRun, search.Bounds, out VectorRun run)
                    && (search.PartsPerRun == 1 || run.TryTakePart(index % search.PartsPerRun, search.PartsPerRun, out run)))
                    ScanRun(unit, run, distances);
                search.Share(_nearest);
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(distances);
        }
    }

    /// <summary>Offers a row by its exact distance, which it gives back.</summary>
    internal double Measure(ReadOnlySpan<byte> vector, int unit, int position)
    {
        VectorQuery query = search.Query ?? throw new InvalidOperationException("a null query measures nothing");
        double distance = query.Between(vector);
        _nearest.Offer(distance, Number(unit, position));
        return distance;
    }

    /// <summary>Offers a row whose distance has been measured.</summary>
    internal void Offer(double distance, int unit, int position) => _nearest.Offer(distance, Number(unit, position));

    /// <summary>Keeps a row without a vector.</summary>
    internal void KeepNull(int unit, int position)
    {
        if (_nulls.Count < _nullsMax)
            _nulls.Add(Number(unit, position));
    }

    internal void Merge(NearestScan other)
    {
        _nearest.Merge(other._nearest);
        _nulls.AddRange(other._nulls);
    }

    private void ScanRun(int unit, VectorRun run, double[] distances)
    {
        VectorQuery query = search.Query ?? throw new InvalidOperationException("a null query scans nothing");
        Span<ulong> live = stackalloc ulong[RunRows / 64];
        live = live[..Bitmap.WordCount(run.RowCount)];
        if (!FindLive(unit, run, [this], live, out bool isAll))
            return;
        if (run.Values is { } values)
        {
            if (isAll)
                CopyBits(default, run.RowCount, live, ifAbsent: true);
            MeasureEach(unit, run.FirstPosition, values, live);
            return;
        }
        ReadOnlySpan<ulong> wanted = isAll ? default : live;
        if (_coded is { } coded && _nearest.Threshold < double.PositiveInfinity && run.Codes.Of(run) is { } codes)
        {
            if (isAll)
                CopyBits(default, run.RowCount, live, ifAbsent: true);
            RuleOut(coded, codes, run.RowCount, live);
            wanted = live;
        }
        Span<double> measured = distances.AsSpan(0, run.RowCount);
        query.Scan(run.Data.Bytes, run.StrideBytes, run.RowCount, measured, wanted);
        if (search.Within is { HasFloor: true } bounds)
        {
            if (wanted.IsEmpty)
                CopyBits(default, run.RowCount, live, ifAbsent: true);
            DropBelow(bounds.Floor, measured, live);
            wanted = live;
        }
        _nearest.OfferRun(measured, Number(unit, run.FirstPosition), wanted);
    }

    /// <summary>Measures rows whose vectors are not of one length.</summary>
    internal void MeasureEach(int unit, int first, BinaryColumn vectors, ReadOnlySpan<ulong> live)
    {
        VectorQuery query = search.Query ?? throw new InvalidOperationException("a null query measures nothing");
        for (int word = 0; word < live.Length; word++)
        {
            for (ulong bits = live[word]; bits != 0; bits &= bits - 1)
            {
                int row = (word << 6) + BitOperations.TrailingZeroCount(bits);
                double distance = query.Between(vectors[row]);
                if (search.Within is not { HasFloor: true } bounds || !(distance <= bounds.Floor))
                    _nearest.Offer(distance, Number(unit, first + row));
            }
        }
    }

    private static void DropBelow(double floor, ReadOnlySpan<double> distances, Span<ulong> live)
    {
        for (int word = 0; word < live.Length; word++)
        {
            for (ulong bits = live[word]; bits != 0; bits &= bits - 1)
            {
                if (distances[(word << 6) + BitOperations.TrailingZeroCount(bits)] <= floor)
                    live[word] &= ~(bits & (~bits + 1));
            }
        }
    }

    /// <summary>Finds the rows of a run that are to be measured, and keeps those without a vector; false where there are none.</summary>
    /// <param name="targets">The searches that want the rows: they differ in their queries alone.</param>
    /// <param name="live">Written where not all rows are wanted.</param>
    internal bool FindLive(int unit, VectorRun run, ReadOnlySpan<NearestScan> targets, Span<ulong> live, out bool isAll)
    {
        isAll = run.Visible.IsAbsent && search.Filter is null && run.NullVector.IsAbsent;
        if (!isAll)
        {
            Span<ulong> missing = stackalloc ulong[RunRows / 64];
            missing = missing[..live.Length];
            CopyBits(run.Visible, run.RowCount, live, ifAbsent: true);
            CopyBits(run.NullVector, run.RowCount, missing, ifAbsent: false);
            if (search.Filter is not null)
                Filter(search.Units[unit], run.FirstPosition, run.RowCount, live, missing);
            foreach (NearestScan target in targets)
                target.KeepNulls(unit, run.FirstPosition, missing);
            if (!live.ContainsAnyExcept(0UL))
                return false;
        }
        if (search.Query is { } query && run.Values is null)
        {
            query.CheckStride(run.StrideBytes); // only rows that are measured can be of the wrong length
            if (search.BitCount > 0)
                query.CheckBitCount(search.BitCount);
        }
        return true;
    }

    // Reads a quarter of the bytes to find the few rows that are worth an exact distance.
    private void RuleOut(CodeQuery coded, VectorCodes codes, int count, Span<ulong> live)
    {
        int before = Bitmap.CountSet(live);
        coded.RuleOut(codes, 0, count, _nearest.Threshold, live);
        if (Bitmap.CountSet(live) > before / 2)
            _coded = null; // the rows are alike beyond what eight bits tell apart: measure them all at once
    }

    private static long Number(int unit, int place) => ((long)unit << 32) | (uint)place;

    internal static void CopyBits(Bitmap source, int count, Span<ulong> target, bool ifAbsent)
    {
        if (source.IsAbsent)
            target.Fill(ifAbsent ? ulong.MaxValue : 0);
        else
            source.Words.CopyTo(target);
        if ((count & 63) != 0)
            target[^1] &= (1UL << (count & 63)) - 1;
    }

    // Clears the bits of rows that the filter drops.
    internal void Filter(ScanUnit unit, int first, int rowCount, Span<ulong> live, Span<ulong> missing)
    {
        int count = 0;
        for (int i = 0; i < live.Length; i++)
            count += BitOperations.PopCount(live[i] | missing[i]);
        if (count == rowCount)
        {
            Column truth = Evaluate(unit.Slice(first, rowCount, search.FilterColumns.Stored.Span));
            RowSelection.KeepTrue(truth, live);
            RowSelection.KeepTrue(truth, missing);
        }
        else if (count > 0)
        {
            FilterSome(unit, first, count, live, missing);
        }
    }

    // Rows that are not visible must not reach the filter, which might fail for them.
    private void FilterSome(ScanUnit unit, int first, int count, Span<ulong> live, Span<ulong> missing)
    {
        int[] rented = ArrayPool<int>.Shared.Rent(2 * RunRows);
        Span<int> positions = rented.AsSpan(0, count), kept = rented.AsSpan(RunRows, RunRows);
        int next = 0;
        for (int i = 0; i < live.Length; i++)
        {
            for (ulong word = live[i] | missing[i]; word != 0; word &= word - 1)
                positions[next++] = first + (i << 6) + BitOperations.TrailingZeroCount(word);
        }
        Column truth = Evaluate(unit.Gather(positions, search.FilterColumns.Stored.Span, withRowId: false));
        Span<ulong> passed = stackalloc ulong[RunRows / 64];
        foreach (int row in kept[..RowSelection.WriteTrue(truth, kept)])
            Bitmap.Set(passed, positions[row] - first);
        for (int i = 0; i < live.Length; i++)
        {
            live[i] &= passed[i];
            missing[i] &= passed[i];
        }
        ArrayPool<int>.Shared.Return(rented);
    }

    private Column Evaluate(ColumnBatch rows)
    {
        VectorExpression filter = search.Filter ?? throw new InvalidOperationException("no filter");
        return filter.Evaluate(search.FilterColumns.Complete(rows), search.Evaluation);
    }

    private void KeepNulls(int unit, int firstPosition, ReadOnlySpan<ulong> missing)
    {
        for (int i = 0; i < missing.Length; i++)
        {
            for (ulong word = missing[i]; word != 0 && _nulls.Count < _nullsMax; word &= word - 1)
                _nulls.Add(Number(unit, firstPosition + (i << 6) + BitOperations.TrailingZeroCount(word)));
        }
    }

    /// <summary>Vectors that do not lie one after the other: read in batches and measured one by one.</summary>
    internal void ReadUnit(int unit, ReadOnlySpan<NearestScan> targets, CancellationToken cancellation)
    {
        short[] columns = [search.VectorColumn, .. search.FilterColumns.Stored.Span];
        using UnitReader reader = search.Units[unit].Open(columns, withRowId: false, search.Bounds);
        int[] rows = ArrayPool<int>.Shared.Rent(ColumnBatch.RowsMax);
        int first = 0;
        while (reader.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = batch.RowCount;
            if (search.Filter is not null)
                count = RowSelection.WriteTrue(Evaluate(BatchShapes.Columns(batch, 1, batch.Columns.Length - 1)), rows);
            else
                FillAscending(rows, count);
            foreach (NearestScan target in targets)
                target.Measure(unit, first, (BinaryColumn)batch.Columns[0], rows.AsSpan(0, count));
            first += batch.RowCount;
        }
        ArrayPool<int>.Shared.Return(rows);
    }

    private void Measure(int unit, int first, BinaryColumn vectors, ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            long number = Number(unit, first + row);
            if (search.Query is null || vectors.IsNull(row))
            {
                if (_nulls.Count < _nullsMax)
                    _nulls.Add(number);
            }
            else
            {
                double distance = search.Query.Between(vectors[row]);
                if (search.Within is not { HasFloor: true } bounds || !(distance <= bounds.Floor))
                    _nearest.Offer(distance, number);
            }
        }
    }

    private static void FillAscending(int[] rows, int count)
    {
        for (int i = 0; i < count; i++)
            rows[i] = i;
    }
}
