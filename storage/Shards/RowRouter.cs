using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards.Methods;

namespace VecSQL.Storage.Shards;

/// <summary>Says which shard a row belongs to, and at which shards rows of some keys can be.</summary>
/// <remarks>Integers of any width count as int8, so that tables are joined in place whose keys are of different widths.</remarks>
public sealed class RowRouter
{
    private readonly ShardGroupEntry _group;
    private readonly short[] _columns;
    private readonly IKeyPlaces _places;

    /// <exception cref="ArgumentException">The table is whole, or placed in another group.</exception>
    public RowRouter(TableEntry table, ShardGroupEntry group)
    {
        if (table.Placement is not { } placement || placement.GroupOid != group.Oid)
            throw new ArgumentException($"table {table.Oid} is not cut as group {group.Oid} says", nameof(table));
        _group = group;
        _columns = [.. placement.KeyColumns];
        SqlType[] types = [.. placement.KeyColumns.Select(number => Widened(table.Column(number).Type))];
        _places = group.Method switch
        {
            ShardMethod.Hash => new HashPlaces(group, types),
            ShardMethod.Range => new RangePlaces(group, types),
            ShardMethod.Vector => new CellPlaces(group, types),
            _ => throw new InvariantException($"a group of shards of method {group.Method}"),
        };
    }

    /// <summary>Numbers of the columns that decide.</summary>
    public ReadOnlySpan<short> KeyColumns => _columns;

    /// <summary>The shard of each row, given its key columns in their order.</summary>
    public ShardId[] Route(ReadOnlySpan<Column> keys, int rowCount)
    {
        int[] places = new int[rowCount];
        _places.Find(Widened(keys), places);
        return Array.ConvertAll(places, place => _group.Shards[place]);
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

    /// <summary>The shards of keys that begin with some values, and whose next value is within limits.</summary>
    /// <param name="prefix">Values of the first columns of the key, of one row.</param>
    public ShardId[] Within(ReadOnlySpan<Column> prefix, KeyLimit low, KeyLimit high) =>
        _group.Shards.AsSpan(_places.Within(Widened(prefix), Widened(low), Widened(high)) ?? ..).ToArray();

    /// <summary>A bound of a range group, or a key, in the form whose bytes are in the order of keys.</summary>
    /// <param name="types">Of the key's columns.</param>
    /// <param name="values">Of the first columns, of one row.</param>
    public static byte[] RangeKey(IEnumerable<SqlType> types, ReadOnlySpan<Column> values) =>
        RangePlaces.Encode([.. types.Select(Widened)], Widened(values), rowCount: 1)[0].ToArray();

    /// <summary>The type that a column of a key counts as.</summary>
    public static SqlType Widened(SqlType type) => type.Oid is TypeOid.Int2 or TypeOid.Int4 ? SqlType.Int8 : type;

    private static KeyLimit Widened(KeyLimit limit) => limit.Value is { } value ? limit with { Value = Widened(value.Expand()) } : limit;

    private static Column[] Widened(ReadOnlySpan<Column> keys)
    {
        var columns = new Column[keys.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Widened(keys[i].Expand());
        return columns;
    }

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
