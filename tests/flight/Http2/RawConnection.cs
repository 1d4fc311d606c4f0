using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VecSQL.Flight.Http2;
using VecSQL.Flight.Http2.Hpack;

namespace VecSQL.Flight.Tests.Http2;

/// <summary>A connection whose frames are made by hand.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly HpackDecoder _decoder = new(1 << 20);

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>What a call of the echo's begins with.</summary>
    public static byte[] Request { get; } = Block("/test.Echo/Once");

    /// <summary>Connects and begins as a client does.</summary>
    public static async Task<RawConnection> OpenAsync(IPEndPoint server, bool begins = true)
    {
        RawConnection connection = new(new Socket(SocketType.Stream, ProtocolType.Tcp));
        await connection._socket.ConnectAsync(server);
        if (begins)
            await connection.SendAsync((byte[])[.. Http2Connection.Preface.Span, .. Frame(FrameType.Settings, 0, 0, [])]);
        return connection;
    }

    /// <summary>The server's side of a client's connection, behind the preface.</summary>
    public static async Task<RawConnection> AcceptAsync(TcpListener listener)
    {
        RawConnection connection = new(await listener.AcceptSocketAsync());
        Assert.Equal(Http2Connection.Preface.ToArray(), await connection.FillAsync(Http2Connection.Preface.Length));
        return connection;
    }

    /// <summary>The header block of a call: all literals, so that it means the same at any place.</summary>
    public static byte[] Block(string path, params (string Name, string Value)[] more)
    {
        List<byte> block = [];
        (string, string)[] usual = [(":method", "POST"), (":scheme", "http"), (":path", path), ("content-type", "application/grpc"), ("te", "trailers")];
        foreach ((string name, string value) in usual.Concat(more))
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        return [.. block];
    }

    public static byte[] Frame(FrameType type, int flags, int streamId, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[FrameHeader.Bytes + payload.Length];
        new FrameHeader(payload.Length, type, (FrameFlags)flags, streamId).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Bytes));
        return frame;
    }

    public static byte[] Number(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Setting(short number, int value) => [(byte)(number >> 8), (byte)number, .. Number(value)];

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    /// <summary>The next frame; null when the server has closed.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)?> ReadAsync()
    {
        if (await FillAsync(FrameHeader.Bytes) is not { } head)
            return null;
        FrameHeader header = FrameHeader.Read(head);
        return await FillAsync(header.Length) is { } payload ? (header, payload) : null;
    }

    /// <summary>The next frame of a kind; null when the server has closed.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)?> FindAsync(Func<FrameHeader, bool> isWanted)
    {
        while (await ReadAsync() is { } frame)
        {
            if (isWanted(frame.Header))
                return frame;
        }
        return null;
    }

    /// <summary>How the connection, or a stream of it, has ended: <c>GOAWAY 1</c>, <c>RST 7 at 3</c>, <c>status 8</c>, <c>closed</c>.</summary>
    public async Task<string> EndAsync()
    {
        while (await ReadAsync() is var (header, payload))
        {
            if (header.Type == FrameType.GoAway)
                return $"GOAWAY {BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4))}";
            if (header.Type == FrameType.ResetStream)
                return $"RST {BinaryPrimitives.ReadInt32BigEndian(payload)} at {header.StreamId}";
            if (header.Type == FrameType.Headers && _decoder.Decode(payload) is { } fields && HeaderRules.Find(fields, "grpc-status") is { } status)
                return $"status {status}";
        }
        return "closed";
    }

    /// <summary>Whatever the server sends until it closes.</summary>
    public async Task<string> ReadAllAsync()
    {
        StringBuilder text = new();
        while (await FillAsync(1) is { } next)
            text.Append((char)next[0]);
        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> FillAsync(int count)
    {
        using CancellationTokenSource patience = new(Patience);
        byte[] bytes = new byte[count];
        try
        {
            for (int filled = 0; filled < count;)
            {
                int received = await _socket.ReceiveAsync(bytes.AsMemory(filled), patience.Token);
                if (received == 0)
                    return null;
                filled += received;
            }
            return bytes;
        }
        catch (SocketException)
        {
            return null; // closed while something was still on its way
        }
    }
}
