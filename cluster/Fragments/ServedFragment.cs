using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Operators;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Fragments;

/// <summary>A fragment of another node's statement, running on its branch here.</summary>
/// <remarks>
/// Answer:  rows that are few and come soon go with the answer of the call that asks for them; others wait for their reader, a few ahead of it.
/// Threads: one reader; it is ended from any.
/// </remarks>
internal sealed class ServedFragment : IAsyncDisposable
{
    /// <summary>What may wait for the reader.</summary>
    private const int BytesAheadMax = 64 << 10;

    /// <summary>For how long other calls of the branch wait behind it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    private readonly FragmentExecution _execution;
    private readonly ServedFeed[] _feeds;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<ColumnBatch> _ahead = [];
    private readonly Lock _gate = new();
    private Task _filling = Task.CompletedTask;
    private Task? _ending;
    private bool _isReading, _isOver;

    /// <exception cref="InvalidDataException">The order makes no sense.</exception>
    public ServedFragment(
        ReadOnlyMemory<byte> order, FragmentResources resources, ITransaction transaction, IReadOnlyDictionary<TableId, TableView> views, ServedFeed[] feeds)
    {
        if (feeds.DistinctBy(static feed => feed.Number).Count() != feeds.Length)
            throw new InvalidDataException("rows of one number go along with a fragment twice");
        _feeds = feeds;
        _execution = FragmentExecution.Open(
            order, resources, transaction, views, feeds.Select(static feed => KeyValuePair.Create<int, Operator>(feed.Number, feed)), _ended.Token);
    }

    /// <summary>Begins to run it.</summary>
    /// <returns>Whether the answer has all rows.</returns>
    public async ValueTask<bool> TryAnswerAsync(BranchReply reply, TimeProvider time, CancellationToken cancellation)
    {
        _filling = Task.Run(FillAsync, CancellationToken.None);
        if (Array.Exists(_feeds, static feed => feed.HasMore))
            return false; // which comes only now
        using (cancellation.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended))
        {
            await _filling.WaitAsync(Patience, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_filling.IsCompleted)
                return false;
            await _filling.ConfigureAwait(false);
        }
        if (!_isOver)
            return false;
        while (_ahead.TryDequeue(out ColumnBatch? rows))
            reply.Batches.Add(UnsafeByteOperations.UnsafeWrap(BatchBytes.Write(rows)));
        reply.Data = UnsafeByteOperations.UnsafeWrap(_execution.Figures());
        return true;
    }

    /// <summary>False where somebody reads it, or it has ended.</summary>
    public bool TryBeginReading()
    {
        lock (_gate)
        {
            if (_isReading || _ending is not null)
                return false;
            return _isReading = true;
        }
    }

    public ServedFeed? FeedOf(int number) => Array.Find(_feeds, feed => feed.Number == number);

    public void EndReading() => _read.TrySetResult();

    /// <summary>Sends the rows as they come.</summary>
    public async ValueTask SendAsync(GrpcCall call)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, _ended.Token);
        using CancellationTokenRegistration leaving = call.Cancellation.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        RowSender sender = new(call);
        await _filling.ConfigureAwait(false);
        while (_ahead.TryDequeue(out ColumnBatch? rows))
            await sender.SendAsync(rows, stop.Token).ConfigureAwait(false);
        while (!_isOver && await _execution.NextAsync(stop.Token).ConfigureAwait(false) is { } rows)
            await sender.SendAsync(rows, stop.Token).ConfigureAwait(false);
        if (_execution.Figures() is { Length: > 0 } figures)
            await call.WriteAsync(new GrpcPayload(new byte[sizeof(int)], [figures]), stop.Token).ConfigureAwait(false);
    }

    /// <summary>Ends it, and returns when nothing of it runs any more.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_ending ??= StopAsync());
    }

    private async Task FillAsync()
    {
        long bytes = 0;
        while (bytes < BytesAheadMax)
        {
            if (await _execution.NextAsync(_ended.Token).ConfigureAwait(false) is not { } rows)
            {
                _isOver = true;
                return;
            }
            _ahead.Enqueue(rows);
            bytes += BatchBytes.SizeOf(rows);
        }
    }

    private async Task StopAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        foreach (ServedFeed feed in _feeds)
            feed.Leave();
        await _filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_isReading)
            await _read.Task.ConfigureAwait(false);
        await _execution.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }
}
