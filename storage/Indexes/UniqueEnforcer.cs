using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// Keeps unique keys unique while many transactions write: finds the row in the way, and waits for those who have not
/// decided.
/// </summary>
/// <remarks>
/// A key is reserved, by entering it in the index's map, in the same step in which the map is found free of it.
/// Segments are looked
/// at after that, without the lock: whoever comes later with the same key meets the reservation and waits.
/// </remarks>
internal sealed class UniqueEnforcer(TableWrites writes, TableEntry table)
{
    /// <summary>Keys tested between two releases of the table's lock.</summary>
    private const int KeysPerHold = 512;

    private readonly TableStore _store = writes.Store;

    /// <summary>Reserves the keys of rows that the transaction has buffered under consecutive ids.</summary>
    /// <exception cref="Core.Errors.SqlException">23505: a key is taken; the rows stay buffered, for a rollback to
    /// remove.</exception>
    public async ValueTask ReserveAsync(ColumnBatch rows, long firstRowId, CancellationToken cancellation)
    {
        ChunkSchema schema = ChunkSchema.Of(table);
        foreach (IndexEntry entry in table.Indexes)
        {
            if (!entry.IsUnique)
                continue;
            UniqueIndex index = Index(entry);
            KeyBatch keys = index.KeysOf(schema, rows);
            if (entry.IsDeferrable)
            {
                Enter(index, keys, firstRowId, isInserted: null);
                continue;
            }
            for (int row = 0; row < rows.RowCount;)
            {
                int end = Math.Min(row + KeysPerHold, rows.RowCount);
                Probe probe = Reserve(index, keys, row, end, firstRowId);
                if (probe.Row is not null)
                    throw UniqueViolation.Of(writes.Transaction.SchemaName(table), table, entry, keys, probe.KeyNumber);
                row = probe.KeyNumber;
                if (probe.Blocker is { } blocker)
                    await WaitAsync(blocker, probe.Released, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Enters keys that are to be tested later, whoever has them now.</summary>
    /// <param name="isInserted">Says of which of the rows; null for all.</param>
    public void Enter(UniqueIndex index, KeyBatch keys, long firstRowId, Func<int, bool>? isInserted)
    {
        for (int start = 0; start < keys.Hashes.Length; start += KeysPerHold)
        {
            lock (_store.Sync)
            {
                for (int row = start; row < Math.Min(start + KeysPerHold, keys.Hashes.Length); row++)
                {
                    if (!keys.IsSkipped(row) && isInserted?.Invoke(row) != false)
                        index.Map.Add(keys.Hashes[row], firstRowId + row, writes.Owner);
                }
            }
        }
    }

    /// <summary>Tests keys that were entered untested.</summary>
    /// <param name="keysAndIds">The key's columns of own rows, then the rows' ids.</param>
    /// <exception cref="Core.Errors.SqlException">23505: a key is another row's too.</exception>
    public async ValueTask TestAsync(IndexEntry entry, ColumnBatch keysAndIds, CancellationToken cancellation)
    {
        UniqueIndex index = Index(entry);
        KeyBatch keys = index.KeysOf([.. keysAndIds.Columns[..^1].Select(static column => column.Expand())], keysAndIds.RowCount);
        FixedColumn<long> rowIds = (FixedColumn<long>)keysAndIds.Columns[^1];
        for (int row = 0; row < keysAndIds.RowCount;)
        {
            Probe probe = keys.IsSkipped(row) ? default : ProbeOthers(index, keys, row, rowIds[row]);
            if (probe.Row is not null)
                throw UniqueViolation.Of(writes.Transaction.SchemaName(table), table, entry, keys, row);
            if (probe.Blocker is { } blocker)
                await WaitAsync(blocker, probe.Released, cancellation).ConfigureAwait(false);
            else
                row++;
        }
    }

    private Probe ProbeOthers(UniqueIndex index, KeyBatch keys, int row, long self)
    {
        TableParts parts;
        Probe probe;
        lock (_store.Sync)
        {
            parts = _store.Parts;
            probe = ProbeMemory(index, keys, row, firstRowId: 0, pending: null, self);
        }
        return probe.IsFree && !writes.HidesCommitted ? ProbeSegments(parts, index, keys, row) : probe;
    }

    /// <summary>Reserves a row's keys in all indexes, or none where a row is in the way.</summary>
    /// <param name="keys">The batch's keys by index, in the order of <paramref name="indexes"/>.</param>
    /// <param name="firstRowId">Ids of the batch's rows start here; rows of the batch that are not buffered yet are
    /// known by it.</param>
    /// <returns>The row in the way and the index that says so; null where the keys are now reserved.</returns>
    public async ValueTask<(long RowId, int Index)?> TryReserveAsync(
        IReadOnlyList<UniqueIndex> indexes, KeyBatch[] keys, int row, long firstRowId, CancellationToken cancellation)
    {
        for (int i = 0; i < indexes.Count;)
        {
            Probe probe = Reserve(indexes[i], keys[i], row, row + 1, firstRowId, pending: keys[i]);
            if (probe.Row is { } taken)
            {
                Unreserve(indexes, keys, row, firstRowId, i + 1);
                return (taken, i);
            }
            if (probe.Blocker is { } blocker)
            {
                // Nothing is held while waiting, so that two statements with crossed keys need not end in a deadlock.
                Unreserve(indexes, keys, row, firstRowId, i + 1);
                await WaitAsync(blocker, probe.Released, cancellation).ConfigureAwait(false);
                i = 0;
                continue;
            }
            i++;
        }
        return null;
    }

    /// <summary>Gives back reservations of a row in the first indexes.</summary>
    public void Unreserve(IReadOnlyList<UniqueIndex> indexes, KeyBatch[] keys, int row, long firstRowId, int count)
    {
        lock (_store.Sync)
        {
            for (int i = 0; i < count; i++)
            {
                if (!keys[i].IsSkipped(row))
                    indexes[i].Map.Remove(keys[i].Hashes[row], firstRowId + row);
            }
        }
    }

    public UniqueIndex Index(IndexEntry entry)
    {
        lock (_store.Sync)
            return _store.IndexFor(entry, table);
    }

    private ValueTask WaitAsync(Transaction blocker, Task? released, CancellationToken cancellation) =>
        writes.Transaction.WaitForAsync(blocker, released ?? Task.CompletedTask, cancellation);

    /// <summary>
    /// Reserves keys from <paramref name="start"/> on, until the end, a conflict, or a transaction to wait for.
    /// </summary>
    private Probe Reserve(
        UniqueIndex index, KeyBatch keys, int start, int end, long firstRowId, KeyBatch? pending = null)
    {
        TableParts parts;
        Probe probe = default;
        int row = start;
        lock (_store.Sync)
        {
            parts = _store.Parts;
            for (; row < end; row++)
            {
                if (keys.IsSkipped(row))
                    continue;
                probe = ProbeMemory(index, keys, row, firstRowId, pending);
                if (!probe.IsFree)
                    break;
                index.Map.Add(keys.Hashes[row], firstRowId + row, writes.Owner);
            }
        }
        if (!writes.HidesCommitted && parts.Segments.Length > 0)
        {
            for (int tested = start; tested < row; tested++)
            {
                if (keys.IsSkipped(tested))
                    continue;
                Probe inSegments = ProbeSegments(parts, index, keys, tested);
                if (inSegments.IsFree)
                    continue;
                ForgetFrom(index, keys, tested, row, firstRowId);
                return inSegments with { KeyNumber = tested };
            }
        }
        return probe with { KeyNumber = row };
    }

    /// <summary>Takes reservations back from a key on, so that the caller can come again from there.</summary>
    private void ForgetFrom(UniqueIndex index, KeyBatch keys, int start, int end, long firstRowId)
    {
        lock (_store.Sync)
        {
            for (int row = start; row < end; row++)
            {
                if (!keys.IsSkipped(row))
                    index.Map.Remove(keys.Hashes[row], firstRowId + row);
            }
        }
    }

    private Probe ProbeMemory(
        UniqueIndex index, KeyBatch keys, int row, long firstRowId, KeyBatch? pending, long self = -1)
    {
        KeyMap map = index.Map;
        for (int entry = map.First(keys.Hashes[row]); entry >= 0; entry = map.Next(entry))
        {
            long rowId = map.RowIdAt(entry);
            TableWrites? writer = map.WriterAt(entry);
            if (rowId == self)
                continue;
            if (writer is null)
            {
                if (writes.HidesCommitted || !_store.TryFindInDelta(rowId, out RowPlace place) || place.DeletedAt != 0)
                    continue;
                if (!index.Matches(place, keys, row))
                    continue;
                if (writes.IsDeleted(rowId))
                    return default; // it was the only one, and all older ones are gone
                return _store.Locks.DeleterOf(rowId) is { } deleter ? Probe.Blocked(deleter) : Probe.Taken(rowId);
            }
            if (writer == writes)
            {
                if (IsOwnKey(index, keys, row, rowId, firstRowId, pending))
                    return Probe.Taken(rowId);
            }
            else if (!writer.TryFind(rowId, out RowPlace theirs, out _) || index.Matches(theirs, keys, row))
            {
                return Probe.Blocked(writer.Transaction);
            }
        }
        return default;
    }

    private bool IsOwnKey(UniqueIndex index, KeyBatch keys, int row, long rowId, long firstRowId, KeyBatch? pending)
    {
        if (writes.TryFind(rowId, out RowPlace own, out int part))
            return !writes.IsDead(rowId, part) && index.Matches(own, keys, row);
        if (pending is not { } batch)
            return false;
        int other = (int)(rowId - firstRowId);
        for (int i = 0; i < keys.Columns.Length; i++)
        {
            if (!KeyEquality.Equal(index.Types[i], batch.Columns[i], other, keys.Columns[i], row))
                return false;
        }
        return true;
    }

    private Probe ProbeSegments(TableParts parts, UniqueIndex index, KeyBatch keys, int row)
    {
        foreach (SegmentSlot segment in parts.Segments)
        {
            foreach (int position in SegmentKeys.Find(segment, index, keys, row))
            {
                if (segment.Deletes.DeletedAt(position) != 0)
                    continue;
                long rowId = SegmentKeys.RowIdAt(segment, position);
                if (writes.IsDeleted(rowId))
                    continue;
                lock (_store.Sync)
                {
                    // The row may have moved to another segment meanwhile; what counts is where it is now.
                    if (!_store.TryFind(rowId, out RowPlace place) || place.DeletedAt != 0)
                        continue;
                    return _store.Locks.DeleterOf(rowId) is { } deleter ? Probe.Blocked(deleter) : Probe.Taken(rowId);
                }
            }
        }
        return default;
    }

    /// <summary>What stands in the way of a key: nothing, a row, or a transaction that has not decided.</summary>
    private readonly record struct Probe(long? Row, Transaction? Blocker, Task? Released, int KeyNumber)
    {
        internal bool IsFree => Row is null && Blocker is null;

        internal static Probe Taken(long rowId) => new(rowId, null, null, 0);

        internal static Probe Blocked(Transaction blocker) => new(null, blocker, blocker.Released, 0);
    }
}
