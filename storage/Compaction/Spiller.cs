using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>Writes a large transaction's rows straight to segments, so that the log need not carry them.</summary>
internal static class Spiller
{
    /// <summary>Writes all of the transaction's rows of a table that are in memory.</summary>
    public static void Spill(SegmentFiles files, TableWrites writes, TableEntry table)
    {
        for (int first = 0; first < writes.Parts.Count; first++)
        {
            if (writes.Parts[first].Chunk is not { } chunk || chunk.Count == 0
                || writes.IsTruncated(writes.Parts[first]))
                continue;
            int count = 1;
            while (first + count < writes.Parts.Count
                && writes.Parts[first + count].Chunk is { Count: > 0 } next && next.Schema.Matches(chunk.Schema))
            {
                count++;
            }
            writes.Spill(first, count, Write(files, writes, first, count, SchemaOf(chunk.Schema, table)));
        }
    }

    private static SegmentSlot Write(SegmentFiles files, TableWrites writes, int first, int count, SegmentSchema schema)
    {
        using SegmentWriter writer = files.Begin(schema);
        for (int i = first; i < first + count; i++)
        {
            DeltaChunk chunk = writes.Parts[i].Chunk!;
            ColumnBatch rows = chunk.Read(chunk.Count);
            ReadOnlySpan<long> rowIds = chunk.RowIds(chunk.Count);
            for (int start = 0; start < rowIds.Length; start += ColumnBatch.RowsMax)
            {
                int length = Math.Min(ColumnBatch.RowsMax, rowIds.Length - start);
                writer.Append(rowIds.Slice(start, length), [], rows.Slice(start, length));
            }
        }
        return files.Open(writer.Finish());
    }

    /// <summary>The rows' own columns, which may be fewer than the table has by now.</summary>
    private static SegmentSchema SchemaOf(ChunkSchema chunk, TableEntry table)
    {
        ImmutableArray<SegmentColumn>.Builder columns = ImmutableArray.CreateBuilder<SegmentColumn>();
        foreach (ChunkColumn column in chunk.Columns)
            columns.Add(new SegmentColumn(column.Number, table.Column(column.Number).Name, column.Type,
                column.Physical));
        ImmutableArray<SegmentKey>.Builder keys = ImmutableArray.CreateBuilder<SegmentKey>();
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.IsUnique && index.Columns.All(number => chunk.OrdinalOf(number) >= 0))
                keys.Add(new SegmentKey(index.Oid, index.Columns, index.NullsNotDistinct));
        }
        return new SegmentSchema(table.Oid, columns.ToImmutable(), keys.ToImmutable());
    }
}
