using Google.Protobuf;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>What answers the calls of a Flight service.</summary>
/// <remarks>Threads: any number of calls at once. Errors: <see cref="GrpcException"/> ends a call with its status.</remarks>
public interface IFlightHandler
{
    /// <summary>What its actions are, for who asks.</summary>
    IReadOnlyList<ActionType> Actions { get; }

    /// <summary>Lets a client in that shows who it is in a payload.</summary>
    /// <returns>The payload by which it is known from then on.</returns>
    ValueTask<ByteString> HandshakeAsync(ByteString payload, GrpcCall call);

    ValueTask<FlightInfo> GetInfoAsync(FlightDescriptor descriptor, GrpcCall call);

    ValueTask<PollInfo> PollInfoAsync(FlightDescriptor descriptor, GrpcCall call);

    ValueTask<SchemaResult> GetSchemaAsync(FlightDescriptor descriptor, GrpcCall call);

    /// <summary>Sends what a ticket is for.</summary>
    ValueTask GetAsync(Ticket ticket, GrpcCall call);

    /// <summary>Takes a stream of batches.</summary>
    ValueTask PutAsync(FlightDescriptor descriptor, FlightReader batches, GrpcCall call);

    /// <summary>Does something and sends as many results as there are.</summary>
    ValueTask DoAsync(Protocol.Action action, GrpcCall call);
}
