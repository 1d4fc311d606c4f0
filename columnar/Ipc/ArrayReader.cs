using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Ipc;

/// <summary>Reads arrays out of a message's body, each part checked before it is believed.</summary>
/// <remarks>
/// What is checked: that buffers hold what their columns need, that offsets ascend within their values, that numbers of dictionaries and
/// type ids exist, that texts are UTF-8; and that no more is decompressed than the limit allows.
/// </remarks>
internal sealed class ArrayReader(
    string name, long bodyOffset, IpcSource source, (long Offset, long Length)[] buffers, bool isCompressed, IpcLimits limits)
{
    private long _decodedBytes;

    /// <summary>The dictionaries known so far; null where there are none.</summary>
    internal IReadOnlyDictionary<long, ArrowArray>? Dictionaries { get; init; }

    /// <param name="node">The array's first node; moved behind its and its children's.</param>
    /// <param name="buffer">The array's first buffer; moved likewise.</param>
    /// <param name="variadic">The next count of a view's buffers; moved likewise.</param>
    internal ArrowArray Read(
        ArrowType type, ReadOnlySpan<(int Length, int NullCount)> nodes, ref int node, ref int buffer, ReadOnlySpan<int> variadic,
        ref int view)
    {
        (int length, int nullCount) = nodes[node++];
        int first = buffer;
        switch (type.Kind)
        {
            case ArrowTypeKind.Null:
                return ArrowArray.Nulls(length);
            case ArrowTypeKind.Union:
                return ReadUnion(type, length, nodes, ref node, ref buffer, variadic, ref view);
        }
        ColumnBuffer validity = nullCount == 0 ? default : Bits(buffer, length, "validity");
        if (nullCount > 0)
            CheckNullCount(validity, length, nullCount, buffer);
        buffer++;
        switch (type.Kind)
        {
            case ArrowTypeKind.Bool:
                return new ArrowArray(type, length, nullCount, [validity, Bits(buffer++, length, "values")]);
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                return ReadVariable<int>(type, length, nullCount, validity, ref buffer);
            case ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary:
                return ReadVariable<long>(type, length, nullCount, validity, ref buffer);
            case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                return ReadViews(type, length, nullCount, validity, ref buffer, variadic[view++]);
            case ArrowTypeKind.List or ArrowTypeKind.Map:
                return ReadList<int>(type, length, nullCount, validity, nodes, ref node, ref buffer, variadic, ref view);
            case ArrowTypeKind.LargeList:
                return ReadList<long>(type, length, nullCount, validity, nodes, ref node, ref buffer, variadic, ref view);
            case ArrowTypeKind.FixedSizeList:
                long elements = (long)length * type.Size;
                return new ArrowArray(type, length, nullCount, [validity],
                    [ReadChild(type.Children[0].Type, elements, first, nodes, ref node, ref buffer, variadic, ref view)]);
            case ArrowTypeKind.Struct:
                ArrowArray[] members = new ArrowArray[type.Children.Count];
                for (int i = 0; i < members.Length; i++)
                    members[i] = ReadChild(type.Children[i].Type, length, first, nodes, ref node, ref buffer, variadic, ref view);
                return new ArrowArray(type, length, nullCount, [validity], members);
            case ArrowTypeKind.Dictionary:
                return ReadDictionary(type, length, nullCount, validity, buffer++);
            default:
                return new ArrowArray(type, length, nullCount, [validity, Values(buffer++, (long)length * type.WidthBytes)]);
        }
    }

    private ArrowArray ReadChild(
        ArrowType type, long needed, int parent, ReadOnlySpan<(int Length, int NullCount)> nodes, ref int node, ref int buffer,
        ReadOnlySpan<int> variadic, ref int view)
    {
        if (nodes[node].Length < needed)
            throw Damage(parent, $"{nodes[node].Length} elements where {needed} are needed");
        return Read(type, nodes, ref node, ref buffer, variadic, ref view);
    }

    private ArrowArray ReadVariable<TOffset>(ArrowType type, int length, int nullCount, ColumnBuffer validity, ref int buffer)
        where TOffset : unmanaged
    {
        int at = buffer;
        buffer += 2;
        if (length == 0)
            return new ArrowArray(type, 0, 0, [default, ColumnBuffer.Wrap(new TOffset[1]), default]);
        ColumnBuffer offsets = Values(at, (length + 1L) * Marshal.SizeOf<TOffset>());
        ColumnBuffer data = Decoded(at + 1, IpcLimits.BodyBytesMax);
        CheckOffsets<TOffset>(offsets, data.LengthBytes, at);
        if (type.IsText)
            CheckUtf8<TOffset>(offsets, data.Bytes, at + 1);
        return new ArrowArray(type, length, nullCount, [validity, offsets, data]);
    }

    private ArrowArray ReadList<TOffset>(
        ArrowType type, int length, int nullCount, ColumnBuffer validity, ReadOnlySpan<(int Length, int NullCount)> nodes, ref int node,
        ref int buffer, ReadOnlySpan<int> variadic, ref int view)
        where TOffset : unmanaged
    {
        int at = buffer++;
        ColumnBuffer offsets = length == 0 ? ColumnBuffer.Wrap(new TOffset[1])
            : Values(at, (length + 1L) * Marshal.SizeOf<TOffset>());
        CheckOffsets<TOffset>(offsets, nodes[node].Length, at);
        return new ArrowArray(type, length, nullCount, [validity, offsets],
            [Read(type.Children[0].Type, nodes, ref node, ref buffer, variadic, ref view)]);
    }

    private ArrowArray ReadViews(
        ArrowType type, int length, int nullCount, ColumnBuffer validity, ref int buffer, int dataCount)
    {
        int at = buffer++;
        ColumnBuffer[] parts = new ColumnBuffer[2 + dataCount];
        parts[0] = validity;
        parts[1] = Values(at, length * (long)ArrowView.SizeBytes);
        for (int i = 0; i < dataCount; i++)
            parts[2 + i] = Decoded(buffer++, IpcLimits.BodyBytesMax);
        ReadOnlySpan<byte> views = parts[1].Bytes;
        for (int row = 0; row < length; row++)
        {
            if (nullCount > 0 && !IsSet(validity, row))
                continue;
            if (!ArrowView.TryRead(views.Slice(row * ArrowView.SizeBytes, ArrowView.SizeBytes), parts, out ReadOnlySpan<byte> value))
                throw Damage(at, $"view {row} lies outside its buffer");
            if (type.IsText && !System.Text.Unicode.Utf8.IsValid(value))
                throw Damage(at, "text is not UTF-8");
        }
        return new ArrowArray(type, length, nullCount, parts);
    }

    private ArrowArray ReadUnion(
        ArrowType type, int length, ReadOnlySpan<(int Length, int NullCount)> nodes, ref int node, ref int buffer,
        ReadOnlySpan<int> variadic, ref int view)
    {
        int at = buffer++;
        ColumnBuffer ids = Values(at, length);
        ColumnBuffer places = type.IsDense ? Values(buffer++, length * 4L) : default;
        ArrowArray[] children = new ArrowArray[type.Children.Count];
        for (int i = 0; i < children.Length; i++)
        {
            children[i] = ReadChild(type.Children[i].Type, type.IsDense ? 0 : length, at, nodes, ref node, ref buffer, variadic,
                ref view);
        }
        for (int row = 0; row < length; row++)
        {
            int child = IndexOf(type.TypeIds, ids.Bytes[row]);
            if (child < 0 || (type.IsDense && (uint)places.As<int>()[row] >= (uint)children[child].Length))
                throw Damage(at, $"row {row} is of an alternative or place that there is not");
        }
        return new ArrowArray(type, length, 0, type.IsDense ? [ids, places] : [ids], children);
    }

    private ArrowArray ReadDictionary(ArrowType type, int length, int nullCount, ColumnBuffer validity, int buffer)
    {
        ColumnBuffer numbers = Values(buffer, (long)length * type.WidthBytes);
        if (Dictionaries is null || !Dictionaries.TryGetValue(type.DictionaryId, out ArrowArray? values))
        {
            values = length == nullCount ? null
                : throw Damage(buffer, $"dictionary {type.DictionaryId} has not been sent");
        }
        ArrowArray array = new(type, length, nullCount, [validity, numbers], dictionary: values);
        for (int row = 0; row < length && values is not null; row++)
        {
            if ((nullCount == 0 || IsSet(validity, row)) && ArrowNumbers.Index(array, row) is var number
                && (ulong)number >= (ulong)values.Length)
            {
                throw Damage(buffer, $"row {row} is number {number} of a dictionary of {values.Length}");
            }
        }
        return array;
    }

    private void CheckNullCount(ColumnBuffer validity, int length, int nullCount, int buffer)
    {
        int set = new Bitmap(validity, length).CountSet();
        if (length - set != nullCount)
            throw Damage(buffer, $"{nullCount} nulls where the validity has {length - set}");
    }

    private void CheckOffsets<TOffset>(ColumnBuffer offsets, long valuesLength, int at) where TOffset : unmanaged
    {
        long before = 0;
        int count = offsets.LengthBytes / Marshal.SizeOf<TOffset>();
        if (typeof(TOffset) == typeof(int))
        {
            ReadOnlySpan<int> ends = offsets.As<int>();
            for (int row = 0; row < ends.Length; row++)
            {
                if (ends[row] < before)
                    throw Damage(at, $"offset {row} is {ends[row]}, the one before {before}");
                before = ends[row];
            }
        }
        else
        {
            ReadOnlySpan<long> ends = offsets.As<long>();
            for (int row = 0; row < count; row++)
            {
                if (ends[row] < before)
                    throw Damage(at, $"offset {row} is {ends[row]}, the one before {before}");
                before = ends[row];
            }
        }
        if (before > valuesLength)
            throw Damage(at, $"values end at {before} of {valuesLength}");
    }

    private void CheckUtf8<TOffset>(ColumnBuffer offsets, ReadOnlySpan<byte> data, int at) where TOffset : unmanaged
    {
        int count = offsets.LengthBytes / Marshal.SizeOf<TOffset>();
        int first = (int)OffsetAt<TOffset>(offsets, 0), last = (int)OffsetAt<TOffset>(offsets, count - 1);
        data = data[first..last];
        if (System.Text.Ascii.IsValid(data))
            return;
        if (!System.Text.Unicode.Utf8.IsValid(data))
            throw Damage(at, "text is not UTF-8");
        for (int i = 0; i < count; i++)
        {
            int place = (int)OffsetAt<TOffset>(offsets, i) - first;
            if (place < data.Length && (data[place] & 0xC0) == 0x80)
                throw Damage(at, "a text begins within a character");
        }
    }

    private static long OffsetAt<TOffset>(ColumnBuffer offsets, int index) where TOffset : unmanaged =>
        typeof(TOffset) == typeof(int) ? offsets.As<int>()[index] : offsets.As<long>()[index];

    private static int IndexOf(IReadOnlyList<int> ids, byte id)
    {
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids[i] == id)
                return i;
        }
        return -1;
    }

    private static bool IsSet(ColumnBuffer bits, int row) => (bits.Bytes[row >> 3] & (1 << (row & 7))) != 0;

    /// <summary>A bitmap of a bit per row, in whole words.</summary>
    internal ColumnBuffer Bits(int buffer, int length, string what)
    {
        if (length == 0)
            return default;
        ColumnBuffer bytes = Decoded(buffer, (length / 8) + IpcFormat.Alignment);
        if (bytes.LengthBytes < (length + 7) / 8)
            throw Damage(buffer, $"{what} of {bytes.LengthBytes} bytes for {length} rows");
        int whole = Bitmap.WordCount(length) * sizeof(ulong);
        if (bytes.LengthBytes < whole)
        {
            byte[] padded = new byte[whole]; // another writer may end a bitmap at a byte
            bytes.Bytes.CopyTo(padded);
            bytes = ColumnBuffer.Wrap(padded);
        }
        return bytes.Slice(0, whole);
    }

    /// <summary>A buffer of at least so many bytes, cut to them.</summary>
    internal ColumnBuffer Values(int buffer, long bytes)
    {
        ColumnBuffer data = Decoded(buffer, bytes + IpcFormat.Alignment);
        return data.LengthBytes >= bytes
            ? data.Slice(0, (int)bytes)
            : throw Damage(buffer, $"{data.LengthBytes} bytes where {bytes} are needed");
    }

    internal bool IsRaw(int buffer)
    {
        (long offset, long length) = buffers[buffer];
        return length == 0 || !isCompressed
            || (length >= 8 && BinaryPrimitives.ReadInt64LittleEndian(Stored(offset, 8).Bytes) == IpcFormat.StoredRaw);
    }

    /// <summary>A buffer as the message has it, with its length before it where the message is compressed.</summary>
    internal ColumnBuffer Stored(int buffer) => Stored(buffers[buffer].Offset, (int)buffers[buffer].Length);

    /// <param name="bytesMax">What no sound buffer is longer than; a greater length is not given memory.</param>
    private ColumnBuffer Decoded(int buffer, long bytesMax)
    {
        (long offset, long length) = buffers[buffer];
        if (length == 0 || !isCompressed)
            return length == 0 ? default : Stored(offset, (int)length);
        if (length < 8)
            throw Damage(buffer, $"a compressed buffer of {length} bytes");
        long rawBytes = BinaryPrimitives.ReadInt64LittleEndian(Stored(offset, 8).Bytes);
        if (rawBytes == IpcFormat.StoredRaw)
            return Stored(offset + 8, (int)length - 8);
        if (rawBytes == 0)
            return default;
        if (rawBytes < 0 || rawBytes > bytesMax)
            throw Damage(buffer, $"a buffer of {rawBytes} bytes, uncompressed");
        ReadOnlySpan<byte> packed = Stored(offset + 8, (int)length - 8).Bytes;
        if (rawBytes / 32_768 > packed.Length)
            throw Damage(buffer, $"{packed.Length} bytes cannot hold {rawBytes}"); // before so much memory is taken
        _decodedBytes += rawBytes;
        if (_decodedBytes > limits.DecodedBytesMax)
            throw Damage(buffer, $"more than {limits.DecodedBytesMax} bytes in one message, uncompressed");
        byte[] target = GC.AllocateUninitializedArray<byte>((int)rawBytes);
        if (!Zstd.TryDecompress(packed, target, out string? problem))
            throw Damage(buffer, $"decompression failed: {problem}");
        return ColumnBuffer.Wrap(target);
    }

    private ColumnBuffer Stored(long offset, int length) => length == 0 ? default : source(bodyOffset + offset, length);

    private IpcException Damage(int buffer, string reason) =>
        new(name, bodyOffset + (buffer < buffers.Length ? buffers[buffer].Offset : 0), $"buffer {buffer}: {reason}");
}
