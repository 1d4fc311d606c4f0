using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace VecSQL.Flight.Grpc;

/// <summary>Serves HTTP/2 requests as calls: finds the method, runs its handler, says how it ended.</summary>
/// <remarks>Source: gRPC documentation, "gRPC over HTTP2".</remarks>
internal sealed class GrpcDispatcher(
    GrpcMethods methods, GrpcLimits limits, Func<Exception, GrpcException?> known, TimeProvider time, ILogger log, CancellationToken stopping)
    : IHttpApplication<HttpContext>
{
    private const string ContentType = "application/grpc";

    private readonly FrozenDictionary<string, Func<GrpcCall, Task>> _handlers = methods.Freeze();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (context.Request.Method != HttpMethods.Post)
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        if (!IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        GrpcStatus status = await RunAsync(context).ConfigureAwait(false);
        if (!context.RequestAborted.IsCancellationRequested)
            await EndAsync(context.Response, status).ConfigureAwait(false);
    }

    private static bool IsGrpc(string? contentType) => contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    private async ValueTask<GrpcStatus> RunAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        string path = context.Request.Path.Value ?? "";
        if (!_handlers.TryGetValue(path, out Func<GrpcCall, Task>? handler))
            return Failed(GrpcStatusCode.Unimplemented, $"there is no method {path}");
        if (!MessageCompression.TryRead(headers["grpc-encoding"], out bool isGzip))
        {
            context.Response.Headers["grpc-accept-encoding"] = MessageCompression.Accepted;
            return Failed(GrpcStatusCode.Unimplemented, $"messages compressed by {headers["grpc-encoding"]} are not taken");
        }
        TimeSpan? timeout = null;
        if (headers.TryGetValue("grpc-timeout", out StringValues asked))
        {
            if (!GrpcTimeout.TryParse(asked.ToString(), out TimeSpan parsed))
                return Failed(GrpcStatusCode.InvalidArgument, "grpc-timeout is not up to eight digits and one of H, M, S, m, u, n");
            timeout = parsed;
        }
        using CancellationTokenSource late = new();
        if (timeout is { } patience)
            late.CancelAfter(patience);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token, stopping);
        using MessageReader reader = new(context.Request.Body, limits.ReceiveBytesMax, isGzip);
        bool compresses = isGzip && headers["grpc-accept-encoding"].ToString().Contains(MessageCompression.Gzip, StringComparison.Ordinal);
        GrpcCall call = new(
            path, MetadataOf(headers), PeerOf(context), reader,
            new MessageWriter(context.Response.BodyWriter, limits.SendBytesMax, compresses),
            started => BeginAsync(context.Response, started, compresses),
            timeout is { } span ? time.GetUtcNow() + span : null, ended.Token);
        GrpcStatus status = await HandleAsync(handler, call).ConfigureAwait(false);
        if (!context.Response.HasStarted)
            AddHeaders(context.Response, call.ResponseHeaders);
        return status.Code != GrpcStatusCode.Ok && late.IsCancellationRequested
            ? Failed(GrpcStatusCode.DeadlineExceeded, "the deadline has come before the call was done")
            : status;
    }

    private async ValueTask<GrpcStatus> HandleAsync(Func<GrpcCall, Task> handler, GrpcCall call)
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
        catch (BadHttpRequestException)
        {
            return Failed(GrpcStatusCode.Internal, "the request broke HTTP/2"); // the connection is told in its own words
        }
        catch (Exception error) when (call.Cancellation.IsCancellationRequested && error is OperationCanceledException or IOException)
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

    private static GrpcMetadata MetadataOf(IHeaderDictionary headers)
    {
        GrpcMetadata metadata = [];
        foreach ((string name, StringValues values) in headers)
        {
            foreach (string? value in values)
                metadata.Receive(name.ToLowerInvariant(), value);
        }
        return metadata;
    }

    private static GrpcPeer PeerOf(HttpContext context)
    {
        IPEndPoint? address = context.Connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip, context.Connection.RemotePort) : null;
        return new GrpcPeer(address, context.Features.Get<TlsPeer>());
    }

    private static Task BeginAsync(HttpResponse response, GrpcCall call, bool compresses)
    {
        response.ContentType = ContentType;
        if (compresses)
            response.Headers["grpc-encoding"] = MessageCompression.Gzip;
        AddHeaders(response, call.ResponseHeaders);
        return response.StartAsync(call.Cancellation);
    }

    private static void AddHeaders(HttpResponse response, GrpcMetadata metadata)
    {
        foreach (GrpcMetadata.Entry entry in metadata)
            Add(response.Headers, entry.Key, entry.Text);
    }

    /// <summary>Also where the value is empty, which the framework's own way leaves out.</summary>
    private static void Add(IHeaderDictionary headers, string name, string value) =>
        headers[name] = StringValues.Concat(headers[name], value);

    /// <summary>Sends the status: behind the messages, or where there are none as the only headers.</summary>
    private static async ValueTask EndAsync(HttpResponse response, GrpcStatus status)
    {
        if (response.HasStarted)
        {
            IHeaderDictionary trailers = response.HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
            status.Write((name, value) => Add(trailers, name, value));
        }
        else
        {
            response.ContentType = ContentType;
            response.ContentLength = null;
            status.Write((name, value) => Add(response.Headers, name, value));
        }
        await response.CompleteAsync().ConfigureAwait(false);
    }
}
