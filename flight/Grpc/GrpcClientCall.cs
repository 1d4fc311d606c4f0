using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace VecSQL.Flight.Grpc;

/// <summary>A client's call: messages to the server and from it, until its status has come.</summary>
/// <remarks>
/// Threads: one reader and one writer at a time.
/// Disposal before the status has come cancels the call.
/// </remarks>
public sealed class GrpcClientCall : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenSource _late = new();
    private readonly CancellationToken _caller;
    private readonly HttpRequestMessage _request;
    private readonly RequestStream _content = new();
    private readonly GrpcChannelOptions _options;
    private readonly Task<HttpResponseMessage> _answer;
    private MessageWriter? _writer;
    private MessageReader? _reader;
    private HttpResponseMessage? _response;
    private CancellationTokenRegistration _leaving;
    private bool _isDone;

    internal GrpcClientCall(
        HttpMessageInvoker http, HttpRequestMessage request, GrpcChannelOptions options, TimeSpan? timeout, CancellationToken cancellation)
    {
        (_request, _options, _caller) = (request, options, cancellation);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _late.Token);
        if (timeout is { } patience)
            _late.CancelAfter(patience);
        _request.Content = _content;
        _answer = http.SendAsync(request, _ended.Token);
    }

    /// <summary>What came before the first message; empty until <see cref="ReadAsync"/> or <see cref="ReadHeadersAsync"/> has returned.</summary>
    public GrpcMetadata ResponseHeaders { get; } = [];

    /// <summary>What came with the status; empty until <see cref="ReadAsync"/> has returned null or thrown.</summary>
    public GrpcMetadata Trailers { get; } = [];

    /// <summary>Sends a message; returns when the server can take more.</summary>
    /// <exception cref="GrpcException">The call has ended.</exception>
    public async ValueTask WriteAsync(GrpcPayload payload)
    {
        try
        {
            PipeWriter pipe = await WaitAsync(_content.Pipe).ConfigureAwait(false);
            _writer ??= new MessageWriter(pipe, _options.Limits.SendBytesMax, _options.UsesGzip);
            await _writer.WriteAsync(payload, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not GrpcException)
        {
            await EndAsync().ConfigureAwait(false); // the server may have said why it takes no more
            throw Translated(failed);
        }
    }

    /// <summary>Says that no message follows.</summary>
    public void CompleteWriting() => _content.Complete();

    /// <summary>Waits for what comes before the first message.</summary>
    public async ValueTask ReadHeadersAsync()
    {
        if (_response is not null)
            return;
        try
        {
            _response = await _answer.ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not GrpcException)
        {
            throw Translated(failed);
        }
        _leaving = _ended.Token.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), _response); // resets the stream
        Collect(_response.Headers, ResponseHeaders);
        if (_response.StatusCode != HttpStatusCode.OK)
            throw new GrpcException(CodeOf(_response.StatusCode), $"the server answered with HTTP status {(int)_response.StatusCode}");
        if (!MessageCompression.TryRead(Single(_response.Headers, "grpc-encoding"), out bool isGzip))
            throw new GrpcException(GrpcStatusCode.Internal, "the server compresses messages by what is not known here");
        Stream body = await _response.Content.ReadAsStreamAsync(_ended.Token).ConfigureAwait(false);
        _reader = new MessageReader(body, _options.Limits.ReceiveBytesMax, isGzip);
    }

    /// <summary>The next message of the server; null when it has sent its last and the status is OK.</summary>
    /// <exception cref="GrpcException">The status is another, or the call broke.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled it.</exception>
    public async ValueTask<GrpcMessage?> ReadAsync()
    {
        await ReadHeadersAsync().ConfigureAwait(false);
        if (_isDone || _reader is null)
            return null;
        try
        {
            if (await _reader.NextAsync(_ended.Token).ConfigureAwait(false) is { } message)
                return message;
        }
        catch (Exception failed) when (failed is not GrpcException)
        {
            throw Translated(failed);
        }
        await EndAsync().ConfigureAwait(false);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDone)
            await _ended.CancelAsync().ConfigureAwait(false);
        _content.Complete();
        await _leaving.DisposeAsync().ConfigureAwait(false);
        try
        {
            (await _answer.ConfigureAwait(false)).Dispose();
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException or IOException)
        {
            // It was told to who asked, or nobody did.
        }
        _reader?.Dispose();
        _request.Dispose();
        _ended.Dispose();
        _late.Dispose();
    }

    private async ValueTask<PipeWriter> WaitAsync(Task<PipeWriter> pipe)
    {
        Task first = await Task.WhenAny(pipe, _answer).ConfigureAwait(false);
        if (first == _answer && !pipe.IsCompleted)
            await _answer.ConfigureAwait(false); // it failed, or the server wants no messages
        return await pipe.WaitAsync(_ended.Token).ConfigureAwait(false);
    }

    /// <summary>Reads the status.</summary>
    private async ValueTask EndAsync()
    {
        await ReadHeadersAsync().ConfigureAwait(false);
        if (_isDone || _response is null)
            return;
        string? code = Single(_response.TrailingHeaders, GrpcStatus.CodeHeader);
        HttpHeaders headers = code is null ? _response.Headers : _response.TrailingHeaders;
        code ??= Single(headers, GrpcStatus.CodeHeader);
        if (code is null)
            return; // no status yet: messages follow
        _isDone = true;
        Collect(headers, Trailers);
        if (code == "0")
            return;
        string message = GrpcMetadata.DecodeMessage(Single(headers, GrpcStatus.MessageHeader) ?? "");
        string details = Single(headers, GrpcStatus.DetailsHeader) ?? "";
        throw new GrpcException(int.TryParse(code, out int number) ? (GrpcStatusCode)number : GrpcStatusCode.Unknown, message)
        {
            Details = GrpcMetadata.Decode(details) ?? [],
            Trailers = Trailers,
        };
    }

    private Exception Translated(Exception failed)
    {
        if (_caller.IsCancellationRequested)
            return new OperationCanceledException("the call was cancelled", failed, _caller);
        if (_late.IsCancellationRequested)
            return new GrpcException(GrpcStatusCode.DeadlineExceeded, "the deadline has come before the call was done", failed);
        HttpProtocolException? protocol = failed as HttpProtocolException ?? failed.InnerException as HttpProtocolException;
        return failed switch
        {
            _ when protocol is not null => new GrpcException(CodeOf(protocol.ErrorCode), "the server has reset the call", failed),
            HttpRequestException or IOException => new GrpcException(GrpcStatusCode.Unavailable, failed.Message, failed),
            OperationCanceledException => new GrpcException(GrpcStatusCode.Cancelled, "the call was cancelled", failed),
            _ => new GrpcException(GrpcStatusCode.Unknown, failed.Message, failed),
        };
    }

    /// <summary>Source: gRPC documentation, "gRPC over HTTP2", "Errors".</summary>
    private static GrpcStatusCode CodeOf(long http2Error) => http2Error switch
    {
        7 => GrpcStatusCode.Unavailable, // REFUSED_STREAM
        8 => GrpcStatusCode.Cancelled, // CANCEL
        11 => GrpcStatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        12 => GrpcStatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => GrpcStatusCode.Internal,
    };

    /// <summary>Source: gRPC documentation, "HTTP to gRPC Status Code Mapping".</summary>
    private static GrpcStatusCode CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
        HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
        HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    private static string? Single(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.FirstOrDefault() : null;

    private static void Collect(HttpHeaders headers, GrpcMetadata metadata)
    {
        foreach ((string name, HeaderStringValues values) in headers.NonValidated) // empty ones, too
        {
            foreach (string value in values)
                metadata.Receive(name.ToLowerInvariant(), value);
        }
    }

    /// <summary>A request's body that is written while the call runs.</summary>
    private sealed class RequestStream : HttpContent
    {
        private readonly TaskCompletionSource<PipeWriter> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RequestStream() => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        public Task<PipeWriter> Pipe => _opened.Task;

        public void Complete() => _completed.TrySetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false); // sends the headers
            PipeWriter pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 64 << 10, leaveOpen: true));
            _opened.TrySetResult(pipe);
            await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
