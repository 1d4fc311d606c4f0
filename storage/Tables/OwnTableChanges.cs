using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tables;

/// <summary>What a transaction on one engine has written to one table since a savepoint.</summary>
internal sealed class OwnTableChanges : TableChanges
{
    private readonly TableWrites _writes;
    private readonly ChangesMark _from;

    internal OwnTableChanges(TableWrites writes, ChangesMark from) => (_writes, _from) = (writes, from);

    internal ChangesMark Mark => _from;

    public override TableId Table => _writes.Store.Id;

    public override bool HasInserted => _writes.RowCount > _from.Rows;

    public override bool HasDeleted => _writes.DeletionCount > _from.Deletions;

    public override TableChanges With(TableChanges other) =>
        new OwnTableChanges(_writes, ChangesMark.Earlier(_from, ((OwnTableChanges)other)._from));

    internal bool IsEmpty => !HasInserted && !HasDeleted;

    public override IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns) => Inserted(table, columns, withRowId: false);

    public override IEnumerable<ColumnBatch> InsertedWithIds(TableEntry table, short[] columns) => Inserted(table, columns, withRowId: true);

    private IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns, bool withRowId)
    {
        HashSet<long> unchanged = Unchanged(table, columns);
        var places = new List<RowPlace>(ColumnBatch.RowsMax);
        foreach (OwnRows part in _writes.Parts.ToArray())
        {
            if (_writes.IsTruncated(part))
                continue;
            for (int position = Math.Max(_from.Rows - part.FirstOrdinal, 0); position < part.Count; position++)
            {
                bool isPassedOver = (_writes.HasDeletions && _writes.IsDeleted(part.RowId(position)))
                    || (unchanged.Count > 0 && unchanged.Contains(part.RowId(position)));
                if (!isPassedOver)
                    places.Add(part.Place(position));
                if (places.Count == ColumnBatch.RowsMax)
                    yield return Take(table, places, columns, withRowId);
            }
        }
        if (places.Count > 0)
            yield return Take(table, places, columns, withRowId);
    }

    public override IEnumerable<ColumnBatch> Deleted(TableEntry table, short[] columns) => Read(table, columns, null);

    public override IEnumerable<ColumnBatch> Removed(TableEntry table, short[] columns)
    {
        var replaced = new HashSet<long>();
        foreach (Replacement replacement in _writes.ReplacementsFrom(_from.Replacements))
        {
            foreach (RowId row in replacement.Rows.Span)
                replaced.Add(row.Value);
        }
        return Read(table, columns, replaced);
    }

    public override IEnumerable<(ColumnBatch Before, ColumnBatch After)> Replaced(TableEntry table, short[] columns)
    {
        foreach (Replacement replacement in _writes.ReplacementsFrom(_from.Replacements).Where(static found => found.IsHere))
        {
            for (int start = 0; start < replacement.Rows.Length; start += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, replacement.Rows.Length - start);
                (ColumnBatch old, ColumnBatch now) = Pairs(table, columns, replacement, start, count);
                int[] changed = Unlike(table, columns, old, now);
                if (changed.Length > 0)
                    yield return (old.Take(changed), now.Take(changed));
            }
        }
    }

    private HashSet<long> Unchanged(TableEntry table, short[] columns)
    {
        HashSet<long> unchanged = [];
        foreach (Replacement replacement in _writes.ReplacementsFrom(_from.Replacements).Where(static found => found.IsHere))
        {
            for (int start = 0; start < replacement.Rows.Length; start += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, replacement.Rows.Length - start);
                (ColumnBatch old, ColumnBatch now) = Pairs(table, columns, replacement, start, count);
                var changed = new HashSet<int>(Unlike(table, columns, old, now));
                for (int i = 0; i < count; i++)
                {
                    if (!changed.Contains(i) && !_writes.TryFind(replacement.Rows.Span[start + i].Value, out _, out _))
                        unchanged.Add(replacement.FirstNew + start + i);
                }
            }
        }
        return unchanged;
    }

    private (ColumnBatch Before, ColumnBatch After) Pairs(
        TableEntry table, short[] columns, Replacement replacement, int start, int count)
    {
        var before = new List<RowPlace>(count);
        var after = new List<RowPlace>(count);
        for (int i = start; i < start + count; i++)
        {
            before.Add(Find(replacement.Rows.Span[i].Value));
            after.Add(Find(replacement.FirstNew + i));
        }
        return (Take(table, before, columns), Take(table, after, columns));
    }

    internal static int[] Unlike(TableEntry table, short[] columns, ColumnBatch old, ColumnBatch now)
    {
        var rows = new List<int>();
        for (int row = 0; row < old.RowCount; row++)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                if (KeyEquality.Equal(table.Column(columns[i]).Type, old.Columns[i], row, now.Columns[i], row))
                    continue;
                rows.Add(row);
                break;
            }
        }
        return [.. rows];
    }

    private IEnumerable<ColumnBatch> Read(TableEntry table, short[] columns, HashSet<long>? except)
    {
        var places = new List<RowPlace>(ColumnBatch.RowsMax);
        for (int i = _from.Deletions; i < _writes.DeletionCount; i++)
        {
            long row = _writes.DeletionAt(i);
            if (except is null || !except.Contains(row))
                places.Add(Find(row));
            if (places.Count == ColumnBatch.RowsMax)
                yield return Take(table, places, columns);
        }
        if (places.Count > 0)
            yield return Take(table, places, columns);
    }

    private RowPlace Find(long rowId)
    {
        lock (_writes.Store.Sync)
        {
            bool isFound = _writes.TryFind(rowId, out RowPlace place, out _) || _writes.Store.TryFind(rowId, out place);
            Core.Errors.Invariant.Holds(isFound); // a version that a live transaction has deleted stays
            return place;
        }
    }

    private static ColumnBatch Take(TableEntry table, List<RowPlace> places, short[] columns, bool withRowId = false)
    {
        ColumnBatch rows = RowGatherer.Gather(table, places.ToArray(), columns, withRowId);
        places.Clear();
        return rows;
    }
}
