namespace VecSQL.Flight.Grpc;

/// <summary>A call that ended, or is to end, with another status than OK.</summary>
/// <remarks>A handler throws it to say how its call ends; a client's call throws it when the server did.</remarks>
public sealed class GrpcException(GrpcStatusCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    public GrpcStatusCode Code { get; } = code;

    /// <summary>A google.rpc.Status in bytes (<c>grpc-status-details-bin</c>); empty where the server said no more.</summary>
    public ReadOnlyMemory<byte> Details { get; init; }

    /// <summary>What goes or came with the status.</summary>
    public GrpcMetadata Trailers { get; init; } = [];
}
