using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Replication;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>Messages of many shards that go together. Layout: <c>cluster/Protocol/transport.proto</c>.</summary>
internal static class MessageBatchCodec
{
    public static GrpcPayload Encode(IReadOnlyList<QueuedMessage> messages)
    {
        MessageBatch batch = new();
        foreach (QueuedMessage message in messages)
            batch.Messages.Add(new ShardMessage { Shard = message.Shard.Value, Message = UnsafeByteOperations.UnsafeWrap(message.Bytes) });
        return new GrpcPayload(batch.ToByteArray());
    }

    /// <exception cref="InvalidDataException">The bytes are no messages.</exception>
    public static IEnumerable<(ShardId Shard, ReplicaMessage Message)> Decode(ReadOnlySpan<byte> bytes)
    {
        MessageBatch batch;
        try
        {
            batch = MessageBatch.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new InvalidDataException($"messages of replicas cannot be read: {cause.Message}", cause);
        }
        return batch.Messages.Select(message => (new ShardId(message.Shard), ReplicaMessageCodec.Decode(message.Message.Memory)));
    }
}

/// <summary>A message on its way out.</summary>
internal readonly record struct QueuedMessage(ShardId Shard, ReadOnlyMemory<byte> Bytes);
