using VecSQL.Flight.Grpc;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Tests.Http2;

/// <summary>Damaged connections, without a network: each ends, in time, within the memory that was stated.</summary>
/// <remarks>More than a little: <c>VECSQL_FUZZ_MUTATIONS=1000000 dotnet test tests/flight -c Release --filter Fuzz</c>.</remarks>
[Collection(nameof(Alone))]
public sealed class ConnectionFuzzTests
{
    private const int EndStream = 1, EndHeaders = 4, MessageBytesMax = 1 << 16;

    private static readonly byte[] Message = [0, 0, 0, 0, 3, 7, 8, 9];

    [Fact]
    public async Task A_server_ends_what_it_does_not_understand()
    {
        byte[] good =
        [
            .. RawConnection.Frame(FrameType.Settings, 0, 0, [.. RawConnection.Setting(4, 100_000), .. RawConnection.Setting(5, 20_000)]),
            .. RawConnection.Frame(FrameType.WindowUpdate, 0, 0, RawConnection.Number(50_000)), .. Call(1, [], EndHeaders), .. Data(1, Message, 0),
            .. RawConnection.Frame(FrameType.Ping, 0, 0, new byte[8]), .. Call(3, [.. RawConnection.Request.AsSpan(0, 30)], 0),
            .. RawConnection.Frame(FrameType.Continuation, EndHeaders, 3, RawConnection.Request.AsSpan(30)), .. Data(1, Message, EndStream),
            .. RawConnection.Frame(FrameType.WindowUpdate, 0, 3, RawConnection.Number(7)), .. Data(3, [4, .. Message, 0, 0, 0, 0], 8 | EndStream),
            .. RawConnection.Frame(FrameType.Priority, 0, 9, [0, 0, 0, 1, 0]), .. Call(5, [], EndHeaders), .. Data(5, [0, 0, 0, 3, 0, .. new byte[768]], EndStream),
            .. RawConnection.Frame(FrameType.Headers, EndHeaders, 7, Convert.FromHexString("838644048d62d7ca1e1f8c2c01f0f0f0f0f0")),
            .. RawConnection.Frame(FrameType.ResetStream, 0, 7, RawConnection.Number(8)),
            .. RawConnection.Frame(FrameType.GoAway, 0, 0, new byte[8]),
        ];
        int served = 0;
        await FuzzAsync([.. Http2Connection.Preface.Span, .. good], Http2Connection.Preface.Length, 20263, transport =>
            new Http2Connection(transport, new Http2Settings { StreamsMax = 10, FieldBytesMax = 1 << 16, FrameBytesMax = 1 << 20, WindowBytes = 1 << 17 },
                static () => new MessageAssembler(MessageBytesMax), async stream =>
                {
                    using MessageAssembler body = (MessageAssembler)stream.Sink;
                    await stream.SendHeadersAsync([new HeaderField(":status", "200")], isLast: false);
                    while (await body.NextAsync(CancellationToken.None) is { } message)
                    {
                        using (message)
                            await stream.SendAsync([message.Bytes], message.Length, isLast: false, isFlushed: true, CancellationToken.None);
                    }
                    await stream.SendHeadersAsync([new HeaderField("grpc-status", "0")], isLast: true);
                    Interlocked.Increment(ref served);
                }, TimeProvider.System), static _ => Task.CompletedTask);
        Assert.True(served > 0, "no call came through before its connection ended");
    }

    [Fact]
    public async Task A_client_ends_what_it_does_not_understand()
    {
        byte[] answer = [0x88, 0x00, 1, (byte)'x', 1, (byte)'y'], status = [0x40, 11, .. "grpc-status"u8, 1, (byte)'0'];
        byte[] good =
        [
            .. RawConnection.Frame(FrameType.Settings, 0, 0, [.. RawConnection.Setting(3, 100), .. RawConnection.Setting(4, 100_000)]),
            .. RawConnection.Frame(FrameType.Settings, 1, 0, []), .. RawConnection.Frame(FrameType.Headers, EndHeaders, 1, answer), .. Data(1, Message, 0),
            .. RawConnection.Frame(FrameType.WindowUpdate, 0, 1, RawConnection.Number(9)), .. Data(1, [.. Message, .. Message], 0),
            .. RawConnection.Frame(FrameType.Headers, EndHeaders | EndStream, 1, status), .. RawConnection.Frame(FrameType.Headers, EndHeaders, 3, answer),
            .. RawConnection.Frame(FrameType.ResetStream, 0, 3, RawConnection.Number(2)), .. RawConnection.Frame(FrameType.GoAway, 0, 0, new byte[8]),
        ];
        int answered = 0;
        await FuzzAsync(good, 0, 20264, static transport => new Http2Connection(transport, new Http2Settings { FieldBytesMax = 1 << 16, FrameBytesMax = 1 << 20 },
            static () => new MessageAssembler(MessageBytesMax), serve: null, TimeProvider.System), async connection =>
            {
                await connection.IntroduceAsync();
                await Task.WhenAll(CallAsync(connection), CallAsync(connection));
            });
        Assert.True(answered > 100, $"only {answered} calls were answered");

        async Task CallAsync(Http2Connection connection)
        {
            try
            {
                if (!connection.TryReserve())
                    return;
                Http2Stream stream = await connection.OpenAsync([new HeaderField(":method", "POST")], CancellationToken.None);
                using MessageAssembler body = (MessageAssembler)stream.Sink;
                await stream.SendAsync([Message], Message.Length, isLast: true, isFlushed: true, CancellationToken.None);
                await stream.ReadHeadersAsync(CancellationToken.None);
                while (await body.NextAsync(CancellationToken.None) is { } message)
                    message.Dispose();
                Interlocked.Increment(ref answered);
            }
            catch (Exception ended) when (ended is IOException or GrpcException)
            {
                // As it may.
            }
        }
    }

    [Fact]
    public async Task Credit_from_two_sides_at_once_is_given_once_and_never_empty()
    {
        Recording transport = new([]);
        Http2Connection connection = new(transport, new Http2Settings { WindowBytes = 8 }, static () => new MessageAssembler(MessageBytesMax), serve: null,
            TimeProvider.System);
        Assert.True(connection.TryReserve());
        Http2Stream stream = await connection.OpenAsync([new HeaderField(":method", "POST")], CancellationToken.None);
        const int rounds = 100, each = 10_000;
        for (int round = 0; round < rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                for (int i = 0; i < each; i++)
                    stream.Credit(1);
            })));
            await stream.FlushAsync(CancellationToken.None);
        }
        FrameReader written = new(new Recording(transport.Written.ToArray()), TimeProvider.System);
        long credited = 0;
        while (await written.NextAsync() is { } frame)
        {
            ReadOnlyMemory<byte> payload = await written.ReadAsync(frame.Length);
            if (frame.Type != FrameType.WindowUpdate)
                continue;
            int grown = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(payload.Span);
            Assert.InRange(grown, 1, 2 * rounds * each);
            credited += grown;
        }
        Assert.InRange(credited, (2 * rounds * each) - 1, 2 * rounds * each);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_its_turn_gives_its_window_back()
    {
        TaskCompletionSource taking = new();
        Recording transport = new([]);
        Http2Connection connection = new(transport, new Http2Settings(), static () => new MessageAssembler(MessageBytesMax), serve: null, TimeProvider.System);
        Assert.True(connection.TryReserve() && connection.TryReserve());
        Http2Stream first = await connection.OpenAsync([new HeaderField(":method", "POST")], CancellationToken.None);
        Http2Stream second = await connection.OpenAsync([new HeaderField(":method", "POST")], CancellationToken.None);
        transport.Taking = taking.Task;
        Task sending = SendAsync(first, 50_000, CancellationToken.None); // has the turn until the other side takes it
        using CancellationTokenSource leaving = new();
        Task waiting = SendAsync(second, 10_000, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        taking.SetResult();
        await sending;
        await SendAsync(first, Http2Settings.WindowBytesUsual - 50_000, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

        static Task SendAsync(Http2Stream stream, int count, CancellationToken cancellation) =>
            stream.SendAsync([new byte[count]], count, isLast: false, isFlushed: true, cancellation).AsTask();
    }

    [Fact]
    public async Task A_call_that_comes_behind_the_connections_end_is_not_served()
    {
        byte[] calls = [.. Http2Connection.Preface.Span, .. RawConnection.Frame(FrameType.Settings, 0, 0, []), .. Call(1, [], EndHeaders | EndStream), .. Call(3, [], EndHeaders)];
        Http2Connection? connection = null;
        connection = new Http2Connection(new Recording(calls), new Http2Settings { FieldBytesMax = 1 << 16 },
            () => new Unread { Completed = () => connection!.Fail(new IOException("gone")) }, // while the second call is read already
            static stream => ((Unread)stream.Sink).Ended, TimeProvider.System);
        await connection.RunAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <param name="soundBytes">At the beginning, which are not damaged: without them nothing behind would be read.</param>
    /// <param name="use">What is done on the connection beside reading it.</param>
    private static async Task FuzzAsync(
        byte[] good, int soundBytes, int seed, Func<Stream, Http2Connection> connect, Func<Http2Connection, Task> use)
    {
        Random random = new(seed);
        int count = Mutation.Count(20_000);
        for (int i = 0; i < count; i++)
        {
            byte[] damaged = i == 0 ? good : [.. good.AsSpan(0, soundBytes), .. Mutation.Of(good.AsSpan(soundBytes), random)];
            long before = GC.GetTotalAllocatedBytes();
            Http2Connection connection = connect(new Recording(damaged));
            Task used = use(connection); // as far as it goes before anything has come
            await Task.WhenAll(connection.RunAsync(), used).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8 << 20);
        }
    }

    private static byte[] Call(int stream, byte[] block, int flags) =>
        RawConnection.Frame(FrameType.Headers, flags, stream, block.Length > 0 ? block : RawConnection.Request);

    private static byte[] Data(int stream, byte[] payload, int flags) => RawConnection.Frame(FrameType.Data, flags, stream, payload);

    /// <summary>A connection whose other side has said all that it will, and takes whatever it is told until it is closed.</summary>
    private sealed class Recording(byte[] bytes) : MemoryStream(bytes)
    {
        /// <summary>What it was told.</summary>
        public MemoryStream Written { get; } = new();

        /// <summary>Completes when it takes more.</summary>
        public Task Taking { get; set; } = Task.CompletedTask;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(!CanRead, this);
            Written.Write(buffer.Span);
            await Taking;
        }
    }

    /// <summary>Where a body goes that nobody reads.</summary>
    private sealed class Unread : IBodySink
    {
        private readonly TaskCompletionSource _ended = new();

        /// <summary>Completes with the body, or why the rest of it will not come.</summary>
        public Task Ended => _ended.Task;

        public Action Completed { get; init; } = static () => { };

        public void Open(Http2Stream stream)
        {
        }

        public Memory<byte> Room() => new byte[1];

        public void Advance(int count)
        {
        }

        public void Complete()
        {
            Completed();
            _ended.TrySetResult();
        }

        public void Fail(Exception reason) => _ended.TrySetException(reason);
    }
}
