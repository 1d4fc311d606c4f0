using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Reads the messages of a stream one by one, as a protocol gives them. Nothing in them is believed before it is checked.</summary>
/// <remarks>
/// Ownership: batches point into the bodies that were given; dictionaries are copied.
/// Memory:    in proportion to what was given, and for compressed buffers within <see cref="IpcLimits"/>.
/// Threads:   one at a time.
/// </remarks>
/// <param name="name">What is read, for messages.</param>
public sealed class IpcDecoder(string name, IpcLimits? limits = null)
{
    private readonly IpcLimits _limits = limits ?? IpcLimits.Default;
    private IpcDictionaries? _dictionaries;
    private ArrowType[] _types = [];
    private long _messages;

    /// <summary>The stream's schema; null until it was read.</summary>
    public ArrowSchema? Schema { get; private set; }

    /// <summary>Reads a message.</summary>
    /// <param name="metadata">The FlatBuffer, without what a stream puts before it.</param>
    /// <returns>The rows of a record batch; null for another message.</returns>
    /// <exception cref="IpcException">The message is damaged, out of place, or uses what is not supported.</exception>
    public ArrowBatch? Read(ReadOnlyMemory<byte> metadata, ReadOnlyMemory<byte> body)
    {
        long number = _messages++;
        try
        {
            FlatTable root = FlatTable.Root(metadata.Span);
            if (root.Int64(IpcFormat.Field.MessageBodyLength) != body.Length)
                throw new FlatBufferException($"a body of {body.Length} bytes for one of {root.Int64(IpcFormat.Field.MessageBodyLength)}");
            FlatTable header = root.Table(IpcFormat.Field.MessageHeader);
            switch (root.Byte(IpcFormat.Field.MessageKind))
            {
                case IpcFormat.SchemaMessage when Schema is null:
                    Schema = SchemaReader.Read(header);
                    _types = [.. Schema.Fields.Select(static field => field.Type)];
                    _dictionaries = new IpcDictionaries(name, Schema, _limits);
                    return null;
                case IpcFormat.DictionaryMessage when _dictionaries is not null:
                    ColumnBuffer copy = ColumnBuffer.Wrap(body.ToArray());
                    _dictionaries.Add(new IpcBlock(0, 0, body.Length), header, (offset, length) => copy.Slice((int)offset, length));
                    return null;
                case IpcFormat.RecordBatchMessage when _dictionaries is not null && Schema is not null:
                    return ReadBatch(Schema, _dictionaries, header, ColumnBuffer.Of(body));
                case IpcFormat.DictionaryMessage or IpcFormat.RecordBatchMessage:
                    throw new FlatBufferException("a message before the schema's");
                default:
                    throw new FlatBufferException("a message of a kind that does not belong here");
            }
        }
        catch (FlatBufferException damage)
        {
            throw new IpcException(name, number, damage.Message, isMessage: true);
        }
    }

    private ArrowBatch ReadBatch(ArrowSchema schema, IpcDictionaries dictionaries, FlatTable header, ColumnBuffer body)
    {
        IpcBatch batch = IpcBatch.Read(name, new IpcBlock(0, 0, body.LengthBytes),
            (offset, length) => body.Slice((int)offset, length), _types, header, _limits, dictionaries.Known);
        ArrowArray[] columns = new ArrowArray[_types.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = batch.ReadArray(i);
        return new ArrowBatch(schema, batch.RowCount, columns);
    }
}
