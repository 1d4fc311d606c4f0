using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using VecSQL.Engine;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight;

/// <summary>Serves Flight SQL at one address until it is disposed of.</summary>
public sealed class FlightListener : IAsyncDisposable
{
    /// <summary>How often what nobody uses is looked for.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(15);

    private readonly GrpcServer _server;
    private readonly SessionTable _sessions;
    private readonly HandleTable _handles;
    private readonly ITimer _sweep;
    private readonly ILogger _log;
    private int _isSweeping;

    private FlightListener(GrpcServer server, SessionTable sessions, HandleTable handles, TimeProvider time, ILogger log)
    {
        (_server, _sessions, _handles, _log) = (server, sessions, handles, log);
        _sweep = time.CreateTimer(static listener => _ = ((FlightListener)listener!).SweepAsync(), this, SweepEvery, SweepEvery);
    }

    /// <summary>Where it listens; with the port that was found where 0 was asked for.</summary>
    public IPEndPoint Address => _server.Address;

    /// <summary>Begins to serve.</summary>
    /// <exception cref="IOException">The address is taken or cannot be used.</exception>
    public static FlightListener Start(IPEndPoint address, Database database, FlightOptions options, ILogger log)
    {
        HandleTable handles = new();
        SessionTable sessions = new(database, new Authenticator(database, options, log), options);
        FlightSqlHandler handler = new(sessions, handles, new FlightActions(sessions, handles, options), options);
        GrpcMethods methods = FlightService.MethodsOf(handler);
        options.MoreMethods?.Invoke(methods);
        GrpcServer server = GrpcServer.Start(
            address, methods, new GrpcLimits(),
            () => options.Security().Tls?.OptionsFor(SslApplicationProtocol.Http2), SqlStatus.Of, options.StopTimeout, options.Time, log);
        return new FlightListener(server, sessions, handles, options.Time, log);
    }

    /// <summary>Lets running calls end, for as long as was said, and ends all sessions.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        await _handles.CloseAllAsync().ConfigureAwait(false);
        await _sessions.CloseAllAsync().ConfigureAwait(false);
    }

    private async Task SweepAsync()
    {
        if (Interlocked.Exchange(ref _isSweeping, 1) == 1)
            return;
        try
        {
            await _handles.CloseExpiredAsync().ConfigureAwait(false);
            await _sessions.CloseIdleAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SweepFailed(_log, error); // the next one tries again
        }
        finally
        {
            Interlocked.Exchange(ref _isSweeping, 0);
        }
    }
}
