using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>A table's parts in several shards of this node as one table.</summary>
internal sealed class ShardedView(TableView[] parts) : TableView
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

    public override LookupResult Lookup(uint indexOid, ColumnBatch keys, ReadOnlySpan<short> columns)
    {
        var found = new LookupResult[parts.Length];
        for (int i = 0; i < found.Length; i++)
            found[i] = parts[i].Lookup(indexOid, keys, columns);
        found = Array.FindAll(found, static part => part.KeyOrdinals.Length > 0);
        if (found.Length == 0)
            return parts[0].Lookup(indexOid, keys, columns);
        if (found.Length == 1)
            return found[0];
        int[] ordinals = [.. found.SelectMany(static part => part.KeyOrdinals)];
        int[] order = new int[ordinals.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(ordinals, order);
        return new LookupResult(BatchParts.Together([.. found.Select(static part => part.Rows)]).Take(order), ordinals);
    }

    public override ColumnBatch Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns)
    {
        var found = new List<ColumnBatch>(parts.Length);
        foreach (TableView part in parts)
        {
            ColumnBatch rows = part.Fetch(rowIds, columns);
            if (rows.RowCount > 0 || found.Count == 0)
                found.Add(rows);
        }
        ColumnBatch together = BatchParts.Together([.. found]);
        Dictionary<long, int> places = new(together.RowCount);
        ReadOnlySpan<long> ids = ((FixedColumn<long>)together.Columns[^1].Expand()).Values;
        for (int row = 0; row < ids.Length; row++)
            places[ids[row]] = row;
        var order = new List<int>(together.RowCount);
        foreach (long rowId in rowIds)
        {
            if (places.TryGetValue(rowId, out int row))
                order.Add(row);
        }
        return together.Take([.. order]);
    }

    public override void Release()
    {
        foreach (TableView part in parts)
            part.Release();
    }
}
