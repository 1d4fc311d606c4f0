using System.Collections.Frozen;

namespace VecSQL.Flight.Grpc;

/// <summary>Which methods a server has, by path, and what serves each.</summary>
public sealed class GrpcMethods
{
    private readonly Dictionary<string, Func<GrpcCall, Task>> _handlers = new(StringComparer.Ordinal);

    /// <summary>One message in, one out.</summary>
    public GrpcMethods Unary<TRequest, TResponse>(
        string path, GrpcMarshaller<TRequest> request, GrpcMarshaller<TResponse> response,
        Func<TRequest, GrpcCall, ValueTask<TResponse>> handler) =>
        Add(path, async call =>
        {
            TRequest asked = await call.ReadOnlyOneAsync(request).ConfigureAwait(false);
            TResponse answer = await handler(asked, call).ConfigureAwait(false);
            await call.WriteLastAsync(response.Write(answer)).ConfigureAwait(false);
        });

    /// <summary>One message in, as many out as the handler writes.</summary>
    public GrpcMethods ServerStream<TRequest>(
        string path, GrpcMarshaller<TRequest> request, Func<TRequest, GrpcCall, ValueTask> handler) =>
        Add(path, async call => await handler(await call.ReadOnlyOneAsync(request).ConfigureAwait(false), call).ConfigureAwait(false));

    /// <summary>As many messages in, and as many out, as client and handler please, at the same time or in turn.</summary>
    public GrpcMethods Duplex(string path, Func<GrpcCall, ValueTask> handler) =>
        Add(path, async call => await handler(call).ConfigureAwait(false));

    internal FrozenDictionary<string, Func<GrpcCall, Task>> Freeze() => _handlers.ToFrozenDictionary(StringComparer.Ordinal);

    private GrpcMethods Add(string path, Func<GrpcCall, Task> handler)
    {
        _handlers.Add(path, handler);
        return this;
    }
}
