using System.Net;

namespace VecSQL.Flight.Grpc;

/// <summary>A client's way to one server: connections as they are needed, calls on them.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class GrpcChannel : IDisposable
{
    private const int StreamWindowBytes = 16 << 20;

    private readonly HttpMessageInvoker _http;
    private readonly GrpcChannelOptions _options;
    private readonly Uri _address;

    /// <param name="address"><c>http://host:port</c> for plain HTTP/2, <c>https://</c> for TLS.</param>
    public GrpcChannel(Uri address, GrpcChannelOptions options)
    {
        _address = address;
        _options = options;
        SocketsHttpHandler handler = new()
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            KeepAlivePingDelay = options.Limits.KeepAliveDelay,
            KeepAlivePingTimeout = options.Limits.KeepAliveTimeout,
            MaxResponseHeadersLength = options.Limits.MetadataBytesMax >> 10,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        if (options.Tls is { } tls)
            handler.SslOptions = tls;
        _http = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    /// <summary>Begins a call.</summary>
    /// <param name="method"><c>/service/Method</c>.</param>
    /// <param name="timeout">Null for as long as it takes.</param>
    public GrpcClientCall Begin(string method, GrpcMetadata? headers, TimeSpan? timeout, CancellationToken cancellation)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(_address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", MessageCompression.Accepted);
        if (_options.UsesGzip)
            request.Headers.TryAddWithoutValidation("grpc-encoding", MessageCompression.Gzip);
        if (timeout is { } patience)
            request.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(patience));
        foreach (GrpcMetadata.Entry entry in headers ?? [])
            request.Headers.TryAddWithoutValidation(entry.Key, entry.Text);
        return new GrpcClientCall(_http, request, _options, timeout, cancellation);
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
            await call.WriteAsync(asks.Write(request)).ConfigureAwait(false);
            call.CompleteWriting();
            using GrpcMessage message = await call.ReadAsync().ConfigureAwait(false)
                ?? throw new GrpcException(GrpcStatusCode.Internal, "the answer has no message");
            TResponse response = answers.Read(message.Bytes);
            using GrpcMessage? second = await call.ReadAsync().ConfigureAwait(false);
            return second is null ? response : throw new GrpcException(GrpcStatusCode.Internal, "the answer has more than one message");
        }
    }

    public void Dispose() => _http.Dispose();
}
