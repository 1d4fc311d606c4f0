using System.Buffers.Binary;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Ipc;

/// <summary>A record batch of a file, whose columns are read one by one.</summary>
public sealed class IpcBatch
{
    private const int RowsMax = 1 << 24;
    private const int RawBytesMax = 1 << 30;

    private readonly string _name;
    private readonly IpcBlock _block;
    private readonly IpcSource _source;
    private readonly ArrowSchema _schema;
    private readonly (long Offset, long Length)[] _buffers;
    private readonly int[] _firstBuffer; // of each field
    private readonly int[] _nullCounts;  // of each field
    private readonly bool _isCompressed;

    private IpcBatch(
        string name, IpcBlock block, IpcSource source, ArrowSchema schema, int rowCount,
        (long Offset, long Length)[] buffers, int[] firstBuffer, int[] nullCounts, bool isCompressed)
    {
        _name = name;
        _block = block;
        _source = source;
        _schema = schema;
        _buffers = buffers;
        _firstBuffer = firstBuffer;
        _nullCounts = nullCounts;
        _isCompressed = isCompressed;
        RowCount = rowCount;
    }

    public int RowCount { get; }

    public int NullCount(int field) => _nullCounts[field];

    /// <summary>Reads a column; values that are not compressed stay where they lie.</summary>
    /// <exception cref="IpcException">A buffer is damaged.</exception>
    public Column ReadColumn(int field)
    {
        ArrowType type = _schema.Fields[field].Type;
        int at = _firstBuffer[field];
        Bitmap validity = _nullCounts[field] == 0 ? default : Bits(at, "validity");
        if (type.IsVariable)
            return ReadVariable(type, at, validity);
        if (type.Kind == ArrowTypeKind.Bool)
            return new BoolColumn(Bits(at + 1, "values"), validity);
        int dataAt = type.Kind == ArrowTypeKind.FixedSizeList ? at + 2 : at + 1;
        ColumnBuffer data = Values(dataAt, (long)RowCount * type.WidthBytes);
        return ColumnEncoder.PhysicalOf(type) switch
        {
            PhysicalType.Int16 => new FixedColumn<short>(data, RowCount, validity),
            PhysicalType.Int32 => new FixedColumn<int>(data, RowCount, validity),
            PhysicalType.Int64 => new FixedColumn<long>(data, RowCount, validity),
            PhysicalType.Float32 => new FixedColumn<float>(data, RowCount, validity),
            PhysicalType.Float64 => new FixedColumn<double>(data, RowCount, validity),
            PhysicalType.Fixed16 => new FixedColumn<Fixed16>(data, RowCount, validity),
            _ => BinaryColumn.FixedStride(data, type.WidthBytes, RowCount, validity),
        };
    }

    /// <summary>The rows of a fixed-width column one after the other, if they lie uncompressed in the file.</summary>
    public bool TryMap(int field, out ColumnBuffer data, out Bitmap validity)
    {
        ArrowType type = _schema.Fields[field].Type;
        int at = _firstBuffer[field] + (type.Kind == ArrowTypeKind.FixedSizeList ? 2 : 1);
        data = default;
        validity = default;
        if (type.WidthBytes == 0 || !IsRaw(at))
            return false;
        data = Values(at, (long)RowCount * type.WidthBytes);
        validity = _nullCounts[field] == 0 ? default : Bits(_firstBuffer[field], "validity");
        return true;
    }

    /// <summary>Where in the file the first row of a fixed-width column lies, and how many bytes each has: from the message alone,
    /// without a look at the values.</summary>
    /// <returns>False where the values are compressed.</returns>
    public bool TryPlace(int field, out long offset, out int widthBytes)
    {
        ArrowType type = _schema.Fields[field].Type;
        (long inBody, long length) = _buffers[_firstBuffer[field] + (type.Kind == ArrowTypeKind.FixedSizeList ? 2 : 1)];
        int prefixBytes = _isCompressed ? sizeof(long) : 0;
        widthBytes = type.WidthBytes;
        offset = _block.Offset + _block.MetadataBytes + inBody + prefixBytes;
        return widthBytes > 0 && length >= ((long)RowCount * widthBytes) + prefixBytes;
    }

    internal static IpcBatch Read(string name, IpcBlock block, IpcSource source, ArrowSchema schema, FlatTable batch)
    {
        long rowCount = batch.Int64(IpcFormat.Field.BatchLength);
        if (rowCount is < 0 or > RowsMax)
            throw new FlatBufferException($"a record batch of {rowCount} rows is not supported");
        bool isCompressed = batch.Has(IpcFormat.Field.BatchCompression);
        if (isCompressed)
            CheckCompression(batch.Table(IpcFormat.Field.BatchCompression));

        ReadOnlySpan<byte> nodes = batch.Structs(IpcFormat.Field.BatchNodes, IpcFormat.NodeBytes, out int nodeCount);
        ReadOnlySpan<byte> buffers = batch.Structs(
            IpcFormat.Field.BatchBuffers, IpcFormat.BufferBytes, out int bufferCount);
        int[] firstBuffer = new int[schema.Fields.Count], nullCounts = new int[schema.Fields.Count];
        int nextNode = 0, nextBuffer = 0;
        for (int i = 0; i < firstBuffer.Length; i++)
        {
            ArrowType type = schema.Fields[i].Type;
            (int fieldNodes, int fieldBuffers) = IpcFormat.ShapeOf(type);
            firstBuffer[i] = nextBuffer;
            if (fieldNodes > nodeCount - nextNode || fieldBuffers > bufferCount - nextBuffer)
                throw new FlatBufferException("there are fewer buffers than columns need");
            nullCounts[i] = CheckNodes(nodes.Slice(nextNode * IpcFormat.NodeBytes), type, rowCount);
            nextNode += fieldNodes;
            nextBuffer += fieldBuffers;
        }
        if (nextNode != nodeCount || nextBuffer != bufferCount)
            throw new FlatBufferException("there are more buffers than columns need");
        return new IpcBatch(name, block, source, schema, (int)rowCount,
            CheckBuffers(buffers, bufferCount, block.BodyBytes), firstBuffer, nullCounts, isCompressed);
    }

    private static void CheckCompression(FlatTable compression)
    {
        if (compression.Byte(IpcFormat.Field.Codec) != IpcFormat.ZstdCodec
            || compression.Byte(IpcFormat.Field.Method) != 0)
            throw new FlatBufferException("only Zstandard compression of buffers is supported");
    }

    /// <summary>The node of a field, and of its child where it has one; returns the null count.</summary>
    private static int CheckNodes(ReadOnlySpan<byte> nodes, ArrowType type, long rowCount)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(nodes);
        long nullCount = BinaryPrimitives.ReadInt64LittleEndian(nodes[8..]);
        if (length != rowCount || nullCount < 0 || nullCount > rowCount)
            throw new FlatBufferException($"a column of {length} rows with {nullCount} nulls in a batch of {rowCount}");
        if (type.Kind == ArrowTypeKind.FixedSizeList)
        {
            long elements = BinaryPrimitives.ReadInt64LittleEndian(nodes[16..]);
            long missing = BinaryPrimitives.ReadInt64LittleEndian(nodes[24..]);
            if (elements != rowCount * type.Size || missing != 0)
                throw new FlatBufferException($"{elements} elements, {missing} of them null, in lists of {type.Size}");
        }
        return (int)nullCount;
    }

    private static (long, long)[] CheckBuffers(ReadOnlySpan<byte> bytes, int count, long bodyBytes)
    {
        (long Offset, long Length)[] buffers = new (long, long)[count];
        for (int i = 0; i < count; i++)
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * IpcFormat.BufferBytes)..]);
            long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[((i * IpcFormat.BufferBytes) + 8)..]);
            bool fits = offset >= 0 && length >= 0 && length <= RawBytesMax && offset <= bodyBytes
                && length <= bodyBytes - offset;
            if (!fits || (offset & 7) != 0)
                throw new FlatBufferException($"buffer {i} of {length} bytes at {offset} is not within the body");
            buffers[i] = (offset, length);
        }
        return buffers;
    }

    private BinaryColumn ReadVariable(ArrowType type, int at, Bitmap validity)
    {
        if (RowCount == 0)
            return BinaryColumn.FromOffsets(default, ColumnBuffer.Wrap(new int[1]), 0);
        ColumnBuffer offsets = Values(at + 1, (RowCount + 1L) * sizeof(int));
        ReadOnlySpan<int> ends = offsets.As<int>();
        ColumnBuffer data = Decoded(at + 2, RawBytesMax);
        int before = 0;
        for (int row = 0; row <= RowCount; row++)
        {
            if (ends[row] < before)
                throw Damage(at + 1, $"offset {row} is {ends[row]}, the one before {before}");
            before = ends[row];
        }
        if (before > data.LengthBytes)
            throw Damage(at + 1, $"values end at {before} of {data.LengthBytes} bytes");
        if (type.Kind == ArrowTypeKind.Utf8)
            CheckUtf8(ends, data.Bytes, at + 2);
        return BinaryColumn.FromOffsets(data, offsets, RowCount, validity);
    }

    private void CheckUtf8(ReadOnlySpan<int> ends, ReadOnlySpan<byte> data, int at)
    {
        data = data[ends[0]..ends[^1]];
        if (System.Text.Ascii.IsValid(data))
            return;
        if (!System.Text.Unicode.Utf8.IsValid(data))
            throw Damage(at, "text is not UTF-8");
        foreach (int end in ends)
        {
            int place = end - ends[0];
            if (place < data.Length && (data[place] & 0xC0) == 0x80)
                throw Damage(at, "a text begins within a character");
        }
    }

    /// <summary>A bitmap of a bit per row.</summary>
    private Bitmap Bits(int buffer, string what)
    {
        if (RowCount == 0)
            return default;
        ColumnBuffer bytes = Decoded(buffer, (RowCount / 8) + IpcFormat.Alignment);
        if (bytes.LengthBytes < (RowCount + 7) / 8)
            throw Damage(buffer, $"{what} of {bytes.LengthBytes} bytes for {RowCount} rows");
        int whole = Bitmap.WordCount(RowCount) * sizeof(ulong);
        if (bytes.LengthBytes < whole)
        {
            byte[] padded = new byte[whole]; // another writer may end a bitmap at a byte
            bytes.Bytes.CopyTo(padded);
            bytes = ColumnBuffer.Wrap(padded);
        }
        return new Bitmap(bytes.Slice(0, whole), RowCount);
    }

    /// <summary>A buffer of at least so many bytes, cut to them.</summary>
    private ColumnBuffer Values(int buffer, long bytes)
    {
        ColumnBuffer data = Decoded(buffer, bytes + IpcFormat.Alignment);
        return data.LengthBytes >= bytes
            ? data.Slice(0, (int)bytes)
            : throw Damage(buffer, $"{data.LengthBytes} bytes where {bytes} are needed");
    }

    private bool IsRaw(int buffer)
    {
        (long offset, long length) = _buffers[buffer];
        return length == 0 || !_isCompressed
            || (length >= 8 && BinaryPrimitives.ReadInt64LittleEndian(Raw(offset, 8).Bytes) == IpcFormat.StoredRaw);
    }

    /// <param name="bytesMax">What no sound buffer is longer than; a greater length is not given memory.</param>
    private ColumnBuffer Decoded(int buffer, long bytesMax)
    {
        (long offset, long length) = _buffers[buffer];
        if (length == 0 || !_isCompressed)
            return length == 0 ? default : Raw(offset, (int)length);
        if (length < 8)
            throw Damage(buffer, $"a compressed buffer of {length} bytes");
        long rawBytes = BinaryPrimitives.ReadInt64LittleEndian(Raw(offset, 8).Bytes);
        if (rawBytes == IpcFormat.StoredRaw)
            return Raw(offset + 8, (int)length - 8);
        if (rawBytes < 0 || rawBytes > bytesMax)
            throw Damage(buffer, $"a buffer of {rawBytes} bytes, uncompressed");
        ReadOnlySpan<byte> packed = Raw(offset + 8, (int)length - 8).Bytes;
        if (rawBytes / 32_768 > packed.Length)
            throw Damage(buffer, $"{packed.Length} bytes cannot hold {rawBytes}"); // before so much memory is taken
        byte[] target = GC.AllocateUninitializedArray<byte>((int)rawBytes);
        if (!Zstd.TryDecompress(packed, target, out string? problem))
            throw Damage(buffer, $"decompression failed: {problem}");
        return ColumnBuffer.Wrap(target);
    }

    private ColumnBuffer Raw(long offset, int length) => _source(_block.Offset + _block.MetadataBytes + offset, length);

    private IpcException Damage(int buffer, string reason) =>
        new(_name, _block.Offset + _block.MetadataBytes + _buffers[buffer].Offset, $"buffer {buffer}: {reason}");
}
