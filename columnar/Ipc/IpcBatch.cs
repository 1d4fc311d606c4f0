using System.Buffers.Binary;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>A record batch of a file or stream, whose columns are read one by one.</summary>
public sealed class IpcBatch
{
    private readonly string _name;
    private readonly IpcBlock _block;
    private readonly ArrowType[] _types;
    private readonly (long Offset, long Length)[] _buffers;
    private readonly (int Length, int NullCount)[] _nodes;
    private readonly int[] _variadic;
    private readonly Place[] _places; // of each field
    private readonly bool _isCompressed;
    private readonly ArrayReader _reader;

    private IpcBatch(
        string name, IpcBlock block, ArrowType[] types, int rowCount, (long, long)[] buffers, (int, int)[] nodes, int[] variadic, Place[] places,
        bool isCompressed, ArrayReader reader)
    {
        _name = name;
        _block = block;
        _types = types;
        _buffers = buffers;
        _nodes = nodes;
        _variadic = variadic;
        _places = places;
        _isCompressed = isCompressed;
        _reader = reader;
        RowCount = rowCount;
    }

    public int RowCount { get; }

    public int NullCount(int field) => _nodes[_places[field].Node].NullCount;

    /// <summary>Reads a column; values that are not compressed stay where they lie.</summary>
    /// <exception cref="IpcException">A buffer is damaged.</exception>
    public ArrowArray ReadArray(int field)
    {
        (int node, int buffer, int view) = _places[field];
        return _reader.Read(_types[field], _nodes, ref node, ref buffer, _variadic, ref view);
    }

    /// <summary>Reads a column as one of the kinds that <see cref="ColumnArrays"/> names.</summary>
    /// <exception cref="IpcException">A buffer is damaged.</exception>
    public Column ReadColumn(int field)
    {
        ArrowArray array = ReadArray(field);
        try
        {
            return ColumnArrays.ToColumn(array);
        }
        catch (NotSupportedException problem)
        {
            throw new IpcException(_name, _block.Offset, $"{problem.Message} is not supported here");
        }
    }

    /// <summary>A column as the message stores it, for sending it on; only where the message says that it is compressed.</summary>
    public StoredColumn ReadStored(int field)
    {
        Place start = _places[field], end = field + 1 < _places.Length
            ? _places[field + 1] : new Place(_nodes.Length, _buffers.Length, _variadic.Length);
        if (!_isCompressed)
            throw new InvalidOperationException("the message's buffers have no lengths before them");
        (long, long)[] nodes = new (long, long)[end.Node - start.Node];
        for (int i = 0; i < nodes.Length; i++)
            nodes[i] = _nodes[start.Node + i];
        ColumnBuffer[] buffers = new ColumnBuffer[end.Buffer - start.Buffer];
        for (int i = 0; i < buffers.Length; i++)
            buffers[i] = _reader.Stored(start.Buffer + i);
        return new StoredColumn(_types[field], nodes, buffers);
    }

    /// <summary>The rows of a fixed-width column one after the other, if they lie uncompressed in the file.</summary>
    public bool TryMap(int field, out ColumnBuffer data, out Bitmap validity)
    {
        ArrowType type = _types[field];
        int first = _places[field].Buffer, at = first + (type.Kind == ArrowTypeKind.FixedSizeList ? 2 : 1);
        data = default;
        validity = default;
        if (type.WidthBytes == 0 || !_reader.IsRaw(at))
            return false;
        data = _reader.Values(at, (long)RowCount * type.WidthBytes);
        validity = NullCount(field) == 0 || RowCount == 0 ? default
            : new Bitmap(_reader.Bits(first, RowCount, "validity"), RowCount);
        return true;
    }

    /// <summary>Where in the file the first row of a fixed-width column lies, and how many bytes each has: from the message alone,
    /// without a look at the values.</summary>
    /// <returns>False where the values are compressed.</returns>
    public bool TryPlace(int field, out long offset, out int widthBytes)
    {
        ArrowType type = _types[field];
        (long inBody, long length) = _buffers[_places[field].Buffer + (type.Kind == ArrowTypeKind.FixedSizeList ? 2 : 1)];
        int prefixBytes = _isCompressed ? sizeof(long) : 0;
        widthBytes = type.WidthBytes;
        offset = _block.Offset + _block.MetadataBytes + inBody + prefixBytes;
        return widthBytes > 0 && length >= ((long)RowCount * widthBytes) + prefixBytes;
    }

    /// <param name="types">The schema's fields', or the one of a dictionary's values.</param>
    internal static IpcBatch Read(
        string name, IpcBlock block, IpcSource source, ArrowType[] types, FlatTable batch, IpcLimits limits,
        IReadOnlyDictionary<long, ArrowArray>? dictionaries)
    {
        long rowCount = batch.Int64(IpcFormat.Field.BatchLength);
        if (rowCount is < 0 or > IpcLimits.RowsMax)
            throw new FlatBufferException($"a record batch of {rowCount} rows is not supported");
        bool isCompressed = batch.Has(IpcFormat.Field.BatchCompression);
        if (isCompressed)
            CheckCompression(batch.Table(IpcFormat.Field.BatchCompression));
        (int, int)[] nodes = ReadNodes(batch);
        (long, long)[] buffers = ReadBuffers(batch, block.BodyBytes);
        int[] variadic = ReadVariadic(batch, buffers.Length);
        Place[] places = new Place[types.Length];
        Layout layout = new(nodes, buffers.Length, variadic);
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = layout.Next;
            layout.Pass(types[i], (int)rowCount);
        }
        layout.ExpectEnd();
        ArrayReader reader = new(name, block.Offset + block.MetadataBytes, source, buffers, isCompressed, limits)
        {
            Dictionaries = dictionaries,
        };
        return new IpcBatch(name, block, types, (int)rowCount, buffers, nodes, variadic, places, isCompressed, reader);
    }

    private static void CheckCompression(FlatTable compression)
    {
        byte codec = compression.Byte(IpcFormat.Field.Codec);
        if (codec == IpcFormat.Lz4Codec)
            throw new FlatBufferException("bodies compressed with LZ4 are not supported; use ZSTD or none");
        if (codec != IpcFormat.ZstdCodec || compression.Byte(IpcFormat.Field.Method) != 0)
            throw new FlatBufferException("only Zstandard compression of buffers is supported");
    }

    private static (int, int)[] ReadNodes(FlatTable batch)
    {
        ReadOnlySpan<byte> bytes = batch.Structs(IpcFormat.Field.BatchNodes, IpcFormat.NodeBytes, out int count);
        (int, int)[] nodes = new (int, int)[count];
        for (int i = 0; i < count; i++)
        {
            long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * IpcFormat.NodeBytes)..]);
            long nullCount = BinaryPrimitives.ReadInt64LittleEndian(bytes[((i * IpcFormat.NodeBytes) + 8)..]);
            if (length is < 0 or > IpcLimits.BodyBytesMax || nullCount < 0 || nullCount > length)
                throw new FlatBufferException($"a column of {length} values, {nullCount} of them null");
            nodes[i] = ((int)length, (int)nullCount);
        }
        return nodes;
    }

    private static (long, long)[] ReadBuffers(FlatTable batch, long bodyBytes)
    {
        ReadOnlySpan<byte> bytes = batch.Structs(IpcFormat.Field.BatchBuffers, IpcFormat.BufferBytes, out int count);
        (long Offset, long Length)[] buffers = new (long, long)[count];
        for (int i = 0; i < count; i++)
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * IpcFormat.BufferBytes)..]);
            long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[((i * IpcFormat.BufferBytes) + 8)..]);
            bool fits = offset >= 0 && length >= 0 && length <= IpcLimits.BodyBytesMax && offset <= bodyBytes
                && length <= bodyBytes - offset;
            if (!fits || (length > 0 && (offset & 7) != 0)) // some writers put empty ones behind what is not padded yet
                throw new FlatBufferException($"buffer {i} of {length} bytes at {offset} is not within the body");
            buffers[i] = (offset, length);
        }
        return buffers;
    }

    private static int[] ReadVariadic(FlatTable batch, int bufferCount)
    {
        ReadOnlySpan<byte> bytes = batch.Int64s(IpcFormat.Field.BatchVariadic, out int count);
        int[] counts = new int[count];
        for (int i = 0; i < count; i++)
        {
            long value = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
            counts[i] = value >= 0 && value <= bufferCount ? (int)value
                : throw new FlatBufferException($"a column of views with {value} buffers");
        }
        return counts;
    }

    /// <summary>Where a field's parts begin.</summary>
    private readonly record struct Place(int Node, int Buffer, int View);

    /// <summary>Goes over the fields' types beside the lists of nodes and buffers, so that what follows can trust that they fit.</summary>
    private sealed class Layout((int Length, int NullCount)[] nodes, int bufferCount, int[] variadic)
    {
        private int _node, _buffer, _view;

        internal Place Next => new(_node, _buffer, _view);

        /// <param name="rowCount">How many rows it must have; −1 for as many as it says.</param>
        internal void Pass(ArrowType type, int rowCount)
        {
            if (_node == nodes.Length)
                throw new FlatBufferException("there are fewer nodes than columns need");
            (int length, int nullCount) = nodes[_node++];
            if (rowCount >= 0 && length != rowCount)
                throw new FlatBufferException($"a column of {length} rows with {nullCount} nulls in a batch of {rowCount}");
            bool takesBytes = type.Kind is not (ArrowTypeKind.Null or ArrowTypeKind.Struct or ArrowTypeKind.FixedSizeList)
                && (type.Kind != ArrowTypeKind.FixedSizeBinary || type.Size > 0);
            if (length > IpcLimits.RowsMax && !takesBytes)
                throw new FlatBufferException($"{length} values without bytes of their own are not supported");
            int buffers = BufferCountOf(type);
            if (buffers > bufferCount - _buffer)
                throw new FlatBufferException("there are fewer buffers than columns need");
            _buffer += buffers;
            if (type.Kind == ArrowTypeKind.Dictionary)
                return; // its values come in a message of their own
            foreach (ArrowField child in type.Children)
                Pass(child.Type, rowCount: -1);
        }

        internal void ExpectEnd()
        {
            if (_node != nodes.Length || _buffer != bufferCount || _view != variadic.Length)
                throw new FlatBufferException("there are more nodes or buffers than columns need");
        }

        private int BufferCountOf(ArrowType type)
        {
            switch (type.Kind)
            {
                case ArrowTypeKind.Null:
                    return 0;
                case ArrowTypeKind.Utf8 or ArrowTypeKind.LargeUtf8 or ArrowTypeKind.Binary or ArrowTypeKind.LargeBinary:
                    return 3;
                case ArrowTypeKind.FixedSizeList or ArrowTypeKind.Struct:
                    return 1;
                case ArrowTypeKind.Union:
                    return type.IsDense ? 2 : 1;
                case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                    return _view < variadic.Length ? 2 + variadic[_view++]
                        : throw new FlatBufferException("there are fewer counts of views' buffers than columns need");
                default:
                    return 2;
            }
        }
    }
}
