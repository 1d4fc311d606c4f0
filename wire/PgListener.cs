using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VecSQL.Engine;
using VecSQL.Wire.Sessions;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire;

/// <summary>Accepts PostgreSQL clients and serves them until it is disposed of.</summary>
public sealed class PgListener : IAsyncDisposable
{
    private const int Backlog = 512;

    /// <summary>How often clients whose statements take long are looked after.</summary>
    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Database _database;
    private readonly WireOptions _options;
    private readonly ILogger _log;
    private readonly ClientWorkers _workers = new(Environment.ProcessorCount);
    private readonly ConcurrentDictionary<Client, Task> _clients = new();
    private readonly StartGate _gate;
    private readonly Timer _watch;
    private readonly Task _accepting;
    private volatile bool _isStopping;

    private PgListener(Socket socket, Database database, WireOptions options, ILogger log)
    {
        _socket = socket;
        _database = database;
        _options = options;
        _log = log;
        _gate = new StartGate(options.StartingMax);
        _watch = new Timer(static listener => ((PgListener)listener!).CancelAbandoned(), this, WatchEvery, WatchEvery);
        _accepting = AcceptAsync();
    }

    /// <summary>Begins to accept clients.</summary>
    /// <exception cref="IOException">The address is taken (<see cref="AddressInUseException"/> inside) or cannot be used.</exception>
    public static PgListener Start(IPEndPoint address, Database database, WireOptions options, ILogger log)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(address);
            socket.Listen(Backlog);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            bool isTaken = error.SocketErrorCode == SocketError.AddressAlreadyInUse;
            throw isTaken
                ? new IOException($"Failed to bind to address {address}: address already in use.",
                    new AddressInUseException(error.Message, error))
                : new IOException($"Failed to bind to address {address}: {error.Message}.", error);
        }
        return new PgListener(socket, database, options, log);
    }

    /// <summary>Lets running statements end, for as long as <see cref="WireOptions.StopTimeout"/> says, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        foreach (Client client in _clients.Keys)
            client.Stream.EndReading();
        Task served = Task.WhenAll(_clients.Values);
        await Task.WhenAny(served, Task.Delay(_options.StopTimeout)).ConfigureAwait(false);
        await _watch.DisposeAsync().ConfigureAwait(false);
        foreach (Client client in _clients.Keys)
            client.Leave();
        await served.ConfigureAwait(false);
        _workers.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_isStopping)
        {
            try
            {
                Client client = new(new ClientStream(await _socket.AcceptAsync().ConfigureAwait(false), _workers), new());
                _clients[client] = client.Ended;
                _ = ServeAsync(client);
            }
            catch (Exception error) when (_isStopping && error is (SocketException or ObjectDisposedException))
            {
                return;
            }
            catch (SocketException error)
            {
                // The client has gone already, or the process may open no more files and nobody tells when it may.
                Log.AcceptFailed(_log, error);
                await Task.Delay(WatchEvery).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Client client)
    {
        try
        {
            string? address = client.Stream.RemoteAddress;
            PgConnection connection = new(_database, client.Stream, _gate, _options, _log);
            await using (connection.ConfigureAwait(false))
                await connection.RunAsync(address, client.HasLeft).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.ConnectionFailed(_log, error); // this connection ends, and no other
        }
        finally
        {
            _clients.TryRemove(client, out _);
            client.End();
        }
    }

    /// <summary>Nobody reads from a client while its statement runs, so whether it is still there has to be looked at.</summary>
    private void CancelAbandoned()
    {
        if (_isStopping)
            return;
        foreach (Client client in _clients.Keys)
        {
            if (client.Stream.BusyFor > WatchEvery && client.Stream.HasLeft)
                client.Leave();
        }
    }

    /// <summary>A connection from its acceptance to its end.</summary>
    /// <param name="left">Not disposed of: it holds nothing that has to be, and the watch may be about to cancel it.</param>
    private sealed class Client(ClientStream stream, CancellationTokenSource left)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ClientStream Stream => stream;

        /// <summary>Cancelled when nobody is there any more to read what a statement gives.</summary>
        public CancellationToken HasLeft => left.Token;

        public Task Ended => _ended.Task;

        public void Leave() => left.Cancel();

        public void End()
        {
            stream.Dispose();
            _ended.SetResult();
        }
    }
}
