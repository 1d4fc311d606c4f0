using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;

namespace VecSQL.Flight.Sql;

/// <summary>What a ticket's statement handle says.</summary>
/// <remarks>Layout: 16 bytes that nobody can guess · the part, int32, little-endian.</remarks>
internal static class TicketId
{
    public static Ticket Of(ByteString id, int part)
    {
        byte[] handle = new byte[HandleTable.IdBytes + sizeof(int)];
        id.CopyTo(handle, 0);
        BinaryPrimitives.WriteInt32LittleEndian(handle.AsSpan(HandleTable.IdBytes), part);
        return new Ticket { Ticket_ = Any.Pack(new TicketStatementQuery { StatementHandle = UnsafeByteOperations.UnsafeWrap(handle) }).ToByteString() };
    }

    /// <exception cref="GrpcException">NOT_FOUND: no ticket of ours has these bytes.</exception>
    public static (ByteString Id, int Part) Read(ByteString handle) => handle.Length == HandleTable.IdBytes + sizeof(int)
        ? (ByteString.CopyFrom(handle.Span[..HandleTable.IdBytes]), BinaryPrimitives.ReadInt32LittleEndian(handle.Span[HandleTable.IdBytes..]))
        : throw new GrpcException(GrpcStatusCode.NotFound, "there is no such ticket");
}
