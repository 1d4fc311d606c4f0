using System.Net;
using System.Net.Sockets;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire.Tests.Transport;

/// <summary>Bytes to and from a client.</summary>
public sealed class ClientStreamTests
{
    [Fact]
    public async Task What_a_client_sends_comes_back()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
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
    public async Task More_clients_than_workers_are_all_served()
    {
        using ClientWorkers workers = new(2);
        (ClientStream Server, Socket Client)[] pairs =
            [await ConnectAsync(workers), await ConnectAsync(workers), await ConnectAsync(workers), await ConnectAsync(workers)];
        Task[] echoes = [.. pairs.Select(pair => EchoAsync(pair.Server))];
        byte[] answer = new byte[1];
        for (byte round = 0; round < 3; round++)
        {
            foreach ((_, Socket client) in pairs)
                await client.SendAsync(new[] { round });
            foreach ((_, Socket client) in pairs)
            {
                Assert.Equal(1, await client.ReceiveAsync(answer));
                Assert.Equal(round, answer[0]);
            }
        }
        foreach ((_, Socket client) in pairs)
            client.Dispose();
        await Task.WhenAll(echoes);
    }

    [Fact]
    public async Task Work_that_takes_long_holds_back_no_other_client()
    {
        using ClientWorkers workers = new(2);
        using ManualResetEventSlim isOver = new();
        List<(Socket Client, Task Served)> slow = [];
        for (int i = 0; i < 5; i++) // more than there are workers
        {
            (ClientStream server, Socket client) = await ConnectAsync(workers);
            slow.Add((client, WaitAsync(server)));
            await client.SendAsync(new byte[] { 1 });
        }
        (ClientStream quick, Socket asking) = await ConnectAsync(workers);
        Task echo = EchoAsync(quick);
        byte[] answer = new byte[1];
        for (byte round = 0; round < 3; round++)
        {
            await asking.SendAsync(new[] { round });
            Assert.Equal(1, await asking.ReceiveAsync(answer));
            Assert.Equal(round, answer[0]);
        }
        Assert.All(slow, one => Assert.False(one.Served.IsCompleted));
        isOver.Set();
        foreach ((Socket client, Task served) in slow)
        {
            await served;
            client.Dispose();
        }
        asking.Dispose();
        await echo;

        async Task WaitAsync(ClientStream server)
        {
            Assert.Equal(1, await server.ReadAsync(new byte[8]));
            isOver.Wait(); // keeps its thread
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using ClientWorkers workers = new(1);
        using CancellationTokenSource stop = new(), stopped = new();
        (ClientStream server, Socket client) = await ConnectAsync(workers);
        ValueTask<int> waiting = server.ReadAsync(new byte[8], stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => Assert.Equal(0, await server.ReadAsync(new byte[8], stopped.Token)));
        await client.SendAsync(new byte[] { 1, 2 });
        Assert.Equal(2, await server.ReadAsync(new byte[8])); // nothing was lost
        client.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Reading_from_a_closed_socket_fails()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
        await server.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(async () => Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty)));
        client.Dispose();
    }

    [Fact]
    public async Task Waiting_takes_nothing()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
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
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
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
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
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
        while (await server.ReadAsync(buffer) is var count and > 0)
            await server.WriteAsync(buffer.AsMemory(0, count));
        await server.DisposeAsync();
    }

    private static async Task<(ClientStream Server, Socket Client)> ConnectAsync(ClientWorkers workers)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint ?? throw new InvalidOperationException("not bound"));
        return (new ClientStream(await listener.AcceptAsync(), workers), client);
    }
}
