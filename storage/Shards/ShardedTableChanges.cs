using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Rows that an update has taken from one shard to another: all live columns, before and after.</summary>
/// <param name="Ids">Of the rows after.</param>
/// <param name="WasOwn">Which of the rows before the transaction had written itself.</param>
internal sealed record MovedRows(TableId Table, ColumnBatch Before, ColumnBatch After, long[] Ids, bool[] WasOwn);

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

    public override IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns)
    {
        HashSet<long> unchanged = Unchanged(table, columns);
        if (unchanged.Count == 0)
            return parts.Values.SelectMany(part => part.Inserted(table, columns));
        return parts.Values.SelectMany(part => part.InsertedWithIds(table, columns)).Select(rows => Others(rows, unchanged))
            .Where(static rows => rows.RowCount > 0);
    }

    public override IEnumerable<ColumnBatch> InsertedWithIds(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.InsertedWithIds(table, columns));

    /// <summary>Rows that came from another shard, and were there before the transaction with the same columns.</summary>
    private HashSet<long> Unchanged(TableEntry table, short[] columns)
    {
        HashSet<long> unchanged = [];
        foreach ((MovedRows moved, ColumnBatch before, ColumnBatch after) in Moves(table, columns))
        {
            unchanged.UnionWith(moved.Ids.Where((_, row) => !moved.WasOwn[row]));
            foreach (int row in OwnTableChanges.Unlike(table, columns, before, after))
                unchanged.Remove(moved.Ids[row]);
        }
        return unchanged;
    }

    /// <param name="rows">With their ids as the last column.</param>
    private static ColumnBatch Others(ColumnBatch rows, HashSet<long> ids)
    {
        ReadOnlySpan<long> own = ((FixedColumn<long>)rows.Columns[^1]).Values;
        var others = new List<int>(own.Length);
        for (int row = 0; row < own.Length; row++)
        {
            if (!ids.Contains(own[row]))
                others.Add(row);
        }
        return new ColumnBatch(rows.Columns[..^1], rows.RowCount).Take([.. others]);
    }

    public override IEnumerable<ColumnBatch> Deleted(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.Deleted(table, columns));

    public override IEnumerable<ColumnBatch> Removed(TableEntry table, short[] columns) =>
        parts.Values.SelectMany(part => part.Removed(table, columns));

    public override IEnumerable<(ColumnBatch Before, ColumnBatch After)> Replaced(TableEntry table, short[] columns)
    {
        foreach ((ColumnBatch Before, ColumnBatch After) pair in parts.Values.SelectMany(part => part.Replaced(table, columns)))
            yield return pair;
        foreach ((_, ColumnBatch before, ColumnBatch after) in Moves(table, columns))
        {
            int[] changed = OwnTableChanges.Unlike(table, columns, before, after);
            if (changed.Length > 0)
                yield return (before.Take(changed), after.Take(changed));
        }
    }

    private IEnumerable<(MovedRows Moved, ColumnBatch Before, ColumnBatch After)> Moves(TableEntry table, short[] columns)
    {
        short[] stored = [.. table.StoredColumns.Select(static column => column.Number)];
        int[] places = [.. columns.Select(number => Array.IndexOf(stored, number))];
        foreach (MovedRows moved in moves.Skip(firstMove).Where(moved => moved.Table == table.Id).ToArray())
            yield return (moved, Chosen(moved.Before, places), Chosen(moved.After, places));
    }

    private static ColumnBatch Chosen(ColumnBatch rows, int[] places) => new([.. places.Select(place => rows.Columns[place])], rows.RowCount);
}
