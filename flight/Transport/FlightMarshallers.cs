using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>The messages of Flight's methods as bytes, and the methods' names.</summary>
internal static class FlightMarshallers
{
    private const string Service = "/arrow.flight.protocol.FlightService/";

    public const string Handshake = Service + "Handshake", ListFlights = Service + "ListFlights", GetFlightInfo = Service + "GetFlightInfo",
        PollFlightInfo = Service + "PollFlightInfo", GetSchema = Service + "GetSchema", DoGet = Service + "DoGet", DoPut = Service + "DoPut",
        DoExchange = Service + "DoExchange", DoAction = Service + "DoAction", ListActions = Service + "ListActions";

    public static GrpcMarshaller<HandshakeRequest> HandshakeRequest { get; } = GrpcMarshaller.Of(Protocol.HandshakeRequest.Parser);

    public static GrpcMarshaller<HandshakeResponse> HandshakeResponse { get; } = GrpcMarshaller.Of(Protocol.HandshakeResponse.Parser);

    public static GrpcMarshaller<Criteria> Criteria { get; } = GrpcMarshaller.Of(Protocol.Criteria.Parser);

    public static GrpcMarshaller<FlightDescriptor> Descriptor { get; } = GrpcMarshaller.Of(FlightDescriptor.Parser);

    public static GrpcMarshaller<FlightInfo> Info { get; } = GrpcMarshaller.Of(FlightInfo.Parser);

    public static GrpcMarshaller<PollInfo> PollInfo { get; } = GrpcMarshaller.Of(Protocol.PollInfo.Parser);

    public static GrpcMarshaller<SchemaResult> Schema { get; } = GrpcMarshaller.Of(SchemaResult.Parser);

    public static GrpcMarshaller<Ticket> Ticket { get; } = GrpcMarshaller.Of(Protocol.Ticket.Parser);

    public static GrpcMarshaller<PutResult> PutResult { get; } = GrpcMarshaller.Of(Protocol.PutResult.Parser);

    public static GrpcMarshaller<Protocol.Action> Action { get; } = GrpcMarshaller.Of(Protocol.Action.Parser);

    public static GrpcMarshaller<Result> Result { get; } = GrpcMarshaller.Of(Protocol.Result.Parser);

    public static GrpcMarshaller<ActionType> ActionType { get; } = GrpcMarshaller.Of(Protocol.ActionType.Parser);

    public static GrpcMarshaller<Empty> Empty { get; } = GrpcMarshaller.Of(Protocol.Empty.Parser);
}
