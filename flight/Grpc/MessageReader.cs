namespace VecSQL.Flight.Grpc;

/// <summary>Reads the messages of one direction of a call.</summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class MessageReader(MessageAssembler body, int bytesMax, bool isGzip)
{
    /// <summary>The next message, as it was before it was compressed; null at the end.</summary>
    /// <exception cref="GrpcException">The bytes are no messages, or one is too long.</exception>
    /// <exception cref="IOException">The other side has given the call up, or has gone.</exception>
    public async ValueTask<GrpcMessage?> NextAsync(CancellationToken cancellation)
    {
        GrpcMessage? message = await body.NextAsync(cancellation).ConfigureAwait(false);
        if (message is not { IsCompressed: true })
            return message;
        if (isGzip)
            return MessageCompression.Decompress(message, bytesMax);
        message.Dispose();
        throw new GrpcException(GrpcStatusCode.Internal, "a message is compressed and grpc-encoding does not say how");
    }
}
