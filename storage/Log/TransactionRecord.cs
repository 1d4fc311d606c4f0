using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>
/// What a transaction did, as the log holds it: enough to do it again, whatever else has moved meanwhile.
/// </summary>
/// <remarks>
/// Layout, after the record's header:
/// <code>
/// next oid; count of catalog changes, each as bytes
/// count of tables, each: oid; flags (1: truncated first); next row id
///   count of segments, each: id, row count, first row id, last row id, bytes of its two files
///   count of batches, each as <see cref="BatchCodec"/>
///   count of deleted rows; the first row id, then distances, ascending
/// </code>
/// Deletions come after insertions: they may name rows of the record's own segments.
/// </remarks>
internal sealed record TransactionRecord(uint NextOid, IReadOnlyList<CatalogChange> Changes,
    IReadOnlyList<TableRecord> Tables)
{
    /// <summary>Writes a transaction's record; null where it has nothing that must outlive the process.</summary>
    public static PayloadWriter? Encode(Transaction transaction, uint nextOid)
    {
        List<CatalogChange> changes = LastingChanges(transaction);
        List<TableWrites> tables = LastingWrites(transaction);
        if (changes.Count == 0 && tables.Count == 0)
            return null;
        PayloadWriter target = new(CapacityFor(tables));
        Write(target, changes, tables, nextOid);
        return target;
    }

    /// <summary>A writer with room for the transaction's record.</summary>
    public static PayloadWriter WriterFor(Transaction transaction) => new(CapacityFor(transaction.Writes));

    public static void Write(PayloadWriter target, Transaction transaction, uint nextOid) =>
        Write(target, LastingChanges(transaction), LastingWrites(transaction), nextOid);

    private static void Write(PayloadWriter target, List<CatalogChange> changes, List<TableWrites> tables, uint nextOid)
    {
        target.WriteVarint((ulong)nextOid);
        target.WriteVarint(changes.Count);
        foreach (CatalogChange change in changes)
            target.WriteBytes(CatalogCodec.Encode(change));
        target.WriteVarint(tables.Count);
        foreach (TableWrites writes in tables)
            WriteTable(target, writes);
    }

    private static List<CatalogChange> LastingChanges(Transaction transaction)
    {
        List<CatalogChange> changes = [];
        foreach (CatalogChange change in transaction.CatalogChanges)
        {
            if (change is not PutObject { Object: TableEntry { IsTemporary: true } })
                changes.Add(change);
        }
        return changes;
    }

    private static List<TableWrites> LastingWrites(Transaction transaction)
    {
        List<TableWrites> tables = [];
        foreach (TableWrites writes in transaction.Writes)
        {
            bool isKept = DecisionTable.TryFindTable(transaction.Catalog, writes.Store.Id, out TableEntry? table)
                && !table.IsTemporary;
            if (isKept && writes.HasWrites)
                tables.Add(writes);
        }
        return tables;
    }

    /// <summary>Room for large records at once, since growing would copy them; little for the small ones.</summary>
    private static int CapacityFor(IEnumerable<TableWrites> tables)
    {
        long bytes = 0;
        foreach (TableWrites writes in tables)
            bytes += writes.BufferedBytes;
        return bytes < 1 << 16 ? 256 : (int)Math.Min(bytes, LogFormat.PayloadBytesMax);
    }

    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static TransactionRecord Decode(ReadOnlySpan<byte> payload)
    {
        PayloadReader source = new(payload);
        uint nextOid = source.ReadOid();
        var changes = new CatalogChange[source.ReadCount(1)];
        for (int i = 0; i < changes.Length; i++)
            changes[i] = CatalogCodec.Decode(source.ReadBytes());
        var tables = new TableRecord[source.ReadCount(6)];
        for (int i = 0; i < tables.Length; i++)
            tables[i] = ReadTable(ref source);
        return source.IsAtEnd
            ? new TransactionRecord(nextOid, changes, tables)
            : throw new InvalidDataException($"{source.Remaining} bytes too many");
    }

    private static void WriteTable(PayloadWriter target, TableWrites writes)
    {
        target.WriteVarint((ulong)writes.Store.Id.Oid);
        target.WriteByte(writes.HidesCommitted ? (byte)1 : (byte)0);
        target.WriteVarint(writes.Store.NextRowId);
        List<SegmentInfo> segments = [];
        List<DeltaChunk> chunks = [];
        foreach (OwnRows part in writes.Parts)
        {
            if (writes.IsTruncated(part))
                continue;
            if (part.Segment is { } segment)
                segments.Add(segment.Info);
            else if (LiveRows(writes, part.Chunk!) is { } live)
                chunks.Add(live);
        }
        target.WriteVarint(segments.Count);
        foreach (SegmentInfo segment in segments)
            WriteSegment(target, segment);
        target.WriteVarint(chunks.Count);
        foreach (DeltaChunk chunk in chunks)
            BatchCodec.Write(target, chunk.Schema, chunk.Read(chunk.Count), chunk.RowIds(chunk.Count));

        long[] deletions = writes.DeletionsToLog();
        target.WriteVarint(deletions.Length);
        long before = 0;
        foreach (long rowId in deletions)
        {
            target.WriteVarint(rowId - before);
            before = rowId;
        }
    }

    /// <summary>The chunk without rows that the transaction itself deleted; null where none is left.</summary>
    private static DeltaChunk? LiveRows(TableWrites writes, DeltaChunk chunk)
    {
        int count = chunk.Count;
        if (!writes.HasDeletions)
            return count == 0 ? null : chunk;
        DeltaChunk live = new(chunk.Schema, sharesInsert: true);
        for (int start = 0; start < count;)
        {
            int end = start;
            while (end < count && !writes.IsDeleted(chunk.RowId(end)))
                end++;
            if (end > start)
                live.Append(chunk, start, end - start, 0);
            start = end + 1;
        }
        return live.Count == 0 ? null : live;
    }

    private static void WriteSegment(PayloadWriter target, SegmentInfo segment)
    {
        target.WriteVarint(segment.Id.Value);
        target.WriteVarint(segment.RowCount);
        target.WriteVarint(segment.MinRowId);
        target.WriteVarint(segment.MaxRowId);
        target.WriteVarint(segment.ArrowBytes);
        target.WriteVarint(segment.SidecarBytes);
    }

    private static TableRecord ReadTable(ref PayloadReader source)
    {
        uint oid = source.ReadOid();
        byte flags = source.ReadByte();
        if (flags > 1)
            throw new InvalidDataException($"table flags {flags}");
        long nextRowId = source.ReadInt64();
        var segments = new SegmentInfo[source.ReadCount(6)];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = new SegmentInfo(new SegmentId(source.ReadInt64()), oid, source.ReadInt32(),
                source.ReadInt64(),
                source.ReadInt64(), 0, 0, source.ReadInt64(), source.ReadInt64());
        }
        var batches = new DeltaChunk[source.ReadCount(3)];
        for (int i = 0; i < batches.Length; i++)
        {
            (ChunkSchema schema, ColumnBatch rows, long[] rowIds) = BatchCodec.Read(ref source);
            batches[i] = new DeltaChunk(schema, sharesInsert: true);
            batches[i].Append(rows, 0, rowIds, 0);
        }
        long[] deletions = new long[source.ReadCount(1)];
        long before = 0;
        for (int i = 0; i < deletions.Length; i++)
        {
            long distance = source.ReadInt64();
            if (distance > long.MaxValue - before)
                throw new InvalidDataException("a row id is too large");
            deletions[i] = before += distance;
        }
        return new TableRecord(new TableId(oid), flags == 1, nextRowId, segments, batches, deletions);
    }
}

/// <summary>What a transaction did to one table.</summary>
internal sealed record TableRecord(
    TableId Table, bool Truncates, long NextRowId, SegmentInfo[] Segments, DeltaChunk[] Batches, long[] Deletions);

/// <summary>Positions of sequences, as the log and the manifest hold them.</summary>
/// <remarks>Layout: a count, then of each: oid, last value (signed), whether it is used, stamp.</remarks>
internal static class SequenceRecord
{
    public static void Write(PayloadWriter target, ReadOnlySpan<SequenceMark> positions)
    {
        target.WriteVarint(positions.Length);
        foreach (SequenceMark position in positions)
        {
            target.WriteVarint((ulong)position.Sequence);
            target.WriteSigned(position.LastValue);
            target.WriteByte(position.IsCalled ? (byte)1 : (byte)0);
            target.WriteVarint(position.Stamp);
        }
    }

    public static SequenceMark[] Read(ref PayloadReader source)
    {
        var positions = new SequenceMark[source.ReadCount(4)];
        for (int i = 0; i < positions.Length; i++)
        {
            uint oid = source.ReadOid();
            long value = source.ReadSigned();
            byte isCalled = source.ReadByte();
            if (isCalled > 1)
                throw new InvalidDataException($"sequence flags {isCalled}");
            positions[i] = new SequenceMark(oid, value, isCalled == 1, source.ReadInt64());
        }
        return positions;
    }
}
