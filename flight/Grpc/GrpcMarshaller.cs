using Google.Protobuf;

namespace VecSQL.Flight.Grpc;

/// <summary>How messages of a kind become bytes, and bytes such messages.</summary>
/// <param name="Read">Throws <see cref="GrpcException"/> where the bytes are none.</param>
public sealed record GrpcMarshaller<T>(Func<T, GrpcPayload> Write, Func<ReadOnlyMemory<byte>, T> Read);

/// <summary>Messages that Google.Protobuf reads and writes.</summary>
public static class GrpcMarshaller
{
    public static GrpcMarshaller<T> Of<T>(MessageParser<T> parser) where T : IMessage<T> =>
        new(static message => new GrpcPayload(message.ToByteArray()), bytes => Read(parser, bytes));

    private static T Read<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"a message is no {typeof(T).Name}", broken);
        }
    }
}
