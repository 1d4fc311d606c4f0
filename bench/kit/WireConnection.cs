using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace VecSQL.Bench.Kit;

/// <summary>A connection that costs a client next to nothing, so that what is measured is the server.</summary>
/// <remarks>
/// Messages are made before the clock runs; a query is one write and as a rule one read. For servers that let anybody in: no
/// passwords, no TLS.
/// Threads: one at a time.
/// </remarks>
public sealed class WireConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[1 << 16];
    private int _start, _end;

    private WireConnection(Socket socket) => _socket = socket;

    /// <exception cref="InvalidDataException">The server wants a password, or refuses.</exception>
    public static WireConnection Open(Target target)
    {
        NpgsqlConnectionStringBuilder settings = new(target.ConnectionString);
        IPAddress address = Dns.GetHostAddresses(settings.Host ?? "127.0.0.1")[0];
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        WireConnection connection = new(socket);
        try
        {
            socket.Connect(address, settings.Port);
            MemoryStream body = new();
            body.Write([0, 3, 0, 0]);
            foreach (string word in new[] { "user", settings.Username ?? "postgres", "database", settings.Database ?? settings.Username ?? "postgres", "" })
                body.Write(Encoding.UTF8.GetBytes(word + "\0"));
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, (int)body.Length + 4);
            connection.Send([.. length, .. body.ToArray()]);
            connection.ReadToReady(null);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements without looking at their rows.</summary>
    public void Execute(string sql)
    {
        Send(Message('Q', Encoding.UTF8.GetBytes(sql + "\0")));
        ReadToReady(null);
    }

    /// <summary>Prepares a statement whose parameters' types the server finds.</summary>
    public void Prepare(string name, string sql)
    {
        Send([.. Message('P', Encoding.UTF8.GetBytes(name + "\0" + sql + "\0\0\0")), .. Message('S', [])]);
        ReadToReady(null);
    }

    /// <summary>The messages that run a prepared statement with parameters in binary.</summary>
    public static byte[] ExecutionOf(string name, params ReadOnlySpan<byte[]> parameters)
    {
        MemoryStream body = new();
        body.Write(Encoding.UTF8.GetBytes("\0" + name + "\0"));
        body.Write([0, 1, 0, 1]); // every parameter is binary
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(number, (short)parameters.Length);
        body.Write(number[..2]);
        foreach (byte[] parameter in parameters)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, parameter.Length);
            body.Write(number);
            body.Write(parameter);
        }
        body.Write([0, 1, 0, 1]); // and every column
        return [.. Message('B', body.ToArray()), .. Message('E', [0, 0, 0, 0, 0]), .. Message('S', [])];
    }

    /// <summary>A vector in binary, as a parameter or in COPY.</summary>
    public static byte[] BinaryOf(ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[4 + (4 * vector.Length)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)vector.Length);
        for (int i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 + (4 * i)), vector[i]);
        return bytes;
    }

    /// <summary>Runs what <see cref="ExecutionOf"/> made.</summary>
    /// <param name="onRow">Gets the first column of each row, in binary; null to read past them.</param>
    public void Run(byte[] execution, Action<ReadOnlySpan<byte>>? onRow) => RunRows(execution, onRow is null ? null : row =>
        onRow(row.Slice(4, BinaryPrimitives.ReadInt32BigEndian(row))));

    /// <summary>Runs what <see cref="ExecutionOf"/> made.</summary>
    /// <param name="onRow">Gets each row's columns, each behind its length as int32.</param>
    public void RunRows(byte[] execution, Action<ReadOnlySpan<byte>>? onRow)
    {
        Send(execution);
        ReadToReady(onRow);
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Message(char kind, byte[] body)
    {
        byte[] message = new byte[5 + body.Length];
        message[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), body.Length + 4);
        body.CopyTo(message, 5);
        return message;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
            sent += _socket.Send(bytes[sent..]);
    }

    private void ReadToReady(Action<ReadOnlySpan<byte>>? onRow)
    {
        string? failure = null;
        while (true)
        {
            Fill(5);
            char kind = (char)_buffer[_start];
            int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1));
            Fill(1 + length);
            ReadOnlySpan<byte> body = _buffer.AsSpan(_start + 5, length - 4);
            _start += 1 + length;
            switch (kind)
            {
                case 'D' when onRow is not null:
                    onRow(body[2..]);
                    break;
                case 'E':
                    failure = Encoding.UTF8.GetString(body).Replace('\0', ' ');
                    break;
                case 'R' when BinaryPrimitives.ReadInt32BigEndian(body) != 0:
                    throw new InvalidDataException("the server wants a password; let this client in by trust");
                case 'Z':
                    if (failure is not null)
                        throw new InvalidDataException(failure);
                    return;
                default:
                    break; // what the client need not know
            }
            if (failure is not null && kind == 'E' && failure.StartsWith("SFATAL", StringComparison.Ordinal))
                throw new InvalidDataException(failure); // nothing follows
        }
    }

    private void Fill(int count)
    {
        if (_start > 0 && _start + count > _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (count > _buffer.Length)
            Array.Resize(ref _buffer, 2 * count);
        while (_end - _start < count)
        {
            if (_start == _end)
                (_start, _end) = (0, 0);
            int read = _socket.Receive(_buffer.AsSpan(_end));
            if (read == 0)
                throw new InvalidDataException("the server has closed the connection");
            _end += read;
        }
    }
}
