using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>The key that has as many of a shard's rows before it as behind it.</summary>
internal static class ShardMiddle
{
    /// <summary>Keys that are looked at: enough for halves that differ by a few hundredths.</summary>
    private const int KeysMax = 10_000;

    /// <returns>Null where there are no two keys.</returns>
    internal static RangeBound? Find(ITransaction storage, TableEntry table, ShardId shard)
    {
        short[] columns = [.. table.Placement!.KeyColumns];
        SqlType[] types = [.. columns.Select(number => table.Column(number).Type)];
        List<RangeBound> keys = [];
        TableView view = storage.Read(table.Id, shard);
        long step = 1 + (view.RowCountEstimate / KeysMax), seen = 0;
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open(columns, withRowId: false, []);
            while (reader.Next() is { } batch)
            {
                for (int row = 0; row < batch.RowCount; row++)
                {
                    if (seen++ % step == 0 && !batch.Columns.Any(column => column.IsNull(row))) // a bound has no nulls
                        keys.Add(Bound(types, batch, row));
                }
            }
        }
        view.Release();
        keys.Sort(static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        int middle = keys.Count / 2;
        while (middle < keys.Count && keys[middle].Key.AsSpan().SequenceEqual(keys[0].Key))
            middle++;
        return middle < keys.Count ? keys[middle] : null;
    }

    private static RangeBound Bound(SqlType[] types, ColumnBatch batch, int row)
    {
        Column[] values = [.. batch.Take([row]).Columns.Select(static column => column.Expand())];
        return new RangeBound(RowRouter.RangeKey(types, values),
            SplitPoints.TextOf(types, [.. values.Select((value, i) => TextRows.Text(value, 0, types[i], FormatContext.Default) ?? "")]));
    }
}
