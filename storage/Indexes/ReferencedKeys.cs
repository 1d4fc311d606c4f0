using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>Keys of a table that rows of other tables refer to: held while somebody begins to, claimed while one goes.</summary>
/// <remarks>
/// <para>
/// A key is locked rather than a row version, so that the lock outlasts updates that give the key a new version. Whoever inserts a row
/// that refers to a key holds it, shared, in the same step in which it is found there; whoever takes a key away claims it, alone, and
/// then looks for rows that refer to it. Both locks last until their transactions end. So the second of two who meet waits for the
/// first, and sees what the first has done: no row is left that refers to nothing.
/// </para>
/// <para>Keys are known by their hashes: two of one hash wait for each other, which is rare and harms nothing.</para>
/// </remarks>
internal sealed class ReferencedKeys(TableWrites writes, TableEntry table, IndexEntry entry)
{
    /// <summary>Keys tested between two releases of the table's lock.</summary>
    private const int KeysPerHold = 512;

    private readonly TableStore _store = writes.Store;
    private readonly Transaction _owner = writes.Transaction;

    private enum Outcome : byte { Absent, Found, Blocked }

    /// <summary>Tests some of the keys, until one is somebody else's.</summary>
    /// <param name="outcomes">For each key what is asked of it.</param>
    private delegate Attempt Step(UniqueIndex index, KeyBatch keys, int start, int end, bool[] outcomes);

    /// <summary>Holds the keys that are there, waiting for those who are taking them away.</summary>
    /// <param name="keys">In the order of the index's columns, of their types; none is null.</param>
    /// <returns>For each key whether it is there.</returns>
    public ValueTask<bool[]> HoldAsync(ColumnBatch keys, CancellationToken cancellation) => RunAsync(keys, Hold, cancellation);

    /// <summary>Claims the keys that this transaction has taken away, waiting for those who hold them.</summary>
    /// <returns>For each key whether it is gone; false where this transaction has given it to another row.</returns>
    public ValueTask<bool[]> ClaimAsync(ColumnBatch keys, CancellationToken cancellation) => RunAsync(keys, Claim, cancellation);

    private async ValueTask<bool[]> RunAsync(ColumnBatch keys, Step step, CancellationToken cancellation)
    {
        (UniqueIndex index, KeyBatch batch) = Open(keys);
        bool[] outcomes = new bool[keys.RowCount];
        for (int row = 0; row < outcomes.Length;)
        {
            Attempt attempt = step(index, batch, row, Math.Min(row + KeysPerHold, outcomes.Length), outcomes);
            row = attempt.Next;
            if (attempt.Blocker is { } blocker)
                await _owner.WaitForAsync(blocker, attempt.Released, cancellation).ConfigureAwait(false);
        }
        return outcomes;
    }

    private (UniqueIndex Index, KeyBatch Keys) Open(ColumnBatch keys)
    {
        var columns = new Column[keys.Columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = keys.Columns[i].Expand();
        lock (_store.Sync)
        {
            UniqueIndex index = _store.IndexFor(entry, table);
            return (index, index.KeysOf(columns, keys.RowCount));
        }
    }

    private Attempt Hold(UniqueIndex index, KeyBatch keys, int start, int end, bool[] found)
    {
        TableParts parts;
        Transaction? blocker = null;
        int row = start;
        lock (_store.Sync)
        {
            parts = _store.Parts;
            for (; row < end; row++)
            {
                Outcome outcome = found[row] ? Outcome.Absent : HoldInMemory(index, keys, row, out blocker);
                if (outcome == Outcome.Blocked)
                    break;
                found[row] |= outcome == Outcome.Found;
            }
        }
        if (!writes.HidesCommitted && parts.Segments.Length > 0)
        {
            for (int tested = start; tested < row; tested++)
            {
                Outcome outcome = found[tested] ? Outcome.Absent : HoldInSegments(parts, index, keys, tested, out blocker);
                if (outcome == Outcome.Blocked)
                    return Attempt.Of(tested, blocker);
                found[tested] |= outcome == Outcome.Found;
            }
        }
        return Attempt.Of(row, row < end ? blocker : null);
    }

    private Outcome HoldInMemory(UniqueIndex index, KeyBatch keys, int row, out Transaction? blocker)
    {
        blocker = null;
        KeyMap map = index.Map;
        for (int at = map.First(keys.Hashes[row]); at >= 0; at = map.Next(at))
        {
            long rowId = map.RowIdAt(at);
            TableWrites? writer = map.WriterAt(at);
            if (writer == writes)
            {
                // Nobody else can take an own row's key away before this transaction ends.
                if (writes.TryFind(rowId, out RowPlace own, out int part) && !writes.IsDead(rowId, part)
                    && index.Matches(own, keys, row))
                    return Outcome.Found;
            }
            else if (writer is null && !writes.HidesCommitted && _store.TryFindInDelta(rowId, out RowPlace place)
                && IsLive(rowId, place) && index.Matches(place, keys, row))
            {
                return HoldCommitted(index, keys, row, rowId, out blocker);
            }
        }
        return Outcome.Absent;
    }

    private Outcome HoldInSegments(TableParts parts, UniqueIndex index, KeyBatch keys, int row, out Transaction? blocker)
    {
        blocker = null;
        foreach (SegmentSlot segment in parts.Segments)
        {
            foreach (int position in SegmentKeys.Find(segment, index, keys, row))
            {
                if (segment.Deletes.DeletedAt(position) != 0)
                    continue;
                long rowId = SegmentKeys.RowIdAt(segment, position);
                lock (_store.Sync)
                {
                    // The row may have moved to another segment meanwhile; what counts is where it is now.
                    if (_store.TryFind(rowId, out RowPlace place) && IsLive(rowId, place))
                        return HoldCommitted(index, keys, row, rowId, out blocker);
                }
            }
        }
        return Outcome.Absent;
    }

    private Outcome HoldCommitted(UniqueIndex index, KeyBatch keys, int row, long rowId, out Transaction? blocker)
    {
        long key = Slot(index, keys, row);
        blocker = _store.KeyLocks.Blocker(key, _owner, RowLockStrength.KeyShare) ?? _store.Locks.LockerOf(rowId, _owner);
        if (blocker is not null)
            return Outcome.Blocked;
        NoteHold(key, RowLockStrength.KeyShare);
        return Outcome.Found;
    }

    private Attempt Claim(UniqueIndex index, KeyBatch keys, int row, int end, bool[] gone)
    {
        lock (_store.Sync)
        {
            for (; row < end; row++)
            {
                if (HasOwn(index, keys, row))
                    continue;
                long key = Slot(index, keys, row);
                if (_store.KeyLocks.Blocker(key, _owner, RowLockStrength.Update) is { } blocker)
                    return Attempt.Of(row, blocker);
                NoteHold(key, RowLockStrength.Update);
                gone[row] = true;
            }
        }
        return Attempt.Of(row, null);
    }

    private bool HasOwn(UniqueIndex index, KeyBatch keys, int row)
    {
        KeyMap map = index.Map;
        for (int at = map.First(keys.Hashes[row]); at >= 0; at = map.Next(at))
        {
            long rowId = map.RowIdAt(at);
            if (map.WriterAt(at) == writes && writes.TryFind(rowId, out RowPlace own, out int part)
                && !writes.IsDead(rowId, part) && index.Matches(own, keys, row))
                return true;
        }
        return false;
    }

    /// <remarks>Under REPEATABLE READ a row newer than the snapshot is not there, as in PostgreSQL.</remarks>
    private bool IsLive(long rowId, RowPlace place) => place.DeletedAt == 0 && !writes.IsDeleted(rowId)
        && (_owner.Isolation == IsolationLevel.ReadCommitted || place.InsertedAt <= _owner.SnapshotTimestamp);

    private void NoteHold(long key, RowLockStrength strength) =>
        writes.NoteKeyHold(key, _store.KeyLocks.Hold(key, new RowHold(_owner, strength, IsDeletion: false)));

    private static long Slot(UniqueIndex index, KeyBatch keys, int row) =>
        (long)(keys.Hashes[row] ^ (index.Oid * 0x9E37_79B9_7F4A_7C15UL));

    private readonly record struct Attempt(int Next, Transaction? Blocker, Task Released)
    {
        internal static Attempt Of(int next, Transaction? blocker) => new(next, blocker, blocker?.Released ?? Task.CompletedTask);
    }
}
