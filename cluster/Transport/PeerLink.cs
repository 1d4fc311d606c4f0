using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Metadata;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>The stream of messages to one other node: made when there is something to send, and made anew when it breaks.</summary>
/// <remarks>Order: messages arrive in the order in which they were given, but for those that are lost when a connection breaks or nobody listens.</remarks>
internal sealed class PeerLink : IAsyncDisposable
{
    private const int BatchBytes = 1 << 20;

    /// <summary>What waits for a slow node; more is dropped.</summary>
    private const long QueueBytesMax = 32 << 20;

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50), WaitMax = TimeSpan.FromSeconds(1);

    private readonly NodeId _target;
    private readonly NodeClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;
    private bool _isConnected = true; // so that the first failure is told

    public PeerLink(NodeId target, NodeClient client, TimeProvider time, Random random, ILogger log)
    {
        (_target, _client, _time, _log) = (target, client, time, log);
        _backoff = new Backoff(WaitMin, WaitMax, random);
        _running = RunAsync(_ended.Token);
    }

    public OutgoingQueue Queue { get; } = new(QueueBytesMax);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    private async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await Queue.WaitAsync().WaitAsync(end);
                await SendAsync(end);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (GrpcException broken)
            {
                if (_isConnected)
                    Log.PeerLost(_log, _target, broken.Code, broken.Message);
                _isConnected = false;
                Queue.Clear(); // what was to be said is said anew, where it still is of use
                await Task.Delay(_backoff.Next(), _time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    /// <summary>Sends on one stream until it breaks.</summary>
    private async Task SendAsync(CancellationToken end)
    {
        await using GrpcClientCall call = _client.Begin(_target, NodeService.Messages, timeout: null, end);
        await call.ReadHeadersAsync(); // the node has let this one in
        if (!_isConnected)
            Log.PeerFound(_log, _target);
        _isConnected = true;
        Task over = EndAsync(call);
        while (true)
        {
            await Task.WhenAny(Queue.WaitAsync(), over).WaitAsync(end);
            if (over.IsCompleted)
                await over;
            await call.WriteAsync(MessageBatchCodec.Encode(Queue.Take(BatchBytes)));
            _backoff.Reset();
        }
    }

    /// <summary>Fails when the other side has ended the call.</summary>
    private static async Task EndAsync(GrpcClientCall call)
    {
        using GrpcMessage? unwanted = await call.ReadAsync();
        throw new GrpcException(GrpcStatusCode.Unavailable, "the node takes no more messages");
    }
}
