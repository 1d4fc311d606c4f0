using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>Makes a unique index over rows that are there already.</summary>
/// <remarks>The engine has locked the table against writers, so what is seen here stays.</remarks>
internal static class IndexBuilder
{
    /// <summary>Makes those unique indexes that the table did not have before.</summary>
    /// <exception cref="Core.Errors.SqlException">23505: two rows have the same key.</exception>
    public static void BuildNew(TableStore store, TableEntry before, TableEntry after, TableWrites? writes,
        string? schema)
    {
        foreach (IndexEntry entry in after.Indexes)
        {
            if (!entry.IsUnique || before.Indexes.Any(old => old.Oid == entry.Oid && old.IsUnique))
                continue;
            Verify(store, after, entry, writes, schema);
            lock (store.Sync)
            {
                UniqueIndex index = store.IndexFor(entry, after);
                if (writes is not null)
                    AddOwn(index, writes);
            }
        }
    }

    /// <summary>Forgets indexes whose making was rolled back, and tables that now never were.</summary>
    public static void Undo(StorageState state, IReadOnlyList<CatalogChange> undone, CatalogSnapshot catalog)
    {
        foreach (CatalogChange change in undone)
        {
            if (change is not PutObject { Object: TableEntry table })
                continue;
            if (!catalog.TryFindTable(table.Id, out TableEntry? kept))
            {
                state.Forget(table.Id);
                continue;
            }
            TableStore store = state.Store(table.Id);
            lock (store.Sync)
            {
                foreach (IndexEntry index in table.Indexes)
                {
                    if (kept.Indexes.Any(old => old.Oid == index.Oid))
                        continue;
                    store.Indexes.Remove(index.Oid);
                    if (SegmentIndexDefinition.Of(table, index) is { } definition)
                        state.Indexer.Drop(store, definition);
                }
            }
        }
    }

    /// <summary>Enters the keys of a transaction's own rows; under the table's lock.</summary>
    public static void AddOwn(UniqueIndex index, TableWrites writes)
    {
        foreach ((ColumnBatch rows, long[] rowIds) in OwnLiveRows(index, writes))
        {
            KeyBatch keys = index.KeysOf(rows.Columns, rows.RowCount);
            for (int row = 0; row < rows.RowCount; row++)
            {
                if (!keys.IsSkipped(row))
                    index.Map.Add(keys.Hashes[row], rowIds[row], writes.Owner);
            }
        }
    }

    private static IEnumerable<(ColumnBatch Keys, long[] RowIds)> OwnLiveRows(UniqueIndex index, TableWrites writes)
    {
        short[] columns = [.. index.Columns];
        foreach (OwnRows part in writes.Parts)
        {
            if (writes.IsTruncated(part))
                continue;
            if (part.Chunk is not { } chunk)
            {
                for (int batch = 0; batch < part.Segment!.Reader.BatchCount; batch++)
                {
                    ColumnBatch rows = part.Segment.Reader.ReadBatch(batch, [.. columns,
                        Segments.SegmentReader.RowIdColumn]);
                    yield return (new ColumnBatch(rows.Columns[..^1], rows.RowCount),
                        ((FixedColumn<long>)rows.Columns[^1]).Values.ToArray());
                }
                continue;
            }
            if (!index.HasColumns(chunk.Schema))
                continue;
            int count = chunk.Count;
            var keys = new Column[columns.Length];
            for (int k = 0; k < keys.Length; k++)
                keys[k] = chunk.Column(chunk.Schema.OrdinalOf(columns[k])).Read(count);
            yield return (new ColumnBatch(keys, count), chunk.RowIds(count).ToArray());
        }
    }

    /// <summary>Looks for two live rows with one key, by hash first and value then.</summary>
    private static void Verify(TableStore store, TableEntry table, IndexEntry entry, TableWrites? writes,
        string? schema)
    {
        UniqueIndex index = UniqueIndex.Make(entry, table);
        SnapshotView view = new(store, table, new Snapshot(long.MaxValue), writes);
        Dictionary<ulong, List<(KeyBatch Keys, int Row)>> seen = [];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open(index.Columns, withRowId: false, []);
            while (reader.Next() is { } rows)
            {
                KeyBatch keys = index.KeysOf(rows.Columns, rows.RowCount);
                for (int row = 0; row < rows.RowCount; row++)
                {
                    if (keys.IsSkipped(row))
                        continue;
                    if (!seen.TryGetValue(keys.Hashes[row], out List<(KeyBatch Keys, int Row)>? same))
                        seen.Add(keys.Hashes[row], same = new(1));
                    foreach ((KeyBatch otherKeys, int otherRow) in same)
                    {
                        if (AreEqual(index, otherKeys, otherRow, keys, row))
                            throw UniqueViolation.OnCreate(schema, table, entry, keys, row);
                    }
                    same.Add((keys, row));
                }
            }
        }
    }

    private static bool AreEqual(UniqueIndex index, KeyBatch left, int leftRow, KeyBatch right, int rightRow)
    {
        for (int i = 0; i < left.Columns.Length; i++)
        {
            if (!KeyEquality.Equal(index.Types[i], left.Columns[i], leftRow, right.Columns[i], rightRow))
                return false;
        }
        return true;
    }
}
