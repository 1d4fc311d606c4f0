using System.Net;
using System.Net.Sockets;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire.Tests.Transport;

/// <summary>Bytes to and from a client, on a thread of its own or without one.</summary>
public sealed class ClientStreamTests
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(0, 600_000)] // no thread to be had
    [InlineData(1, 600_000)]
    [InlineData(1, 0)] // quiet at once: the thread goes back between any two messages
    public async Task What_a_client_sends_comes_back(int threads, int quietAfterMs)
    {
        ClientThreads pool = new(threads, TimeSpan.FromMilliseconds(quietAfterMs));
        (ClientStream server, Socket client) = await ConnectAsync(pool);
        Task echo = EchoAsync(server);
        byte[] answer = new byte[100_000];
        foreach (int length in (int[])[1, 7, 100, 100_000, 3])
        {
            byte[] sent = new byte[length];
            new Random(length).NextBytes(sent);
            Task sending = client.SendAsync(sent);
            for (int got = 0; got < length;)
                got += await client.ReceiveAsync(answer.AsMemory(got));
            await sending;
            Assert.Equal(sent, answer[..length]);
        }
        client.Dispose();
        await echo;
    }

    [Fact]
    public async Task More_clients_than_threads_are_all_served()
    {
        ClientThreads pool = new(2, Never);
        (ClientStream Server, Socket Client)[] pairs =
            [await ConnectAsync(pool), await ConnectAsync(pool), await ConnectAsync(pool), await ConnectAsync(pool)];
        Task[] echoes = [.. pairs.Select(pair => EchoAsync(pair.Server))];
        byte[] answer = new byte[1];
        for (byte round = 0; round < 3; round++)
        {
            foreach ((_, Socket client) in pairs)
            {
                await client.SendAsync(new[] { round });
                Assert.Equal(1, await client.ReceiveAsync(answer));
                Assert.Equal(round, answer[0]);
            }
        }
        foreach ((_, Socket client) in pairs)
            client.Dispose();
        await Task.WhenAll(echoes);
    }

    [Fact]
    public async Task Waiting_takes_nothing()
    {
        (ClientStream server, Socket client) = await ConnectAsync(new ClientThreads(1, Never));
        await client.SendAsync(new byte[] { 1, 2, 3 });
        byte[] read = new byte[8];
        Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(3, await server.ReadAsync(read));
        client.Dispose();
        Assert.Equal(0, await server.ReadAsync(read));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_ends_when_reading_is_ended()
    {
        (ClientStream server, Socket client) = await ConnectAsync(new ClientThreads(1, Never));
        Task echo = EchoAsync(server);
        await client.SendAsync(new byte[] { 1 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]));
        server.EndReading();
        await echo;
        client.Dispose();
    }

    [Fact]
    public async Task A_client_that_has_left_is_known_behind_what_it_sent()
    {
        (ClientStream server, Socket client) = await ConnectAsync(new ClientThreads(1, Never));
        await client.SendAsync(new byte[] { 1, 2, 3 });
        Assert.False(server.HasLeft);
        client.Dispose();
        byte[] read = new byte[1];
        Assert.Equal(1, await server.ReadAsync(read)); // not the last
        if (!OperatingSystem.IsLinux())
            Assert.Equal(2, await server.ReadAsync(new byte[8]));
        Assert.True(SpinWait.SpinUntil(() => server.HasLeft, TimeSpan.FromSeconds(30)));
        await server.DisposeAsync();
        Assert.True(server.HasLeft);
    }

    private static async Task EchoAsync(ClientStream server)
    {
        byte[] buffer = new byte[1000];
        await server.MoveToOwnThread();
        while (await server.ReadAsync(buffer) is var count and > 0)
            await server.WriteAsync(buffer.AsMemory(0, count));
        await server.DisposeAsync();
    }

    private static async Task<(ClientStream Server, Socket Client)> ConnectAsync(ClientThreads threads)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint ?? throw new InvalidOperationException("not bound"));
        return (new ClientStream(await listener.AcceptAsync(), threads), client);
    }
}
