using System.Collections.Immutable;

namespace VecSQL.Engine.Sessions;

/// <summary>LISTEN and NOTIFY of one session. Both take effect at commit; notifications arrive between transactions.</summary>
/// <remarks>
/// Threads: the session's own, except <see cref="Receive"/>. <see cref="Arrived"/> is raised on the session's thread at the end of a transaction,
/// or on the sender's while the session is idle; never while the session works.
/// </remarks>
internal sealed class SessionChannels(SessionState session)
{
    private readonly Lock _lock = new();
    private readonly Queue<SqlNotification> _waiting = new();
    private readonly List<SqlNotification> _toSend = [];
    private readonly List<(string? Channel, bool IsListen)> _toChange = [];
    private ImmutableHashSet<string> _channels = [];
    private bool _isIdle = true;

    internal event Action<SqlNotification>? Arrived;

    internal IReadOnlyCollection<string> Channels => _channels;

    internal void Listen(string channel) => _toChange.Add((channel, true));

    /// <param name="channel">Null for all.</param>
    internal void Unlisten(string? channel) => _toChange.Add((channel, false));

    /// <summary>NOTIFY: the same message twice in a transaction is sent once.</summary>
    internal void Notify(string channel, string payload)
    {
        SqlNotification notification = new(session.BackendId, channel, payload);
        if (!_toSend.Contains(notification))
            _toSend.Add(notification);
    }

    internal void BeforeCommit()
    {
        foreach ((string? channel, bool isListen) in _toChange)
        {
            if (isListen && channel is not null)
                _channels = _channels.Add(channel);
            else
                _channels = channel is null ? [] : _channels.Remove(channel);
            Register();
        }
        _toChange.Clear();
    }

    internal void AfterCommit()
    {
        session.Database.Notifications.Send(session.DatabaseOid, _toSend);
        _toSend.Clear();
    }

    internal void Forget()
    {
        _toSend.Clear();
        _toChange.Clear();
    }

    /// <summary>The session ends.</summary>
    internal void Close()
    {
        Forget();
        _channels = [];
        Register();
    }

    internal void Receive(SqlNotification notification)
    {
        lock (_lock)
        {
            _waiting.Enqueue(notification);
            if (_isIdle)
                Deliver();
        }
    }

    /// <summary>The session begins to work: notifications wait.</summary>
    internal void Hold()
    {
        lock (_lock)
            _isIdle = false;
    }

    /// <summary>The session is between transactions, and delivers what waits.</summary>
    internal void Resume()
    {
        lock (_lock)
        {
            _isIdle = true;
            Deliver();
        }
    }

    private readonly HashSet<string> _registered = [];

    private void Register()
    {
        foreach (string channel in _channels)
        {
            if (_registered.Add(channel))
                session.Database.Notifications.Listen(session.DatabaseOid, channel, this);
        }
        foreach (string channel in _registered.Where(channel => !_channels.Contains(channel)).ToArray())
        {
            _registered.Remove(channel);
            session.Database.Notifications.Unlisten(session.DatabaseOid, channel, this);
        }
    }

    private void Deliver()
    {
        while (_waiting.TryDequeue(out SqlNotification? notification))
            Arrived?.Invoke(notification);
    }
}
