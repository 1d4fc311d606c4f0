using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>Carries notifications to the sessions of other nodes: once, and in the order in which they were sent here.</summary>
/// <remarks>
/// Loss:    what a node that is alive does not take for <see cref="Patience"/>, or what is more than <see cref="WaitingMax"/>, is lost to it.
/// Again:   a batch whose outcome is not known is sent again under its number, and taken once.
/// Threads: any.
/// </remarks>
/// <param name="process">Names this process among all that there are and were.</param>
/// <param name="others">The other nodes that are alive.</param>
public sealed class NotificationRelay(NodeClient client, ulong process, Func<IReadOnlyList<NodeId>> others, TimeProvider time, ILogger log)
{
    private const int BatchMax = 256, WaitingMax = 65_536;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), CallTimeout = TimeSpan.FromSeconds(2), Wait = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, Queue<Notification>> _waiting = []; // of nodes that are being sent to
    private readonly Dictionary<ulong, long> _taken = []; // the last number of each process
    private long _lastNumber;

    /// <summary>Told of what sessions of other nodes have sent, in their order. Set before there are sessions.</summary>
    public Action<Notification>? Received { get; set; }

    internal static GrpcMarshaller<NotificationBatch> Batches { get; } = GrpcMarshaller.Of(NotificationBatch.Parser);

    internal static GrpcMarshaller<NotificationReply> Replies { get; } = GrpcMarshaller.Of(NotificationReply.Parser);

    /// <summary>Sends to all other nodes; does not wait.</summary>
    public void Send(IReadOnlyList<Notification> notifications)
    {
        foreach (NodeId node in others())
        {
            lock (_lock)
            {
                bool isSending = _waiting.TryGetValue(node, out Queue<Notification>? waiting);
                if (waiting is null)
                    _waiting.Add(node, waiting = []);
                foreach (Notification notification in notifications.Take(WaitingMax - waiting.Count))
                    waiting.Enqueue(notification);
                if (!isSending)
                    _ = SendAsync(node, waiting);
            }
        }
    }

    internal void Take(NotificationBatch batch)
    {
        lock (_lock)
        {
            if (batch.Number <= _taken.GetValueOrDefault(batch.Process))
                return;
            _taken[batch.Process] = batch.Number;
            foreach (NotificationMessage message in batch.Notifications)
                Received?.Invoke(new Notification(message.Database, message.Sender, message.Channel, message.Payload));
        }
    }

    private async Task SendAsync(NodeId node, Queue<Notification> waiting)
    {
        await Task.Yield();
        while (true)
        {
            NotificationBatch batch = new() { Process = process };
            lock (_lock)
            {
                if (waiting.Count == 0)
                {
                    _waiting.Remove(node);
                    return;
                }
                batch.Number = ++_lastNumber;
                while (batch.Notifications.Count < BatchMax && waiting.TryDequeue(out Notification? next))
                {
                    batch.Notifications.Add(new NotificationMessage
                    {
                        Database = next.Database, Sender = next.Sender, Channel = next.Channel, Payload = next.Payload,
                    });
                }
            }
            await SendAsync(node, batch).ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(NodeId node, NotificationBatch batch)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await client.CallAsync(node, NodeService.Notify, batch, Batches, Replies, CallTimeout, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is GrpcException or ObjectDisposedException)
            {
                if (failure is GrpcException && others().Contains(node) && time.GetElapsedTime(start) < Patience)
                {
                    await Task.Delay(Wait, time, CancellationToken.None).ConfigureAwait(false);
                    continue;
                }
                Log.NotificationsLost(log, node, batch.Notifications.Count, failure.Message);
                return;
            }
        }
    }
}
