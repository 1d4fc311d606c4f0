using System.Threading.Channels;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators;

/// <summary>Runs several operators side by side and hands out what they give: as it comes, or all of the first before the second's.</summary>
internal sealed class GatherOperator : Operator
{
    private const int BatchesAheadMax = 4; // of each input

    private readonly Operator[] _inputs;
    private readonly Channel<ColumnBatch>[] _ready; // one of all inputs, or one of each
    private CancellationTokenSource? _stop;
    private Task _work = Task.CompletedTask;
    private int _place; // of the one that is read

    /// <param name="inOrder">Whether the inputs' rows come one input after the other.</param>
    internal GatherOperator(Operator[] inputs, bool inOrder = false)
    {
        _inputs = inputs;
        _ready = new Channel<ColumnBatch>[inOrder ? inputs.Length : 1];
        for (int i = 0; i < _ready.Length; i++)
        {
            _ready[i] = Channel.CreateBounded<ColumnBatch>(
                new BoundedChannelOptions(BatchesAheadMax * inputs.Length / _ready.Length) { SingleReader = true });
        }
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_stop is null)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _work = RunAsync(_stop.Token);
        }
        for (; _place < _ready.Length; _place++)
        {
            ChannelReader<ColumnBatch> reader = _ready[_place].Reader;
            if (await reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && reader.TryRead(out ColumnBatch? batch))
                return batch;
        }
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
        foreach (Operator input in _inputs)
            await input.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await ParallelWork.RunAsync([.. Enumerable.Range(0, _inputs.Length)], RunAsync, stop).ConfigureAwait(false);
        }
        finally
        {
            foreach (Channel<ColumnBatch> ready in _ready)
                ready.Writer.TryComplete();
        }
    }

    private async Task RunAsync(int place, CancellationToken stop)
    {
        ChannelWriter<ColumnBatch> writer = _ready[place % _ready.Length].Writer;
        while (await _inputs[place].NextAsync(stop).ConfigureAwait(false) is { } batch)
            await writer.WriteAsync(batch, stop).ConfigureAwait(false);
        if (_ready.Length == _inputs.Length)
            writer.Complete();
    }
}
