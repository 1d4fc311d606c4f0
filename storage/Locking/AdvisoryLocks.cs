using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Advisory locks of sessions: held until they give them back, as often as they took them. Those of transactions are the transactions' own.</summary>
/// <remarks>Threads: any; those of one holder one at a time.</remarks>
public sealed class AdvisoryLocks
{
    private readonly IAdvisoryTable _table;

    internal AdvisoryLocks(IAdvisoryTable table) => _table = table;

    /// <summary>Takes the lock once more, for the session.</summary>
    /// <param name="waiter">The session's transaction.</param>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="Core.Errors.SqlException">40P01 deadlock; 55P03 not in time.</exception>
    public async ValueTask<bool> AcquireAsync(
        AdvisoryHolder holder, ITransaction waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        (AdvisoryKey, bool) held = (key, isShared);
        int times = holder.Held.GetValueOrDefault(held);
        if (times == 0 && !await _table.TakeAsync(holder, waiter, key, isShared, waits, cancellation).ConfigureAwait(false))
            return false;
        holder.Held[held] = times + 1;
        return true;
    }

    /// <summary>Gives back once what the session has taken.</summary>
    /// <returns>False if it has not.</returns>
    public bool Release(AdvisoryHolder holder, AdvisoryKey key, bool isShared)
    {
        (AdvisoryKey, bool) held = (key, isShared);
        if (!holder.Held.TryGetValue(held, out int times))
            return false;
        if (times > 1)
        {
            holder.Held[held] = times - 1;
            return true;
        }
        holder.Held.Remove(held);
        _table.Return(holder, key, isShared);
        return true;
    }

    /// <summary>Gives back all that the session holds beside its transaction.</summary>
    public void ReleaseAll(AdvisoryHolder holder)
    {
        (AdvisoryKey Key, bool IsShared)[] all = [.. holder.Held.Keys];
        holder.Held.Clear();
        foreach ((AdvisoryKey key, bool isShared) in all)
            _table.Return(holder, key, isShared);
    }

    /// <summary>Who holds and who waits for what; each mode once, however often it is held.</summary>
    public IReadOnlyList<HeldLock<AdvisoryKey>> List() => _table.List();
}
