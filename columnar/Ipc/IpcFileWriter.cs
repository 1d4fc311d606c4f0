using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Takes the next bytes of a file.</summary>
public delegate void IpcSink(ReadOnlySpan<byte> bytes);

/// <summary>Where a message lies in a file, and where in its body each column does.</summary>
/// <param name="Offset">Of the message; a multiple of 64.</param>
/// <param name="Metadata">From the message's start to its body. Valid until the writer's next call.</param>
/// <param name="Body">Valid until the writer's next call.</param>
/// <param name="Columns">For each field where its buffers begin in the body; one more entry, the body's length.</param>
public readonly record struct WrittenBatch(
    long Offset, ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Body, int[] Columns)
{
    /// <summary>From the message's start to its body.</summary>
    public int MetadataBytes => Metadata.Length;
}

/// <summary>Writes an Arrow IPC file ("Feather V2").</summary>
/// <remarks>
/// Layout:  see <see cref="IpcFormat"/>. Messages begin at multiples of 64, buffers as <see cref="IpcEncoder"/> says.
/// Memory:  one encoded record batch.
/// Threads: one at a time.
/// </remarks>
public sealed class IpcFileWriter
{
    private readonly IpcEncoder _encoder;
    private readonly IpcSink _sink;
    private readonly List<byte> _batches = [], _dictionaries = [];
    private readonly HashSet<long> _known = [];
    private readonly int[] _columnStarts;
    private byte[] _body = [];

    /// <summary>Writes the file's head at once.</summary>
    /// <param name="isCompressed">Whether buffers of fields that say so are compressed with Zstandard.</param>
    public IpcFileWriter(ArrowSchema schema, IpcSink sink, bool isCompressed = true)
    {
        _encoder = new IpcEncoder(schema, isCompressed);
        _sink = sink;
        _columnStarts = new int[schema.Fields.Count + 1];
        Span<byte> head = stackalloc byte[IpcFormat.Alignment];
        head.Clear();
        IpcFormat.Magic.CopyTo(head);
        Put(head); // the specification asks for 8 bytes; readers go by the footer
        Put(_encoder.SchemaMessage().Head(IpcFormat.Alignment));
    }

    /// <summary>Bytes given to the sink so far.</summary>
    public long Position { get; private set; }

    /// <summary>Writes a record batch of columns of the physical types that <see cref="ColumnArrays"/> names for the fields.</summary>
    public WrittenBatch Write(ReadOnlySpan<Column> columns, int rowCount)
    {
        IReadOnlyList<ArrowField> fields = _encoder.Schema.Fields;
        if (columns.Length != fields.Count)
            throw new ArgumentException($"{columns.Length} columns for {fields.Count} fields", nameof(columns));
        ArrowArray[] arrays = new ArrowArray[columns.Length];
        for (int i = 0; i < arrays.Length; i++)
        {
            arrays[i] = ColumnArrays.ToArray(columns[i], fields[i].Type);
            if (arrays[i].NullCount > 0 && !fields[i].IsNullable)
                throw new ArgumentException($"column {fields[i].Name} has nulls but its field does not", nameof(columns));
        }
        IpcMessage batch = _encoder.Batch(arrays, rowCount);
        for (int i = 0; i < arrays.Length; i++)
            _columnStarts[i] = (int)_encoder.FieldStarts[i];
        ReadOnlyMemory<byte> body = Whole(batch);
        _columnStarts[^1] = body.Length;
        long offset = Position;
        return new WrittenBatch(offset, Put(batch with { Body = [body] }, _batches), body, _columnStarts);
    }

    /// <summary>Writes a record batch, and before it the dictionaries that it needs.</summary>
    /// <exception cref="NotSupportedException">A dictionary is another than before, which a file cannot have.</exception>
    public void Write(IReadOnlyList<ArrowArray> columns, int rowCount)
    {
        foreach (ArrowArray column in _encoder.FreshDictionaries(columns))
        {
            if (!_known.Add(column.Type.DictionaryId))
                throw new NotSupportedException("a file with more than one dictionary of a column");
            Put(_encoder.Dictionary(column), _dictionaries);
        }
        Put(_encoder.Batch(columns, rowCount), _batches);
    }

    /// <summary>Writes the message of a record batch or dictionary that was made elsewhere, of the same schema.</summary>
    public void Write(IpcMessage message, bool isDictionary) => Put(message, isDictionary ? _dictionaries : _batches);

    /// <summary>Writes the footer; nothing may follow.</summary>
    public void Finish()
    {
        Put(IpcMessage.EndOfStream.Span);
        FlatBufferBuilder flat = new();
        int schema = SchemaWriter.Write(flat, _encoder.Schema);
        int batches = flat.Structs(CollectionsMarshal.AsSpan(_batches), _batches.Count / IpcFormat.BlockBytes);
        int dictionaries = flat.Structs(CollectionsMarshal.AsSpan(_dictionaries), _dictionaries.Count / IpcFormat.BlockBytes);
        flat.StartTable();
        flat.Reference(IpcFormat.Field.FooterSchema, schema);
        flat.Reference(IpcFormat.Field.FooterDictionaries, dictionaries);
        flat.Reference(IpcFormat.Field.FooterBatches, batches);
        flat.Int16(IpcFormat.Field.FooterVersion, IpcFormat.Version5);
        ReadOnlySpan<byte> footer = flat.Finish(flat.EndTable());
        Put(footer);

        Span<byte> tail = stackalloc byte[IpcFormat.TailBytes];
        BinaryPrimitives.WriteInt32LittleEndian(tail, footer.Length);
        IpcFormat.Magic.CopyTo(tail[4..]);
        Put(tail);
    }

    /// <summary>The body in one piece.</summary>
    private ReadOnlyMemory<byte> Whole(IpcMessage message)
    {
        int length = checked((int)message.BodyBytes), at = 0;
        if (_body.Length < length)
            _body = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, length + (length / 4L)));
        foreach (ReadOnlyMemory<byte> piece in message.Body)
        {
            piece.Span.CopyTo(_body.AsSpan(at));
            at += piece.Length;
        }
        return _body.AsMemory(0, length);
    }

    private byte[] Put(IpcMessage message, List<byte> blocks)
    {
        byte[] head = message.Head(IpcFormat.Alignment);
        Span<byte> block = stackalloc byte[IpcFormat.BlockBytes];
        block.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(block, Position);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], head.Length);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], message.BodyBytes);
        blocks.AddRange(block);
        Put(head);
        foreach (ReadOnlyMemory<byte> piece in message.Body)
            Put(piece.Span);
        return head;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _sink(bytes);
        Position += bytes.Length;
    }
}
