using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>One source of timestamps for the engines of a node: what its clock says, and one more than the last while that says no more.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class SharedTimestamps(TimeProvider time) : ITimestampSource
{
    private readonly Lock _lock = new();
    private long _newest;

    /// <summary>The last that was given.</summary>
    public ValueTask<long> NowAsync(CancellationToken cancellation) => new(Volatile.Read(ref _newest));

    /// <summary>Gives nothing at or below it from here on.</summary>
    public void Pass(long timestamp)
    {
        lock (_lock)
            _newest = Math.Max(_newest, timestamp);
    }

    public ValueTask<long> NextAsync(long after, int count)
    {
        lock (_lock)
        {
            long first = Math.Max(Math.Max(after, _newest) + 1, CommitTimestamp.At(time.GetUtcNow()).Value);
            Volatile.Write(ref _newest, first + count - 1);
            return new ValueTask<long>(first);
        }
    }
}
