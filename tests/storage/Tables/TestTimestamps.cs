using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>One source of timestamps for several engines, which also gives moments to read at.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class TestTimestamps : ITimestampSource
{
    private readonly Lock _lock = new();
    private long _last;

    /// <summary>Waited for before timestamps that were taken are handed over.</summary>
    internal Task? Delay { get; set; }

    public async ValueTask<long> NextAsync(long after, int count)
    {
        long first = Take(after, count);
        if (Delay is { } delay)
        {
            Delay = null;
            await delay;
        }
        return first;
    }

    /// <summary>A timestamp that nobody else gets: to read at, or to commit at.</summary>
    internal CommitTimestamp Next() => new(Take(0, 1));

    private long Take(long after, int count)
    {
        lock (_lock)
        {
            long first = Math.Max(after, _last) + 1;
            _last = first + count - 1;
            return first;
        }
    }
}
