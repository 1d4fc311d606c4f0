using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>Flight SQL as a client speaks it, for tests: rows as texts.</summary>
internal static class FlightSqlClient
{
    public static async Task<string[]> QueryAsync(this FlightClient client, string sql, ByteString? transaction = null)
    {
        CommandStatementQuery command = new() { Query = sql };
        if (transaction is not null)
            command.TransactionId = transaction;
        return await client.ReadAsync(command);
    }

    /// <summary>All rows of a command, by part and by row.</summary>
    public static async Task<string[]> ReadAsync(this FlightClient client, IMessage command)
    {
        FlightInfo info = await client.GetInfoAsync(FlightNode.Command(command), CancellationToken.None);
        List<string> rows = [];
        foreach (FlightEndpoint endpoint in info.Endpoint)
            rows.AddRange(await client.ReadAsync(endpoint.Ticket, info.Schema));
        return [.. rows];
    }

    public static async Task<List<string>> ReadAsync(this FlightClient client, Ticket ticket, ByteString? schema = null)
    {
        List<string> rows = [];
        await using FlightStream stream = await client.GetAsync(ticket, CancellationToken.None);
        ArrowSchema? came = await stream.Batches.TryReadSchemaAsync();
        if (schema is not null && came is not null)
            Assert.Equal(came.Fields.Select(field => (field.Name, field.Type)), SchemaOf(schema).Fields.Select(field => (field.Name, field.Type)));
        while (await stream.Batches.NextAsync() is { } batch)
        {
            for (int row = 0; row < batch.RowCount; row++)
                rows.Add(string.Join('|', batch.Columns.Select(column => TextOf(column, row))));
        }
        return rows;
    }

    public static async Task<long> UpdateAsync(this FlightClient client, string sql, ByteString? transaction = null)
    {
        CommandStatementUpdate command = new() { Query = sql };
        if (transaction is not null)
            command.TransactionId = transaction;
        return await client.PutAsync(command, []);
    }

    /// <returns>How many rows the server says it has changed.</returns>
    public static async Task<long> PutAsync(this FlightClient client, IMessage command, IReadOnlyList<IpcMessage> messages)
    {
        IReadOnlyList<ByteString> answers = await client.PutAsync(FlightNode.Command(command), Each(messages), CancellationToken.None);
        return DoPutUpdateResult.Parser.ParseFrom(Assert.Single(answers)).RecordCount;
    }

    public static async Task<ByteString> PrepareAsync(this FlightClient client, string sql) =>
        (await client.ActAsync<ActionCreatePreparedStatementResult>("CreatePreparedStatement", new ActionCreatePreparedStatementRequest { Query = sql }))
        .PreparedStatementHandle;

    /// <summary>A column of equal texts, which is short on its way.</summary>
    public static List<IpcMessage> Texts(string name, int count, int length)
    {
        BinaryColumnBuilder texts = new();
        texts.Append(Encoding.UTF8.GetBytes(new string('x', length)));
        ArrowType type = ArrowType.Dictionary(0, ArrowTypeKind.Int32, new ArrowType(ArrowTypeKind.Utf8));
        ArrowArray named = new(type, count, 0, [default, ColumnBuffer.Wrap(new int[count])],
            dictionary: ColumnArrays.ToArray(texts.Build(), type.Children[0].Type));
        IpcEncoder encoder = new(new ArrowSchema([new ArrowField(name, type, true, [])], []), isCompressed: false);
        return [Copy(encoder.SchemaMessage()), .. encoder.Encode([named], count).Select(Copy)];
    }

    /// <summary>A column of vectors, all zero.</summary>
    public static List<IpcMessage> Vectors(string name, int count, int dimensions)
    {
        ArrowType type = ArrowType.FixedSizeList(ArrowTypeKind.Float32, dimensions);
        ArrowArray elements = new(type.Children[0].Type, count * dimensions, 0, [default, ColumnBuffer.Wrap(new byte[count * dimensions * sizeof(float)])]);
        IpcEncoder encoder = new(new ArrowSchema([new ArrowField(name, type, true, [])], []), isCompressed: false);
        return [Copy(encoder.SchemaMessage()), .. encoder.Encode([new ArrowArray(type, count, 0, [default], [elements])], count).Select(Copy)];
    }

    private static IpcMessage Copy(IpcMessage message) => new(
        message.Metadata.ToArray(), [.. message.Body.Select(static piece => (ReadOnlyMemory<byte>)piece.ToArray())], message.BodyBytes, message.RowCount);

    public static async Task<T> ActAsync<T>(this FlightClient client, string type, IMessage request) where T : IMessage<T>, new()
    {
        IReadOnlyList<ByteString> answers = await client.DoAsync(type, Any.Pack(request).ToByteString(), CancellationToken.None);
        return Any.Parser.ParseFrom(Assert.Single(answers)).Unpack<T>();
    }

    public static async Task<ByteString> BeginAsync(this FlightClient client) =>
        (await client.ActAsync<ActionBeginTransactionResult>("BeginTransaction", new ActionBeginTransactionRequest())).TransactionId;

    public static async Task EndAsync(this FlightClient client, ByteString transaction, bool commits) => await client.DoAsync(
        "EndTransaction",
        Any.Pack(new ActionEndTransactionRequest
        {
            TransactionId = transaction,
            Action = commits ? ActionEndTransactionRequest.Types.EndTransaction.Commit : ActionEndTransactionRequest.Types.EndTransaction.Rollback,
        }).ToByteString(), CancellationToken.None);

    public static ArrowSchema SchemaOf(ByteString encapsulated)
    {
        IpcDecoder decoder = new("a schema");
        decoder.Read(encapsulated.Memory[8..], default);
        return decoder.Schema ?? throw new InvalidOperationException("no schema");
    }

    public static async Task<(GrpcStatusCode Code, string State)> ErrorAsync(Func<Task> call)
    {
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(call);
        return (error.Code, error.Trailers.Find("x-vecsql-sqlstate") ?? "");
    }

    public static string TextOf(ArrowArray array, int row)
    {
        if (array.IsNull(row))
            return "NULL";
        switch (array.Type.Kind)
        {
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                ReadOnlySpan<int> offsets = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(array.Buffers[1].Bytes);
                ReadOnlySpan<byte> bytes = array.Buffers[2].Bytes[offsets[row]..offsets[row + 1]];
                return array.Type.Kind == ArrowTypeKind.Utf8 ? Encoding.UTF8.GetString(bytes) : Convert.ToHexStringLower(bytes);
            case ArrowTypeKind.Bool:
                return (array.Buffers[1].Bytes[row >> 3] & (1 << (row & 7))) != 0 ? "true" : "false";
            case ArrowTypeKind.FixedSizeList or ArrowTypeKind.List:
                (int start, int count) = array.Type.Kind == ArrowTypeKind.FixedSizeList
                    ? (row * array.Type.Size, array.Type.Size)
                    : ListAt(array, row);
                return "[" + string.Join(',', Enumerable.Range(start, count).Select(i => TextOf(array.Children[0], i))) + "]";
            case ArrowTypeKind.Union:
                int kind = (sbyte)array.Buffers[0].Bytes[row];
                return TextOf(array.Children[kind], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(array.Buffers[1].Bytes)[row]);
            default:
                return array.Type.WidthBytes switch
                {
                    1 => array.Values<byte>()[row].ToString(),
                    2 => array.Values<short>()[row].ToString(),
                    4 when array.Type.Kind == ArrowTypeKind.Float32 => array.Values<float>()[row].ToString(),
                    4 => array.Values<int>()[row].ToString(),
                    8 when array.Type.Kind == ArrowTypeKind.Float64 => array.Values<double>()[row].ToString(),
                    8 => array.Values<long>()[row].ToString(),
                    _ => array.Type.ToString(),
                };
        }
    }

    private static (int Start, int Count) ListAt(ArrowArray array, int row)
    {
        ReadOnlySpan<int> offsets = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(array.Buffers[1].Bytes);
        return (offsets[row], offsets[row + 1] - offsets[row]);
    }

    private static async IAsyncEnumerable<IpcMessage> Each(IReadOnlyList<IpcMessage> messages, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (IpcMessage message in messages)
        {
            await Task.Yield();
            yield return message;
        }
    }
}
