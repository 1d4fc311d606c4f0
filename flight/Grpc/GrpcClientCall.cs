using System.Net.Sockets;
using System.Security.Authentication;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>A client's call: messages to the server and from it, until its status has come.</summary>
/// <remarks>
/// Threads: one reader and one writer at a time.
/// Disposal before the status has come cancels the call.
/// </remarks>
public sealed class GrpcClientCall : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenSource _late;
    private readonly CancellationToken _caller;
    private readonly GrpcChannelOptions _options;
    private readonly Task<Http2Stream> _opening;
    private Http2Stream? _stream;
    private CancellationTokenRegistration _leaving;
    private MessageWriter? _writer;
    private MessageReader? _reader;
    private bool _isFlushed, _isComplete, _isDone, _isDisposed;

    internal GrpcClientCall(
        GrpcChannel channel, IEnumerable<HeaderField> fields, GrpcChannelOptions options, TimeSpan? timeout, CancellationToken cancellation)
    {
        (_options, _caller) = (options, cancellation);
        _late = timeout is { } patience ? new CancellationTokenSource(patience, options.Time) : new CancellationTokenSource();
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _late.Token);
        _opening = OpenAsync(channel, fields);
    }

    /// <summary>What came before the first message; empty until <see cref="ReadAsync"/> or <see cref="ReadHeadersAsync"/> has returned.</summary>
    public GrpcMetadata ResponseHeaders { get; } = [];

    /// <summary>What came with the status; empty until <see cref="ReadAsync"/> has returned null or thrown.</summary>
    public GrpcMetadata Trailers { get; } = [];

    /// <summary>Sends a message; returns when the server can take more.</summary>
    /// <exception cref="GrpcException">The call has ended.</exception>
    public ValueTask WriteAsync(GrpcPayload payload) => WriteAsync(payload, isLast: false);

    /// <summary>Sends a message behind which no other follows.</summary>
    /// <exception cref="GrpcException">The call has ended.</exception>
    public ValueTask WriteLastAsync(GrpcPayload payload)
    {
        _isComplete = true;
        return WriteAsync(payload, isLast: true);
    }

    /// <summary>Says that no message follows.</summary>
    public void CompleteWriting()
    {
        if (_isComplete)
            return;
        _isComplete = true;
        _ = CompleteAsync();
    }

    /// <summary>Waits for what comes before the first message.</summary>
    public async ValueTask ReadHeadersAsync()
    {
        if (_reader is not null)
            return;
        IReadOnlyList<HeaderField> headers;
        try
        {
            Http2Stream stream = await _opening.ConfigureAwait(false);
            if (!_isFlushed)
                await stream.FlushAsync(_ended.Token).ConfigureAwait(false);
            headers = await stream.ReadHeadersAsync(_ended.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not GrpcException)
        {
            throw Translated(failed);
        }
        Collect(headers, ResponseHeaders);
        if (HeaderRules.Find(headers, ":status") is not "200" and var status)
            throw new GrpcException(CodeOf(status ?? ""), $"the server answered with HTTP status {status}");
        if (!MessageCompression.TryRead(HeaderRules.Find(headers, "grpc-encoding"), out bool isGzip))
            throw new GrpcException(GrpcStatusCode.Internal, "the server compresses messages by what is not known here");
        MessageAssembler body = (MessageAssembler)(await _opening.ConfigureAwait(false)).Sink;
        _reader = new MessageReader(body, _options.Limits.ReceiveBytesMax, isGzip);
    }

    /// <summary>The next message of the server; null when it has sent its last and the status is OK.</summary>
    /// <exception cref="GrpcException">The status is another, or the call broke.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled it.</exception>
    public async ValueTask<GrpcMessage?> ReadAsync()
    {
        await ReadHeadersAsync().ConfigureAwait(false);
        if (_isDone || _reader is null || _stream is null)
            return null;
        try
        {
            if (await _reader.NextAsync(_ended.Token).ConfigureAwait(false) is { } message)
                return message;
        }
        catch (GrpcException)
        {
            ThrowStatus(); // a server that breaks off within a message may say why
            throw;
        }
        catch (Exception failed)
        {
            throw Translated(failed);
        }
        End(_stream);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        if (!_isDone)
            await _ended.CancelAsync().ConfigureAwait(false);
        try
        {
            Http2Stream stream = await _opening.ConfigureAwait(false);
            await _leaving.DisposeAsync().ConfigureAwait(false);
            if (!_isDone || !_isComplete)
                stream.Reset(Http2Error.Cancel);
            ((MessageAssembler)stream.Sink).Dispose();
        }
        catch (Exception failed) when (IsOfConnection(failed) || failed is OperationCanceledException)
        {
            // It was told to who asked, or nobody did.
        }
        _ended.Dispose();
        _late.Dispose();
    }

    private async Task<Http2Stream> OpenAsync(GrpcChannel channel, IEnumerable<HeaderField> fields)
    {
        Http2Stream stream = await channel.OpenAsync(fields, _ended.Token).ConfigureAwait(false);
        _stream = stream;
        _leaving = _ended.Token.UnsafeRegister(static opened => ((Http2Stream)opened!).Reset(Http2Error.Cancel), stream);
        return stream;
    }

    private async ValueTask WriteAsync(GrpcPayload payload, bool isLast)
    {
        try
        {
            Http2Stream stream = await _opening.ConfigureAwait(false);
            _writer ??= new MessageWriter(stream, _options.Limits.SendBytesMax, _options.UsesGzip);
            _isFlushed = true;
            await _writer.WriteAsync(payload, isLast, isFlushed: true, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not GrpcException)
        {
            ThrowStatus(); // the server may have said why it takes no more
            throw Translated(failed);
        }
    }

    private async Task CompleteAsync()
    {
        try
        {
            Http2Stream stream = await _opening.ConfigureAwait(false);
            _isFlushed = true;
            await stream.SendAsync([], 0, isLast: true, isFlushed: true, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (IsOfConnection(failed) || failed is OperationCanceledException or ObjectDisposedException)
        {
            // Who reads is told.
        }
    }

    private void ThrowStatus()
    {
        if (_stream is { IsReceived: true, Headers: not null } stream && !_isDone)
            End(stream);
    }

    /// <summary>Reads the status.</summary>
    private void End(Http2Stream stream)
    {
        bool isAlone = HeaderRules.Find(stream.Trailers, GrpcStatus.CodeHeader) is null; // no messages, and one block of headers
        IReadOnlyList<HeaderField> fields = (isAlone ? stream.Headers : stream.Trailers) ?? [];
        string code = HeaderRules.Find(fields, GrpcStatus.CodeHeader)
            ?? throw new GrpcException(GrpcStatusCode.Internal, "the server has ended the call and not said how");
        _isDone = true;
        Collect(fields, Trailers);
        if (code == "0")
            return;
        string message = GrpcMetadata.DecodeMessage(HeaderRules.Find(fields, GrpcStatus.MessageHeader) ?? "");
        string details = HeaderRules.Find(fields, GrpcStatus.DetailsHeader) ?? "";
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
        return failed switch
        {
            Http2Exception told => new GrpcException(CodeOf(told.Error), told.Message, failed),
            _ when failed.InnerException is Http2Exception told => new GrpcException(CodeOf(told.Error), told.Message, failed),
            _ when IsOfConnection(failed) => new GrpcException(GrpcStatusCode.Unavailable, failed.Message, failed),
            OperationCanceledException => new GrpcException(GrpcStatusCode.Cancelled, "the call was cancelled", failed),
            _ => new GrpcException(GrpcStatusCode.Unknown, failed.Message, failed),
        };
    }

    private static bool IsOfConnection(Exception failed) => failed is IOException or SocketException or AuthenticationException;

    /// <summary>Source: gRPC documentation, "gRPC over HTTP2", "Errors".</summary>
    private static GrpcStatusCode CodeOf(Http2Error error) => error switch
    {
        Http2Error.RefusedStream => GrpcStatusCode.Unavailable,
        Http2Error.Cancel => GrpcStatusCode.Cancelled,
        Http2Error.EnhanceYourCalm => GrpcStatusCode.ResourceExhausted,
        Http2Error.InadequateSecurity => GrpcStatusCode.PermissionDenied,
        _ => GrpcStatusCode.Internal,
    };

    /// <summary>Source: gRPC documentation, "HTTP to gRPC Status Code Mapping".</summary>
    private static GrpcStatusCode CodeOf(string status) => status switch
    {
        "400" => GrpcStatusCode.Internal,
        "401" => GrpcStatusCode.Unauthenticated,
        "403" => GrpcStatusCode.PermissionDenied,
        "404" => GrpcStatusCode.Unimplemented,
        "429" or "502" or "503" or "504" => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    private static void Collect(IReadOnlyList<HeaderField> fields, GrpcMetadata metadata)
    {
        foreach (HeaderField field in fields)
            metadata.Receive(field.Name, field.Value);
    }
}
