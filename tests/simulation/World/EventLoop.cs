namespace VecSQL.Simulation.Tests.World;

/// <summary>All that happens, in order of simulated time; one thing after another. Times are microseconds.</summary>
internal sealed class EventLoop
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _queue = new();
    private long _order;

    public const long Millisecond = 1000, Second = 1_000_000;

    public long Now { get; private set; }

    /// <summary>Events so far.</summary>
    public long Count { get; private set; }

    /// <summary>A hash of all that was noted: equal runs have equal ones.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public void After(long delay, Action act) => _queue.Enqueue(act, (Now + Math.Max(delay, 0), _order++));

    public void Note(long a, long b)
    {
        Trace = (Trace ^ (ulong)a) * 1099511628211;
        Trace = (ulong.RotateLeft(Trace, 23) ^ (ulong)b) * 1099511628211;
    }

    public bool RunNext()
    {
        if (!_queue.TryDequeue(out Action? act, out (long Time, long Order) key))
            return false;
        Now = key.Time;
        Count++;
        Note(key.Time, key.Order);
        act();
        return true;
    }
}
