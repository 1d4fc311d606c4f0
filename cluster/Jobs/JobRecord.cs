using System.Globalization;
using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Jobs;

/// <summary>Something that the controller does step by step: a key of the metadata store. Layout: <c>cluster/Protocol/jobs.proto</c>.</summary>
/// <param name="Source">Of a move the node that loses its replica; of a handover the primary.</param>
/// <param name="Target">The node that gets the replica, or becomes the primary.</param>
/// <param name="Reason">Who wanted it: <c>move</c>, <c>drain</c> or <c>rebalance</c>.</param>
public sealed record JobRecord(long Id, JobKind Kind, ShardId Shard, NodeId Source, NodeId Target, string Reason)
{
    public const string KeyPrefix = "jobs/";

    /// <summary>The last number that was given to a job.</summary>
    public const string LastKey = "last-job";

    public JobState State { get; init; }

    public JobStep Step { get; init; }

    /// <summary>Of the copy, as far as it is known.</summary>
    public long DoneBytes { get; init; }

    public long AllBytes { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>When it was over; null while it is not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Why it failed, or was cancelled; empty otherwise.</summary>
    public string Error { get; init; } = "";

    public bool IsOver => State is JobState.Done or JobState.Cancelled or JobState.Failed;

    /// <summary>Whether it may have changed the shard's replicas, or is about to.</summary>
    public bool HasBegun => State is JobState.Running or JobState.Paused or JobState.Cancelling;

    public static string KeyOf(long id) => KeyPrefix + id.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>The number in a key; 0 where it is no job's.</summary>
    public static long IdOf(string key) =>
        key.StartsWith(KeyPrefix, StringComparison.Ordinal)
        && long.TryParse(key.AsSpan(KeyPrefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id) && id > 0 ? id : 0;

    public byte[] Encode() => new JobMessage
    {
        Id = Id,
        Kind = (int)Kind,
        Shard = Shard.Value,
        Source = Source.Value,
        Target = Target.Value,
        State = (int)State,
        Step = (int)Step,
        DoneBytes = DoneBytes,
        AllBytes = AllBytes,
        Created = Microseconds(Created),
        Ended = Ended is { } ended ? Microseconds(ended) : 0,
        Reason = Reason,
        Error = Error,
    }.ToByteArray();

    /// <exception cref="InvalidDataException">The bytes are no job.</exception>
    public static JobRecord Decode(ReadOnlySpan<byte> bytes)
    {
        JobMessage message = NodeRecord.Read(JobMessage.Parser, bytes, "job");
        if (message.Id <= 0 || message.Kind is < 0 or > (int)JobKind.Handover || message.State is < 0 or > (int)JobState.Failed
            || message.Step is < 0 or > (int)JobStep.Dropping)
            throw new InvalidDataException($"job {message.Id} is of kind {message.Kind}, in state {message.State} and step {message.Step}");
        return new JobRecord(message.Id, (JobKind)message.Kind, new ShardId(message.Shard), new NodeId(message.Source), new NodeId(message.Target), message.Reason)
        {
            State = (JobState)message.State,
            Step = (JobStep)message.Step,
            DoneBytes = message.DoneBytes,
            AllBytes = message.AllBytes,
            Created = Moment(message.Created),
            Ended = message.Ended == 0 ? null : Moment(message.Ended),
            Error = message.Error,
        };
    }

    private static long Microseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset Moment(long microseconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Clamp(microseconds, 0, 200_000_000_000_000_000));
}
