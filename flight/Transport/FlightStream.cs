using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Transport;

/// <summary>The batches of a ticket, as a client reads them.</summary>
public sealed class FlightStream : IAsyncDisposable
{
    private readonly GrpcClientCall _call;

    internal FlightStream(GrpcClientCall call)
    {
        _call = call;
        Batches = new FlightReader("the stream of DoGet", call.ReadAsync);
    }

    public FlightReader Batches { get; }

    /// <summary>What the server has sent before the first batch; empty until that was read.</summary>
    public GrpcMetadata Headers => _call.ResponseHeaders;

    public async ValueTask DisposeAsync()
    {
        Batches.Dispose();
        await _call.DisposeAsync().ConfigureAwait(false);
    }
}
