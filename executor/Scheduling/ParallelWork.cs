namespace VecSQL.Executor.Scheduling;

/// <summary>Runs the workers of one operator side by side and waits for all of them.</summary>
internal static class ParallelWork
{
    /// <summary>Runs each worker on a thread of the pool. The first failure stops the others and is thrown when all have stopped.</summary>
    internal static async Task RunAsync<T>(
        IReadOnlyList<T> workers, Func<T, CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tasks = new Task[workers.Count];
        for (int i = 0; i < tasks.Length; i++)
        {
            T worker = workers[i];
            tasks[i] = Task.Run(() => StopOthersOnFailureAsync(worker, work, stop), CancellationToken.None);
        }
        // Nothing may still be reading when this returns: what the workers share is disposed by the caller.
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task? failed = null;
        foreach (Task task in tasks)
        {
            // Workers that stopped because another failed say only that they were cancelled.
            if (task.IsFaulted || (task.IsCanceled && failed is null))
                failed = failed is { IsFaulted: true } ? failed : task;
        }
        if (failed is not null)
            await failed.ConfigureAwait(false);
    }

    private static async Task StopOthersOnFailureAsync<T>(
        T worker, Func<T, CancellationToken, Task> work, CancellationTokenSource stop)
    {
        bool isDone = false;
        try
        {
            await work(worker, stop.Token).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}
