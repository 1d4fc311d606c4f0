using System.Net;
using System.Net.Sockets;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Http2;
using VecSQL.Flight.Tests.Grpc;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Http2;

/// <summary>Clients that keep to the letter of the protocol and mean harm: they lose their connection, nobody else does.</summary>
public sealed class HostileTests : IAsyncLifetime
{
    private const int EndHeaders = 4;

    private readonly EchoServer _echo = EchoServer.Start();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        using (GrpcChannel channel = _echo.Connect())
            Assert.Equal([7], await channel.CallAsync("/test.Echo/Once", [7], EchoServer.Bytes, EchoServer.Bytes, null, null, CancellationToken.None));
        await _echo.DisposeAsync();
    }

    [Fact]
    public async Task Calls_that_are_given_up_as_soon_as_they_are_begun_do_not_pile_up()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        byte[] block = RawConnection.Block("/test.Echo/Wait");
        List<byte> calls = [];
        for (int i = 0; i < 20_000; i++)
        {
            calls.AddRange(RawConnection.Frame(FrameType.Headers, EndHeaders, (2 * i) + 1, block));
            calls.AddRange(RawConnection.Frame(FrameType.ResetStream, 0, (2 * i) + 1, RawConnection.Number(8)));
        }
        calls.AddRange(RawConnection.Frame(FrameType.Ping, 0, 0, new byte[8]));
        Task sending = connection.SendAsync(calls.ToArray());
        Assert.NotNull(await connection.FindAsync(frame => frame.Type == FrameType.Ping)); // it has come through all of them
        await sending;
    }

    [Fact]
    public async Task Headers_that_go_on_and_on_end_the_connection()
    {
        foreach (int length in new[] { 1000, 1, 0 })
        {
            using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
            byte[] part = RawConnection.Frame(FrameType.Continuation, 0, 1, new byte[length]);
            byte[] begin = RawConnection.Frame(FrameType.Headers, 0, 1, RawConnection.Request);
            await connection.SendAsync((byte[])[.. begin, .. Enumerable.Repeat(part, 300).SelectMany(bytes => bytes)]);
            Assert.Equal("GOAWAY 11", await connection.EndAsync());
        }
    }

    [Fact]
    public async Task Headers_that_are_short_and_unfold_to_long_ones_end_their_call()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        byte[] block = [.. RawConnection.Request, .. HpackTests.Unfolding];
        await connection.SendAsync(RawConnection.Frame(FrameType.Headers, EndHeaders, 1, block));
        Assert.Equal("RST 11 at 1", await connection.EndAsync());
    }

    [Theory]
    [InlineData(6), InlineData(4)] // PING, SETTINGS
    public async Task A_client_that_asks_for_answers_and_reads_none_loses_its_connection(byte type)
    {
        await using EchoServer echo = EchoServer.Start(time: TimeProvider.System); // it waits a second for its last words to be taken
        using RawConnection connection = await RawConnection.OpenAsync(echo.Server.Address);
        byte[] frame = RawConnection.Frame((FrameType)type, 0, 0, type == 6 ? new byte[8] : []);
        byte[] many = [.. Enumerable.Repeat(frame, 10_000).SelectMany(bytes => bytes)];
        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            for (int i = 0; i < 100_000; i++)
                await connection.SendAsync(many);
        });
    }

    [Fact]
    public async Task A_client_that_says_nothing_any_more_is_asked_and_given_up()
    {
        GrpcLimits limits = new();
        ManualTime time = new();
        await using EchoServer echo = EchoServer.Start(limits: limits, time: time);
        using RawConnection connection = await RawConnection.OpenAsync(echo.Server.Address);
        await connection.SendAsync(RawConnection.Frame(FrameType.Headers, EndHeaders, 1, RawConnection.Block("/test.Echo/Wait")));
        Assert.NotNull(await connection.FindAsync(frame => frame.Type == FrameType.Data)); // it runs
        time.Advance(limits.KeepAliveDelay);
        Assert.NotNull(await connection.FindAsync(frame => frame.Type == FrameType.Ping));
        time.Advance(limits.KeepAliveTimeout);
        Assert.Equal("closed", await connection.EndAsync());
        await echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_client_that_answers_when_it_is_asked_keeps_its_call()
    {
        GrpcLimits limits = new();
        ManualTime time = new();
        await using EchoServer echo = EchoServer.Start(limits: limits, time: time);
        using RawConnection connection = await RawConnection.OpenAsync(echo.Server.Address);
        await connection.SendAsync(RawConnection.Frame(FrameType.Headers, EndHeaders, 1, RawConnection.Block("/test.Echo/Chat")));
        for (int i = 0; i < 5; i++)
        {
            await connection.SendAsync(RawConnection.Frame(FrameType.Data, 0, 1, [0, 0, 0, 0, 0]));
            Assert.NotNull(await connection.FindAsync(frame => frame.Type == FrameType.Data)); // what it has said came
            time.Advance(limits.KeepAliveDelay);
            Assert.NotNull(await connection.FindAsync(frame => frame is { Type: FrameType.Ping, Flags: FrameFlags.None }));
            await connection.SendAsync(RawConnection.Frame(FrameType.Ping, (int)FrameFlags.Ack, 0, new byte[8]));
        }
        await connection.SendAsync(RawConnection.Frame(FrameType.Data, 1, 1, [0, 0, 0, 0, 0]));
        Assert.Equal("status 0", await connection.EndAsync());
    }

    [Fact]
    public async Task A_client_of_ours_answers_when_it_is_asked()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using GrpcChannel channel = new(new Uri($"http://{listener.LocalEndpoint}"), new GrpcChannelOptions { Time = new ManualTime() });
        await using GrpcClientCall call = channel.Begin("/test.Echo/Wait", null, null, CancellationToken.None);
        using RawConnection server = await RawConnection.AcceptAsync(listener);
        await server.SendAsync(RawConnection.Frame(FrameType.Settings, 0, 0, []));
        await server.SendAsync(RawConnection.Frame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
        (FrameHeader header, byte[] payload)? answer = await server.FindAsync(frame => frame.Type == FrameType.Ping);
        Assert.Equal((FrameFlags.Ack, (byte)8), (answer?.header.Flags ?? 0, answer?.payload[^1] ?? 0));
    }
}
