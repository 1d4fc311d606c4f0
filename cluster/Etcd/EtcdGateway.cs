using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>Requests to etcd's HTTP gateway: to whichever member answers, logged in, within a time.</summary>
/// <remarks>
/// Outcome: a request that may not be repeated goes to another endpoint only when the one before has certainly not done it.
/// Store:   all answers come from one cluster whose revision does not go back; otherwise it is not the store that it was.
/// Threads: any.
/// </remarks>
internal sealed class EtcdGateway : IDisposable
{
    /// <summary>An answer or a line of a watch may be so long; a longer one is an error, not memory.</summary>
    public const int AnswerBytesMax = 256 << 20;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly string? _password;
    private string? _token;
    private ulong _cluster;
    private long _revision;

    public EtcdGateway(EtcdOptions options, TimeProvider time, Random random, ILogger log)
    {
        _options = options;
        _time = time;
        _password = options.Password;
        Endpoints = new EtcdEndpoints(options.Endpoints, time, random, log);
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = options.RequestTimeout,
            SslOptions = options.Tls?.ToOptions() ?? new System.Net.Security.SslClientAuthenticationOptions(),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
            DefaultRequestVersion = HttpVersion.Version11,
        };
    }

    public EtcdEndpoints Endpoints { get; }

    /// <summary>Asks one endpoint after the other, until one answers.</summary>
    /// <exception cref="EtcdFailure">The lease that it is about is none; all else is an error of the seam's.</exception>
    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        EtcdCall<TRequest, TAnswer> call, TRequest request, CancellationToken cancellation) where TAnswer : class, IEtcdAnswer
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, call.Request);
        EtcdFailure? last = null;
        bool isUnknown = false;
        foreach (EtcdEndpoint endpoint in Endpoints.InOrder())
        {
            try
            {
                return await AskAtAsync(endpoint, call, body, cancellation);
            }
            catch (EtcdFailure failure) when (failure.Kind is EtcdFailureKind.NotDone or EtcdFailureKind.Unknown)
            {
                last = failure;
                isUnknown |= failure.Kind == EtcdFailureKind.Unknown;
                if (isUnknown && !call.IsRepeatable)
                    break;
            }
            catch (EtcdFailure failure) when (failure.Kind != EtcdFailureKind.NoLease)
            {
                throw new MetadataRefusedException($"etcd refuses: {failure.Message}", failure);
            }
        }
        throw new MetadataUnavailableException($"etcd does not answer: {last?.Message}", isUnknown, last);
    }

    /// <summary>Asks one endpoint; logs in first, or again, where that is needed.</summary>
    public async Task<TAnswer> AskAtAsync<TRequest, TAnswer>(
        EtcdEndpoint endpoint, EtcdCall<TRequest, TAnswer> call, TRequest request, CancellationToken cancellation) where TAnswer : class, IEtcdAnswer =>
        await AskAtAsync(endpoint, call, JsonSerializer.SerializeToUtf8Bytes(request, call.Request), cancellation);

    /// <summary>A request whose answer does not end.</summary>
    /// <exception cref="EtcdFailure">It did not begin.</exception>
    public async Task<HttpResponseMessage> OpenAsync<TRequest>(
        EtcdEndpoint endpoint, string path, TRequest request, JsonTypeInfo<TRequest> form, CancellationToken cancellation)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, form);
        return await WithLoginAsync(endpoint, token => SendAsync(endpoint, path, body, token, _options.RequestTimeout,
            HttpCompletionOption.ResponseHeadersRead, cancellation), cancellation);
    }

    /// <summary>Forgets the login, unless another has taken its place.</summary>
    public void Logout(string? token) => Interlocked.CompareExchange(ref _token, null, token);

    public string? Token => Volatile.Read(ref _token);

    /// <summary>Holds what a header says against what is known of the store.</summary>
    /// <param name="known">A revision that must be in a current answer; 0 for an answer that need not be current.</param>
    /// <exception cref="MetadataReplacedException">It is another store.</exception>
    public void Check(EtcdHeader header, long known)
    {
        ulong cluster = Interlocked.CompareExchange(ref _cluster, header.ClusterId, 0);
        if (cluster != 0 && cluster != header.ClusterId)
            throw new MetadataReplacedException($"etcd's answer is of cluster {header.ClusterId:x}, and those before were of {cluster:x}: it was restored or made anew");
        if (header.Revision < known)
            throw new MetadataReplacedException($"etcd is at revision {header.Revision}, and {known} was seen: it was restored from an older backup");
        if (known > 0)
            Saw(header.Revision);
    }

    /// <summary>A revision that is part of the store.</summary>
    public void Saw(long revision)
    {
        for (long seen = Volatile.Read(ref _revision); seen < revision;)
            seen = Interlocked.CompareExchange(ref _revision, revision, seen) is var found && found == seen ? revision : found;
    }

    public void Dispose() => _http.Dispose();

    private async Task<TAnswer> AskAtAsync<TRequest, TAnswer>(
        EtcdEndpoint endpoint, EtcdCall<TRequest, TAnswer> call, byte[] body, CancellationToken cancellation) where TAnswer : class, IEtcdAnswer
    {
        TimeSpan timeout = call.IsUrgent ? _options.LeaseTimeout : _options.RequestTimeout;
        long known = call.IsCurrent ? Math.Max(Volatile.Read(ref _revision), 1) : 0;
        using HttpResponseMessage response = await WithLoginAsync(endpoint, token => SendAsync(endpoint, call.Path, body, token, timeout,
            HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        TAnswer answer = Understand(endpoint, bytes, call.Answer);
        if (answer is EtcdKeepAliveAnswer { Error: { } error })
            throw Noted(endpoint, EtcdFailures.Of(error.GrpcCode, error.Message ?? "an error without words"));
        if (answer.Header is not { Revision: > 0, ClusterId: > 0 } header)
            throw Noted(endpoint, new EtcdFailure(EtcdFailureKind.Unknown, "an answer that is not etcd's: it has no header"));
        Check(header, known);
        Endpoints.Answered(endpoint);
        return answer;
    }

    private TAnswer Understand<TAnswer>(EtcdEndpoint endpoint, ReadOnlySpan<byte> bytes, JsonTypeInfo<TAnswer> form) where TAnswer : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, form) ?? throw new JsonException("nothing");
        }
        catch (JsonException cause)
        {
            throw Noted(endpoint, new EtcdFailure(EtcdFailureKind.Unknown, $"an answer that is not etcd's: {cause.Message}", cause));
        }
    }

    private async Task<HttpResponseMessage> WithLoginAsync(
        EtcdEndpoint endpoint, Func<string?, Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        string? token = Token ?? await LoginAsync(endpoint, cancellation);
        try
        {
            return await send(token);
        }
        catch (EtcdFailure failure) when (failure.Kind == EtcdFailureKind.NotLoggedIn && _options.User is not null)
        {
            Logout(token);
            return await send(await LoginAsync(endpoint, cancellation));
        }
    }

    private async Task<string?> LoginAsync(EtcdEndpoint endpoint, CancellationToken cancellation)
    {
        if (_options.User is null)
            return null;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new EtcdLoginRequest(_options.User, _password ?? ""), EtcdJson.Default.EtcdLoginRequest);
        try
        {
            using HttpResponseMessage response = await SendAsync(
                endpoint, "/v3/auth/authenticate", body, null, _options.RequestTimeout, HttpCompletionOption.ResponseContentRead, cancellation);
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
            string? token = Understand(endpoint, bytes, EtcdJson.Default.EtcdLoginAnswer).Token;
            // The token goes into a header: one that would not fit there is not etcd's.
            if (string.IsNullOrEmpty(token) || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw Noted(endpoint, new EtcdFailure(EtcdFailureKind.NotDone, "a login without a token"));
            Volatile.Write(ref _token, token);
            return token;
        }
        catch (EtcdFailure failure) when (failure.Message.Contains("authentication is not enabled", StringComparison.Ordinal))
        {
            return null; // as etcd's own client takes it
        }
        catch (EtcdFailure failure) when (failure.Kind == EtcdFailureKind.Unknown)
        {
            throw new EtcdFailure(EtcdFailureKind.NotDone, failure.Message, failure); // what needed the login was not even sent
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        EtcdEndpoint endpoint, string path, byte[] body, string? token, TimeSpan timeout, HttpCompletionOption completion, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(endpoint.Address, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = Json;
        request.Headers.TryAddWithoutValidation("Grpc-Metadata-hasleader", "true"); // a member that knows of no leader says so at once
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token);
        using CancellationTokenSource limit = new(timeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, completion, either.Token);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw Noted(endpoint, await ReadErrorAsync(response, either.Token));
        }
        catch (OperationCanceledException cause) when (!cancellation.IsCancellationRequested)
        {
            throw Noted(endpoint, new EtcdFailure(EtcdFailureKind.Unknown, $"{endpoint.Address} has not answered within {timeout.TotalSeconds} s", cause));
        }
        catch (HttpRequestException cause)
        {
            bool isSent = cause.HttpRequestError is not (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError);
            string reason = cause.InnerException is { } inner ? $"{cause.Message} {inner.Message}" : cause.Message;
            throw Noted(endpoint, new EtcdFailure(isSent ? EtcdFailureKind.Unknown : EtcdFailureKind.NotDone, $"{endpoint.Address}: {reason}", cause));
        }
        catch (IOException cause)
        {
            throw Noted(endpoint, new EtcdFailure(EtcdFailureKind.Unknown, $"{endpoint.Address}: {cause.Message}", cause));
        }
    }

    private static async Task<EtcdFailure> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(64 << 10, cancellation);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        try
        {
            // The gateway writes a trailer behind an error as if it were part of the text: only the first value counts.
            Utf8JsonReader reader = new(bytes);
            if (JsonSerializer.Deserialize(ref reader, EtcdJson.Default.EtcdError) is { Message: { } message } error)
                return EtcdFailures.Of(error.Code, message);
        }
        catch (JsonException)
        {
            // Not etcd's words: its status is what there is.
        }
        return new EtcdFailure(EtcdFailureKind.Unknown, $"HTTP status {(int)response.StatusCode}");
    }

    /// <summary>Sets the endpoint aside where it is its fault.</summary>
    private EtcdFailure Noted(EtcdEndpoint endpoint, EtcdFailure failure)
    {
        if (failure.Kind is EtcdFailureKind.NotDone or EtcdFailureKind.Unknown)
            Endpoints.Failed(endpoint, failure.Message);
        return failure;
    }

    /// <summary>A connection whose other end is gone without a word is noticed by the kernel, within some ten seconds.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
