using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Rows that an update has taken from one shard to another: all live columns, before and after.</summary>
internal sealed record MovedRows(TableId Table, ColumnBatch Before, ColumnBatch After);

/// <summary>What a transaction has written to one table in several shards.</summary>
internal sealed class ShardedTableChanges(
    TableId table, IReadOnlyDictionary<ShardId, TableChanges> parts, List<MovedRows> moves, int firstMove) : TableChanges
{
    public override TableId Table => table;

    public override bool HasInserted => parts.Values.Any(static part => part.HasInserted);

    public override bool HasDeleted => parts.Values.Any(static part => part.HasDeleted);

    internal IReadOnlyDictionary<ShardId, TableChanges> Parts => parts;

    private int FirstMove => firstMove;

    public override TableChanges With(TableChanges other)
    {
        ShardedTableChanges divided = (ShardedTableChanges)other;
        SortedDictionary<ShardId, TableChanges> together = new(parts.ToDictionary());
        foreach ((ShardId shard, TableChanges part) in divided.Parts)
            together[shard] = together.TryGetValue(shard, out TableChanges? own) ? own.With(part) : part;
        return new ShardedTableChanges(table, together, moves, Math.Min(firstMove, divided.FirstMove));
    }

    public override IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.Inserted(table, columns));

    public override IEnumerable<ColumnBatch> Deleted(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.Deleted(table, columns));

    public override IEnumerable<ColumnBatch> Removed(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.Removed(table, columns));

    public override IEnumerable<(ColumnBatch Before, ColumnBatch After)> Replaced(TableEntry table, short[] columns)
    {
        foreach ((ColumnBatch Before, ColumnBatch After) pair in parts.Values.SelectMany(part => part.Replaced(table, columns)))
            yield return pair;
        short[] stored = [.. table.StoredColumns.Select(static column => column.Number)];
        int[] places = [.. columns.Select(number => Array.IndexOf(stored, number))];
        foreach (MovedRows moved in moves.Skip(firstMove).Where(moved => moved.Table == table.Id).ToArray())
        {
            ColumnBatch before = Chosen(moved.Before, places), after = Chosen(moved.After, places);
            int[] changed = OwnTableChanges.Unlike(table, columns, before, after);
            if (changed.Length > 0)
                yield return (before.Take(changed), after.Take(changed));
        }
    }

    private static ColumnBatch Chosen(ColumnBatch rows, int[] places) => new([.. places.Select(place => rows.Columns[place])], rows.RowCount);
}
