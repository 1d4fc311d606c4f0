using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster;

/// <summary>The cluster's log messages: ids 11000 to 11999.</summary>
internal static partial class Log
{
    [LoggerMessage(11040, LogLevel.Warning, "a call of another node's transaction makes no sense, or has failed: {Reason}")]
    public static partial void BranchCallFailed(ILogger log, string reason, Exception cause);

    [LoggerMessage(11001, LogLevel.Warning, "etcd at {Endpoint} is set aside for {Time}: {Reason}")]
    public static partial void EndpointSetAside(ILogger log, Uri endpoint, TimeSpan time, string reason);

    [LoggerMessage(11002, LogLevel.Information, "etcd at {Endpoint} answers again")]
    public static partial void EndpointAnswers(ILogger log, Uri endpoint);

    [LoggerMessage(11003, LogLevel.Warning, "the metadata store does not answer and is waited for: {Reason}")]
    public static partial void StoreAwaited(ILogger log, string reason);

    [LoggerMessage(11004, LogLevel.Error, "the metadata store refuses, and is asked again: {Reason}")]
    public static partial void StoreRefuses(ILogger log, string reason);

    [LoggerMessage(11005, LogLevel.Error, "metadata key {Key} cannot be read, and what was known of it stays: {Reason}")]
    public static partial void KeyUnreadable(ILogger log, string key, string reason);

    [LoggerMessage(11006, LogLevel.Warning, "lease {Lease} is lost: others may take over what this node did")]
    public static partial void LeaseLost(ILogger log, LeaseId lease);

    [LoggerMessage(11007, LogLevel.Warning, "the lease could not be given up, and ends by itself: {Reason}")]
    public static partial void LeaseKept(ILogger log, string reason);

    [LoggerMessage(11008, LogLevel.Information, "this node is the controller")]
    public static partial void Elected(ILogger log);

    [LoggerMessage(11009, LogLevel.Information, "this node is the controller no more")]
    public static partial void Deposed(ILogger log);

    [LoggerMessage(11010, LogLevel.Critical, "this node takes no part in its cluster any more: {Reason}")]
    public static partial void Refused(ILogger log, string reason);

    [LoggerMessage(11011, LogLevel.Critical, "a part of the node has ended by an unexpected error")]
    public static partial void PartFailed(ILogger log, Exception error);

    [LoggerMessage(11012, LogLevel.Warning, "node {Node} cannot be reached: {Code}: {Reason}")]
    public static partial void PeerLost(ILogger log, NodeId node, GrpcStatusCode code, string reason);

    [LoggerMessage(11013, LogLevel.Information, "node {Node} is reached again")]
    public static partial void PeerFound(ILogger log, NodeId node);

    [LoggerMessage(11014, LogLevel.Warning, "a call from {Address} as a node was refused: {Reason}")]
    public static partial void NodeRefused(ILogger log, string address, string reason);

    [LoggerMessage(11050, LogLevel.Information, "shard {Shard} is served here, at term {Term}")]
    public static partial void ShardServed(ILogger log, ShardId shard, Term term);

    [LoggerMessage(11051, LogLevel.Information, "shard {Shard} is not served here any more")]
    public static partial void ShardLeft(ILogger log, ShardId shard);

    [LoggerMessage(11052, LogLevel.Error, "shard {Shard} has lost {Count} log entries that were acknowledged by fewer replicas than would have kept them")]
    public static partial void EntriesLost(ILogger log, ShardId shard, long count);

    [LoggerMessage(11053, LogLevel.Error, "shard {Shard}: the replica on node {Node} does not hold what this one does at {Position}, and is copied anew")]
    public static partial void ReplicaDiverged(ILogger log, ShardId shard, NodeId node, string position);

    [LoggerMessage(11054, LogLevel.Error, "shard {Shard}: the replica on this node has stopped: {Reason}")]
    public static partial void ReplicaStopped(ILogger log, ShardId shard, string reason, Exception cause);

    [LoggerMessage(11055, LogLevel.Warning, "shard {Shard}: what was a replica on this node could not be deleted, which is tried again: {Reason}")]
    public static partial void ReplicaKept(ILogger log, ShardId shard, string reason);

    [LoggerMessage(11056, LogLevel.Warning, "node {Node} was not told {Count} notifications: {Reason}")]
    public static partial void NotificationsLost(ILogger log, NodeId node, int count, string reason);

    [LoggerMessage(11057, LogLevel.Information, "shard {Shard}: what was a replica on this node is deleted")]
    public static partial void ReplicaDropped(ILogger log, ShardId shard);
}
