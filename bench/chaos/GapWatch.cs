using System.Diagnostics;

namespace VecSQL.Bench.Chaos;

/// <summary>The longest time in which nothing of a kind was done. Threads: any.</summary>
internal sealed class GapWatch
{
    private readonly Lock _gate = new();
    private long _last = Stopwatch.GetTimestamp();
    private TimeSpan _longest;

    /// <summary>Something was done.</summary>
    public void Done()
    {
        lock (_gate)
        {
            TimeSpan gap = Stopwatch.GetElapsedTime(_last);
            _last = Stopwatch.GetTimestamp();
            if (gap > _longest)
                _longest = gap;
        }
    }

    /// <summary>The longest until now since it was last asked.</summary>
    public TimeSpan Take()
    {
        lock (_gate)
        {
            TimeSpan open = Stopwatch.GetElapsedTime(_last), longest = open > _longest ? open : _longest;
            _longest = default;
            return longest;
        }
    }
}
