using VecSQL.Cluster.Stores;
using VecSQL.Core.Errors;
using VecSQL.Kit;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Tests.Stores;

/// <summary>At which moments reads are that may be of the past.</summary>
public sealed class ReadClockTests
{
    [Fact]
    public async Task A_moment_is_likely_to_have_been_reached_and_not_older_than_is_wanted()
    {
        ManualTime time = new();
        Counter counter = new();
        ReadClock clock = new(counter, time);
        using CancellationTokenSource ended = new();
        List<long> closed = [];
        Assert.Equal(1, await clock.PastAsync(null, default)); // nothing is known yet
        Task running = clock.RunAsync(closed.Add, ended.Token);
        for (int i = 0; i < 10; i++)
        {
            await time.TimersAsync(1);
            time.Advance(TimeSpan.FromMilliseconds(200));
            await counter.ReachAsync(2 + i);
        }
        Assert.Equal([.. Enumerable.Range(2, closed.Count)], closed.Select(static moment => (int)moment)); // each once there is a later one
        long past = await clock.PastAsync(null, default), fresh = await clock.PastAsync(TimeSpan.FromMilliseconds(300), default);
        Assert.Equal((7, 11), (past, fresh)); // of 800 and 0 milliseconds ago
        time.Advance(TimeSpan.FromMilliseconds(100));
        counter.IsSilent = true;
        await Assert.ThrowsAsync<SqlException>(() => clock.PastAsync(TimeSpan.FromMilliseconds(50), default).AsTask());
        Assert.Equal(11, await clock.PastAsync(TimeSpan.FromMilliseconds(100), default));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(11, await clock.PastAsync(null, default));
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private sealed class Counter : ITimestampSource
    {
        private readonly Lock _lock = new();
        private readonly List<(long Count, TaskCompletionSource Reached)> _waiting = [];
        private long _last;

        public bool IsSilent { get; set; }

        public ValueTask<long> NextAsync(long after, int count)
        {
            if (IsSilent)
                throw new SqlException(SqlState.CannotConnectNow, "no timestamps");
            lock (_lock)
            {
                _last++;
                foreach ((long wanted, TaskCompletionSource reached) in _waiting)
                {
                    if (wanted <= _last)
                        reached.TrySetResult();
                }
                return new ValueTask<long>(_last);
            }
        }

        public Task ReachAsync(long count)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (_last >= count)
                    return Task.CompletedTask;
                _waiting.Add((count, reached));
            }
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }
}
