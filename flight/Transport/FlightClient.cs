using System.Text;
using Google.Protobuf;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>A client of one Flight service.</summary>
/// <remarks>Threads: any. Failed calls throw <see cref="GrpcException"/>.</remarks>
public sealed class FlightClient(Uri address, GrpcChannelOptions options) : IDisposable
{
    private readonly GrpcChannel _channel = new(address, options);

    /// <summary>Goes with every call.</summary>
    public GrpcMetadata Headers { get; } = [];

    /// <summary>Shows who the client is, and sends what it gets for it with every call from then on.</summary>
    public async ValueTask AuthenticateAsync(string user, string password, CancellationToken cancellation)
    {
        GrpcMetadata headers = [];
        foreach (GrpcMetadata.Entry entry in Headers)
            headers.Receive(entry.Key, entry.Text);
        headers.Add("authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        GrpcClientCall call = _channel.Begin(FlightMarshallers.Handshake, headers, null, cancellation);
        await using (call.ConfigureAwait(false))
        {
            await call.WriteAsync(FlightMarshallers.HandshakeRequest.Write(new HandshakeRequest())).ConfigureAwait(false);
            call.CompleteWriting();
            while (await call.ReadAsync().ConfigureAwait(false) is { } message)
                message.Dispose();
            string token = call.ResponseHeaders.Find("authorization") ?? call.Trailers.Find("authorization")
                ?? throw new GrpcException(GrpcStatusCode.Unauthenticated, "the server has given no token");
            Headers.Add("authorization", token);
        }
    }

    public ValueTask<FlightInfo> GetInfoAsync(FlightDescriptor descriptor, CancellationToken cancellation) => _channel.CallAsync(
        FlightMarshallers.GetFlightInfo, descriptor, FlightMarshallers.Descriptor, FlightMarshallers.Info, Headers, null, cancellation);

    public ValueTask<PollInfo> PollInfoAsync(FlightDescriptor descriptor, CancellationToken cancellation) => _channel.CallAsync(
        FlightMarshallers.PollFlightInfo, descriptor, FlightMarshallers.Descriptor, FlightMarshallers.PollInfo, Headers, null, cancellation);

    public ValueTask<SchemaResult> GetSchemaAsync(FlightDescriptor descriptor, CancellationToken cancellation) => _channel.CallAsync(
        FlightMarshallers.GetSchema, descriptor, FlightMarshallers.Descriptor, FlightMarshallers.Schema, Headers, null, cancellation);

    /// <summary>Opens the stream of a ticket.</summary>
    public async ValueTask<FlightStream> GetAsync(Ticket ticket, CancellationToken cancellation)
    {
        GrpcClientCall call = _channel.Begin(FlightMarshallers.DoGet, Headers, null, cancellation);
        try
        {
            await call.WriteAsync(FlightMarshallers.Ticket.Write(ticket)).ConfigureAwait(false);
            call.CompleteWriting();
            return new FlightStream(call);
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a stream of batches.</summary>
    /// <param name="batches">What is sent of it; the first is the schema's message.</param>
    /// <returns>What the server said of it.</returns>
    public async ValueTask<IReadOnlyList<ByteString>> PutAsync(
        FlightDescriptor descriptor, IAsyncEnumerable<IpcMessage> batches, CancellationToken cancellation)
    {
        GrpcClientCall call = _channel.Begin(FlightMarshallers.DoPut, Headers, null, cancellation);
        await using (call.ConfigureAwait(false))
        {
            FlightDescriptor? first = descriptor;
            await foreach (IpcMessage message in batches.WithCancellation(cancellation).ConfigureAwait(false))
            {
                await call.WriteAsync(FlightFrame.Write(message, first)).ConfigureAwait(false);
                first = null;
            }
            if (first is not null)
                await call.WriteAsync(FlightFrame.Write(first, default)).ConfigureAwait(false);
            call.CompleteWriting();
            return await ReadAllAsync(call, FlightMarshallers.PutResult, static result => result.AppMetadata).ConfigureAwait(false);
        }
    }

    /// <summary>Has the server do something.</summary>
    public async ValueTask<IReadOnlyList<ByteString>> DoAsync(string type, ByteString body, CancellationToken cancellation)
    {
        GrpcClientCall call = _channel.Begin(FlightMarshallers.DoAction, Headers, null, cancellation);
        await using (call.ConfigureAwait(false))
        {
            await call.WriteAsync(FlightMarshallers.Action.Write(new Protocol.Action { Type = type, Body = body })).ConfigureAwait(false);
            call.CompleteWriting();
            return await ReadAllAsync(call, FlightMarshallers.Result, static result => result.Body).ConfigureAwait(false);
        }
    }

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<IReadOnlyList<ByteString>> ReadAllAsync<T>(
        GrpcClientCall call, GrpcMarshaller<T> marshaller, Func<T, ByteString> value)
    {
        List<ByteString> values = [];
        while (await call.ReadAsync().ConfigureAwait(false) is { } message)
        {
            using (message)
                values.Add(value(marshaller.Read(message.Bytes)));
        }
        return values;
    }
}
