using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Branches;

/// <summary>The methods by which nodes use each other's shards.</summary>
internal static class BranchMethods
{
    public const string Branch = "/vecsql.cluster.Shards/Branch", Read = "/vecsql.cluster.Shards/Read", Call = "/vecsql.cluster.Shards/Call",
        Feed = "/vecsql.cluster.Shards/Feed";

    public static GrpcMarshaller<BranchBatch> Batches { get; } = GrpcMarshaller.Of(BranchBatch.Parser);

    public static GrpcMarshaller<BranchReply> Replies { get; } = GrpcMarshaller.Of(BranchReply.Parser);

    public static GrpcMarshaller<ReadRequest> Reads { get; } = GrpcMarshaller.Of(ReadRequest.Parser);

    public static GrpcMarshaller<FeedRequest> Feeds { get; } = GrpcMarshaller.Of(FeedRequest.Parser);

    public static GrpcMarshaller<ShardCall> Calls { get; } = GrpcMarshaller.Of(ShardCall.Parser);

    public static GrpcMarshaller<ShardReply> Answers { get; } = GrpcMarshaller.Of(ShardReply.Parser);
}

/// <summary>Begins a call to the node that a shard's primary is at.</summary>
/// <exception cref="GrpcException">Nobody knows where that is.</exception>
public delegate GrpcClientCall ShardCallBegin(string method, CancellationToken cancellation);
