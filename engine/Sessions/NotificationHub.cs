using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace VecSQL.Engine.Sessions;

/// <summary>Who listens to which channel of the node.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class NotificationHub
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<SessionChannels>> _listeners = new();

    internal void Listen(string channel, SessionChannels listener) =>
        _listeners.AddOrUpdate(channel, [listener], (_, listeners) => listeners.Add(listener));

    internal void Unlisten(string channel, SessionChannels listener) =>
        _listeners.AddOrUpdate(channel, [], (_, listeners) => listeners.Remove(listener));

    internal void Send(SqlNotification notification)
    {
        if (!_listeners.TryGetValue(notification.Channel, out ImmutableHashSet<SessionChannels>? listeners))
            return;
        foreach (SessionChannels listener in listeners)
            listener.Receive(notification);
    }
}
