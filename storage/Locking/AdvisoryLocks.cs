using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>What an advisory lock is on: numbers whose meaning applications agree on, by database.</summary>
/// <param name="SubId">1 where the application gave one number, 2 where it gave two.</param>
public readonly record struct AdvisoryKey(uint Database, uint ClassId, uint ObjectId, short SubId)
{
    /// <summary>The key of one number.</summary>
    public static AdvisoryKey Of(long number) => new(0, (uint)(number >> 32), (uint)number, 1);

    /// <summary>The key of two numbers.</summary>
    public static AdvisoryKey Of(int first, int second) => new(0, (uint)first, (uint)second, 2);
}

/// <summary>A session as the holder of advisory locks, its own and those of its transactions.</summary>
/// <param name="running">The session's transaction; null where it has none. Asked on any thread.</param>
public sealed class AdvisoryHolder(Func<ITransaction?> running) : LockOwner
{
    internal override Transaction? Running => running()?.Owner.Running;

    /// <summary>How often the session holds which of its own locks.</summary>
    internal Dictionary<(AdvisoryKey Key, TableLockMode Mode), int> Held { get; } = [];
}

/// <summary>Advisory locks: held by sessions until they give them back, or to the end of their transactions.</summary>
/// <remarks>Threads: any; those of one holder one at a time.</remarks>
public sealed class AdvisoryLocks
{
    private readonly ModeLocks<AdvisoryKey> _locks;

    internal AdvisoryLocks(WaitGraph graph) => _locks = new ModeLocks<AdvisoryKey>(graph, static key =>
        $"advisory lock [{key.Database},{key.ClassId},{key.ObjectId},{key.SubId}]");

    /// <summary>Locks of a node whose tables lock elsewhere.</summary>
    public static AdvisoryLocks OfNode(TimeProvider time) => new(new WaitGraph(time));

    /// <summary>Takes the lock once more, for the session.</summary>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="Core.Errors.SqlException">40P01 deadlock; 55P03 not in time.</exception>
    public async ValueTask<bool> AcquireAsync(
        AdvisoryHolder holder, ITransaction waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        (AdvisoryKey, TableLockMode) held = (key, Mode(isShared));
        int times = holder.Held.GetValueOrDefault(held);
        if (times == 0 && !await TakeAsync(holder, waiter.Owner, key, isShared, waits, cancellation).ConfigureAwait(false))
            return false;
        holder.Held[held] = times + 1;
        return true;
    }

    /// <summary>Gives back once what the session has taken.</summary>
    /// <returns>False if it has not.</returns>
    public bool Release(AdvisoryHolder holder, AdvisoryKey key, bool isShared)
    {
        (AdvisoryKey, TableLockMode) held = (key, Mode(isShared));
        if (!holder.Held.TryGetValue(held, out int times))
            return false;
        if (times > 1)
        {
            holder.Held[held] = times - 1;
            return true;
        }
        holder.Held.Remove(held);
        _locks.Release(holder, key, Mode(isShared));
        return true;
    }

    /// <summary>Gives back all that the session holds beside its transaction.</summary>
    public void ReleaseAll(AdvisoryHolder holder)
    {
        foreach ((AdvisoryKey key, TableLockMode mode) in holder.Held.Keys)
            _locks.Release(holder, key, mode);
        holder.Held.Clear();
    }

    /// <summary>Who holds and who waits for what; each mode once, however often it is held.</summary>
    public IReadOnlyList<HeldLock<AdvisoryKey>> List() => _locks.List();

    internal static TableLockMode Mode(bool isShared) => isShared ? TableLockMode.Share : TableLockMode.Exclusive;

    /// <summary>Takes the lock without noting for whom.</summary>
    internal async ValueTask<bool> TakeAsync(
        AdvisoryHolder holder, LockOwner waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        if (!waits)
            return _locks.TryAcquire(holder, key, Mode(isShared));
        Transaction waiting = waiter.Running ?? throw new ArgumentException("no transaction waits", nameof(waiter));
        await _locks.AcquireAsync(holder, waiting, key, Mode(isShared), cancellation).ConfigureAwait(false);
        return true;
    }

    internal void Return(AdvisoryHolder holder, AdvisoryKey key, TableLockMode mode) => _locks.Release(holder, key, mode);
}
