using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Locking;

namespace VecSQL.Storage.Tables;

/// <summary>Deletes and locks rows for a transaction, waiting for others who hold them.</summary>
internal sealed class RowHolder(TableWrites writes, TableEntry table)
{
    /// <summary>Rows held between two releases of the table's lock.</summary>
    private const int RowsPerHold = 512;

    private readonly TableStore _store = writes.Store;
    private readonly Transaction _owner = writes.Transaction;

    private enum Outcome : byte { Held, Already, Blocked, Changed }

    /// <returns>How many rows were deleted.</returns>
    public async ValueTask<int> DeleteAsync(ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        int count = 0;
        for (int next = 0; next < rows.Length;)
        {
            Attempt attempt = Delete(rows.Span, next);
            count += attempt.Count;
            next = attempt.Next;
            if (attempt.Blocker is { } blocker)
                await _owner.WaitForAsync(blocker, attempt.Released, cancellation).ConfigureAwait(false);
        }
        return count;
    }

    public async ValueTask<bool[]> LockAsync(
        ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait, CancellationToken cancellation)
    {
        bool[] locked = new bool[rows.Length];
        for (int next = 0; next < rows.Length;)
        {
            Attempt attempt = Lock(rows.Span, next, strength, wait, locked);
            next = attempt.Next;
            if (attempt.Blocker is { } blocker)
                await _owner.WaitForAsync(blocker, attempt.Released, cancellation).ConfigureAwait(false);
        }
        return locked;
    }

    private Attempt Delete(ReadOnlySpan<RowId> rows, int next)
    {
        int count = 0;
        lock (_store.Sync)
        {
            int end = Math.Min(rows.Length, next + RowsPerHold);
            for (; next < end; next++)
            {
                switch (Hold(rows[next].Value, RowLockStrength.Update, isDeletion: true, out Transaction? blocker))
                {
                    case Outcome.Held:
                        writes.Delete(rows[next].Value);
                        count++;
                        break;
                    case Outcome.Blocked:
                        return new Attempt(next, count, blocker, blocker!.Released);
                    case Outcome.Changed:
                        return _owner.TryNoteConflict() ? new Attempt(rows.Length, count, null, Task.CompletedTask) : throw Conflict();
                    default:
                        break;
                }
            }
        }
        return new Attempt(next, count, null, Task.CompletedTask);
    }

    private Attempt Lock(
        ReadOnlySpan<RowId> rows, int next, RowLockStrength strength, LockWaitPolicy wait, bool[] locked)
    {
        lock (_store.Sync)
        {
            int end = Math.Min(rows.Length, next + RowsPerHold);
            for (; next < end; next++)
            {
                switch (Hold(rows[next].Value, strength, isDeletion: false, out Transaction? blocker))
                {
                    case Outcome.Blocked when wait == LockWaitPolicy.Block:
                        return new Attempt(next, 0, blocker, blocker!.Released);
                    case Outcome.Blocked when wait == LockWaitPolicy.NoWait:
                        throw new SqlException(
                            SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{table.Name}\"");
                    case Outcome.Blocked:
                        break;
                    case Outcome.Changed:
                        throw Conflict();
                    default:
                        locked[next] = true;
                        break;
                }
            }
        }
        return new Attempt(next, 0, null, Task.CompletedTask);
    }

    private Outcome Hold(long rowId, RowLockStrength strength, bool isDeletion, out Transaction? blocker)
    {
        blocker = null;
        if (writes.TryFind(rowId, out _, out int part))
            return writes.IsDead(rowId, part) ? Outcome.Already : Outcome.Held;
        if (writes.HidesCommitted || writes.IsDeleted(rowId))
            return Outcome.Already;
        if (!_store.TryFind(rowId, out RowPlace place) || place.DeletedAt != 0 || (IsTooNew(place) && (isDeletion || !_owner.IsChecking)))
            return Outcome.Changed;
        blocker = _store.Locks.Blocker(rowId, _owner, strength);
        if (blocker is not null)
            return Outcome.Blocked;
        writes.NoteHold(rowId, _store.Locks.Hold(rowId, new RowHold(_owner, strength, isDeletion)));
        return Outcome.Held;
    }

    /// <summary>Whether ON CONFLICT named a row that this transaction's only snapshot does not see.</summary>
    private bool IsTooNew(RowPlace place) =>
        _owner.Isolation == IsolationLevel.RepeatableRead && place.InsertedAt > _owner.SnapshotTimestamp;

    private static WriteConflictException Conflict() => new("could not serialize access due to concurrent update");

    private readonly record struct Attempt(int Next, int Count, Transaction? Blocker, Task Released);
}
