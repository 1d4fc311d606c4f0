namespace VecSQL.Cluster.Transport;

/// <summary>What a session has told those who listen.</summary>
/// <param name="Database">By its oid: others do not hear it.</param>
/// <param name="Sender">The session's number.</param>
public sealed record Notification(uint Database, int Sender, string Channel, string Payload);
