namespace VecSQL.Simulation.Tests.World;

/// <summary>A node's clock as a process has it: timers that it sets go off in the process, if that still is.</summary>
internal sealed class ProcessClock(EventLoop loop, SimulatedClock clock, Func<Action, Action> inProcess) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        ProcessTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ProcessTimer(ProcessClock clock, Action act) : ITimer
    {
        private int _setting; // what was set before it is changed does not go off

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.Schedule(dueTime, () =>
                {
                    if (setting == _setting)
                        act();
                });
            }
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private void Schedule(TimeSpan dueTime, Action act) => loop.After((long)dueTime.TotalMicroseconds, inProcess(act));
}
