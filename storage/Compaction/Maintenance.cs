using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Does the engine's background work: flushes the log after relaxed commits, takes checkpoints, merges segments and builds indexes.
/// </summary>
/// <remarks>
/// Two loops: what is short and keeps the log and memory in bounds does not wait for what takes long. Tests call
/// <see cref="RunOnceAsync"/> instead of starting them.
/// </remarks>
internal sealed class Maintenance(StorageState state) : IAsyncDisposable
{
    /// <summary>How long a commit that did not wait may stay out of reach of the disk.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>After a failure, such as a full disk.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0), _wakeMerges = new(0);
    private Task _loops = Task.CompletedTask;

    public void Start() => _loops = Task.WhenAll(
        Begin(() => LoopAsync(CheckpointIfDueAsync, _wake)), Begin(() => LoopAsync(MergeAndBuildAsync, _wakeMerges)));

    /// <summary>Asks for a round now.</summary>
    public void Wake() => Wake(_wake);

    /// <summary>Does what is due.</summary>
    public async ValueTask RunOnceAsync(CancellationToken cancellation)
    {
        await CheckpointIfDueAsync(cancellation).ConfigureAwait(false);
        await MergeAndBuildAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
        _wakeMerges.Dispose();
    }

    private static void Wake(SemaphoreSlim loop)
    {
        if (loop.CurrentCount == 0)
            loop.Release();
    }

    private static Task Begin(Func<Task> loop) => Task.Factory.StartNew(
        loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

    private async ValueTask CheckpointIfDueAsync(CancellationToken cancellation)
    {
        await state.Commits.FlushAsync().ConfigureAwait(false);
        if (!state.IsCheckpointDue && !state.Indexer.HasRowsWaiting)
            return;
        await state.Checkpoints.CheckpointAsync(isLast: false, cancellation).ConfigureAwait(false);
        Wake(_wakeMerges);
    }

    /// <summary>Opens, merges and builds what is due: the second loop's round.</summary>
    public async ValueTask MergeAndBuildAsync(CancellationToken cancellation)
    {
        await state.Indexer.OpenAllAsync(cancellation).ConfigureAwait(false);
        await state.Compactor.CompactAllAsync(cancellation).ConfigureAwait(false);
        await state.Indexer.BuildAllAsync(cancellation).ConfigureAwait(false);
    }

    private async Task LoopAsync(Func<CancellationToken, ValueTask> round, SemaphoreSlim wake)
    {
        bool hasFailed = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(hasFailed ? LongPause : Pause, _stop.Token).ConfigureAwait(false);
                await round(_stop.Token).ConfigureAwait(false);
                hasFailed = false;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is FileFaultException or CorruptFileException)
            {
                // The next round tries again; writers who need the space are told by their own attempt.
                hasFailed = true;
            }
        }
    }
}
