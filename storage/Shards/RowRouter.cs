using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Shards;

/// <summary>Says which shard a row belongs to.</summary>
/// <remarks>Integers of any width hash as int8, so that tables are joined in place whose keys are of different widths.</remarks>
public sealed class RowRouter
{
    private readonly ShardGroupEntry _group;
    private readonly short[] _columns;
    private readonly SqlType[] _types;

    /// <exception cref="ArgumentException">The table is whole, or placed in another group.</exception>
    public RowRouter(TableEntry table, ShardGroupEntry group)
    {
        if (table.Placement is not { } placement || placement.GroupOid != group.Oid)
            throw new ArgumentException($"table {table.Oid} is not cut as group {group.Oid} says", nameof(table));
        _group = group;
        _columns = [.. placement.KeyColumns];
        _types = [.. placement.KeyColumns.Select(number => Widened(table.Column(number).Type))];
    }

    /// <summary>Numbers of the columns that decide.</summary>
    public ReadOnlySpan<short> KeyColumns => _columns;

    /// <summary>The shard of each row, given its key columns in their order.</summary>
    public ShardId[] Route(ReadOnlySpan<Column> keys, int rowCount)
    {
        var columns = new Column[keys.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Widened(keys[i].Expand());
        ulong[] hashes = new ulong[rowCount];
        KeyHash.Compute(_types, columns, hashes);
        var shards = new ShardId[rowCount];
        for (int row = 0; row < shards.Length; row++)
            shards[row] = _group.ShardOf(hashes[row]);
        return shards;
    }

    /// <summary>The shard of each key of an index that contains the shard key.</summary>
    /// <param name="keys">In the order of the index's columns.</param>
    internal ShardId[] Route(IndexEntry index, ColumnBatch keys)
    {
        var routed = new Column[_columns.Length];
        for (int i = 0; i < routed.Length; i++)
            routed[i] = keys.Columns[index.Columns.IndexOf(_columns[i])];
        return Route(routed, keys.RowCount);
    }

    private static SqlType Widened(SqlType type) => type.Oid is TypeOid.Int2 or TypeOid.Int4 ? SqlType.Int8 : type;

    private static Column Widened(Column column)
    {
        long[] wide = new long[column.Length];
        switch (column)
        {
            case FixedColumn<short> narrow:
                for (int row = 0; row < wide.Length; row++)
                    wide[row] = narrow.Values[row];
                break;
            case FixedColumn<int> narrow:
                for (int row = 0; row < wide.Length; row++)
                    wide[row] = narrow.Values[row];
                break;
            default:
                return column;
        }
        return new FixedColumn<long>(wide, column.Validity);
    }
}
