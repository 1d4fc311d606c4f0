using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>A client's way to one server: connections as they are needed, calls on them.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class GrpcChannel : IDisposable
{
    /// <summary>A stream can use a fast network while its reader works on a message.</summary>
    private const int WindowBytes = 8 << 20, FrameBytesMax = 1 << 20;

    private readonly GrpcChannelOptions _options;
    private readonly Uri _address;
    private readonly Lock _gate = new();
    private readonly List<Http2Connection> _connections = [];
    private Task? _connecting;
    private bool _isDisposed;

    /// <param name="address"><c>http://host:port</c> for plain HTTP/2, <c>https://</c> for TLS.</param>
    public GrpcChannel(Uri address, GrpcChannelOptions options) => (_address, _options) = (address, options);

    private bool IsEncrypted => _address.Scheme == Uri.UriSchemeHttps;

    /// <summary>Begins a call.</summary>
    /// <param name="method"><c>/service/Method</c>.</param>
    /// <param name="timeout">Null for as long as it takes.</param>
    public GrpcClientCall Begin(string method, GrpcMetadata? headers, TimeSpan? timeout, CancellationToken cancellation)
    {
        List<HeaderField> fields =
        [
            new(":method", "POST"), new(":scheme", _address.Scheme), new(":path", method), new(":authority", _address.Authority), new("te", "trailers"),
            new("content-type", "application/grpc"), new("grpc-accept-encoding", MessageCompression.Accepted),
        ];
        if (_options.UsesGzip)
            fields.Add(new HeaderField("grpc-encoding", MessageCompression.Gzip));
        if (timeout is { } patience)
            fields.Add(new HeaderField("grpc-timeout", GrpcTimeout.Format(patience)));
        foreach (GrpcMetadata.Entry entry in headers ?? [])
            fields.Add(new HeaderField(entry.Key, entry.Text));
        return new GrpcClientCall(this, fields, _options, timeout, cancellation);
    }

    /// <summary>A call of one message each way.</summary>
    /// <exception cref="GrpcException">It ended with another status than OK.</exception>
    public async ValueTask<TResponse> CallAsync<TRequest, TResponse>(
        string method, TRequest request, GrpcMarshaller<TRequest> asks, GrpcMarshaller<TResponse> answers, GrpcMetadata? headers,
        TimeSpan? timeout, CancellationToken cancellation)
    {
        GrpcClientCall call = Begin(method, headers, timeout, cancellation);
        await using (call.ConfigureAwait(false))
        {
            await call.WriteLastAsync(asks.Write(request)).ConfigureAwait(false);
            using GrpcMessage message = await call.ReadAsync().ConfigureAwait(false)
                ?? throw new GrpcException(GrpcStatusCode.Internal, "the answer has no message");
            TResponse response = answers.Read(message.Bytes);
            using GrpcMessage? second = await call.ReadAsync().ConfigureAwait(false);
            return second is null ? response : throw new GrpcException(GrpcStatusCode.Internal, "the answer has more than one message");
        }
    }

    /// <summary>Ends the connections and what runs on them.</summary>
    public void Dispose()
    {
        Http2Connection[] open;
        lock (_gate)
        {
            _isDisposed = true;
            open = [.. _connections];
            _connections.Clear();
        }
        foreach (Http2Connection connection in open)
            connection.Fail(new IOException("the channel was closed"));
    }

    /// <summary>Opens a stream on a connection that has room for one.</summary>
    internal async Task<Http2Stream> OpenAsync(IEnumerable<HeaderField> fields, CancellationToken cancellation)
    {
        Http2Connection connection = await ReserveAsync(cancellation).ConfigureAwait(false);
        return await connection.OpenAsync(fields, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<Http2Connection> ReserveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task connecting;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _connections.RemoveAll(static connection => connection.IsLeaving);
                foreach (Http2Connection connection in _connections)
                {
                    if (connection.TryReserve())
                        return connection;
                }
                connecting = _connecting ??= Task.Run(ConnectAsync, CancellationToken.None);
            }
            await connecting.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            using CancellationTokenSource late = new(_options.ConnectPatience, _options.Time);
            Stream transport = await ConnectAsync(late.Token).ConfigureAwait(false);
            Http2Settings settings = new()
            {
                WindowBytes = WindowBytes,
                FrameBytesMax = FrameBytesMax,
                FieldBytesMax = _options.Limits.MetadataBytesMax,
            };
            Http2Connection connection = new(
                transport, settings, () => new MessageAssembler(_options.Limits.ReceiveBytesMax), serve: null, _options.Time);
            await connection.IntroduceAsync().ConfigureAwait(false);
            lock (_gate)
            {
                if (!_isDisposed)
                    _connections.Add(connection);
            }
            _ = RunAsync(connection);
        }
        catch (OperationCanceledException late)
        {
            throw new IOException($"{_address.Authority} has not answered within {_options.ConnectPatience.TotalSeconds} seconds", late);
        }
        finally
        {
            lock (_gate)
                _connecting = null;
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? transport = null;
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(_address.IdnHost, _address.Port), cancellation).ConfigureAwait(false);
            transport = new NetworkStream(socket, ownsSocket: true);
            if (!IsEncrypted)
                return transport;
            SslClientAuthenticationOptions tls = _options.Tls ?? new SslClientAuthenticationOptions();
            tls.TargetHost ??= _address.IdnHost;
            tls.ApplicationProtocols ??= [SslApplicationProtocol.Http2];
            SslStream encrypted = new(transport, leaveInnerStreamOpen: false);
            transport = encrypted;
            await encrypted.AuthenticateAsClientAsync(tls, cancellation).ConfigureAwait(false);
            return encrypted;
        }
        catch
        {
            if (transport is not null)
                await transport.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    private async Task RunAsync(Http2Connection connection)
    {
        using KeepAlive alive = new(connection, _options.Limits, _options.Time);
        bool isDisposed;
        lock (_gate)
            isDisposed = _isDisposed;
        if (isDisposed)
            connection.Fail(new IOException("the channel was closed"));
        await connection.RunAsync().ConfigureAwait(false);
        lock (_gate)
            _connections.Remove(connection);
    }
}
