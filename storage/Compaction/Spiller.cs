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
    /// <summary>Starts to write all of the transaction's rows of a table that are in memory.</summary>
    /// <param name="inBackground">Another thread writes; else they are written when this returns.</param>
    public static PendingSpill Start(SegmentFiles files, TableWrites writes, TableEntry table, bool inBackground)
    {
        OwnRows[][] runs = TakeRuns(writes);
        PendingSpill spill = new(runs, stop => Write(files, runs, table, stop), inBackground);
        spill.Start();
        return spill;
    }

    /// <summary>Parts in memory that lie together and have the same columns. They take no more rows from here on.</summary>
    private static OwnRows[][] TakeRuns(TableWrites writes)
    {
        List<OwnRows[]> runs = [];
        List<OwnRows> run = [];
        foreach (OwnRows part in writes.Parts)
        {
            bool isWanted = part.Chunk is { Count: > 0 } && !writes.IsTruncated(part);
            bool continues = isWanted && run.Count > 0 && run[0].Chunk is { } first && part.Chunk is { } chunk
                && first.Schema.Matches(chunk.Schema);
            if (!continues && run.Count > 0)
            {
                runs.Add([.. run]);
                run.Clear();
            }
            if (isWanted)
            {
                run.Add(part);
                part.Chunk?.IsSealed = true;
            }
        }
        if (run.Count > 0)
            runs.Add([.. run]);
        return [.. runs];
    }

    /// <summary>Writes a segment of each run, or leaves nothing behind.</summary>
    private static SegmentSlot[] Write(SegmentFiles files, OwnRows[][] runs, TableEntry table, CancellationToken stop)
    {
        var written = new SegmentSlot[runs.Length];
        int count = 0;
        try
        {
            for (; count < written.Length; count++)
                written[count] = Write(files, runs[count], table, stop);
            return written;
        }
        finally
        {
            for (int i = 0; count < written.Length && i < count; i++)
                files.Delete(written[i].Info.Id);
        }
    }

    private static SegmentSlot Write(SegmentFiles files, OwnRows[] run, TableEntry table, CancellationToken stop)
    {
        SegmentWriter? writer = null;
        try
        {
            foreach (OwnRows part in run)
            {
                if (part.Chunk is not { } chunk)
                    throw new InvalidOperationException("rows to spill are in no chunk");
                writer ??= files.Begin(SchemaOf(chunk.Schema, table));
                Write(writer, chunk, stop);
            }
            return writer is not null
                ? files.Open(writer.Finish()) : throw new InvalidOperationException("no rows to spill");
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static void Write(SegmentWriter writer, DeltaChunk chunk, CancellationToken stop)
    {
        ColumnBatch rows = chunk.Read(chunk.Count);
        ReadOnlySpan<long> rowIds = chunk.RowIds(chunk.Count);
        for (int start = 0; start < rowIds.Length; start += ColumnBatch.RowsMax)
        {
            stop.ThrowIfCancellationRequested();
            int length = Math.Min(ColumnBatch.RowsMax, rowIds.Length - start);
            writer.Append(rowIds.Slice(start, length), [], rows.Slice(start, length));
        }
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
