using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>A live transaction's hold on a row: a lock, or a deletion that is not yet committed.</summary>
internal readonly record struct RowHold(Transaction Owner, RowLockStrength Strength, bool IsDeletion);

/// <summary>The rows of a table that live transactions have locked or deleted, or the keys of its rows that they hold.</summary>
/// <remarks>Threads: under the table's lock. Memory: about 50 bytes a held row, until its transaction ends.</remarks>
internal sealed class RowLocks
{
    private readonly Dictionary<long, RowHold> _first = [];
    private readonly Dictionary<long, List<RowHold>> _others = []; // further sharers; rare

    public bool IsEmpty => _first.Count == 0;

    /// <summary>A transaction whose hold forbids the owner one of the given strength; null where none does.</summary>
    public Transaction? Blocker(long rowId, Transaction owner, RowLockStrength strength)
    {
        if (!_first.TryGetValue(rowId, out RowHold hold))
            return null;
        if (hold.Owner != owner && Conflict(hold.Strength, strength))
            return hold.Owner;
        if (_others.TryGetValue(rowId, out List<RowHold>? others))
        {
            foreach (RowHold other in others)
            {
                if (other.Owner != owner && Conflict(other.Strength, strength))
                    return other.Owner;
            }
        }
        return null;
    }

    /// <summary>The owner's hold on the row; null for none.</summary>
    public RowHold? HoldOf(long rowId, Transaction owner)
    {
        if (_first.TryGetValue(rowId, out RowHold hold) && hold.Owner == owner)
            return hold;
        foreach (RowHold other in _others.GetValueOrDefault(rowId) ?? [])
        {
            if (other.Owner == owner)
                return other;
        }
        return null;
    }

    /// <summary>The live transaction that has deleted the row; null for none.</summary>
    public Transaction? DeleterOf(long rowId) =>
        _first.Count > 0 && _first.TryGetValue(rowId, out RowHold hold) && hold.IsDeletion ? hold.Owner : null;

    /// <summary>Another live transaction that has locked the row FOR UPDATE without deleting it; null for none.</summary>
    public Transaction? LockerOf(long rowId, Transaction owner)
    {
        if (!_first.TryGetValue(rowId, out RowHold hold))
            return null;
        if (IsLocker(hold, owner))
            return hold.Owner;
        RowHold? found = _others.GetValueOrDefault(rowId)?.Find(other => IsLocker(other, owner));
        return found?.Owner;
    }

    private static bool IsLocker(RowHold hold, Transaction owner) =>
        hold.Owner != owner && hold is { Strength: RowLockStrength.Update, IsDeletion: false };

    /// <summary>
    /// Holds the row, or strengthens the owner's hold. The caller has made sure that nothing blocks it.
    /// </summary>
    /// <returns>The owner's hold before; null for none.</returns>
    public RowHold? Hold(long rowId, RowHold hold)
    {
        if (!_first.TryGetValue(rowId, out RowHold first))
        {
            _first.Add(rowId, hold);
            return null;
        }
        if (first.Owner == hold.Owner)
        {
            _first[rowId] = Stronger(first, hold);
            return first;
        }
        if (!_others.TryGetValue(rowId, out List<RowHold>? others))
            _others.Add(rowId, others = []);
        int index = others.FindIndex(other => other.Owner == hold.Owner);
        if (index < 0)
        {
            others.Add(hold);
            return null;
        }
        RowHold before = others[index];
        others[index] = Stronger(before, hold);
        return before;
    }

    /// <summary>Puts the owner's hold back to what it was before.</summary>
    public void Restore(long rowId, Transaction owner, RowHold? before)
    {
        if (!_first.TryGetValue(rowId, out RowHold first))
            return;
        _others.TryGetValue(rowId, out List<RowHold>? others);
        if (first.Owner == owner)
        {
            if (before is { } kept)
            {
                _first[rowId] = kept;
            }
            else if (others is null)
            {
                _first.Remove(rowId);
            }
            else
            {
                _first[rowId] = others[^1];
                RemoveOther(rowId, others, others.Count - 1);
            }
            return;
        }
        int index = others?.FindIndex(other => other.Owner == owner) ?? -1;
        if (others is null || index < 0)
            return;
        if (before is { } rest)
            others[index] = rest;
        else
            RemoveOther(rowId, others, index);
    }

    private void RemoveOther(long rowId, List<RowHold> others, int index)
    {
        others.RemoveAt(index);
        if (others.Count == 0)
            _others.Remove(rowId);
    }

    private static RowHold Stronger(RowHold left, RowHold right) =>
        new(left.Owner, (RowLockStrength)Math.Max((byte)left.Strength, (byte)right.Strength),
            left.IsDeletion || right.IsDeletion);

    /// <remarks>
    /// Source: PostgreSQL's manual, "Row-Level Locks". With the modes numbered from 0 by strength, two conflict when
    ///         their numbers
    /// add up to 3 or more: key share (0) bears all but update (3), share (1) bears key share and itself.
    /// </remarks>
    private static bool Conflict(RowLockStrength held, RowLockStrength wanted) => (int)held + (int)wanted >= 3;
}
