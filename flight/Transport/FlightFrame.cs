using Google.Protobuf;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>A FlightData message, read and written by hand, so that its body stays where it lies.</summary>
/// <remarks>
/// Layout (protobuf, all fields of bytes):
/// <code>
///    1  flight_descriptor  a FlightDescriptor, in the first message of a stream
///    2  data_header        an IPC message's FlatBuffer
///    3  app_metadata       the application's own
/// 1000  data_body          the IPC message's body
/// </code>
/// Ownership: the parts point into the message that they were read from.
/// </remarks>
public readonly record struct FlightFrame(
    ReadOnlyMemory<byte> Descriptor, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> AppMetadata, ReadOnlyMemory<byte> Body)
{
    private const uint DescriptorTag = (1 << 3) | LengthDelimited, HeaderTag = (2 << 3) | LengthDelimited;
    private const uint AppMetadataTag = (3 << 3) | LengthDelimited, BodyTag = (1000 << 3) | LengthDelimited;
    private const uint LengthDelimited = 2;

    private const int VarintBytesMax = 10;

    /// <exception cref="GrpcException">The bytes are no FlightData.</exception>
    public static FlightFrame Read(ReadOnlyMemory<byte> message)
    {
        FlightFrame frame = default;
        ReadOnlyMemory<byte> rest = message;
        while (!rest.IsEmpty)
        {
            ulong tag = ReadVarint(ref rest);
            ReadOnlyMemory<byte> value = ReadField(ref rest, (uint)tag & 7);
            switch (tag)
            {
                case DescriptorTag:
                    frame = frame with { Descriptor = value };
                    break;
                case HeaderTag:
                    frame = frame with { Header = value };
                    break;
                case AppMetadataTag:
                    frame = frame with { AppMetadata = value };
                    break;
                case BodyTag:
                    frame = frame with { Body = value };
                    break;
            }
        }
        return frame;
    }

    /// <summary>An IPC message as FlightData, its body in the pieces that it has.</summary>
    /// <param name="descriptor">Null for none.</param>
    public static GrpcPayload Write(IpcMessage message, FlightDescriptor? descriptor = null, ReadOnlyMemory<byte> appMetadata = default)
    {
        ReadOnlySpan<byte> described = descriptor?.ToByteArray();
        byte[] head = new byte[described.Length + message.Metadata.Length + appMetadata.Length + (4 * 2 * VarintBytesMax)];
        int at = 0;
        if (descriptor is not null)
            Put(head, ref at, DescriptorTag, described);
        Put(head, ref at, HeaderTag, message.Metadata.Span);
        if (!appMetadata.IsEmpty)
            Put(head, ref at, AppMetadataTag, appMetadata.Span);
        if (message.BodyBytes > 0)
        {
            PutVarint(head, ref at, BodyTag);
            PutVarint(head, ref at, (ulong)message.BodyBytes);
        }
        return new GrpcPayload(head.AsMemory(0, at), message.Body);
    }

    /// <summary>FlightData with the application's own bytes only, or a descriptor only.</summary>
    public static GrpcPayload Write(FlightDescriptor? descriptor, ReadOnlyMemory<byte> appMetadata) =>
        Write(new IpcMessage(default, [], 0), descriptor, appMetadata);

    private static void Put(byte[] target, ref int at, uint tag, ReadOnlySpan<byte> value)
    {
        PutVarint(target, ref at, tag);
        PutVarint(target, ref at, (ulong)value.Length);
        value.CopyTo(target.AsSpan(at));
        at += value.Length;
    }

    private static void PutVarint(byte[] target, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[at++] = (byte)value;
    }

    private static ReadOnlyMemory<byte> ReadField(ref ReadOnlyMemory<byte> rest, uint wireType)
    {
        switch (wireType)
        {
            case 0:
                ReadVarint(ref rest);
                return default;
            case 1:
                return Take(ref rest, sizeof(ulong));
            case LengthDelimited:
                return Take(ref rest, ReadVarint(ref rest));
            case 5:
                return Take(ref rest, sizeof(uint));
            default:
                throw Broken();
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length)
            throw Broken();
        ReadOnlyMemory<byte> taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> rest)
    {
        ReadOnlySpan<byte> bytes = rest.Span;
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < VarintBytesMax; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }
        throw Broken();
    }

    private static GrpcException Broken() => new(GrpcStatusCode.InvalidArgument, "a message is no FlightData");
}
