using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>An engine's advisory locks, of sessions and of transactions.</summary>
/// <remarks>Threads: any; those of one holder one at a time.</remarks>
internal sealed class AdvisoryTable(WaitGraph graph) : IAdvisoryTable
{
    private readonly ModeLocks<AdvisoryKey> _locks = new(graph, static key => $"advisory lock [{key.Database},{key.ClassId},{key.ObjectId},{key.SubId}]");

    public ValueTask<bool> TakeAsync(AdvisoryHolder holder, ITransaction waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation) =>
        TakeAsync(holder, waiter.Owner, key, isShared, waits, cancellation);

    /// <inheritdoc cref="IAdvisoryTable.TakeAsync"/>
    public async ValueTask<bool> TakeAsync(AdvisoryHolder holder, LockOwner waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        if (!waits)
            return _locks.TryAcquire(holder, key, Mode(isShared));
        Transaction waiting = waiter.Running ?? throw new ArgumentException("no transaction waits", nameof(waiter));
        await _locks.AcquireAsync(holder, waiting, key, Mode(isShared), cancellation).ConfigureAwait(false);
        return true;
    }

    public void Return(AdvisoryHolder holder, AdvisoryKey key, bool isShared) => _locks.Release(holder, key, Mode(isShared));

    public IReadOnlyList<HeldLock<AdvisoryKey>> List() => _locks.List();

    /// <summary>Tells all holders that nothing is kept here for them any more.</summary>
    public void Lose()
    {
        foreach (AdvisoryHolder holder in List().Where(static held => held.IsGranted).Select(static held => held.Owner).OfType<AdvisoryHolder>().Distinct())
            holder.Lose();
    }

    private static TableLockMode Mode(bool isShared) => isShared ? TableLockMode.Share : TableLockMode.Exclusive;
}
