using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Where the advisory locks of sessions are kept: an engine's own, or the home shard's wherever it is.</summary>
/// <remarks>Threads: any; those of one holder one at a time.</remarks>
internal interface IAdvisoryTable
{
    /// <summary>Takes a lock for a session.</summary>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="Core.Errors.SqlException">40P01 deadlock; 55P03 not in time.</exception>
    ValueTask<bool> TakeAsync(AdvisoryHolder holder, ITransaction waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation);

    /// <summary>Gives back what was taken.</summary>
    void Return(AdvisoryHolder holder, AdvisoryKey key, bool isShared);

    /// <summary>Who holds and who waits for what.</summary>
    IReadOnlyList<HeldLock<AdvisoryKey>> List();
}
