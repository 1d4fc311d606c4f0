namespace VecSQL.Flight.Http2;

/// <summary>One side has broken the protocol, or has said that it gives up.</summary>
/// <param name="error">What is told to the other side, or was told by it.</param>
/// <param name="streamId">The stream that ends by it; 0 where the connection does.</param>
internal sealed class Http2Exception(Http2Error error, string message, int streamId = 0) : IOException(message)
{
    public Http2Error Error { get; } = error;

    public int StreamId { get; } = streamId;
}
