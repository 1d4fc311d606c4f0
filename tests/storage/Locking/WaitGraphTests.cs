using VecSQL.Core.Errors;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Locking;

public sealed class WaitGraphTests
{
    [Fact]
    public async Task A_waiter_that_was_released_and_has_not_gone_on_yet_closes_no_circle()
    {
        await using StorageEngine engine = TestDatabase.Open();
        await using Transaction waiter = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction blocker = engine.Begin(IsolationLevel.ReadCommitted);
        WaitGraph graph = new(TimeProvider.System);
        TaskCompletionSource released = new(), other = new();
        Task? next = null;
        // Registered first, so that it runs before the waiter goes on.
        Task follows = released.Task.ContinueWith(
            _ => next = graph.WaitForTransactionAsync(blocker, waiter, other.Task, default).AsTask(),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Task waiting = graph.WaitForTransactionAsync(waiter, blocker, released.Task, default).AsTask();
        released.SetResult();
        await follows;
        await waiting;
        other.SetResult();
        Assert.NotNull(next);
        await next;
    }

    [Fact]
    public async Task Two_that_wait_for_each_other_close_a_circle()
    {
        await using StorageEngine engine = TestDatabase.Open();
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        WaitGraph graph = new(TimeProvider.System);
        TaskCompletionSource released = new();
        Task waiting = graph.WaitForTransactionAsync(first, second, released.Task, default).AsTask();
        SqlException error = await Assert.ThrowsAsync<SqlException>(
            () => graph.WaitForTransactionAsync(second, first, new TaskCompletionSource().Task, default).AsTask());
        Assert.Equal(SqlState.DeadlockDetected, error.State);
        released.SetResult();
        await waiting;
    }
}
