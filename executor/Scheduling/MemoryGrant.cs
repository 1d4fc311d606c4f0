using VecSQL.Core.Memory;

namespace VecSQL.Executor.Scheduling;

/// <summary>What one operator holds of the query's memory budget; given back when disposed.</summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class MemoryGrant(MemoryBudget budget) : IDisposable
{
    private const long Step = 64 << 10; // small changes must not touch the shared counters

    internal long Bytes { get; private set; }

    /// <summary>Grows or shrinks the grant to cover the bytes.</summary>
    /// <exception cref="Core.Errors.SqlException">53200: the budget has no more.</exception>
    internal void Set(long bytes)
    {
        long wanted = RoundUp(bytes);
        if (wanted > Bytes)
            budget.Reserve(wanted - Bytes);
        else if (wanted < Bytes)
            budget.Release(Bytes - wanted);
        Bytes = wanted;
    }

    /// <summary>As <see cref="Set"/>, but leaves the grant as it was and says so when the budget has no more.</summary>
    internal bool TrySet(long bytes)
    {
        long wanted = RoundUp(bytes);
        if (wanted > Bytes && !budget.TryReserve(wanted - Bytes))
            return false;
        if (wanted < Bytes)
            budget.Release(Bytes - wanted);
        Bytes = wanted;
        return true;
    }

    public void Dispose() => Set(0);

    private static long RoundUp(long bytes) => (bytes + Step - 1) / Step * Step;
}
