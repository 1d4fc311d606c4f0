using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Sockets;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Grpc;

/// <summary>Damaged input: every message or an error, in time, within the memory that was stated.</summary>
/// <remarks>More than a little: <c>VECSQL_FUZZ_MUTATIONS=1000000 dotnet test tests/flight -c Release --filter Fuzz</c>.</remarks>
public sealed class FramingFuzzTests
{
    private const int BytesMax = 1 << 16;

    [Fact]
    public async Task Damaged_messages_are_refused_or_read_within_their_limit()
    {
        byte[] good = [.. Framed([1, 2, 3]), .. Framed([]), .. Framed(Packed(new byte[30_000]), compressed: 1), .. Framed(new byte[20_000])];
        Random random = new(20261);
        int refused = 0;
        for (int i = 0; i < Mutation.Count(20_000); i++)
        {
            byte[] damaged = Mutation.Of(good, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            using MessageAssembler body = new(BytesMax);
            MessageReader reader = new(body, BytesMax, isGzip: true);
            Put(body, damaged);
            try
            {
                while (await reader.NextAsync(CancellationToken.None) is { } message)
                {
                    using (message)
                        Assert.InRange(message.Length, 0, BytesMax);
                }
            }
            catch (GrpcException error)
            {
                Assert.Contains(error.Code, new[] { GrpcStatusCode.Internal, GrpcStatusCode.ResourceExhausted });
                refused++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * BytesMax);
        }
        Assert.True(refused > 100, $"only {refused} were refused");
    }

    [Fact]
    public async Task A_length_alone_takes_no_memory()
    {
        byte[] prefix = [0, 0x1F, 0xFF, 0xFF, 0xFF];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        using MessageAssembler body = new(int.MaxValue);
        MessageReader reader = new(body, int.MaxValue, isGzip: false);
        Put(body, prefix);
        await Assert.ThrowsAsync<GrpcException>(async () => await reader.NextAsync(CancellationToken.None));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 32 << 20);
    }

    [Fact]
    public async Task Damaged_connections_end_and_others_go_on()
    {
        await using EchoServer echo = EchoServer.Start();
        byte[] good = await RecordAsync();
        Random random = new(20262);
        using GrpcChannel channel = echo.Connect();
        byte[] buffer = new byte[1 << 16];
        for (int i = 0; i < Math.Min(Mutation.Count(400), 100_000); i++)
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(echo.Server.Address);
            try
            {
                await socket.SendAsync(Mutation.Of(good, random));
                socket.Shutdown(SocketShutdown.Send);
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
                while (await socket.ReceiveAsync(buffer, patience.Token) > 0)
                {
                    // Until the server closes.
                }
            }
            catch (SocketException)
            {
                // It has closed in the middle.
            }
            if (i % 50 == 0)
                Assert.Equal([7], await channel.CallAsync("/test.Echo/Once", [7], EchoServer.Bytes, EchoServer.Bytes, null, null, CancellationToken.None));
        }
    }

    /// <summary>What a client of HttpClient's sends on a connection of one call.</summary>
    private static async Task<byte[]> RecordAsync()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        using GrpcChannel channel = new(new Uri($"http://127.0.0.1:{port}"), new GrpcChannelOptions { Time = new ManualTime() });
        using CancellationTokenSource ending = new();
        GrpcMetadata headers = [];
        headers.Add("x-text", "something");
        Task calling = channel.CallAsync("/test.Echo/Once", new byte[300], EchoServer.Bytes, EchoServer.Bytes, headers,
            TimeSpan.FromSeconds(5), ending.Token).AsTask();
        using Socket socket = await listener.AcceptSocketAsync();
        byte[] settings = new byte[9];
        settings[3] = 4; // an empty SETTINGS frame
        await socket.SendAsync(settings);
        byte[] buffer = new byte[4096];
        int filled = 0;
        while (filled < 500)
            filled += await socket.ReceiveAsync(buffer.AsMemory(filled));
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        return buffer[..filled];
    }

    /// <summary>Brings a body as a connection does, in pieces of the sink's size, and ends it.</summary>
    private static void Put(MessageAssembler body, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> room = body.Room();
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room.Span);
            body.Advance(count);
            bytes = bytes[count..];
        }
        body.Complete();
    }

    private static byte[] Framed(byte[] message, byte compressed = 0)
    {
        byte[] framed = new byte[5 + message.Length];
        framed[0] = compressed;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private static byte[] Packed(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
