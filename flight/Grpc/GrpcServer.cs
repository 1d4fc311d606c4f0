using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace VecSQL.Flight.Grpc;

/// <summary>Serves gRPC at one address, over HTTP/2, plain or in TLS, until it is disposed of.</summary>
/// <remarks>Threads: calls are served by the thread pool, any number at once.</remarks>
public sealed class GrpcServer : IAsyncDisposable
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(30);

    private readonly KestrelServer _server;
    private readonly CancellationTokenSource _stopping;
    private readonly TimeSpan _stopTimeout;

    private GrpcServer(KestrelServer server, CancellationTokenSource stopping, IPEndPoint address, TimeSpan stopTimeout)
    {
        (_server, _stopping, _stopTimeout) = (server, stopping, stopTimeout);
        Address = address;
    }

    /// <summary>Where it listens; with the port that was found where 0 was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="tls">What handshakes are made with, asked for at each; null where TLS is not offered.</param>
    /// <param name="known">The status for errors that handlers throw beside <see cref="GrpcException"/>; null for none.</param>
    /// <exception cref="IOException">The address is taken or cannot be used.</exception>
    public static async Task<GrpcServer> StartAsync(
        IPEndPoint address, GrpcMethods methods, GrpcLimits limits, Func<SslServerAuthenticationOptions?> tls,
        Func<Exception, GrpcException?> known, TimeSpan stopTimeout, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        KestrelServerOptions options = new() { AddServerHeader = false, AllowAlternateSchemes = true }; // TLS is beneath, unseen
        Limit(options.Limits, limits);
        options.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => new TlsDoor(next, tls, HandshakePatience, log).ServeAsync);
        });
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        KestrelServer server = new(Options.Create(options), sockets, NullLoggerFactory.Instance);
        CancellationTokenSource stopping = new();
        try
        {
            await server.StartAsync(new GrpcDispatcher(methods, limits, known, time, log, stopping.Token), cancellation).ConfigureAwait(false);
            string bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
            int port = Uri.TryCreate(bound, UriKind.Absolute, out Uri? uri) ? uri.Port : address.Port;
            return new GrpcServer(server, stopping, new IPEndPoint(address.Address, port), stopTimeout);
        }
        catch
        {
            stopping.Dispose();
            server.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more calls, lets running ones end for as long as was said, and cancels the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.CancelAfter(_stopTimeout);
        using CancellationTokenSource patience = new(_stopTimeout + TimeSpan.FromSeconds(2));
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _stopping.Dispose();
    }

    private static void Limit(KestrelServerLimits kestrel, GrpcLimits limits)
    {
        kestrel.MaxRequestBodySize = null; // streams have no end; messages are limited one by one
        kestrel.MinRequestBodyDataRate = null; // a stream may rest
        kestrel.MinResponseDataRate = null; // and so may its reader
        kestrel.MaxRequestHeadersTotalSize = limits.MetadataBytesMax;
        kestrel.MaxRequestHeaderCount = 200;
        kestrel.Http2.MaxRequestHeaderFieldSize = limits.MetadataBytesMax;
        kestrel.Http2.MaxStreamsPerConnection = limits.CallsMax;
        kestrel.Http2.KeepAlivePingDelay = limits.KeepAliveDelay;
        kestrel.Http2.KeepAlivePingTimeout = limits.KeepAliveTimeout;
        kestrel.Http2.InitialStreamWindowSize = 4 << 20; // a stream of one client can use a fast network
        kestrel.Http2.InitialConnectionWindowSize = 8 << 20;
    }
}
