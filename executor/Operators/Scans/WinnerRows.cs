using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Reads the columns of rows that a search has found, and orders those that are equally far.</summary>
/// <param name="isByPosition">Whether the places of a unit's rows are positions, or counts of the rows read before them.</param>
internal sealed class WinnerRows(IReadOnlyList<ScanUnit> units, Predicate<int> isByPosition, IReadOnlyList<ZoneBound> bounds)
{
    /// <summary>Puts rows of equal distance in the order of the columns, then of their row ids.</summary>
    /// <param name="winners">By distance.</param>
    internal void OrderTies(Span<Winner> winners, ScanColumns columns, OrderedKeyEncoder? encoder)
    {
        for (int start = 0; start < winners.Length;)
        {
            int end = start + 1;
            while (end < winners.Length && winners[end].HasDistanceOf(winners[start]))
                end++;
            if (end - start > 1)
                OrderByKey(winners[start..end], columns, encoder);
            start = end;
        }
    }

    private void OrderByKey(Span<Winner> ties, ScanColumns columns, OrderedKeyEncoder? encoder)
    {
        ColumnBatch rows = Materialise(ties, columns.Stored.Span);
        var ids = new long[ties.Length];
        ((FixedColumn<long>)rows.Columns[^1].Expand()).Values.CopyTo(ids);
        if (encoder is null || ties[0].IsNull)
        {
            ids.AsSpan().Sort(ties);
            return;
        }
        KeyBuffer keys = new();
        encoder.Append(columns.Complete(rows).Columns.AsSpan()[..^1], ties.Length, keys);
        int[] order = new int[ties.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        order.AsSpan().Sort((x, y) => keys[x].SequenceCompareTo(keys[y]) is not 0 and var found ? found : ids[x].CompareTo(ids[y]));
        Winner[] sorted = new Winner[order.Length];
        for (int i = 0; i < order.Length; i++)
            sorted[i] = ties[order[i]];
        sorted.CopyTo(ties);
    }

    /// <summary>The winners' columns and row ids, in the winners' order.</summary>
    internal ColumnBatch Materialise(ReadOnlySpan<Winner> winners, ReadOnlySpan<short> columns)
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
        ScanUnit unit = units[unitNumber];
        if (isByPosition(unitNumber))
            return unit.Gather(places, columns, withRowId: true);
        // Read by batches: read again the same way, and pick the rows by their count.
        using UnitReader reader = unit.Open(columns, withRowId: true, bounds);
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
}
