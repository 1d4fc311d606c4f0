using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>A client that sends what it is told, right or wrong, and shows what comes back.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly TcpClient _socket = new();
    private readonly List<byte> _pending = [];
    private NetworkStream? _stream;

    /// <summary>What the server said about its settings so far.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    public int BackendId { get; private set; }

    public int SecretKey { get; private set; }

    /// <summary>The stream, which is there after the server has closed the connection too.</summary>
    public NetworkStream Stream => _stream ??= _socket.GetStream();

    /// <summary>A socket without a session.</summary>
    public static async Task<RawClient> OpenAsync(int port)
    {
        RawClient client = new();
        client._socket.NoDelay = true;
        await client._socket.ConnectAsync("127.0.0.1", port);
        client.Stream.ReadTimeout = 60_000;
        return client;
    }

    /// <summary>A session that is ready for a query.</summary>
    public static async Task<RawClient> ConnectAsync(int port, params string[] options)
    {
        RawClient client = await OpenAsync(port);
        await client.SendStartupAsync(["user", "vecsql", "database", "vecsql", .. options]);
        await client.UntilReadyAsync();
        return client;
    }

    public Task SendStartupAsync(params string[] options)
    {
        byte[] body = [0, 3, 0, 0, .. options.SelectMany(Zero), 0];
        return SendBytesAsync([.. Int32(body.Length + 4), .. body]);
    }

    public async Task SendBytesAsync(params byte[] bytes) => await Stream.WriteAsync(bytes);

    public RawClient Add(char type, params byte[] body)
    {
        _pending.AddRange([(byte)type, .. Int32(body.Length + 4), .. body]);
        return this;
    }

    public RawClient Query(string sql) => Add('Q', Zero(sql));

    public RawClient Parse(string name, string sql) => Add('P', [.. Zero(name), .. Zero(sql), 0, 0]);

    /// <summary>Parameters as text.</summary>
    public RawClient Bind(string portal, string statement, params string?[] values) => Add('B',
    [
        .. Zero(portal), .. Zero(statement), 0, 0, .. Int16(values.Length),
        .. values.SelectMany(value => value is null
            ? Int32(-1)
            : [.. Int32(Encoding.UTF8.GetByteCount(value)), .. Encoding.UTF8.GetBytes(value)]),
        0, 0,
    ]);

    public RawClient Describe(char kind, string name) => Add('D', [(byte)kind, .. Zero(name)]);

    public RawClient Execute(string portal, int rowsMax = 0) => Add('E', [.. Zero(portal), .. Int32(rowsMax)]);

    public RawClient Close(char kind, string name) => Add('C', [(byte)kind, .. Zero(name)]);

    public RawClient Flush() => Add('H');

    public RawClient Sync() => Add('S');

    public RawClient CopyData(string text) => Add('d', Encoding.UTF8.GetBytes(text));

    /// <summary>Sends what was added.</summary>
    public async Task<RawClient> SendAsync()
    {
        await Stream.WriteAsync(TakePending());
        return this;
    }

    /// <summary>The next message; null when the server has closed the connection.</summary>
    public async Task<RawMessage?> ReadAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        byte[] head = new byte[5];
        try
        {
            if (await Stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, limit.Token) < 5)
                return null;
            byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await Stream.ReadExactlyAsync(body, limit.Token);
            RawMessage message = new((char)head[0], body);
            if (message.Type == 'S')
                Settings[message.Strings[0]] = message.Strings[1];
            if (message.Type == 'K')
                (BackendId, SecretKey) = (message.Int32(0), message.Int32(4));
            return message;
        }
        catch (IOException)
        {
            return null; // reset: the server closed while there was more to read
        }
    }

    /// <summary>Messages up to ReadyForQuery, that one included; fewer when the server closes.</summary>
    public async Task<List<RawMessage>> UntilReadyAsync()
    {
        List<RawMessage> messages = [];
        while (await ReadAsync() is { } message)
        {
            messages.Add(message);
            if (message.Type == 'Z')
                break;
        }
        return messages;
    }

    /// <summary>As many messages as named, which must have come.</summary>
    public async Task<List<RawMessage>> ReadAsync(int count)
    {
        List<RawMessage> messages = [];
        while (messages.Count < count)
            messages.Add(await ReadAsync() ?? throw new InvalidOperationException("the server closed the connection"));
        return messages;
    }

    /// <summary>Runs a simple query and draws the answer: one line a message.</summary>
    public async Task<string> AskAsync(string sql)
    {
        await Query(sql).SendAsync();
        return Draw(await UntilReadyAsync());
    }

    /// <summary>Sends what was added and draws the answer up to ReadyForQuery.</summary>
    public async Task<string> ExchangeAsync()
    {
        await SendAsync();
        return Draw(await UntilReadyAsync());
    }

    public static string Draw(IEnumerable<RawMessage> messages) => string.Join(" | ", messages.Select(message => message.ToString()));

    public async ValueTask DisposeAsync()
    {
        await Task.CompletedTask;
        _socket.Dispose();
    }

    /// <summary>Says that nothing more will come, and goes on listening.</summary>
    public void EndSending() => _socket.Client.Shutdown(SocketShutdown.Send);

    /// <summary>What was added and not sent yet, as bytes.</summary>
    public byte[] TakePending()
    {
        byte[] bytes = [.. _pending];
        _pending.Clear();
        return bytes;
    }

    /// <summary>Leaves without a word, as a crashed client does.</summary>
    public void Vanish()
    {
        _socket.Client.LingerState = new LingerOption(true, 0); // a reset in place of an orderly close
        _socket.Dispose();
    }

    internal static byte[] Zero(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    internal static byte[] CancelRequest(int backendId, int secretKey) => [.. Int32(16), .. Int32(80877102), .. Int32(backendId), .. Int32(secretKey)];

    internal static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    internal static byte[] Int16(int value) => Int32(value)[2..];
}

/// <summary>A message from the server.</summary>
internal sealed record RawMessage(char Type, byte[] Body)
{
    /// <summary>The body as strings that each end with a zero byte.</summary>
    public string[] Strings => Encoding.UTF8.GetString(Body).Split('\0')[..^1];

    /// <summary>A field of ErrorResponse or NoticeResponse; null where it is not there.</summary>
    public string? Field(char code) => Strings.FirstOrDefault(field => field.StartsWith(code))?[1..];

    public int Int32(int offset) => BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(offset));

    public IEnumerable<string?> Row()
    {
        int offset = 2;
        for (int left = BinaryPrimitives.ReadInt16BigEndian(Body); left > 0; left--)
        {
            int length = Int32(offset);
            offset += 4;
            yield return length < 0 ? null : Encoding.UTF8.GetString(Body, offset, length);
            offset += Math.Max(length, 0);
        }
    }

    /// <summary>A short picture: rows as their values, errors as severity and SQLSTATE, commands as their tags.</summary>
    public override string ToString() => Type switch
    {
        'D' => $"row({string.Join(',', Row().Select(value => value ?? "null"))})",
        'C' => Strings[0],
        'E' => $"{Field('S')} {Field('C')}",
        'N' => $"{Field('S')}",
        'Z' => $"ready {(char)Body[0]}",
        'A' => $"notification {string.Join(',', Encoding.UTF8.GetString(Body[4..]).TrimEnd('\0').Split('\0'))}",
        'S' => $"{Strings[0]}={Strings[1]}",
        'd' => $"data({Encoding.UTF8.GetString(Body)})",
        '1' => "parsed",
        '2' => "bound",
        '3' => "closed",
        'T' => "columns",
        't' => "parameters",
        'n' => "no data",
        's' => "suspended",
        'I' => "empty",
        'G' => "copy in",
        'H' => "copy out",
        'c' => "copy done",
        _ => Type.ToString(),
    };
}
