using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Makes the messages of a stream or file: its schema, dictionaries and record batches.</summary>
/// <remarks>
/// Layout:    see <see cref="IpcFormat"/>. Buffers begin at multiples of 64 of the body; of a compressed body, the bytes of a buffer
///            that was stored as it is do, its 8-byte length lying before.
/// Ownership: a message is valid until the next call. Its body's pieces are the arrays' own buffers where these are large.
/// Threads:   one at a time.
/// </remarks>
public sealed class IpcEncoder
{
    private readonly ArrowSchema _schema;
    private readonly bool _isCompressed;
    private readonly FlatBufferBuilder _flat = new();
    private readonly IpcBody _body = new();
    private readonly Dictionary<long, ArrowArray> _sent = [];
    private byte[] _metadata = new byte[1024];

    /// <param name="isCompressed">Buffers of fields that say so are compressed with Zstandard where that saves an eighth.</param>
    public IpcEncoder(ArrowSchema schema, bool isCompressed)
    {
        _schema = schema;
        _isCompressed = isCompressed;
    }

    public ArrowSchema Schema => _schema;

    /// <summary>Where in the last record batch's body each field's buffers begin.</summary>
    internal List<long> FieldStarts { get; } = [];

    /// <summary>What a stream begins with.</summary>
    public IpcMessage SchemaMessage()
    {
        _flat.Clear();
        return new IpcMessage(Message(IpcFormat.SchemaMessage, SchemaWriter.Write(_flat, _schema), 0), [], 0);
    }

    /// <summary>The messages of a batch: dictionaries that were not sent yet or are others now, then the rows. Each is made when it is
    /// asked for.</summary>
    public IEnumerable<IpcMessage> Encode(IReadOnlyList<ArrowArray> columns, int rowCount)
    {
        foreach (ArrowArray dictionary in FreshDictionaries(columns))
            yield return Dictionary(dictionary);
        yield return Batch(columns, rowCount);
    }

    /// <summary>Columns of dictionaries whose values were not sent yet or are others now, innermost first; from now on they count as
    /// sent.</summary>
    public List<ArrowArray> FreshDictionaries(IReadOnlyList<ArrowArray> columns)
    {
        List<ArrowArray> fresh = [];
        foreach (ArrowArray column in columns)
            AddFresh(column, fresh);
        return fresh;
    }

    /// <summary>The message of a column's dictionary.</summary>
    public IpcMessage Dictionary(ArrowArray column)
    {
        if (column.Dictionary is not { } values)
            throw new ArgumentException("the column has no dictionary", nameof(column));
        _body.Begin(_isCompressed);
        _body.Add(values, tries: true);
        _body.Pad(IpcFormat.Alignment);
        _flat.Clear();
        int data = BatchTable(values.Length);
        _flat.StartTable();
        _flat.Int64(IpcFormat.Field.DictionaryBatchId, column.Type.DictionaryId);
        _flat.Reference(IpcFormat.Field.DictionaryBatchData, data);
        return new IpcMessage(Message(IpcFormat.DictionaryMessage, _flat.EndTable(), _body.Length), _body.Pieces, _body.Length);
    }

    /// <summary>The message of a record batch.</summary>
    /// <param name="columns">Of the schema's types, in its order.</param>
    public IpcMessage Batch(IReadOnlyList<ArrowArray> columns, int rowCount)
    {
        if (columns.Count != _schema.Fields.Count)
            throw new ArgumentException($"{columns.Count} columns for {_schema.Fields.Count} fields", nameof(columns));
        _body.Begin(_isCompressed);
        FieldStarts.Clear();
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i].Length != rowCount)
                throw new ArgumentException($"a column of {columns[i].Length} rows in a batch of {rowCount}", nameof(columns));
            FieldStarts.Add(_body.Length);
            _body.Add(columns[i], _schema.Fields[i].IsCompressed);
            _body.Pad(IpcFormat.Alignment);
        }
        return EndBatch(rowCount);
    }

    /// <summary>The message of a record batch whose buffers are stored with their lengths before them, as another message has
    /// them.</summary>
    public IpcMessage Stored(IReadOnlyList<StoredColumn> columns, int rowCount)
    {
        if (!_isCompressed)
            throw new InvalidOperationException("buffers with lengths before them are for compressed bodies");
        _body.Begin(isCompressed: true);
        FieldStarts.Clear();
        foreach (StoredColumn column in columns)
        {
            FieldStarts.Add(_body.Length);
            foreach ((long length, long nullCount) in column.Nodes)
                _body.Node(length, nullCount);
            foreach (ColumnBuffer buffer in column.Buffers)
                _body.AddStored(buffer);
            _body.Pad(IpcFormat.Alignment);
        }
        return EndBatch(rowCount);
    }

    private IpcMessage EndBatch(int rowCount)
    {
        _flat.Clear();
        int table = BatchTable(rowCount);
        return new IpcMessage(
            Message(IpcFormat.RecordBatchMessage, table, _body.Length), _body.Pieces, _body.Length, rowCount);
    }

    private int BatchTable(int rowCount)
    {
        int compression = 0;
        if (_isCompressed)
        {
            _flat.StartTable();
            _flat.Byte(IpcFormat.Field.Method, 0); // buffer by buffer
            _flat.Byte(IpcFormat.Field.Codec, IpcFormat.ZstdCodec);
            compression = _flat.EndTable();
        }
        int nodes = _flat.Structs(_body.NodeList, _body.NodeList.Length / IpcFormat.NodeBytes);
        int buffers = _flat.Structs(_body.BufferList, _body.BufferList.Length / IpcFormat.BufferBytes);
        int variadic = _body.Variadic.IsEmpty ? 0 : _flat.Int64s(_body.Variadic);
        _flat.StartTable();
        _flat.Int64(IpcFormat.Field.BatchLength, rowCount);
        _flat.Reference(IpcFormat.Field.BatchNodes, nodes);
        _flat.Reference(IpcFormat.Field.BatchBuffers, buffers);
        if (compression != 0)
            _flat.Reference(IpcFormat.Field.BatchCompression, compression);
        if (variadic != 0)
            _flat.Reference(IpcFormat.Field.BatchVariadic, variadic);
        return _flat.EndTable();
    }

    private void AddFresh(ArrowArray column, List<ArrowArray> fresh)
    {
        foreach (ArrowArray child in column.Children)
            AddFresh(child, fresh);
        if (column.Dictionary is not { } values)
            return;
        AddFresh(values, fresh);
        if (_sent.TryGetValue(column.Type.DictionaryId, out ArrowArray? known) && ReferenceEquals(known, values))
            return;
        _sent[column.Type.DictionaryId] = values;
        fresh.Add(column);
    }

    private ReadOnlyMemory<byte> Message(byte kind, int header, long bodyBytes)
    {
        _flat.StartTable();
        if (bodyBytes != 0) // it is then left out, as by others: a reader that minds where an int64 lies in memory finds none in a schema
            _flat.Int64(IpcFormat.Field.MessageBodyLength, bodyBytes);
        _flat.Reference(IpcFormat.Field.MessageHeader, header);
        _flat.Int16(IpcFormat.Field.MessageVersion, IpcFormat.Version5);
        _flat.Byte(IpcFormat.Field.MessageKind, kind);
        ReadOnlySpan<byte> flat = _flat.Finish(_flat.EndTable());
        if (_metadata.Length < flat.Length)
            _metadata = new byte[flat.Length * 2];
        flat.CopyTo(_metadata);
        return _metadata.AsMemory(0, flat.Length);
    }
}
