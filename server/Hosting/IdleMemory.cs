namespace VecSQL.Server.Hosting;

/// <summary>Gives memory back to the system once a node has gone quiet after work, such as a bulk load.</summary>
/// <remarks>
/// The collector runs when something allocates; a node that has just loaded a gigabyte and then waits for questions would keep
/// what the load took until the next load. So every <see cref="Period"/> the allocations since the last look are read, and
/// the first quiet period after a busy one ends with one compacting collection that returns free memory. A busy node never
/// pays for it, and a quiet one pays once.
/// Threads: the timer's, one at a time.
/// </remarks>
internal sealed class IdleMemory : IDisposable
{
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>What may be allocated in a period that counts as quiet: health checks and the like.</summary>
    internal const long QuietBytes = 1 << 20;

    /// <summary>Less than this is not worth a collection.</summary>
    internal const long WorthBytes = 32 << 20;

    private readonly Func<long> _allocatedBytes;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private long _seenBytes, _collectedBytes;

    /// <param name="allocatedBytes">All bytes allocated since the process began.</param>
    /// <param name="collect">Collects, compacts, and gives back.</param>
    internal IdleMemory(TimeProvider time, Func<long> allocatedBytes, Action collect)
    {
        (_allocatedBytes, _collect) = (allocatedBytes, collect);
        _seenBytes = _collectedBytes = allocatedBytes();
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    internal static IdleMemory Watch() => new(TimeProvider.System, static () => GC.GetTotalAllocatedBytes(),
        static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long allocated = _allocatedBytes();
        bool isQuiet = allocated - _seenBytes < QuietBytes;
        _seenBytes = allocated;
        if (isQuiet && allocated - _collectedBytes >= WorthBytes)
        {
            _collect();
            _collectedBytes = _seenBytes = _allocatedBytes();
        }
        _timer.Change(Period, Timeout.InfiniteTimeSpan); // by itself, so that a slow collection is not followed by another
    }
}
