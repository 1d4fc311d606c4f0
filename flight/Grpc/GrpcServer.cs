using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>Serves gRPC at one address, over HTTP/2, plain or in TLS, until it is disposed of.</summary>
/// <remarks>Threads: calls are served by the thread pool, any number at once.</remarks>
public sealed class GrpcServer : IAsyncDisposable
{
    private const int Backlog = 512;

    /// <summary>A stream of one client can use a fast network; what a call holds unread is bounded by it.</summary>
    private const int WindowBytes = 4 << 20, FrameBytesMax = 1 << 20;

    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(30);

    /// <summary>For calls that were cancelled to say so.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Socket _listener;
    private readonly GrpcDispatcher _dispatcher;
    private readonly TlsDoor _door;
    private readonly GrpcLimits _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan _stopTimeout;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closing = new(), _stopping;
    private readonly Dictionary<Http2Connection, Task> _connections = [];
    private readonly Task _accepting;
    private bool _isStopped;

    private GrpcServer(
        Socket listener, GrpcMethods methods, GrpcLimits limits, Func<SslServerAuthenticationOptions?> tls,
        Func<Exception, GrpcException?> known, TimeSpan stopTimeout, TimeProvider time, ILogger log)
    {
        (_listener, _limits, _stopTimeout, _time, _log) = (listener, limits, stopTimeout, time, log);
        Address = (IPEndPoint)(listener.LocalEndPoint ?? throw new IOException("the socket does not listen"));
        _stopping = new CancellationTokenSource();
        _door = new TlsDoor(tls, HandshakePatience, time, log);
        _dispatcher = new GrpcDispatcher(methods, limits, known, time, log, _closing.Token, _stopping.Token);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens; with the port that was found where 0 was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="tls">What handshakes are made with, asked for at each; null where TLS is not offered.</param>
    /// <param name="known">The status for errors that handlers throw beside <see cref="GrpcException"/>; null for none.</param>
    /// <exception cref="IOException">The address is taken or cannot be used.</exception>
    public static GrpcServer Start(
        IPEndPoint address, GrpcMethods methods, GrpcLimits limits, Func<SslServerAuthenticationOptions?> tls,
        Func<Exception, GrpcException?> known, TimeSpan stopTimeout, TimeProvider time, ILogger log)
    {
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(address);
            listener.Listen(Backlog);
            return new GrpcServer(listener, methods, limits, tls, known, stopTimeout, time, log);
        }
        catch (SocketException refused)
        {
            listener.Dispose();
            throw new IOException($"cannot listen at {address}: {refused.Message}", refused);
        }
    }

    /// <summary>Takes no more calls, lets running ones end for as long as was said, and cancels the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        KeyValuePair<Http2Connection, Task>[] open;
        lock (_connections)
        {
            _isStopped = true;
            open = [.. _connections];
        }
        foreach ((Http2Connection connection, _) in open)
            connection.Leave();
        Task served = Task.WhenAll(open.Select(static pair => pair.Key.ServedAsync()));
        if (!await IsDoneAsync(served, _stopTimeout).ConfigureAwait(false))
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await IsDoneAsync(served, LastWords).ConfigureAwait(false);
        }
        foreach ((Http2Connection connection, _) in open)
            connection.Fail(new IOException("the server has stopped"));
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(open.Select(static pair => pair.Value)).ConfigureAwait(false);
        _stopping.Dispose();
        _closing.Dispose();
    }

    private async ValueTask<bool> IsDoneAsync(Task task, TimeSpan patience)
    {
        try
        {
            await task.WaitAsync(patience, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_closing.Token).ConfigureAwait(false);
                _ = ServeAsync(socket);
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failed)
            {
                // Too many files are open, or the client has left before it was let in; others may come.
                Log.AcceptFailed(_log, failed);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            IPEndPoint? address = socket.RemoteEndPoint as IPEndPoint;
            if (await _door.EnterAsync(socket, _closing.Token).ConfigureAwait(false) is not var (transport, tls))
                return;
            GrpcPeer peer = new(address, tls);
            Http2Settings settings = new()
            {
                StreamsMax = _limits.CallsMax,
                WindowBytes = WindowBytes,
                FrameBytesMax = FrameBytesMax,
                FieldBytesMax = _limits.MetadataBytesMax,
            };
            Http2Connection connection = new(
                transport, settings, () => new MessageAssembler(_limits.ReceiveBytesMax), stream => _dispatcher.ServeAsync(stream, peer), _time);
            await RunAsync(connection).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            socket.Dispose(); // the client has left before it was let in
        }
    }

    private async Task RunAsync(Http2Connection connection)
    {
        TaskCompletionSource ended = new();
        lock (_connections)
            _connections.Add(connection, ended.Task);
        if (_isStopped)
            connection.Fail(new IOException("the server has stopped"));
        try
        {
            using KeepAlive alive = new(connection, _limits, _time);
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_connections)
                _connections.Remove(connection);
            ended.SetResult();
        }
    }
}
