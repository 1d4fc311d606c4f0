using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Collects single rows from wherever they lie.</summary>
internal static class RowGatherer
{
    /// <summary>Rows by id with all live columns, committed or the transaction's own, in the order given.</summary>
    public static ColumnBatch Fetch(TableStore store, TableEntry table, TableWrites? writes, ReadOnlySpan<RowId> rows)
    {
        RowPlace[] places = new RowPlace[rows.Length];
        lock (store.Sync)
        {
            for (int i = 0; i < places.Length; i++)
            {
                bool isFound = (writes is not null && writes.TryFind(rows[i].Value, out places[i], out _))
                    || store.TryFind(rows[i].Value, out places[i]);
                Invariant.Holds(isFound);
            }
        }
        List<short> columns = [];
        foreach (ColumnEntry column in table.StoredColumns)
            columns.Add(column.Number);
        return Gather(table, places, columns.ToArray(), withRowId: false);
    }

    public static ColumnBatch Gather(TableEntry table, ReadOnlySpan<RowPlace> places, ReadOnlySpan<short> columns,
        bool withRowId)
    {
        var gathered = new Column[columns.Length + (withRowId ? 1 : 0)];
        if (places.IsEmpty)
        {
            for (int i = 0; i < columns.Length; i++)
                gathered[i] = Column.Nulls(BuiltinTypes.PhysicalOf(table.Column(columns[i]).Type.Oid), 0);
            if (withRowId)
                gathered[^1] = Column.Nulls(PhysicalType.Int64, 0);
            return new ColumnBatch(gathered, 0);
        }
        int[] positions = new int[places.Length];
        bool isOneSource = true;
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = places[i].Position;
            isOneSource &= places[i].Source == places[0].Source;
        }
        for (int i = 0; i < gathered.Length; i++)
        {
            short number = i < columns.Length ? columns[i] : SegmentReader.RowIdColumn;
            gathered[i] = isOneSource
                ? Take(table, places[0].Source, positions, number)
                : TakeFromMany(table, places, number);
        }
        return new ColumnBatch(gathered, places.Length);
    }

    private static Column TakeFromMany(TableEntry table, ReadOnlySpan<RowPlace> places, short number)
    {
        PhysicalType type = number == SegmentReader.RowIdColumn
            ? PhysicalType.Int64
            : BuiltinTypes.PhysicalOf(table.Column(number).Type.Oid);
        ColumnBuilder builder = ColumnBuilder.Create(type, places.Length);
        int[] positions = new int[places.Length];
        for (int start = 0; start < places.Length;)
        {
            int count = 0;
            while (start + count < places.Length && places[start + count].Source == places[start].Source)
            {
                positions[count] = places[start + count].Position;
                count++;
            }
            builder.AppendAll(Take(table, places[start].Source, positions.AsSpan(0, count), number));
            start += count;
        }
        return builder.Build();
    }

    private static Column Take(TableEntry table, DeltaChunkOrSegment source, ReadOnlySpan<int> positions, short number)
    {
        if (source.Segment is { } segment)
        {
            return number == SegmentReader.RowIdColumn || segment.Reader.HasColumn(number)
                ? segment.Reader.Gather(positions, number)
                : ValueText.Missing(table.Column(number), positions.Length);
        }
        Delta.DeltaChunk chunk = source.Chunk!;
        if (number == SegmentReader.RowIdColumn)
        {
            long[] rowIds = new long[positions.Length];
            for (int i = 0; i < rowIds.Length; i++)
                rowIds[i] = chunk.RowId(positions[i]);
            return new FixedColumn<long>(rowIds);
        }
        int ordinal = chunk.Schema.OrdinalOf(number);
        if (ordinal < 0)
            return ValueText.Missing(table.Column(number), positions.Length);
        int last = 0;
        foreach (int position in positions)
            last = Math.Max(last, position);
        return chunk.Column(ordinal).ReadAtLeast(last + 1).Take(positions);
    }
}
