using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>A table's parts in several shards as one table.</summary>
/// <param name="shards">Where each part is.</param>
internal sealed class ShardedView(TableEntry table, ShardGroupEntry group, ShardId[] shards, TableView[] parts) : TableView
{
    private ScanUnit[]? _units;

    public override long RowCountEstimate
    {
        get
        {
            long rows = 0;
            foreach (TableView part in parts)
                rows += part.RowCountEstimate;
            return rows;
        }
    }

    public override IReadOnlyList<ScanUnit> Units => _units ??= [.. parts.SelectMany(static part => part.Units)];

    /// <remarks>A unique key contains the shard key: each is looked up where it would be.</remarks>
    public override LookupResult Lookup(uint indexOid, ColumnBatch keys, ReadOnlySpan<short> columns)
    {
        ShardId[] homes = new RowRouter(table, group).Route(table.Indexes.First(entry => entry.Oid == indexOid), keys);
        if (homes.Length == 1)
            return PartOf(homes[0]).Lookup(indexOid, keys, columns);
        var batches = new List<ColumnBatch>();
        var ordinals = new List<int>(keys.RowCount);
        foreach ((ShardId shard, int[] places) in BatchParts.ByShard(homes))
        {
            LookupResult found = PartOf(shard).Lookup(indexOid, BatchParts.Take(keys, places), columns);
            if (found.KeyOrdinals.Length == 0 && batches.Count > 0)
                continue;
            batches.Add(found.Rows);
            foreach (int ordinal in found.KeyOrdinals)
                ordinals.Add(places[ordinal]);
        }
        if (batches.Count == 0)
            return parts[0].Lookup(indexOid, keys, columns); // of no keys
        int[] sorted = [.. ordinals], order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        return new LookupResult(BatchParts.Together(batches).Take(order), sorted);
    }

    public override ColumnBatch Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns)
    {
        var homes = new ShardId[rowIds.Length];
        for (int i = 0; i < homes.Length; i++)
            homes[i] = ShardedStorage.ShardOf(new RowId(rowIds[i]));
        var found = new List<ColumnBatch>();
        foreach ((ShardId shard, int[] places) in BatchParts.ByShard(homes))
        {
            if (shards.Contains(shard)) // ids may be anything that somebody has written
                found.Add(PartOf(shard).Fetch(BatchParts.Take(rowIds, places), columns));
        }
        if (found.Count <= 1)
            return found.Count == 1 ? found[0] : parts[0].Fetch([], columns);
        ColumnBatch together = BatchParts.Together(found);
        Dictionary<long, int> rows = new(together.RowCount);
        ReadOnlySpan<long> ids = ((FixedColumn<long>)together.Columns[^1].Expand()).Values;
        for (int row = 0; row < ids.Length; row++)
            rows[ids[row]] = row;
        var order = new List<int>(together.RowCount);
        foreach (long rowId in rowIds)
        {
            if (rows.TryGetValue(rowId, out int row))
                order.Add(row);
        }
        return together.Take([.. order]);
    }

    private TableView PartOf(ShardId shard) => parts[Array.IndexOf(shards, shard)];

    public override void Release()
    {
        foreach (TableView part in parts)
            part.Release();
    }
}
