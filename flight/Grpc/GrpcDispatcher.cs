using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>Serves HTTP/2 streams as calls: finds the method, runs its handler, says how it ended.</summary>
/// <remarks>Source: gRPC documentation, "gRPC over HTTP2".</remarks>
internal sealed class GrpcDispatcher(
    GrpcMethods methods, GrpcLimits limits, Func<Exception, GrpcException?> known, TimeProvider time, ILogger log, CancellationToken leaving, CancellationToken stopping)
{
    private const string ContentType = "application/grpc";

    private static readonly HeaderField Ok = new(":status", "200"), Typed = new("content-type", ContentType);

    private readonly FrozenDictionary<string, Func<GrpcCall, Task>> _handlers = methods.Freeze();

    /// <summary>Serves one call.</summary>
    /// <exception cref="IOException">The client has gone.</exception>
    public async Task ServeAsync(Http2Stream stream, GrpcPeer peer)
    {
        IReadOnlyList<HeaderField> headers = stream.Headers ?? [];
        using MessageAssembler body = (MessageAssembler)stream.Sink;
        if (HeaderRules.Find(headers, ":method") != "POST")
            await stream.SendHeadersAsync([new HeaderField(":status", "405"), new HeaderField("allow", "POST")], isLast: true).ConfigureAwait(false);
        else if (!IsGrpc(HeaderRules.Find(headers, "content-type")))
            await stream.SendHeadersAsync([new HeaderField(":status", "415")], isLast: true).ConfigureAwait(false);
        else
            await RunAsync(stream, headers, body, peer).ConfigureAwait(false);
    }

    private static bool IsGrpc(string? contentType) => contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    private async ValueTask RunAsync(Http2Stream stream, IReadOnlyList<HeaderField> headers, MessageAssembler body, GrpcPeer peer)
    {
        string path = HeaderRules.Find(headers, ":path") ?? "";
        if (!_handlers.TryGetValue(path, out Func<GrpcCall, Task>? handler))
        {
            await EndAsync(stream, null, Failed(GrpcStatusCode.Unimplemented, $"there is no method {path}")).ConfigureAwait(false);
            return;
        }
        string? encoding = HeaderRules.Find(headers, "grpc-encoding");
        if (!MessageCompression.TryRead(encoding, out bool isGzip))
        {
            GrpcStatus refused = Failed(GrpcStatusCode.Unimplemented, $"messages compressed by {encoding} are not taken");
            await EndAsync(stream, null, refused, new HeaderField("grpc-accept-encoding", MessageCompression.Accepted)).ConfigureAwait(false);
            return;
        }
        TimeSpan? timeout = null;
        if (HeaderRules.Find(headers, "grpc-timeout") is { } asked)
        {
            if (!GrpcTimeout.TryParse(asked, out TimeSpan parsed))
            {
                await EndAsync(stream, null, Failed(GrpcStatusCode.InvalidArgument,
                    "grpc-timeout is not up to eight digits and one of H, M, S, m, u, n")).ConfigureAwait(false);
                return;
            }
            timeout = parsed;
        }
        using CancellationTokenSource late = timeout is { } patience ? new(patience, time) : new();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        stream.CancelWhenGivenUp(ended);
        bool compresses = isGzip
            && (HeaderRules.Find(headers, "grpc-accept-encoding") ?? "").Contains(MessageCompression.Gzip, StringComparison.Ordinal);
        using GrpcCall call = new(
            path, MetadataOf(headers), peer, new MessageReader(body, limits.ReceiveBytesMax, isGzip),
            new MessageWriter(stream, limits.SendBytesMax, compresses), started => BeginAsync(stream, started, compresses),
            timeout is { } span ? time.GetUtcNow() + span : null, leaving, ended.Token);
        GrpcStatus status = await HandleAsync(handler, call, stream).ConfigureAwait(false);
        stream.CancelWhenGivenUp(null);
        if (status.Code != GrpcStatusCode.Ok && late.IsCancellationRequested)
            status = Failed(GrpcStatusCode.DeadlineExceeded, "the deadline has come before the call was done");
        if (stream.Failure is null)
            await EndAsync(stream, call, status).ConfigureAwait(false);
    }

    private async ValueTask<GrpcStatus> HandleAsync(Func<GrpcCall, Task> handler, GrpcCall call, Http2Stream stream)
    {
        try
        {
            await handler(call).ConfigureAwait(false);
            return GrpcStatus.Ok(call.Trailers);
        }
        catch (GrpcException error)
        {
            return GrpcStatus.Of(error);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && (call.Cancellation.IsCancellationRequested || stream.Failure is not null))
        {
            return stopping.IsCancellationRequested
                ? Failed(GrpcStatusCode.Unavailable, "the server is stopping")
                : Failed(GrpcStatusCode.Cancelled, "the call was cancelled");
        }
        catch (Exception error) when (known(error) is not null)
        {
            return known(error) is { } status ? GrpcStatus.Of(status) : default;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The call's own loop: whatever went wrong must not take other calls along, and is nobody's business but the log's.
            Log.CallFailed(log, call.Method, error);
            return Failed(GrpcStatusCode.Internal, "internal error");
        }
    }

    private static GrpcStatus Failed(GrpcStatusCode code, string message) => new(code, message, default, []);

    private static GrpcMetadata MetadataOf(IReadOnlyList<HeaderField> headers)
    {
        GrpcMetadata metadata = [];
        foreach (HeaderField field in headers)
            metadata.Receive(field.Name, field.Value);
        return metadata;
    }

    private static ValueTask BeginAsync(Http2Stream stream, GrpcCall call, bool compresses)
    {
        List<HeaderField> fields = [Ok, Typed];
        if (compresses)
            fields.Add(new HeaderField("grpc-encoding", MessageCompression.Gzip));
        AddMetadata(fields, call);
        return stream.SendHeadersAsync(fields, isLast: false);
    }

    private static void AddMetadata(List<HeaderField> fields, GrpcCall call)
    {
        foreach (GrpcMetadata.Entry entry in call.ResponseHeaders)
            fields.Add(new HeaderField(entry.Key, entry.Text));
    }

    /// <summary>Sends the status: behind the messages, or where there are none as the only headers.</summary>
    /// <param name="call">Null where none was made.</param>
    private static ValueTask EndAsync(Http2Stream stream, GrpcCall? call, GrpcStatus status, params ReadOnlySpan<HeaderField> more)
    {
        List<HeaderField> fields = [];
        if (call is not { HasBegun: true })
        {
            fields.AddRange(Ok, Typed);
            if (call is not null)
                AddMetadata(fields, call);
        }
        fields.AddRange(more);
        status.Write((name, value) => fields.Add(new HeaderField(name, value)));
        return stream.SendHeadersAsync(fields, isLast: true);
    }
}
