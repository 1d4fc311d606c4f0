namespace VecSQL.Engine.Sessions;

/// <summary>Carries notifications between nodes whose sessions share tables.</summary>
/// <remarks>Threads: any.</remarks>
public interface INotificationRelay
{
    /// <summary>Told of what sessions of other nodes have sent, with the oid of their database. Set before there are sessions.</summary>
    Action<uint, SqlNotification>? Received { get; set; }

    /// <summary>Sends what a transaction of this node has committed; does not wait.</summary>
    void Send(uint database, IReadOnlyList<SqlNotification> notifications);
}
