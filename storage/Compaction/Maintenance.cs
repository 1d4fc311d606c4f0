using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Does the engine's background work: flushes the log after relaxed commits, takes checkpoints, merges segments.
/// </summary>
/// <remarks>One loop, so that jobs never compete; tests call <see cref="RunOnceAsync"/> instead of starting
/// it.</remarks>
internal sealed class Maintenance(StorageState state) : IAsyncDisposable
{
    /// <summary>How long a commit that did not wait may stay out of reach of the disk.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>After a failure, such as a full disk.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private Task _loop = Task.CompletedTask;

    /// <summary>What the last round failed with; null where it did not.</summary>
    public Exception? LastFailure { get; private set; }

    public void Start() => _loop = Task.Factory.StartNew(
        LoopAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

    /// <summary>Asks for a round now.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Does what is due.</summary>
    public async ValueTask RunOnceAsync(CancellationToken cancellation)
    {
        await state.Commits.FlushAsync().ConfigureAwait(false);
        if (state.IsCheckpointDue || state.Indexer.HasRowsWaiting)
        {
            await state.Checkpoints.CheckpointAsync(isLast: false, cancellation).ConfigureAwait(false);
            await state.Compactor.CompactAllAsync(cancellation).ConfigureAwait(false);
        }
        await state.Indexer.BuildAllAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(LastFailure is null ? Pause : LongPause, _stop.Token).ConfigureAwait(false);
                await RunOnceAsync(_stop.Token).ConfigureAwait(false);
                LastFailure = null;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is FileFaultException or CorruptFileException)
            {
                // The next round tries again; writers who need the space are told by their own attempt.
                LastFailure = failure;
            }
        }
    }
}
