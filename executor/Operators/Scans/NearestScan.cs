using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What all workers of one nearest-vector search share.</summary>
/// <param name="Query">Null for a null query: every distance is null then.</param>
/// <param name="Wanted">How many rows to find.</param>
/// <param name="BitCount">Length of the column's bit strings, where it is fixed; 0 otherwise.</param>
internal sealed record NearestSearch(
    IReadOnlyList<ScanUnit> Units, short VectorColumn, VectorQuery? Query, int Wanted, int BitCount,
    IReadOnlyList<ZoneBound> Bounds, ScanColumns FilterColumns, VectorExpression? Filter, EvaluationContext Evaluation)
{
    private readonly bool[] _isMapped = new bool[Units.Count];
    private int _nextUnit = -1;

    /// <summary>Whether the unit's vectors were scanned in place, so that places in it are positions.</summary>
    internal bool IsMapped(int unit) => _isMapped[unit];

    internal void SetMapped(int unit) => _isMapped[unit] = true;

    internal int TakeUnit() => Interlocked.Increment(ref _nextUnit);
}

/// <summary>One worker of a nearest-vector search: filters, measures, and keeps the nearest rows it meets.</summary>
/// <remarks>
/// A row's number is its unit's number in the high half and its place in the unit in the low half: the position where the vectors are
/// scanned in place, the count of rows read before it where they are read by batches.
/// </remarks>
internal sealed class NearestScan(NearestSearch search)
{
    private const int ChunkRows = 2048;

    private readonly TopK _nearest = new(search.Wanted);
    private CodeQuery? _coded = search.Query?.Coded;
    private readonly List<long> _nulls = []; // rows without a vector, ascending

    /// <summary>Nearest first.</summary>
    internal TopK Nearest => _nearest;

    internal List<long> Nulls => _nulls;

    internal void Run(CancellationToken cancellation)
    {
        double[] distances = ArrayPool<double>.Shared.Rent(ChunkRows);
        try
        {
            for (int unit = search.TakeUnit(); unit < search.Units.Count; unit = search.TakeUnit())
            {
                cancellation.ThrowIfCancellationRequested();
                IReadOnlyList<VectorRun>? runs = search.Query is null
                    ? null
                    : search.Units[unit].MapVectors(search.VectorColumn, search.Bounds);
                if (runs is null)
                {
                    ReadUnit(unit, cancellation);
                    continue;
                }
                search.SetMapped(unit);
                for (int i = 0; i < runs.Count; i++)
                    ScanRun(unit, runs[i], distances, cancellation);
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(distances);
        }
    }

    internal void Merge(NearestScan other)
    {
        _nearest.Merge(other._nearest);
        _nulls.AddRange(other._nulls);
    }

    private void ScanRun(int unit, VectorRun run, double[] distances, CancellationToken cancellation)
    {
        VectorQuery query = search.Query ?? throw new InvalidOperationException("a null query scans nothing");
        Span<ulong> live = stackalloc ulong[ChunkRows / 64], missing = stackalloc ulong[ChunkRows / 64];
        bool isChecked = false, isAsked = false;
        VectorCodes? codes = null;
        for (int start = 0; start < run.RowCount; start += ChunkRows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ChunkRows, run.RowCount - start), words = Bitmap.WordCount(count);
            bool isAll = run.Visible.IsAbsent && search.Filter is null && run.NullVector.IsAbsent;
            if (!isAll)
            {
                CopyBits(run.Visible, start, count, live, ifAbsent: true);
                CopyBits(run.NullVector, start, count, missing, ifAbsent: false);
                if (run.Visible.IsAbsent)
                    AndNot(live[..words], missing[..words]);
                if (search.Filter is not null)
                    Filter(search.Units[unit], run.FirstPosition + start, live[..words], missing[..words]);
                KeepNulls(unit, run.FirstPosition + start, missing[..words]);
                if (live[..words].IndexOfAnyExcept(0UL) < 0)
                    continue;
            }
            if (!isChecked)
            {
                query.CheckStride(run.StrideBytes);
                if (search.BitCount > 0)
                    query.CheckBitCount(search.BitCount);
                isChecked = true; // only rows that are measured can be of the wrong length
            }
            if (_coded is { } coded && _nearest.Threshold < double.PositiveInfinity)
            {
                if (!isAsked)
                    codes = run.Codes.Of(run);
                isAsked = true;
                if (codes is not null)
                {
                    if (isAll)
                        CopyBits(default, start, count, live, ifAbsent: true);
                    isAll = false;
                    RuleOut(coded, codes, start, count, live[..words]);
                }
            }
            ReadOnlySpan<ulong> wanted = isAll ? default : live[..words];
            Span<double> measured = distances.AsSpan(0, count);
            query.Scan(run.Data.Bytes.Slice(start * run.StrideBytes, count * run.StrideBytes), run.StrideBytes, count,
                measured, wanted);
            _nearest.OfferRun(measured, Number(unit, run.FirstPosition + start), wanted);
        }
    }

    // Reads a quarter of the bytes to find the few rows that are worth an exact distance.
    private void RuleOut(CodeQuery coded, VectorCodes codes, int start, int count, Span<ulong> live)
    {
        int before = CountBits(live);
        coded.RuleOut(codes, start, count, _nearest.Threshold, live);
        if (CountBits(live) > before / 2)
            _coded = null; // the rows are alike beyond what eight bits tell apart: measure them all at once
    }

    private static int CountBits(ReadOnlySpan<ulong> words)
    {
        int count = 0;
        foreach (ulong word in words)
            count += System.Numerics.BitOperations.PopCount(word);
        return count;
    }

    private static long Number(int unit, int place) => ((long)unit << 32) | (uint)place;

    private static void CopyBits(Bitmap source, int start, int count, Span<ulong> target, bool ifAbsent)
    {
        int words = Bitmap.WordCount(count);
        if (source.IsAbsent)
            target[..words].Fill(ifAbsent ? ulong.MaxValue : 0);
        else
            source.Words.Slice(start >> 6, words).CopyTo(target);
        if ((count & 63) != 0)
            target[words - 1] &= (1UL << (count & 63)) - 1;
    }

    private static void AndNot(Span<ulong> target, ReadOnlySpan<ulong> removed)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] &= ~removed[i];
    }

    // Clears the bits of rows that the filter drops.
    private void Filter(ScanUnit unit, int firstPosition, Span<ulong> live, Span<ulong> missing)
    {
        int[] rented = ArrayPool<int>.Shared.Rent(2 * ChunkRows);
        Span<int> positions = rented.AsSpan(0, ChunkRows), kept = rented.AsSpan(ChunkRows, ChunkRows);
        int count = 0;
        for (int i = 0; i < live.Length; i++)
        {
            for (ulong word = live[i] | missing[i]; word != 0; word &= word - 1)
                positions[count++] = firstPosition + (i << 6) + System.Numerics.BitOperations.TrailingZeroCount(word);
        }
        if (count > 0)
        {
            ColumnBatch rows = unit.Gather(positions[..count], search.FilterColumns.Stored.Span, withRowId: false);
            int keptCount = Test(rows, kept);
            Span<ulong> passed = stackalloc ulong[ChunkRows / 64];
            foreach (int row in kept[..keptCount])
                Bitmap.Set(passed, positions[row] - firstPosition);
            for (int i = 0; i < live.Length; i++)
            {
                live[i] &= passed[i];
                missing[i] &= passed[i];
            }
        }
        ArrayPool<int>.Shared.Return(rented);
    }

    private int Test(ColumnBatch rows, Span<int> kept)
    {
        VectorExpression filter = search.Filter ?? throw new InvalidOperationException("no filter");
        return RowSelection.WriteTrue(
            filter.Evaluate(search.FilterColumns.Complete(rows), search.Evaluation), kept);
    }

    private void KeepNulls(int unit, int firstPosition, ReadOnlySpan<ulong> missing)
    {
        for (int i = 0; i < missing.Length; i++)
        {
            for (ulong word = missing[i]; word != 0 && _nulls.Count < search.Wanted; word &= word - 1)
                _nulls.Add(Number(unit, firstPosition + (i << 6) + System.Numerics.BitOperations.TrailingZeroCount(word)));
        }
    }

    // Vectors that do not lie one after the other: read in batches and measured one by one.
    private void ReadUnit(int unit, CancellationToken cancellation)
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
                count = Test(BatchShapes.Columns(batch, 1, batch.Columns.Length - 1), rows);
            else
                FillAscending(rows, count);
            Measure(unit, first, (BinaryColumn)batch.Columns[0], rows.AsSpan(0, count));
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
                if (_nulls.Count < search.Wanted)
                    _nulls.Add(number);
            }
            else
            {
                _nearest.Offer(search.Query.Between(vectors[row]), number);
            }
        }
    }

    private static void FillAscending(int[] rows, int count)
    {
        for (int i = 0; i < count; i++)
            rows[i] = i;
    }
}
