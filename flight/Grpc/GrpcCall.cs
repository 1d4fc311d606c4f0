using System.Net;

namespace VecSQL.Flight.Grpc;

/// <summary>A call that is being served: what came with it, its messages, what goes back with it.</summary>
/// <remarks>Threads: one reader and one writer at a time.</remarks>
public sealed class GrpcCall : IDisposable
{
    private readonly MessageReader _reader;
    private readonly MessageWriter _writer;
    private readonly Func<GrpcCall, ValueTask> _begin;
    private readonly CancellationToken _leaving;
    private CancellationTokenSource? _standing;

    internal GrpcCall(
        string method, GrpcMetadata headers, GrpcPeer peer, MessageReader reader, MessageWriter writer, Func<GrpcCall, ValueTask> begin,
        DateTimeOffset? deadline, CancellationToken leaving, CancellationToken cancellation)
    {
        _leaving = leaving;
        Method = method;
        Headers = headers;
        Peer = peer;
        Deadline = deadline;
        Cancellation = cancellation;
        (_reader, _writer, _begin) = (reader, writer, begin);
    }

    /// <summary>As in the table of methods: <c>/service/Method</c>.</summary>
    public string Method { get; }

    /// <summary>What the client sent with the call.</summary>
    public GrpcMetadata Headers { get; }

    public GrpcPeer Peer { get; }

    /// <summary>When the client gives up; null where it has not said.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Cancelled when the client has left the call, the deadline has come, or the server stops.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Whether the server takes no more calls, and lets those that run end.</summary>
    public bool IsLeaving => _leaving.IsCancellationRequested;

    /// <summary>Whether what goes before the first message was sent.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Sent before the first message.</summary>
    public GrpcMetadata ResponseHeaders { get; } = [];

    /// <summary>Sent with the status.</summary>
    public GrpcMetadata Trailers { get; } = [];

    /// <summary>The next message of the client; null when it has sent its last.</summary>
    public ValueTask<GrpcMessage?> ReadAsync() => _reader.NextAsync(Cancellation);

    /// <summary>The next message, in a call that goes on for as long as both sides please; null when the client has sent its last, or the server is about to stop.</summary>
    public async ValueTask<GrpcMessage?> ReadStandingAsync()
    {
        _standing ??= CancellationTokenSource.CreateLinkedTokenSource(Cancellation, _leaving);
        try
        {
            return await _reader.NextAsync(_standing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _standing?.Dispose();

    /// <summary>Sends what goes before the first message, so that the client knows at once that it is served.</summary>
    public async ValueTask BeginAsync()
    {
        await SendHeadersAsync().ConfigureAwait(false);
        await _writer.FlushAsync(Cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a message; returns when the client can take more.</summary>
    public ValueTask WriteAsync(GrpcPayload payload) => WriteAsync(payload, isFlushed: true, Cancellation);

    /// <summary>Sends a message, for as long as it is wanted.</summary>
    /// <param name="ended">Cancelled with <see cref="Cancellation"/>, or before.</param>
    public ValueTask WriteAsync(GrpcPayload payload, CancellationToken ended) => WriteAsync(payload, isFlushed: true, ended);

    /// <summary>Sends the last message, which goes with the status.</summary>
    internal ValueTask WriteLastAsync(GrpcPayload payload) => WriteAsync(payload, isFlushed: false, Cancellation);

    /// <summary>The only message of a client that may send one.</summary>
    /// <exception cref="GrpcException">It sent none, or several.</exception>
    internal async ValueTask<T> ReadOnlyOneAsync<T>(GrpcMarshaller<T> marshaller)
    {
        using GrpcMessage message = await ReadAsync().ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.Internal, "the request has no message");
        T request = marshaller.Read(message.Bytes);
        using GrpcMessage? second = await ReadAsync().ConfigureAwait(false);
        return second is null ? request : throw new GrpcException(GrpcStatusCode.Internal, "the request has more than one message");
    }

    private async ValueTask SendHeadersAsync()
    {
        if (HasBegun)
            return;
        HasBegun = true;
        await _begin(this).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(GrpcPayload payload, bool isFlushed, CancellationToken ended)
    {
        await SendHeadersAsync().ConfigureAwait(false);
        await _writer.WriteAsync(payload, isLast: false, isFlushed, ended).ConfigureAwait(false);
    }
}

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Address">Null where it is not known.</param>
/// <param name="Tls">Null where the connection is not encrypted.</param>
public sealed record GrpcPeer(IPEndPoint? Address, TlsPeer? Tls);
