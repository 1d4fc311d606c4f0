using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// Inserts the rows of a batch that conflict with nothing, and says which rows the others conflict with.
/// </summary>
internal sealed class ConflictingInsert(TableWrites writes, TableEntry table, IReadOnlyList<uint> arbiters)
{
    private readonly UniqueEnforcer _enforcer = new(writes, table);

    public async ValueTask<InsertOutcome[]> RunAsync(ColumnBatch rows, CancellationToken cancellation)
    {
        List<IndexEntry> entries = [], deferred = [];
        bool isRefused = false;
        foreach (IndexEntry entry in table.Indexes)
        {
            // Where no index is named, those before it may turn every row away.
            isRefused |= entry is { IsUnique: true, IsDeferrable: true } && IsArbiter(entry);
            if (isRefused && (arbiters.Count > 0 || entries.Count == 0))
                throw DeferrableArbiter();
            if (entry.IsUnique)
                (entry.IsDeferrable ? deferred : entries).Add(entry);
        }
        // Arbiters come first, since a row that one of them turns away is not tested against the others.
        entries.Sort((left, right) => IsArbiter(right).CompareTo(IsArbiter(left)));
        var indexes = new UniqueIndex[entries.Count];
        var keys = new KeyBatch[entries.Count];
        ChunkSchema schema = ChunkSchema.Of(table);
        for (int i = 0; i < indexes.Length; i++)
        {
            indexes[i] = _enforcer.Index(entries[i]);
            keys[i] = indexes[i].KeysOf(schema, rows);
        }

        long first = writes.Store.ReserveRowIds(rows.RowCount);
        var outcomes = new InsertOutcome[rows.RowCount];
        int tested = 0;
        try
        {
            for (; tested < rows.RowCount; tested++)
            {
                (long RowId, int Index)? taken = await _enforcer.TryReserveAsync(indexes, keys, tested, first,
                    cancellation)
                    .ConfigureAwait(false);
                if (isRefused && (taken is not { } turned || entries[turned.Index].IsDeferrable))
                {
                    if (taken is null)
                        _enforcer.Unreserve(indexes, keys, tested, first, indexes.Length);
                    throw DeferrableArbiter();
                }
                if (taken is { } conflict && !IsArbiter(entries[conflict.Index]))
                    throw UniqueViolation.Of(writes.Transaction.SchemaName(table), table, entries[conflict.Index],
                        keys[conflict.Index], tested);
                outcomes[tested] = taken is { } other
                    ? Existing(other.RowId, first) : new InsertOutcome(new RowId(first + tested), true, false);
            }
        }
        catch
        {
            for (int row = 0; row < tested; row++)
            {
                if (outcomes[row].IsInserted)
                    _enforcer.Unreserve(indexes, keys, row, first, indexes.Length);
            }
            throw;
        }
        Append(rows, first, outcomes);
        foreach (IndexEntry entry in deferred)
        {
            UniqueIndex index = _enforcer.Index(entry);
            _enforcer.Enter(index, index.KeysOf(schema, rows), first, row => outcomes[row].IsInserted);
        }
        return outcomes;
    }

    private static SqlException DeferrableArbiter() => new(SqlState.ObjectNotInPrerequisiteState,
        "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters");

    private bool IsArbiter(IndexEntry entry) => arbiters.Count == 0 || arbiters.Contains(entry.Oid);

    private InsertOutcome Existing(long rowId, long first)
    {
        bool isOwnStatement = rowId >= first;
        if (!isOwnStatement && writes.TryFind(rowId, out RowPlace own, out int part))
            isOwnStatement = writes.Parts[part].FirstOrdinal + own.Position >= writes.StatementStart;
        else if (!isOwnStatement)
            ThrowIfTooNew(rowId);
        return new InsertOutcome(new RowId(rowId), false, isOwnStatement);
    }

    private void ThrowIfTooNew(long rowId)
    {
        if (writes.Transaction.Isolation != IsolationLevel.RepeatableRead)
            return;
        lock (writes.Store.Sync)
        {
            if (writes.Store.TryFind(rowId, out RowPlace place)
                && place.InsertedAt > writes.Transaction.SnapshotTimestamp)
                throw new WriteConflictException("could not serialize access due to concurrent update");
        }
    }

    private void Append(ColumnBatch rows, long first, InsertOutcome[] outcomes)
    {
        List<int> kept = new(outcomes.Length);
        for (int row = 0; row < outcomes.Length; row++)
        {
            if (outcomes[row].IsInserted)
                kept.Add(row);
        }
        if (kept.Count == 0)
            return;
        long[] ids = new long[kept.Count];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = first + kept[i];
        writes.Append(table, kept.Count == rows.RowCount ? rows : rows.Take(kept.ToArray()), ids);
    }
}
