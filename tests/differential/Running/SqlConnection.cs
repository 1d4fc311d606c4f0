using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace VecSQL.Differential.Tests.Running;

/// <summary>A client of PostgreSQL's protocol that hands out what drivers hide: OIDs, tags, binary values as they come.</summary>
internal sealed class SqlConnection : IAsyncDisposable
{
    /// <summary>Of the one statement that is prepared to be executed several times.</summary>
    private const string Name = "again";

    private readonly TcpClient _socket;
    private readonly BufferedStream _stream;

    private SqlConnection(TcpClient socket)
    {
        _socket = socket;
        _stream = new BufferedStream(socket.GetStream(), 1 << 16);
    }

    public static async Task<SqlConnection> OpenAsync(int port, string user, string database)
    {
        TcpClient socket = new() { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        SqlConnection connection = new(socket);
        byte[] body = [0, 3, 0, 0, .. Zero("user"), .. Zero(user), .. Zero("database"), .. Zero(database), 0];
        await connection._stream.WriteAsync((byte[])[.. Int32(body.Length + 4), .. body]);
        SqlAnswer answer = await connection.ReadAsync(isBinary: false);
        return answer.Failed ? throw new InvalidOperationException(answer.Message) : connection;
    }

    /// <summary>Runs a statement by the simple protocol.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task<SqlAnswer> RunAsync(string sql)
    {
        await _stream.WriteAsync(Message('Q', Zero(sql)));
        return await ReadAsync(isBinary: false);
    }

    /// <summary>Runs a statement by the extended protocol, with parameters as text.</summary>
    public async Task<SqlAnswer> RunAsync(string sql, IReadOnlyList<Literal> parameters, bool isBinary)
    {
        await _stream.WriteAsync((byte[])
        [
            .. Parse("", sql, parameters), .. Message('D', [(byte)'S', 0]), .. Bind("", parameters, isBinary), .. Message('E', [0, 0, 0, 0, 0]),
            .. Message('S', []),
        ]);
        return await ReadAsync(isBinary);
    }

    /// <summary>Prepares a statement to be executed several times.</summary>
    public async Task<SqlAnswer> PrepareAsync(string sql, IReadOnlyList<Literal> parameters)
    {
        await _stream.WriteAsync((byte[])[.. Parse(Name, sql, parameters), .. Message('D', [(byte)'S', .. Zero(Name)]), .. Message('S', [])]);
        return await ReadAsync(isBinary: false);
    }

    /// <summary>Executes the prepared statement.</summary>
    public async Task<SqlAnswer> ExecuteAsync(IReadOnlyList<Literal> parameters, bool isBinary)
    {
        await _stream.WriteAsync((byte[])
            [.. Bind(Name, parameters, isBinary), .. Message('D', [(byte)'P', 0]), .. Message('E', [0, 0, 0, 0, 0]), .. Message('S', [])]);
        return await ReadAsync(isBinary);
    }

    /// <summary>Forgets the prepared statement.</summary>
    public async Task CloseAsync()
    {
        await _stream.WriteAsync((byte[])[.. Message('C', [(byte)'S', .. Zero(Name)]), .. Message('S', [])]);
        await ReadAsync(isBinary: false);
    }

    private static byte[] Parse(string name, string sql, IReadOnlyList<Literal> parameters) => Message('P',
    [
        .. Zero(name), .. Zero(sql), .. Int16(parameters.Count),
        .. parameters.SelectMany(parameter => Int32(parameter.IsTyped ? (int)parameter.Kind.Oid : 0)),
    ]);

    private static byte[] Bind(string name, IReadOnlyList<Literal> parameters, bool isBinary)
    {
        byte[] values = [.. parameters.SelectMany(parameter => parameter.Text is null
            ? Int32(-1)
            : [.. Int32(Encoding.UTF8.GetByteCount(parameter.Text)), .. Encoding.UTF8.GetBytes(parameter.Text)])];
        byte[] formats = isBinary ? [0, 1, 0, 1] : [0, 0];
        return Message('B', [0, .. Zero(name), 0, 0, .. Int16(parameters.Count), .. values, .. formats]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<SqlAnswer> ReadAsync(bool isBinary)
    {
        await _stream.FlushAsync();
        SqlAnswer answer = new([], [], "", null, null, []);
        List<string?[]> rows = [];
        while (true)
        {
            (char type, byte[] body) = await MessageAsync();
            switch (type)
            {
                case 'T':
                    answer = answer with { Columns = Columns(body) };
                    break;
                case 't':
                    answer = answer with { ParameterOids = [.. Enumerable.Range(0, Number16(body, 0)).Select(i => (uint)Number32(body, 2 + (4 * i)))] };
                    break;
                case 'D':
                    rows.Add(Row(body, isBinary));
                    break;
                case 'H':
                    answer = answer with { Columns = [("line", 25)] };
                    break;
                case 'd':
                    rows.Add([Encoding.UTF8.GetString(body)]);
                    break;
                case 'C':
                    answer = answer with { Tag = Strings(body)[0] };
                    break;
                case 'E':
                    string[] fields = Strings(body);
                    answer = answer with
                    {
                        SqlState = Field(fields, 'C'), Message = Field(fields, 'M'), Position = Field(fields, 'P'),
                    };
                    break;
                case 'Z':
                    return answer with { Rows = rows };
                default:
                    break; // settings, notices, completions: not compared
            }
        }
    }

    private async Task<(char Type, byte[] Body)> MessageAsync()
    {
        byte[] head = new byte[5];
        await _stream.ReadExactlyAsync(head);
        byte[] body = new byte[Number32(head, 1) - 4];
        await _stream.ReadExactlyAsync(body);
        return ((char)head[0], body);
    }

    private static List<(string Name, uint Oid)> Columns(byte[] body)
    {
        List<(string Name, uint Oid)> columns = [];
        int offset = 2;
        for (int left = Number16(body, 0); left > 0; left--)
        {
            int end = Array.IndexOf<byte>(body, 0, offset);
            columns.Add((Encoding.UTF8.GetString(body, offset, end - offset), (uint)Number32(body, end + 7)));
            offset = end + 19;
        }
        return columns;
    }

    private static string?[] Row(byte[] body, bool isBinary)
    {
        string?[] row = new string?[Number16(body, 0)];
        int offset = 2;
        for (int i = 0; i < row.Length; i++)
        {
            int length = Number32(body, offset);
            offset += 4;
            if (length < 0)
                continue;
            ReadOnlySpan<byte> value = body.AsSpan(offset, length);
            row[i] = isBinary ? WithoutSignOfNan(Convert.ToHexString(value)) : Encoding.UTF8.GetString(value);
            offset += length;
        }
        return row;
    }

    private static string[] Strings(byte[] body) => Encoding.UTF8.GetString(body).Split('\0');

    private static string? Field(string[] fields, char code) => Array.Find(fields, field => field.StartsWith(code))?[1..];

    private static byte[] Message(char type, byte[] body) => [(byte)type, .. Int32(body.Length + 4), .. body];

    private static byte[] Zero(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    /// <summary>The processor's own NaN has a sign, the one that functions give has none: both mean the same.</summary>
    private static string WithoutSignOfNan(string value) =>
        value is "FFF8000000000000" or "FFC00000" ? $"7{value[1..]}" : value;

    private static int Number32(byte[] bytes, int offset) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(offset));

    private static int Number16(byte[] bytes, int offset) => BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(offset));

    private static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Int16(int value) => Int32(value)[2..];
}
