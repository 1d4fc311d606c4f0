using VecSQL.Core.Threads;

namespace VecSQL.Core.Tests;

/// <summary>Waiting for what another thread tells.</summary>
public sealed class SignalTests
{
    [Fact]
    public async Task What_was_set_before_is_not_waited_for()
    {
        Signal signal = new();
        signal.Set();
        signal.Set();
        Assert.True(signal.IsCompleted);
        await signal;
    }

    [Fact]
    public void The_waiter_goes_on_with_the_threads_that_it_waited_on()
    {
        Signal signal = new();
        Threads threads = new();
        Task waiting = threads.Run(() => WaitAsync(signal));
        Assert.Empty(threads.Posted);
        signal.Set();
        Assert.False(waiting.IsCompleted); // never inside Set
        signal.Set();
        Assert.Single(threads.Posted)();
        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Without_such_threads_the_waiter_goes_on_with_the_pool()
    {
        Signal signal = new();
        Task waiting = WaitAsync(signal);
        lock (signal)
            signal.Set();
        await waiting;
    }

    private static async Task WaitAsync(Signal signal) => await signal;

    private sealed class Threads : SessionThreads
    {
        public List<Action> Posted { get; } = [];

        public override bool HasOthers => false;

        public override void Post(Action action) => Posted.Add(action);

        public T Run<T>(Func<T> function)
        {
            Current = this;
            try
            {
                return function();
            }
            finally
            {
                Current = null;
            }
        }
    }
}
