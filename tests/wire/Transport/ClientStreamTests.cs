using System.Net;
using System.Net.Sockets;
using VecSQL.Core.Threads;
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
    public async Task Clients_that_change_between_workers_miss_nothing()
    {
        const int Rounds = 3000;
        using ClientWorkers workers = new(3);
        List<Task> all = [];
        for (int i = 0; i < 12; i++)
        {
            (ClientStream server, Socket client) = await ConnectAsync(workers);
            all.Add(EchoAsync(server));
            all.Add(AskAsync(client, pause: i % 4)); // some have much more work done than others, and by turns
        }
        await Task.WhenAll(all);

        static async Task AskAsync(Socket client, int pause)
        {
            byte[] sent = new byte[3000], answer = new byte[sent.Length]; // more than is read at once
            for (int round = 0; round < Rounds; round++)
            {
                int length = 1 + (round * 37 % sent.Length);
                sent.AsSpan(0, length).Fill((byte)round);
                await client.SendAsync(sent.AsMemory(0, length)).ConfigureAwait(false);
                for (int got = 0; got < length;)
                    got += await client.ReceiveAsync(answer.AsMemory(got, length - got)).ConfigureAwait(false);
                Assert.Equal(sent[..length], answer[..length]);
                if (round / 500 % 4 == pause)
                    await Task.Yield();
            }
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_last_message_and_the_end_that_come_together_are_both_read()
    {
        using ClientWorkers workers = new(1);
        for (int round = 0; round < 200; round++)
        {
            (ClientStream server, Socket client) = await ConnectAsync(workers);
            Task<int> read = CountAsync(server);
            await client.SendAsync(new byte[] { 1, 2, 3 });
            client.Dispose();
            Assert.Equal(3, await read);
        }

        static async Task<int> CountAsync(ClientStream server)
        {
            byte[] buffer = new byte[100];
            int all = 0;
            do
                Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false)); // waits, as between messages
            while (await server.ReadAsync(buffer).ConfigureAwait(false) is var count and > 0 && (all += count) > 0);
            await server.DisposeAsync();
            return all;
        }
    }

    [Fact]
    public async Task What_was_only_looked_at_is_waited_for_in_vain_no_more()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
        await client.SendAsync(new byte[] { 42, 43 });
        Assert.Equal(42, await server.PeekAsync(CancellationToken.None));
        Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty));
        byte[] read = new byte[1];
        Assert.Equal(1, await server.ReadAsync(read)); // not all that has come
        Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(1, await server.ReadAsync(read));
        Assert.Equal(43, read[0]);
        client.Dispose();
        Assert.Equal(-1, await server.PeekAsync(CancellationToken.None));
        await server.DisposeAsync();
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

    [Fact]
    public async Task Replies_put_aside_arrive_whole_and_in_order()
    {
        using ClientWorkers workers = new(1);
        List<(Socket Client, Task Served)> clients = [];
        for (int i = 0; i < 40; i++) // more than a batch has room for
        {
            (ClientStream server, Socket client) = await ConnectAsync(workers);
            clients.Add((client, EchoAsideAsync(server)));
        }
        byte[] answer = new byte[8];
        for (byte round = 0; round < 5; round++)
        {
            foreach ((Socket client, _) in clients)
                await client.SendAsync(new byte[] { round, 1, 2, 3 });
            foreach ((Socket client, _) in clients)
            {
                for (int got = 0; got < 8;)
                    got += await client.ReceiveAsync(answer.AsMemory(got));
                Assert.Equal([round, 1, 2, 3, round, 1, 2, 3], answer); // one aside, one sent after it
            }
        }
        foreach ((Socket client, Task served) in clients)
        {
            client.Dispose();
            await served;
        }

        static async Task EchoAsideAsync(ClientStream server)
        {
            byte[] buffer = new byte[1000];
            while (await server.ReadAsync(buffer).ConfigureAwait(false) is var count and > 0)
            {
                if (!server.TryPutAside(buffer.AsSpan(0, count)))
                    await server.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                await server.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_gets_all_that_was_put_aside_once_it_does()
    {
        const int Rounds = 4000;
        using ClientWorkers workers = new(1);
        (ClientStream slow, Socket reading) = await ConnectAsync(workers);
        (ClientStream other, Socket asking) = await ConnectAsync(workers);
        Task<int> served = ReplyAsync(slow);
        Task echo = EchoAsync(other);
        byte[] answer = new byte[ReplyBatch.ReplyBytesMax];
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Rounds; i++)
                await reading.SendAsync(new byte[] { 1 });
        });
        await asking.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await asking.ReceiveAsync(answer)); // the slow one is in nobody's way
        await writing;
        long expected = 0;
        for (int i = 0; i < Rounds; i++)
        {
            for (int got = 0; got < answer.Length;)
                got += await reading.ReceiveAsync(answer.AsMemory(got));
            Assert.Equal(expected++, BitConverter.ToInt64(answer));
            Assert.All(answer[8..16], one => Assert.Equal(42, one));
        }
        reading.Dispose();
        asking.Dispose();
        Assert.InRange(await served, 1, Rounds);
        await echo;

        static async Task<int> ReplyAsync(ClientStream server)
        {
            byte[] one = new byte[1], reply = new byte[ReplyBatch.ReplyBytesMax];
            Array.Fill(reply, (byte)42);
            int aside = 0;
            for (long i = 0; await server.ReadAsync(one).ConfigureAwait(false) > 0; i++)
            {
                BitConverter.TryWriteBytes(reply, i);
                if (server.TryPutAside(reply))
                    aside++;
                else
                    await server.WriteAsync(reply).ConfigureAwait(false);
            }
            await server.DisposeAsync();
            return aside;
        }
    }

    [Fact]
    public async Task A_reply_put_aside_is_sent_before_the_connection_is_closed()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
        await client.SendAsync(new byte[] { 1 });
        Task served = ReplyAndCloseAsync(server);
        byte[] answer = new byte[8];
        Assert.Equal(3, await client.ReceiveAsync(answer));
        Assert.Equal(0, await client.ReceiveAsync(answer));
        await served;
        client.Dispose();

        static async Task ReplyAndCloseAsync(ClientStream server)
        {
            Assert.Equal(1, await server.ReadAsync(new byte[8]).ConfigureAwait(false));
            if (!server.TryPutAside([1, 2, 3]))
                await server.WriteAsync(new byte[] { 1, 2, 3 }).ConfigureAwait(false);
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_waits_goes_on_with_a_worker()
    {
        using ClientWorkers workers = new(1);
        (ClientStream server, Socket client) = await ConnectAsync(workers);
        Signal signal = new();
        Task<SessionThreads?> served = WaitAsync(server, signal);
        await client.SendAsync(new byte[] { 1 });
        byte[] answer = new byte[1];
        Assert.Equal(1, await client.ReceiveAsync(answer)); // it waits, or is about to
        signal.Set();
        Assert.Same(workers, await served);
        client.Dispose();

        static async Task<SessionThreads?> WaitAsync(ClientStream server, Signal signal)
        {
            // The test framework has a context of its own, which is not asked for.
            Assert.Equal(1, await server.ReadAsync(new byte[8]).ConfigureAwait(false));
            await server.WriteAsync(new byte[] { 1 }).ConfigureAwait(false);
            await signal;
            SessionThreads? threads = SessionThreads.Current;
            await server.DisposeAsync();
            return threads;
        }
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
