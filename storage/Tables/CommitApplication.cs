using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Takes a transaction's writes into the tables; visible once its timestamp is published.</summary>
internal static class CommitApplication
{
    /// <summary>
    /// From this many rows on, a transaction's chunk is taken over whole rather than copied to the delta's open chunk.
    /// </summary>
    private const int RowsToAdopt = 1024;

    public static void Apply(StorageState state, Transaction transaction, long timestamp)
    {
        long oldest = state.Snapshots.Oldest();
        foreach (TableWrites writes in transaction.Writes)
        {
            if (!writes.HasWrites)
                continue;
            lock (writes.Store.Sync)
            {
                if (writes.HidesCommitted)
                    writes.Store.Truncate(timestamp);
                AddRows(writes, timestamp);
                foreach (long rowId in writes.DeletedBefore(int.MaxValue))
                    writes.Store.Delete(rowId, timestamp);
                writes.Store.PruneKeys(oldest);
                writes.Store.NoteWrite();
                writes.Owner.End();
            }
        }
        Note(state, transaction.CatalogChanges, timestamp);
    }

    /// <summary>Does again what a record of the log says was done; the catalog has its changes already.</summary>
    public static void Apply(
        StorageState state, TransactionRecord record, long timestamp, Func<SegmentInfo, SegmentSlot> open)
    {
        long oldest = state.Snapshots.Oldest();
        state.RaiseNextOid(record.NextOid);
        foreach (TableRecord table in record.Tables)
        {
            TableStore store = state.Store(table.Table);
            SegmentSlot[] segments = [.. table.Segments.Select(segment => open(segment with { MinCommit = timestamp, MaxCommit = timestamp }))];
            lock (store.Sync)
            {
                if (table.Truncates)
                    store.Truncate(timestamp);
                foreach (SegmentSlot segment in segments)
                    store.AddSegment(segment);
                foreach (DeltaChunk chunk in table.Batches)
                {
                    AddChunk(store, chunk, timestamp);
                    foreach (UniqueIndex index in store.Indexes.Values)
                        index.AddAll(chunk);
                }
                foreach (long rowId in table.Deletions)
                    store.Delete(rowId, timestamp);
                store.PruneKeys(oldest);
            }
            store.RaiseNextRowId(table.NextRowId);
            store.NoteWrite();
        }
        Note(state, record.Changes, timestamp);
    }

    private static void Note(StorageState state, IReadOnlyList<CatalogChange> changes, long timestamp)
    {
        foreach (CatalogChange change in changes)
        {
            if (change is DropObject drop)
                state.Drop(drop.Oid);
            else if (change is PutObject { Object: ShardGroupEntry group })
                state.NoteDivided(group.Oid, timestamp);
        }
    }

    private static void AddRows(TableWrites writes, long timestamp)
    {
        foreach (OwnRows part in writes.Parts)
        {
            if (part.Chunk is not { } chunk)
            {
                SegmentSlot segment = part.Segment!;
                if (writes.IsTruncated(part))
                {
                    writes.Transaction.DropSegment(segment);
                    continue;
                }
                segment.Info = segment.Info with { MinCommit = timestamp, MaxCommit = timestamp };
                writes.Store.AddSegment(segment);
                continue;
            }
            int dead = CountDead(writes, part, chunk);
            if (dead == 0 && chunk.Count > 0)
                AddChunk(writes.Store, chunk, timestamp);
            else if (dead < chunk.Count)
                AddLive(writes, chunk, timestamp);
        }
    }

    private static void AddChunk(TableStore store, DeltaChunk chunk, long timestamp)
    {
        if (chunk.Count >= RowsToAdopt)
            store.Adopt(chunk, timestamp);
        else
            store.AddRows(chunk, 0, chunk.Count, timestamp);
    }

    private static int CountDead(TableWrites writes, OwnRows part, DeltaChunk chunk)
    {
        if (writes.IsTruncated(part))
            return chunk.Count;
        if (!writes.HasDeletions)
            return 0;
        int dead = 0;
        foreach (long rowId in chunk.RowIds(chunk.Count))
            dead += writes.IsDeleted(rowId) ? 1 : 0;
        return dead;
    }

    private static void AddLive(TableWrites writes, DeltaChunk chunk, long timestamp)
    {
        int count = chunk.Count;
        for (int start = 0; start < count;)
        {
            int end = start;
            while (end < count && !writes.IsDeleted(chunk.RowId(end)))
                end++;
            if (end > start)
                writes.Store.AddRows(chunk, start, end - start, timestamp);
            start = end + 1;
        }
    }
}
