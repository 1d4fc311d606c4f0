using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>Flight's methods over a handler: what is the same whatever is served.</summary>
/// <remarks>Source: Arrow documentation, "Arrow Flight RPC".</remarks>
public static class FlightService
{
    public static GrpcMethods MethodsOf(IFlightHandler handler) => new GrpcMethods()
        .Duplex(FlightMarshallers.Handshake, call => HandshakeAsync(handler, call))
        .ServerStream(FlightMarshallers.ListFlights, FlightMarshallers.Criteria, static (_, _) => default) // none is there unasked
        .Unary(FlightMarshallers.GetFlightInfo, FlightMarshallers.Descriptor, FlightMarshallers.Info, handler.GetInfoAsync)
        .Unary(FlightMarshallers.PollFlightInfo, FlightMarshallers.Descriptor, FlightMarshallers.PollInfo, handler.PollInfoAsync)
        .Unary(FlightMarshallers.GetSchema, FlightMarshallers.Descriptor, FlightMarshallers.Schema, handler.GetSchemaAsync)
        .ServerStream(FlightMarshallers.DoGet, FlightMarshallers.Ticket, handler.GetAsync)
        .Duplex(FlightMarshallers.DoPut, call => PutAsync(handler, call))
        .Duplex(FlightMarshallers.DoExchange, static _ => throw new GrpcException(
            GrpcStatusCode.Unimplemented, "DoExchange is not supported: send a query's parameters by DoPut and read its rows by DoGet"))
        .ServerStream(FlightMarshallers.DoAction, FlightMarshallers.Action, handler.DoAsync)
        .ServerStream(FlightMarshallers.ListActions, FlightMarshallers.Empty, (_, call) => ListActionsAsync(handler, call));

    private static async ValueTask HandshakeAsync(IFlightHandler handler, GrpcCall call)
    {
        using GrpcMessage? message = await call.ReadAsync().ConfigureAwait(false);
        HandshakeRequest request = message is null ? new HandshakeRequest() : FlightMarshallers.HandshakeRequest.Read(message.Bytes);
        HandshakeResponse response = new() { Payload = await handler.HandshakeAsync(request.Payload, call).ConfigureAwait(false) };
        await call.WriteAsync(FlightMarshallers.HandshakeResponse.Write(response)).ConfigureAwait(false);
    }

    private static async ValueTask PutAsync(IFlightHandler handler, GrpcCall call)
    {
        using FlightReader batches = new("the stream of DoPut", call.ReadAsync);
        FlightDescriptor descriptor = await batches.ReadDescriptorAsync().ConfigureAwait(false);
        await handler.PutAsync(descriptor, batches, call).ConfigureAwait(false);
    }

    private static async ValueTask ListActionsAsync(IFlightHandler handler, GrpcCall call)
    {
        foreach (ActionType action in handler.Actions)
            await call.WriteAsync(FlightMarshallers.ActionType.Write(action)).ConfigureAwait(false);
    }
}
