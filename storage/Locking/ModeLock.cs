using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Who holds one thing in which of PostgreSQL's eight modes, and who waits for it.</summary>
/// <remarks>Threads: under <see cref="WaitGraph.Sync"/>.</remarks>
internal sealed class ModeLock
{
    // By mode, the modes it conflicts with, as bits. Source: PostgreSQL's manual, "Table-Level Locks".
    private static readonly byte[] Conflicts =
    [
        0b1000_0000, 0b1100_0000, 0b1111_0000, 0b1111_1000, 0b1110_1100, 0b1111_1100, 0b1111_1110, 0b1111_1111,
    ];

    private readonly Dictionary<LockOwner, byte[]> _holders = []; // grants by mode

    internal List<ModeWait> Queue { get; } = [];

    internal bool IsIdle => _holders.Count == 0 && Queue.Count == 0;

    internal bool IsBlocked(LockOwner owner, TableLockMode mode, int queuedBefore)
    {
        foreach ((LockOwner holder, byte[] grants) in _holders)
        {
            if (holder != owner && Meets(grants, Conflicts[(int)mode]))
                return true;
        }
        for (int i = 0; i < queuedBefore; i++)
        {
            if (Precedes(Queue[i], owner, mode))
                return true;
        }
        return false;
    }

    /// <summary>Adds who is held or asked for what, with what.</summary>
    internal void List<TKey>(TKey key, List<HeldLock<TKey>> target)
    {
        foreach ((LockOwner holder, byte[] grants) in _holders)
        {
            for (int mode = 0; mode < grants.Length; mode++)
            {
                if (grants[mode] > 0)
                    target.Add(new HeldLock<TKey>(key, holder, (TableLockMode)mode, IsGranted: true));
            }
        }
        foreach (ModeWait wait in Queue)
            target.Add(new HeldLock<TKey>(key, wait.Owner, wait.Mode, IsGranted: false));
    }

    internal void AddBlockers(LockOwner owner, TableLockMode mode, ModeWait self, List<Transaction> target)
    {
        foreach ((LockOwner holder, byte[] grants) in _holders)
        {
            if (holder != owner && Meets(grants, Conflicts[(int)mode]) && holder.Running is { } running)
                target.Add(running);
        }
        foreach (ModeWait earlier in Queue)
        {
            if (earlier == self)
                break;
            if (Precedes(earlier, owner, mode))
                target.Add(earlier.Waiter);
        }
    }

    internal void Grant(LockOwner owner, TableLockMode mode)
    {
        if (!_holders.TryGetValue(owner, out byte[]? grants))
            _holders.Add(owner, grants = new byte[Conflicts.Length]);
        grants[(int)mode]++;
    }

    internal void Release(LockOwner owner, TableLockMode mode)
    {
        if (!_holders.TryGetValue(owner, out byte[]? grants) || grants[(int)mode] == 0)
            return;
        grants[(int)mode]--;
        if (!Meets(grants, byte.MaxValue))
            _holders.Remove(owner);
    }

    internal void WakeQueue()
    {
        for (int i = 0; i < Queue.Count; i++)
        {
            ModeWait wait = Queue[i];
            if (IsBlocked(wait.Owner, wait.Mode, i))
                continue;
            Queue.RemoveAt(i--);
            Grant(wait.Owner, wait.Mode);
            wait.Granted.SetResult();
        }
    }

    private bool Precedes(ModeWait earlier, LockOwner owner, TableLockMode mode)
    {
        if (earlier.Owner == owner || (Conflicts[(int)mode] & (1 << (int)earlier.Mode)) == 0)
            return false;
        bool waitsForOwner = _holders.TryGetValue(owner, out byte[]? own)
            && Meets(own, Conflicts[(int)earlier.Mode]);
        return !waitsForOwner;
    }

    private static bool Meets(byte[] grants, byte modes)
    {
        for (int i = 0; i < grants.Length; i++)
        {
            if (grants[i] > 0 && (modes & (1 << i)) != 0)
                return true;
        }
        return false;
    }
}

/// <summary>A transaction that waits for a thing on behalf of an owner of locks, which may be itself.</summary>
internal sealed class ModeWait(LockOwner owner, Transaction waiter, ModeLock wanted, TableLockMode mode, string what) : Wait(waiter)
{
    internal TaskCompletionSource Granted { get; } = new(); // what waits for it goes on elsewhere (WaitGraph)

    internal LockOwner Owner => owner;

    internal ModeLock Wanted => wanted;

    internal TableLockMode Mode => mode;

    internal override string What => $"{mode}Lock on {what}";

    internal override void AddBlockers(List<Transaction> target) => wanted.AddBlockers(owner, mode, this, target);
}
