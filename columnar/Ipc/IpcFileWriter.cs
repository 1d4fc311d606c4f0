using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Takes the next bytes of a file.</summary>
public delegate void IpcSink(ReadOnlySpan<byte> bytes);

/// <summary>Where a message lies in a file, and where in its body each column does.</summary>
/// <param name="Offset">Of the message; a multiple of 64.</param>
/// <param name="MetadataBytes">From the message's start to its body.</param>
/// <param name="Metadata">Valid until the writer's next call.</param>
/// <param name="Body">Valid until the writer's next call.</param>
/// <param name="Columns">For each field where its buffers begin in the body; one more entry, the body's length.</param>
public readonly record struct WrittenBatch(
    long Offset, int MetadataBytes, ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Body, int[] Columns);

/// <summary>Writes an Arrow IPC file ("Feather V2"), compressed buffer by buffer with Zstandard.</summary>
/// <remarks>
/// Columns given must be of the physical type that <see cref="ColumnEncoder"/> names for the field's Arrow type.
/// Layout:  see <see cref="IpcFormat"/>. Messages and buffers begin at multiples of 64; the bytes of a buffer that was
///          not compressed do too, its 8-byte length lying before.
/// Memory:  one encoded record batch.
/// Threads: one at a time.
/// </remarks>
public sealed class IpcFileWriter
{
    private readonly ArrowSchema _schema;
    private readonly IpcSink _sink;
    private readonly FlatBufferBuilder _flat = new();
    private readonly BodyBuffer _body = new();
    private readonly List<byte> _blocks = [];
    private readonly int[] _columnStarts;
    private byte[] _metadata = new byte[4096];
    private int _blockCount;

    /// <summary>Writes the file's head at once.</summary>
    public IpcFileWriter(ArrowSchema schema, IpcSink sink)
    {
        _schema = schema;
        _sink = sink;
        _columnStarts = new int[schema.Fields.Count + 1];
        Span<byte> head = stackalloc byte[IpcFormat.Alignment];
        head.Clear();
        IpcFormat.Magic.CopyTo(head);
        Put(head); // the specification asks for 8 bytes; readers go by the footer
        _flat.Clear();
        int header = SchemaCodec.Write(_flat, schema);
        Put(Message(IpcFormat.SchemaMessage, header, bodyBytes: 0).Span);
    }

    /// <summary>Bytes given to the sink so far.</summary>
    public long Position { get; private set; }

    /// <summary>Writes a record batch.</summary>
    public WrittenBatch Write(ReadOnlySpan<Column> columns, int rowCount)
    {
        if (columns.Length != _schema.Fields.Count)
            throw new ArgumentException($"{columns.Length} columns for {_schema.Fields.Count} fields", nameof(columns));
        _body.Clear();
        for (int i = 0; i < columns.Length; i++)
        {
            _columnStarts[i] = _body.Length;
            ColumnEncoder.Encode(columns[i].Expand(), _schema.Fields[i], rowCount, _body);
            _body.Pad(IpcFormat.Alignment);
        }
        _columnStarts[^1] = _body.Length;

        ReadOnlyMemory<byte> metadata = BatchMessage(rowCount);
        WrittenBatch written = new(Position, metadata.Length, metadata, _body.Bytes, _columnStarts);
        Put(metadata.Span);
        Put(_body.Bytes.Span);
        Span<byte> block = stackalloc byte[IpcFormat.BlockBytes];
        block.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(block, written.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], metadata.Length);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], _body.Length);
        _blocks.AddRange(block);
        _blockCount++;
        return written;
    }

    /// <summary>Writes the footer; nothing may follow.</summary>
    public void Finish()
    {
        Span<byte> end = stackalloc byte[IpcFormat.EndMarkBytes];
        BinaryPrimitives.WriteInt32LittleEndian(end, -1);
        BinaryPrimitives.WriteInt32LittleEndian(end[4..], 0);
        Put(end);

        _flat.Clear();
        int schema = SchemaCodec.Write(_flat, _schema);
        int batches = _flat.Structs(CollectionsMarshal.AsSpan(_blocks), _blockCount);
        int dictionaries = _flat.Structs([], 0);
        _flat.StartTable();
        _flat.Reference(IpcFormat.Field.FooterSchema, schema);
        _flat.Reference(IpcFormat.Field.FooterDictionaries, dictionaries);
        _flat.Reference(IpcFormat.Field.FooterBatches, batches);
        _flat.Int16(IpcFormat.Field.FooterVersion, IpcFormat.Version5);
        ReadOnlySpan<byte> footer = _flat.Finish(_flat.EndTable());
        Put(footer);

        Span<byte> tail = stackalloc byte[IpcFormat.TailBytes];
        BinaryPrimitives.WriteInt32LittleEndian(tail, footer.Length);
        IpcFormat.Magic.CopyTo(tail[4..]);
        Put(tail);
    }

    private ReadOnlyMemory<byte> BatchMessage(int rowCount)
    {
        _flat.Clear();
        int buffers = _flat.Structs(_body.BufferList, _body.BufferList.Length / IpcFormat.BufferBytes);
        int nodes = _flat.Structs(_body.NodeList, _body.NodeList.Length / IpcFormat.NodeBytes);
        _flat.StartTable();
        _flat.Byte(IpcFormat.Field.Codec, IpcFormat.ZstdCodec);
        _flat.Byte(IpcFormat.Field.Method, 0); // buffer by buffer
        int compression = _flat.EndTable();
        _flat.StartTable();
        _flat.Int64(IpcFormat.Field.BatchLength, rowCount);
        _flat.Reference(IpcFormat.Field.BatchNodes, nodes);
        _flat.Reference(IpcFormat.Field.BatchBuffers, buffers);
        _flat.Reference(IpcFormat.Field.BatchCompression, compression);
        return Message(IpcFormat.RecordBatchMessage, _flat.EndTable(), _body.Length);
    }

    /// <summary>The encapsulated metadata of a message, padded so that the body after it is aligned.</summary>
    private ReadOnlyMemory<byte> Message(byte kind, int header, long bodyBytes)
    {
        _flat.StartTable();
        _flat.Int64(IpcFormat.Field.MessageBodyLength, bodyBytes);
        _flat.Reference(IpcFormat.Field.MessageHeader, header);
        _flat.Int16(IpcFormat.Field.MessageVersion, IpcFormat.Version5);
        _flat.Byte(IpcFormat.Field.MessageKind, kind);
        ReadOnlySpan<byte> flat = _flat.Finish(_flat.EndTable());

        int padded = (int)IpcFormat.Aligned(IpcFormat.PrefixBytes + flat.Length, IpcFormat.Alignment);
        if (_metadata.Length < padded)
            _metadata = new byte[padded * 2];
        Span<byte> message = _metadata.AsSpan(0, padded);
        message.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(message, -1);
        BinaryPrimitives.WriteInt32LittleEndian(message[4..], padded - IpcFormat.PrefixBytes);
        flat.CopyTo(message[IpcFormat.PrefixBytes..]);
        return _metadata.AsMemory(0, padded);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _sink(bytes);
        Position += bytes.Length;
    }
}
