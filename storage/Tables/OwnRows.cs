using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Rows of one transaction that lie together: in memory, or in a segment when there are many.</summary>
internal sealed class OwnRows(int firstOrdinal, long minRowId)
{
    public int FirstOrdinal { get; } = firstOrdinal;

    public long MinRowId { get; } = minRowId;

    public long MaxRowId { get; set; } = minRowId;

    public DeltaChunk? Chunk { get; init; }

    public SegmentSlot? Segment { get; init; }

    public int Count => Chunk?.Count ?? Segment!.Info.RowCount;

    public RowPlace Place(int position) =>
        Chunk is { } chunk ? new RowPlace(chunk, position) : new RowPlace(Segment!, position);

    public int PositionOf(long rowId) =>
        Chunk is { } chunk ? chunk.PositionOf(rowId, chunk.Count) : Segment!.Reader.PositionOf(rowId);

    public long RowId(int position)
    {
        if (Chunk is { } chunk)
            return chunk.RowId(position);
        ReadOnlySpan<int> positions = [position];
        return ((FixedColumn<long>)Segment!.Reader.Gather(positions, SegmentReader.RowIdColumn))[0];
    }

    /// <summary>Removes the rows' entries from an index; under the table's lock.</summary>
    public void RemoveKeys(UniqueIndex index, int start, int count)
    {
        if (Chunk is { } chunk)
        {
            index.RemoveAll(chunk, start, count);
            return;
        }
        SegmentReader reader = Segment!.Reader;
        foreach (short column in index.Columns)
        {
            if (!reader.HasColumn(column))
                return;
        }
        for (int batch = 0; batch < reader.BatchCount; batch++)
        {
            int first = Math.Max(reader.BatchStart(batch), start);
            int end = Math.Min(reader.BatchStart(batch + 1), start + count);
            if (first >= end)
                continue;
            ColumnBatch rows = reader.ReadBatch(batch, [.. index.Columns, SegmentReader.RowIdColumn])
                .Slice(first - reader.BatchStart(batch), end - first);
            index.Remove(rows);
        }
    }
}
