using VecSQL.Flight.Grpc;
using VecSQL.Flight.Http2;
using VecSQL.Flight.Tests.Grpc;

namespace VecSQL.Flight.Tests.Http2;

/// <summary>What a connection allows and what ends it, by RFC 9113's sections.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private const int EndStream = 1, EndHeaders = 4, Padded = 8, Priority = 0x20;

    /// <summary>A gRPC message of one byte.</summary>
    private static readonly byte[] Message = [0, 0, 0, 0, 1, 7];

    private readonly EchoServer _echo = EchoServer.Start();

    private static byte[] Call => RawConnection.Frame(FrameType.Headers, EndHeaders, 1, RawConnection.Request);

    /// <summary>What is sent behind the preface and settings, and how that ends.</summary>
    public static TheoryData<string, byte[], string> Cases
    {
        get
        {
            static byte[] Frame(FrameType type, int flags, int stream, params byte[] payload) => RawConnection.Frame(type, flags, stream, payload);
            static byte[] Headers(int stream, byte[] block, int flags = EndHeaders) => Frame(FrameType.Headers, flags, stream, block);
            byte[] request = RawConnection.Request;
            byte[] with(string name, string value) => RawConnection.Block("/test.Echo/Once", (name, value));
            return new()
            {
                { "4.1 a frame of an unknown type is passed over", [.. Frame((FrameType)0x42, 0xFF, 7, 1, 2, 3), .. Call, .. Data(1, Message, EndStream)], "status 0" },
                { "4.2 a frame that is too long", Frame(FrameType.Data, 0, 1, new byte[(1 << 20) + 1]), "GOAWAY 6" },
                { "4.3 a damaged header block", Headers(1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), "GOAWAY 9" },
                { "4.3 a block in parts", [.. Headers(1, request[..20], 0), .. Frame(FrameType.Continuation, 0, 1, request[20..30]),
                    .. Frame(FrameType.Continuation, EndHeaders, 1, request[30..]), .. Data(1, Message, EndStream)], "status 0" },
                { "4.3 another frame within a block", [.. Headers(1, request, 0), .. Data(1, Message, 0)], "GOAWAY 1" },
                { "4.3 a part of another stream's block", [.. Headers(1, request, 0), .. Frame(FrameType.Continuation, EndHeaders, 3)], "GOAWAY 1" },
                { "5.1 a body for a stream that is not begun", Data(1, Message, 0), "GOAWAY 1" },
                { "5.1 a window for a stream that is not begun", Frame(FrameType.WindowUpdate, 0, 1, 0, 0, 0, 1), "GOAWAY 1" },
                { "5.1 a reset of a stream that is not begun", Frame(FrameType.ResetStream, 0, 1, 0, 0, 0, 8), "GOAWAY 1" },
                { "5.1 a body behind the end", [.. Waiting(1, EndStream), .. Data(1, Message, 0)], "RST 5 at 1" },
                { "5.1.1 a stream of a server's number", Headers(2, request), "GOAWAY 5" },
                { "5.1.1 a stream before the last", [.. Headers(5, request), .. Headers(3, request)], "GOAWAY 5" },
                { "5.3 a priority is not heeded", [.. Frame(FrameType.Priority, 0, 9, 0, 0, 0, 1, 0), .. Headers(1, [0, 0, 0, 0, 1, .. request], EndHeaders | Priority),
                    .. Data(1, Message, EndStream)], "status 0" },
                { "5.3 a priority of another length", Frame(FrameType.Priority, 0, 9, 0, 0, 0, 1), "GOAWAY 6" },
                { "6.1 a body of no stream", Data(0, Message, 0), "GOAWAY 1" },
                { "6.1 padding", [.. Call, .. Frame(FrameType.Data, Padded | EndStream, 1, [3, .. Message, 0, 0, 0])], "status 0" },
                { "6.1 padding longer than the frame", [.. Call, .. Frame(FrameType.Data, Padded, 1, 3, 0, 0)], "GOAWAY 1" },
                { "6.2 headers with padding", [.. Headers(1, [2, .. request, 0, 0], EndHeaders | Padded), .. Data(1, Message, EndStream)], "status 0" },
                { "6.2 headers with padding longer than the frame", Headers(1, [200, .. request], EndHeaders | Padded), "GOAWAY 1" },
                { "6.2 headers of no stream", Headers(0, request), "GOAWAY 1" },
                { "6.4 a reset of another length", [.. Call, .. Frame(FrameType.ResetStream, 0, 1, 0, 0, 8)], "GOAWAY 6" },
                { "6.5 settings of a stream", Frame(FrameType.Settings, 0, 1), "GOAWAY 1" },
                { "6.5 settings of another length", Frame(FrameType.Settings, 0, 0, 0, 1, 0), "GOAWAY 6" },
                { "6.5 an acknowledgement that says more", Frame(FrameType.Settings, 1, 0, RawConnection.Setting(3, 1)), "GOAWAY 6" },
                { "6.5.2 neither push nor not", Frame(FrameType.Settings, 0, 0, RawConnection.Setting(2, 2)), "GOAWAY 1" },
                { "6.5.2 a window beyond what there is", Frame(FrameType.Settings, 0, 0, RawConnection.Setting(4, -1)), "GOAWAY 3" },
                { "6.5.2 frames too short", Frame(FrameType.Settings, 0, 0, RawConnection.Setting(5, 100)), "GOAWAY 1" },
                { "6.5.2 frames too long", Frame(FrameType.Settings, 0, 0, RawConnection.Setting(5, 1 << 24)), "GOAWAY 1" },
                { "6.5.2 a setting that is not known", [.. Frame(FrameType.Settings, 0, 0, RawConnection.Setting(99, 1)), .. Call, .. Data(1, Message, EndStream)], "status 0" },
                { "6.6 a promise of a client's", [.. Call, .. Frame(FrameType.PushPromise, EndHeaders, 1, 0, 0, 0, 2)], "GOAWAY 1" },
                { "6.7 a ping of another length", Frame(FrameType.Ping, 0, 0, 1, 2), "GOAWAY 6" },
                { "6.7 a ping of a stream", Frame(FrameType.Ping, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), "GOAWAY 1" },
                { "6.8 a farewell of another length", Frame(FrameType.GoAway, 0, 0, 0, 0, 0, 0), "GOAWAY 6" },
                { "6.9 a window that grows by nothing", Frame(FrameType.WindowUpdate, 0, 0, 0, 0, 0, 0), "GOAWAY 1" },
                { "6.9 a stream's window that grows by nothing", [.. Waiting(1, 0), .. Frame(FrameType.WindowUpdate, 0, 1, 0, 0, 0, 0)], "RST 1 at 1" },
                { "6.9.1 a window beyond what there is", Frame(FrameType.WindowUpdate, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF), "GOAWAY 3" },
                { "6.9.1 a stream's window beyond what there is", [.. Waiting(1, 0), .. Frame(FrameType.WindowUpdate, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF)], "RST 3 at 1" },
                { "6.9.2 windows beyond what there is by a setting", [.. Waiting(1, 0), .. Frame(FrameType.WindowUpdate, 0, 1, 0x7F, 0xFF, 0, 0),
                    .. Frame(FrameType.Settings, 0, 0, RawConnection.Setting(4, 0x7FFFFFFF))], "GOAWAY 3" },
                { "6.10 a part of no block", Frame(FrameType.Continuation, EndHeaders, 1), "GOAWAY 1" },
                { "8.1 headers within a body", [.. Waiting(1, 0), .. Headers(1, RawConnection.Block("/x"))], "RST 1 at 1" },
                { "8.2 a name in capitals", Headers(1, with("X-Text", "x")), "RST 1 at 1" },
                { "8.2 a value of two lines", Headers(1, with("x-text", "a\r\nb")), "RST 1 at 1" },
                { "8.2.2 a header of HTTP/1", Headers(1, with("connection", "keep-alive")), "RST 1 at 1" },
                { "8.2.2 other transfer codings", Headers(1, with("te", "gzip")), "RST 1 at 1" },
                { "8.3 a pseudo-header behind others", Headers(1, with(":authority", "x")), "RST 1 at 1" },
                { "8.3 a pseudo-header of an answer", Headers(1, [.. Literal(":status", "200"), .. request]), "RST 1 at 1" },
                { "8.3 one that is not known", Headers(1, [.. Literal(":other", "x"), .. request]), "RST 1 at 1" },
                { "8.3.1 a method twice", Headers(1, [.. Literal(":method", "POST"), .. request]), "RST 1 at 1" },
                { "8.3.1 no path", Headers(1, [.. Literal(":method", "POST"), .. Literal(":scheme", "http")]), "RST 1 at 1" },
                { "trailers of a client", [.. Call, .. Data(1, Message, 0), .. Headers(1, Literal("x-last", "word"), EndHeaders | EndStream)], "status 0" },
            };
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _echo.DisposeAsync();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_frame_is_taken_or_ends_what_it_must(string rule, byte[] frames, string end)
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        await connection.SendAsync(frames);
        Assert.Equal((rule, end), (rule, await connection.EndAsync()));
        using RawConnection next = await RawConnection.OpenAsync(_echo.Server.Address);
        await next.SendAsync((byte[])[.. Call, .. Data(1, Message, EndStream)]);
        Assert.Equal("status 0", await next.EndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"), InlineData("\0\0\0\b\x04\xd2\x16\x2f................", "HTTP/1.1 400")]
    public async Task Another_protocol_is_told_what_is_spoken_here(string first, string answer)
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address, begins: false);
        await connection.SendAsync(System.Text.Encoding.Latin1.GetBytes(first));
        Assert.StartsWith(answer, await connection.ReadAllAsync());
    }

    [Fact]
    public async Task A_first_frame_without_settings_ends_the_connection()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address, begins: false);
        await connection.SendAsync((byte[])[.. Http2Connection.Preface.Span, .. RawConnection.Frame(FrameType.Ping, 0, 0, new byte[8])]);
        Assert.Equal("GOAWAY 1", await connection.EndAsync());
    }

    [Fact]
    public async Task A_ping_and_settings_are_answered()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        await connection.SendAsync(RawConnection.Frame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.NotNull(await connection.FindAsync(frame => frame is { Type: FrameType.Settings, Flags: FrameFlags.Ack, Length: 0 }));
        (FrameHeader header, byte[] payload)? answer = await connection.FindAsync(frame => frame.Type == FrameType.Ping);
        Assert.Equal((FrameFlags.Ack, (byte)8), (answer?.header.Flags ?? 0, answer?.payload[^1] ?? 0));
    }

    [Fact]
    public async Task More_calls_than_allowed_are_refused_and_those_that_run_go_on()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        for (int i = 0; i < new GrpcLimits().CallsMax; i++)
            await connection.SendAsync(Waiting((2 * i) + 1, 0));
        Assert.NotNull(await connection.FindAsync(frame => frame is { Type: FrameType.Data, StreamId: 1 })); // it runs
        await connection.SendAsync(Waiting(201, 0));
        Assert.Equal("RST 7 at 201", await connection.EndAsync());
        await connection.SendAsync(RawConnection.Frame(FrameType.ResetStream, 0, 1, RawConnection.Number(8)));
        await _echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task An_answer_waits_for_the_windows_and_is_cut_into_the_clients_frames()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        await connection.SendAsync(RawConnection.Frame(FrameType.Settings, 0, 0, [.. RawConnection.Setting(4, 10), .. RawConnection.Setting(5, 20_000)]));
        byte[] message = new byte[60_005];
        message[2] = 60_000 >> 16;
        message[3] = (60_000 >> 8) & 0xFF;
        message[4] = 60_000 & 0xFF;
        await connection.SendAsync((byte[])[.. Call, .. Data(1, message, EndStream)]);
        List<int> lengths = [];
        int open = 10;
        while (lengths.Sum() < message.Length)
        {
            FrameHeader frame = (await connection.FindAsync(frame => frame.Type == FrameType.Data) ?? throw new InvalidOperationException("closed")).Header;
            lengths.Add(frame.Length);
            open -= frame.Length;
            Assert.InRange(frame.Length, 1, 20_000);
            Assert.True(open >= 0, "more than the window came");
            if (open == 0)
            {
                int more = lengths.Count == 1 ? 5 : 59_990;
                open += more;
                await connection.SendAsync(RawConnection.Frame(FrameType.WindowUpdate, 0, 1, RawConnection.Number(more)));
            }
        }
        Assert.Equal([10, 5, 20_000, 20_000, 19_990], lengths);
        Assert.Equal("status 0", await connection.EndAsync());
    }

    [Fact]
    public async Task A_client_that_sends_more_than_its_window_loses_the_call()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_echo.Server.Address);
        await connection.SendAsync(Waiting(1, 0));
        byte[] frame = Data(1, new byte[1 << 20], 0);
        frame[FrameHeader.Bytes + 1] = 0x10; // a message that does not end; nobody reads it
        for (int i = 0; i < 5; i++)
            await connection.SendAsync(frame);
        Assert.Equal("RST 3 at 1", await connection.EndAsync());
    }

    [Fact]
    public async Task Other_calls_of_a_connection_go_on_while_one_is_not_read()
    {
        using GrpcChannel channel = _echo.Connect();
        await using GrpcClientCall flood = channel.Begin("/test.Echo/Flood", null, null, CancellationToken.None);
        await flood.WriteLastAsync(new GrpcPayload(new byte[1]));
        await flood.ReadHeadersAsync();
        await using GrpcClientCall unread = channel.Begin("/test.Echo/Wait", null, null, CancellationToken.None);
        Task writing = WriteForEverAsync(unread);
        byte[] sent = new byte[5_000_000];
        for (int i = 0; i < 20; i++)
            Assert.Equal(sent, await channel.CallAsync("/test.Echo/Once", sent, EchoServer.Bytes, EchoServer.Bytes, null, null, CancellationToken.None));
        Assert.False(writing.IsCompleted);
        await unread.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => writing);

        static async Task WriteForEverAsync(GrpcClientCall call)
        {
            while (true)
                await call.WriteAsync(new GrpcPayload(new byte[1 << 20]));
        }
    }

    private static byte[] Data(int stream, byte[] payload, int flags) => RawConnection.Frame(FrameType.Data, flags, stream, payload);

    /// <summary>A call that runs until it is cancelled.</summary>
    private static byte[] Waiting(int stream, int flags) =>
        RawConnection.Frame(FrameType.Headers, EndHeaders | flags, stream, RawConnection.Block("/test.Echo/Wait"));

    private static byte[] Literal(string name, string value) =>
        [0, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name), (byte)value.Length, .. System.Text.Encoding.ASCII.GetBytes(value)];
}
