using VecSQL.Core.Errors;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Stores;

/// <summary>The cluster's timestamps on a node, and its clock as it was a moment ago: what reads that may be of the past are at.</summary>
/// <remarks>
/// Age:     a moment that was asked for so long ago is not older than that, whatever nodes' own clocks say: all that was acknowledged before has it or an
///          earlier one.
/// Closing: a node asks five times a second, and has the shards that it serves close the moment before: those that wait for a timestamp have it by then.
/// Threads: any.
/// </remarks>
internal sealed class ReadClock(ITimestampSource timestamps, TimeProvider time) : ITimestampSource
{
    /// <summary>Replicas have come by then to a moment that was given.</summary>
    private static readonly TimeSpan LikelyReached = TimeSpan.FromMilliseconds(700);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private const int KnownMax = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(long Asked, long Moment)> _known = [];
    private (long Asked, long Moment) _last;

    public ValueTask<long> NextAsync(long after, int count) => timestamps.NextAsync(after, count);

    public ValueTask<long> NowAsync(CancellationToken cancellation) => timestamps.NowAsync(cancellation);

    public ValueTask<long> PastAsync(TimeSpan? stalenessMax, CancellationToken cancellation)
    {
        lock (_gate)
        {
            (long Asked, long Moment) chosen = _last;
            foreach ((long Asked, long Moment) known in _known)
            {
                if (time.GetElapsedTime(known.Asked) < LikelyReached)
                    break;
                bool isNew = stalenessMax is not { } max || time.GetElapsedTime(known.Asked) <= max;
                if (isNew)
                    chosen = known;
            }
            if (chosen.Moment != 0 && (stalenessMax is not { } limit || time.GetElapsedTime(chosen.Asked) <= limit))
                return new ValueTask<long>(chosen.Moment);
        }
        return timestamps.NowAsync(cancellation);
    }

    /// <summary>Asks the clock again and again.</summary>
    /// <param name="close">Told of the moment before; does not wait.</param>
    public async Task RunAsync(Action<long> close, CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                long before = _last.Moment, asked = time.GetTimestamp();
                long moment = await timestamps.NowAsync(cancellation).ConfigureAwait(false);
                Add(asked, moment);
                if (before != 0)
                    close(before);
            }
            catch (SqlException)
            {
                // There is no clock now.
            }
        }
    }

    private void Add(long asked, long moment)
    {
        lock (_gate)
        {
            _last = (asked, moment);
            _known.Enqueue(_last);
            if (_known.Count > KnownMax)
                _known.Dequeue();
        }
    }
}
