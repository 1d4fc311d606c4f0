using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Delta;

namespace VecSQL.Storage.Tables;

/// <summary>Takes a transaction's writes into the tables; visible once its timestamp is published.</summary>
internal static class CommitApplication
{
    /// <summary>From this many rows on, a transaction's chunk is taken over whole rather than copied to the delta's open chunk.</summary>
    private const int RowsToAdopt = 1024;

    public static void Apply(StorageState state, Transaction transaction, long timestamp)
    {
        if (transaction.CatalogChanges.Count > 0)
            state.SetCatalog(state.Catalog.Apply(transaction.CatalogChanges).WithVersion(state.NextCatalogVersion()));
        foreach (TableWrites writes in transaction.Writes)
        {
            if (!writes.HasWrites)
                continue;
            lock (writes.Store.Sync)
            {
                if (writes.HidesCommitted)
                    writes.Store.Clear();
                AddRows(writes, timestamp);
                foreach (long rowId in writes.DeletedBefore(int.MaxValue))
                    writes.Store.Delete(rowId, timestamp);
                writes.Owner.End();
            }
        }
        foreach (CatalogChange change in transaction.CatalogChanges)
        {
            if (change is DropObject drop)
                state.Forget(new TableId(drop.Oid));
        }
    }

    private static void AddRows(TableWrites writes, long timestamp)
    {
        for (int i = 0; i < writes.Parts.Count; i++)
        {
            OwnRows part = writes.Parts[i];
            if (part.Chunk is not { } chunk)
            {
                writes.Store.AddSegment(part.Segment!);
                continue;
            }
            int dead = CountDead(writes, chunk, i);
            if (dead == 0 && chunk.Count >= RowsToAdopt)
                writes.Store.Adopt(chunk, timestamp);
            else if (dead < chunk.Count)
                AddLive(writes, chunk, timestamp);
        }
    }

    private static int CountDead(TableWrites writes, DeltaChunk chunk, int part)
    {
        if (part < writes.FirstLivePart)
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
