using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Does the engine's background work: flushes the log after relaxed commits, takes checkpoints, merges segments and builds indexes.
/// </summary>
/// <remarks><see cref="MaintenanceLoops"/> has it done; tests call <see cref="RunOnceAsync"/> instead of starting them.</remarks>
internal sealed class Maintenance(StorageState state, MaintenanceLoops loops) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _short = new(1), _long = new(1); // held in rounds of the one loop and of the other

    public void Start() => loops.Add(this);

    /// <summary>Asks for a round now.</summary>
    public void Wake() => loops.Wake();

    /// <summary>Does what is due.</summary>
    public async ValueTask RunOnceAsync(CancellationToken cancellation)
    {
        await CheckpointIfDueAsync(cancellation).ConfigureAwait(false);
        await MergeAndBuildAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Has rounds end as soon as they can, and does not wait for that; none begins again.</summary>
    public void Stop()
    {
        loops.Remove(this);
        _stop.Cancel();
    }

    /// <summary>Returns when no round runs any more; none begins again.</summary>
    public async ValueTask DisposeAsync()
    {
        loops.Remove(this);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _short.WaitAsync().ConfigureAwait(false);
        await _long.WaitAsync().ConfigureAwait(false);
    }

    /// <summary>A loop's round, unless the engine is being stopped.</summary>
    public async ValueTask RunAsync(MaintenanceRound round)
    {
        SemaphoreSlim turn = round == MaintenanceRound.Short ? _short : _long;
        if (!await turn.WaitAsync(0).ConfigureAwait(false))
            return; // it is being stopped
        try
        {
            if (_stop.IsCancellationRequested)
                return;
            if (round == MaintenanceRound.Short)
                await CheckpointIfDueAsync(_stop.Token).ConfigureAwait(false);
            else
                await MergeAndBuildAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It goes on after the next start.
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Opens, merges and builds what is due: the second loop's round.</summary>
    public async ValueTask MergeAndBuildAsync(CancellationToken cancellation)
    {
        await state.Indexer.OpenAllAsync(cancellation).ConfigureAwait(false);
        await state.Compactor.CompactAllAsync(cancellation).ConfigureAwait(false);
        await state.Indexer.BuildAllAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask CheckpointIfDueAsync(CancellationToken cancellation)
    {
        await state.Commits.FlushAsync().ConfigureAwait(false);
        if (!state.IsCheckpointDue && !state.Indexer.HasRowsWaiting)
            return;
        await state.Checkpoints.CheckpointAsync(isLast: false, cancellation).ConfigureAwait(false);
        loops.WakeMerges();
    }
}

/// <summary>What keeps the log and memory in bounds, and what takes long.</summary>
internal enum MaintenanceRound
{
    Short,
    Long,
}
