using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VecSQL.Cluster.Tests.Etcd;

/// <summary>Answers each request with what the test says, whatever was asked.</summary>
internal sealed class FakeEtcd : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]> _answer;
    private readonly Task _serving;

    /// <param name="answer">A body by the request's path.</param>
    public FakeEtcd(Func<string, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            using StreamReader reader = new(client.GetStream(), Encoding.Latin1);
            string path = (await reader.ReadLineAsync())?.Split(' ')[1] ?? "";
            byte[] body = _answer(path);
            string head = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n";
            await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body]);
            // The rest of the request is read, so that closing does not take the answer back.
            client.Client.Shutdown(SocketShutdown.Send);
            while (await reader.ReadAsync(new char[4096]) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }
}
