using System.Net;
using System.Net.Sockets;

namespace VecSQL.Cluster.Tests.Etcd;

/// <summary>Stands between a client and etcd, or another server, and cuts, holds or drops what passes.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _connections = [];
    private readonly Uri _target;
    private readonly Task _accepting;
    private int _cutCount;

    public CutProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Each connection is cut after so many bytes of answers, and the next after as many more, since a message may be longer than that.</summary>
    public int CutAfter { get; set; } = int.MaxValue;

    /// <summary>Whether it counts and cuts what the client sends, instead of the answers.</summary>
    public bool CutsQuestions { get; set; }

    /// <summary>Nothing more of etcd's comes through; connections stay.</summary>
    public bool HoldsAnswers { get; set; }

    /// <summary>Connections that were cut so far.</summary>
    public int CutCount => Volatile.Read(ref _cutCount);

    /// <summary>Cuts all connections, and lets none in.</summary>
    public void CutNow()
    {
        _listener.Stop();
        lock (_connections)
            _connections.ForEach(static connection => connection.Dispose());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        lock (_connections)
            _connections.ForEach(connection => connection.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        TcpClient server = new();
        lock (_connections)
            _connections.AddRange([client, server]);
        try
        {
            await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
            await Task.WhenAny(PassAsync(client, server, isAnswer: false), PassAsync(server, client, isAnswer: true));
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has closed.
        }
        client.Dispose();
        server.Dispose();
    }

    private async Task PassAsync(TcpClient source, TcpClient target, bool isAnswer)
    {
        byte[] buffer = new byte[4096];
        int passed = 0, limit = CutAfter == int.MaxValue ? CutAfter : CutAfter * (1 + CutCount);
        while (await source.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and int count)
        {
            if (isAnswer && HoldsAnswers)
                continue;
            int allowed = isAnswer != CutsQuestions ? Math.Min(count, limit - passed) : count;
            await target.GetStream().WriteAsync(buffer.AsMemory(0, allowed), _stop.Token);
            passed += allowed;
            if (allowed < count)
            {
                Interlocked.Increment(ref _cutCount);
                return;
            }
        }
    }
}
