using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Compaction;

/// <summary>Has the background work of engines done, round by round.</summary>
/// <remarks>
/// Two loops: what is short and keeps the log and memory in bounds does not wait for what takes long. Each goes from engine to engine, so that as
/// many engines do not take as many threads, and merges of one do not take the processors from those of another.
/// Threads: any.
/// </remarks>
internal sealed class MaintenanceLoops : IDisposable
{
    /// <summary>How long a commit that did not wait may stay out of reach of the disk.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>After a failure, such as a full disk.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0), _wakeMerges = new(0);
    private Maintenance[] _engines = [];
    private bool _isStarted;

    internal void Add(Maintenance engine)
    {
        lock (_lock)
        {
            _engines = [.. _engines, engine];
            if (_isStarted)
                return;
            _isStarted = true;
        }
        Begin(() => LoopAsync(MaintenanceRound.Short, _wake));
        Begin(() => LoopAsync(MaintenanceRound.Long, _wakeMerges));
    }

    internal void Remove(Maintenance engine)
    {
        lock (_lock)
            _engines = [.. _engines.Where(other => other != engine)];
    }

    /// <summary>Asks for a round of short work now.</summary>
    internal void Wake() => Wake(_wake);

    internal void WakeMerges() => Wake(_wakeMerges);

    public void Dispose() => _stop.Cancel();

    private static void Wake(SemaphoreSlim loop)
    {
        if (loop.CurrentCount == 0)
            loop.Release();
    }

    private static void Begin(Func<Task> loop) => _ = Task.Factory.StartNew(
        loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

    private async Task LoopAsync(MaintenanceRound round, SemaphoreSlim wake)
    {
        bool hasFailed = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(hasFailed ? LongPause : Pause, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            hasFailed = false;
            foreach (Maintenance engine in Volatile.Read(ref _engines))
            {
                try
                {
                    await engine.RunAsync(round).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is FileFaultException or CorruptFileException or SqlException or OperationCanceledException)
                {
                    // The next round tries again; writers who need the space are told by their own attempt.
                    hasFailed = true;
                }
            }
        }
    }
}
