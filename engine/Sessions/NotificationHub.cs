using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace VecSQL.Engine.Sessions;

/// <summary>Who listens to which channel of a database, at this node; what they send goes to those of other nodes too.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class NotificationHub
{
    private readonly ConcurrentDictionary<(uint Database, string Channel), ImmutableHashSet<SessionChannels>> _listeners = new();
    private readonly INotificationRelay? _relay;

    /// <param name="relay">Null where the node is alone.</param>
    internal NotificationHub(INotificationRelay? relay)
    {
        _relay = relay;
        if (relay is not null)
            relay.Received = Deliver;
    }

    internal void Listen(uint database, string channel, SessionChannels listener) =>
        _listeners.AddOrUpdate((database, channel), [listener], (_, listeners) => listeners.Add(listener));

    internal void Unlisten(uint database, string channel, SessionChannels listener) =>
        _listeners.AddOrUpdate((database, channel), [], (_, listeners) => listeners.Remove(listener));

    /// <summary>A transaction has committed these.</summary>
    internal void Send(uint database, IReadOnlyList<SqlNotification> notifications)
    {
        if (notifications.Count == 0)
            return;
        foreach (SqlNotification notification in notifications)
            Deliver(database, notification);
        _relay?.Send(database, notifications);
    }

    private void Deliver(uint database, SqlNotification notification)
    {
        if (!_listeners.TryGetValue((database, notification.Channel), out ImmutableHashSet<SessionChannels>? listeners))
            return;
        foreach (SessionChannels listener in listeners)
            listener.Receive(notification);
    }
}
