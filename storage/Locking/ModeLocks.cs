using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Locks on things of one kind, in PostgreSQL's eight modes, granted in the order asked for.</summary>
/// <remarks>
/// A request waits for holders and for earlier requests that it conflicts with, so that a strong lock is not starved by
/// weak ones;
/// it passes an earlier request that is itself waiting for the requester.
/// Threads: any.
/// </remarks>
/// <param name="name">What a thing is called in messages.</param>
internal sealed class ModeLocks<TKey>(WaitGraph graph, Func<TKey, string> name)
    where TKey : struct, IEquatable<TKey>
{
    /// <summary>Things whose entries are kept while nobody locks them: the next lookup would only make them again.</summary>
    private const int IdleMax = 1000;

    private readonly Dictionary<TKey, ModeLock> _locks = [];

    /// <summary>False if it cannot be had at once.</summary>
    public bool TryAcquire(LockOwner owner, TKey key, TableLockMode mode)
    {
        lock (graph.Sync)
            return TryGrant(owner, key, mode, out _);
    }

    /// <param name="waiter">The transaction that the owner waits in.</param>
    public async ValueTask AcquireAsync(
        LockOwner owner, Transaction waiter, TKey key, TableLockMode mode, CancellationToken cancellation)
    {
        ModeWait wait;
        lock (graph.Sync)
        {
            if (TryGrant(owner, key, mode, out ModeLock wanted))
                return;
            wait = new ModeWait(owner, waiter, wanted, mode, name(key));
            wanted.Queue.Add(wait);
        }
        try
        {
            await graph.WaitAsync(wait, wait.Granted.Task, cancellation).ConfigureAwait(false);
        }
        catch
        {
            GiveUp(wait, key);
            throw;
        }
    }

    /// <summary>Grants what was granted before, whoever holds what by now.</summary>
    public void Restore(LockOwner owner, TKey key, TableLockMode mode)
    {
        lock (graph.Sync)
        {
            if (!_locks.TryGetValue(key, out ModeLock? held))
                _locks.Add(key, held = new ModeLock());
            held.Grant(owner, mode);
        }
    }

    /// <summary>Gives back one grant of the mode.</summary>
    public void Release(LockOwner owner, TKey key, TableLockMode mode)
    {
        lock (graph.Sync)
        {
            if (!_locks.TryGetValue(key, out ModeLock? held))
                return;
            held.Release(owner, mode);
            Wake(held, key);
        }
    }

    /// <summary>Who holds and who waits for what.</summary>
    public List<HeldLock<TKey>> List()
    {
        List<HeldLock<TKey>> all = [];
        lock (graph.Sync)
        {
            foreach ((TKey key, ModeLock held) in _locks)
                held.List(key, all);
        }
        return all;
    }

    private bool TryGrant(LockOwner owner, TKey key, TableLockMode mode, out ModeLock wanted)
    {
        if (!_locks.TryGetValue(key, out ModeLock? known))
            _locks.Add(key, known = new ModeLock());
        wanted = known;
        if (known.IsBlocked(owner, mode, known.Queue.Count))
            return false;
        known.Grant(owner, mode);
        return true;
    }

    private void GiveUp(ModeWait wait, TKey key)
    {
        lock (graph.Sync)
        {
            if (!wait.Wanted.Queue.Remove(wait)) // granted in the same moment
                wait.Wanted.Release(wait.Owner, wait.Mode);
            Wake(wait.Wanted, key);
        }
    }

    private void Wake(ModeLock held, TKey key)
    {
        held.WakeQueue();
        if (held.IsIdle && _locks.Count > IdleMax)
            _locks.Remove(key);
    }
}
