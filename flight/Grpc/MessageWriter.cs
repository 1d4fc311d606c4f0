using System.Buffers.Binary;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>Sends the messages of one direction of a call, from where they lie.</summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class MessageWriter(Http2Stream stream, int bytesMax, bool isGzip)
{
    private const int PrefixBytes = 5;

    /// <summary>Returns when the message is on its way: a reader that is slow holds back the writer, and nothing gathers.</summary>
    /// <param name="isLast">Nothing follows.</param>
    /// <param name="isFlushed">Whether it goes at once, rather than with what follows at once.</param>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED: the message is too long.</exception>
    /// <exception cref="IOException">The other side has given the call up, or has gone.</exception>
    public ValueTask WriteAsync(GrpcPayload payload, bool isLast, bool isFlushed, CancellationToken cancellation)
    {
        if (payload.Length > bytesMax)
            throw MessageCompression.TooLong(bytesMax);
        GrpcPayload sent = isGzip ? new GrpcPayload(MessageCompression.Compress(payload)) : payload;
        bool isCompressed = sent.Length < payload.Length;
        if (!isCompressed)
            sent = payload;
        byte[] prefix = new byte[PrefixBytes];
        prefix[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), (uint)sent.Length);
        return stream.SendAsync(sent.Behind(prefix), PrefixBytes + sent.Length, isLast, isFlushed, cancellation);
    }

    /// <summary>Sends what waits for a message to go with.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) => stream.FlushAsync(cancellation);
}
