using System.Threading.Channels;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators;

/// <summary>Runs several operators side by side and hands out what they give, as it comes.</summary>
internal sealed class GatherOperator(Operator[] inputs) : Operator
{
    private const int BatchesAheadMax = 4; // of each input

    private readonly Channel<ColumnBatch> _ready = Channel.CreateBounded<ColumnBatch>(
        new BoundedChannelOptions(BatchesAheadMax * inputs.Length) { SingleReader = true });
    private CancellationTokenSource? _stop;
    private Task _work = Task.CompletedTask;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_stop is null)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _work = RunAsync(_stop.Token);
        }
        if (await _ready.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _ready.Reader.TryRead(out ColumnBatch? batch))
            return batch;
        await _work.ConfigureAwait(false);
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_stop is not null)
            await _stop.CancelAsync().ConfigureAwait(false);
        // Nothing may still run when the inputs go. Whatever failed, NextAsync has told, or nobody wants to know any more.
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop?.Dispose();
        foreach (Operator input in inputs)
            await input.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await ParallelWork.RunAsync(inputs, RunAsync, stop).ConfigureAwait(false);
        }
        finally
        {
            _ready.Writer.Complete();
        }
    }

    private async Task RunAsync(Operator input, CancellationToken stop)
    {
        while (await input.NextAsync(stop).ConfigureAwait(false) is { } batch)
            await _ready.Writer.WriteAsync(batch, stop).ConfigureAwait(false);
    }
}
