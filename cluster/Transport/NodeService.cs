using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Replication;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>What a node serves to other nodes of its cluster, beside Flight's methods at the same address.</summary>
/// <remarks>Nothing is read of a call before it has proved which node it is from.</remarks>
/// <param name="receive">Takes a message; does not wait.</param>
/// <param name="takeTimestamps">Takes so many, and says the first; null where this node is not the controller, or has none now.</param>
public sealed class NodeService(
    NodeCredentials credentials, Action<NodeId, ShardId, ReplicaMessage> receive, Func<int, Task<long?>> takeTimestamps, ILogger log)
{
    internal const string Messages = "/vecsql.cluster.Nodes/Messages", TakeTimestamps = "/vecsql.cluster.Nodes/TakeTimestamps",
        Notify = "/vecsql.cluster.Nodes/Notify", CopyFile = "/vecsql.cluster.Nodes/CopyFile", TakeFiles = "/vecsql.cluster.Nodes/TakeFiles",
        Ask = "/vecsql.cluster.Nodes/Ask";

    /// <summary>More at once would only be wasted.</summary>
    private const int TimestampsMax = 1 << 20;

    internal static GrpcMarshaller<TimestampRequest> TimestampRequests { get; } = GrpcMarshaller.Of(TimestampRequest.Parser);

    internal static GrpcMarshaller<TimestampReply> TimestampReplies { get; } = GrpcMarshaller.Of(TimestampReply.Parser);

    /// <summary>Takes those of other nodes' sessions; null where nobody listens.</summary>
    public NotificationRelay? Notifications { get; init; }

    /// <summary>Copies files to and from other nodes; null where none are.</summary>
    public FileRelay? Files { get; init; }

    /// <summary>Answers other nodes' questions; null where none are.</summary>
    public QuestionRelay? Questions { get; init; }

    public void AddTo(GrpcMethods methods)
    {
        methods.Duplex(Messages, ReceiveAsync)
            .Unary(TakeTimestamps, TimestampRequests, TimestampReplies, TakeAsync)
            .Unary(Notify, NotificationRelay.Batches, NotificationRelay.Replies, (batch, call) =>
            {
                Check(call);
                Notifications?.Take(batch);
                return new ValueTask<NotificationReply>(new NotificationReply());
            });
        if (Questions is { } questions)
        {
            methods.Unary(Ask, QuestionRelay.Questions, QuestionRelay.Answers, (question, call) =>
            {
                Check(call);
                return new ValueTask<NodeAnswer>(questions.Take(question));
            });
        }
        if (Files is not { } files)
            return;
        methods.Unary(TakeFiles, FileRelay.Names, FileRelay.Taken, (names, call) => files.TakeAsync(Check(call), names, call.Cancellation))
            .ServerStream(CopyFile, FileRelay.Names, (names, call) =>
            {
                Check(call);
                return files.SendAsync(names, call);
            });
    }

    private async ValueTask ReceiveAsync(GrpcCall call)
    {
        NodeId source = Check(call);
        await call.BeginAsync();
        while (await call.ReadStandingAsync() is { } message)
        {
            using (message)
                Deliver(source, message.Bytes);
        }
    }

    private void Deliver(NodeId source, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            foreach ((ShardId shard, ReplicaMessage message) in MessageBatchCodec.Decode(bytes.Span))
                receive(source, shard, message);
        }
        catch (InvalidDataException wrong)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, wrong.Message, wrong);
        }
    }

    private async ValueTask<TimestampReply> TakeAsync(TimestampRequest request, GrpcCall call)
    {
        Check(call);
        if (request.Count is < 1 or > TimestampsMax)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"{request.Count} timestamps at once are not given");
        long first = await takeTimestamps(request.Count)
            ?? throw new GrpcException(GrpcStatusCode.Unavailable, "this node is not the controller, or cannot give timestamps now");
        return new TimestampReply { First = first };
    }

    /// <summary>The node that a call is from.</summary>
    /// <exception cref="GrpcException">UNAUTHENTICATED: it is from none.</exception>
    public NodeId Check(GrpcCall call)
    {
        try
        {
            return credentials.Check(call.Headers);
        }
        catch (GrpcException refused)
        {
            Log.NodeRefused(log, call.Peer.Address?.ToString() ?? "unknown", refused.Message);
            throw;
        }
    }
}
