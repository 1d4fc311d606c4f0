using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Columnar.Ipc;

/// <summary>A table in a FlatBuffer. Every access is checked, so that any bytes at all can be read without
/// harm.</summary>
/// <remarks>
/// Layout: int32 distance back to the field list; the field list is uint16 own size, uint16 table size, then for each
///         field the uint16 distance from the table to its value, 0 where it has its default.
/// </remarks>
internal readonly ref struct FlatTable
{
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<byte> _fields; // without the two sizes before them
    private readonly int _start;

    private FlatTable(ReadOnlySpan<byte> buffer, int start)
    {
        _buffer = buffer;
        _start = start;
        long fields = start - (long)ReadInt32(buffer, start);
        int size = ReadUInt16(buffer, fields);
        if (size < 4 || (size & 1) != 0 || fields + size > buffer.Length)
            throw new FlatBufferException("a table's field list is out of place");
        _fields = buffer.Slice((int)fields + 4, size - 4);
    }

    internal static FlatTable Root(ReadOnlySpan<byte> buffer) => new(buffer, Follow(buffer, 0));

    internal byte Byte(int field, byte otherwise = 0)
    {
        int at = Place(field);
        return at == 0 ? otherwise : Slice(_buffer, at, 1)[0];
    }

    internal short Int16(int field, short otherwise = 0)
    {
        int at = Place(field);
        return at == 0 ? otherwise : (short)ReadUInt16(_buffer, at);
    }

    internal int Int32(int field, int otherwise = 0)
    {
        int at = Place(field);
        return at == 0 ? otherwise : ReadInt32(_buffer, at);
    }

    internal long Int64(int field)
    {
        int at = Place(field);
        return at == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(Slice(_buffer, at, 8));
    }

    internal bool Has(int field) => Place(field) != 0;

    internal FlatTable Table(int field)
    {
        int at = Place(field);
        return at == 0 ? throw new FlatBufferException($"field {field} is missing")
            : new FlatTable(_buffer, Follow(_buffer, at));
    }

    internal string String(int field)
    {
        ReadOnlySpan<byte> bytes = Vector(field, 1, out _);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new FlatBufferException("a string is not UTF-8");
        }
    }

    internal int Count(int field)
    {
        Vector(field, 1, out int count);
        return count;
    }

    /// <summary>A vector of tables' element; the vector is present and has more than so many.</summary>
    internal FlatTable Element(int field, int index)
    {
        int first = VectorPlace(field, 4, out int count);
        return (uint)index < (uint)count
            ? new FlatTable(_buffer, Follow(_buffer, first + (index * 4)))
            : throw new FlatBufferException("a vector is too short");
    }

    /// <summary>The bytes of a vector of structs of so many bytes; empty where it is absent.</summary>
    internal ReadOnlySpan<byte> Structs(int field, int sizeBytes, out int count) => Vector(field, sizeBytes, out count);

    /// <summary>A vector of int32; empty where it is absent.</summary>
    internal int[] Int32s(int field)
    {
        ReadOnlySpan<byte> bytes = Vector(field, sizeof(int), out int count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        return values;
    }

    /// <summary>A vector of int64; empty where it is absent.</summary>
    internal ReadOnlySpan<byte> Int64s(int field, out int count) => Vector(field, sizeof(long), out count);

    private static UTF8Encoding StrictUtf8 { get; } = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> Vector(int field, int elementBytes, out int count)
    {
        int first = VectorPlace(field, elementBytes, out count);
        return _buffer.Slice(first, count * elementBytes);
    }

    /// <summary>Where a vector's first element is; the whole vector lies within the buffer.</summary>
    private int VectorPlace(int field, int elementBytes, out int count)
    {
        count = 0;
        int at = Place(field);
        if (at == 0)
            return 0;
        int start = Follow(_buffer, at);
        count = ReadInt32(_buffer, start);
        return count >= 0 && count <= (_buffer.Length - start - 4) / elementBytes
            ? start + 4
            : throw new FlatBufferException("a vector is longer than the buffer");
    }

    /// <summary>Where a field's value is; 0 where it has its default.</summary>
    private int Place(int field)
    {
        if ((field * 2) + 2 > _fields.Length)
            return 0;
        int distance = BinaryPrimitives.ReadUInt16LittleEndian(_fields[(field * 2)..]);
        return distance == 0 ? 0 : _start + distance;
    }

    /// <summary>Where the reference at a place leads.</summary>
    private static int Follow(ReadOnlySpan<byte> buffer, int at)
    {
        long target = at + (long)(uint)ReadInt32(buffer, at);
        if (target > buffer.Length - 4)
            throw new FlatBufferException("a reference leads outside");
        return (int)target;
    }

    private static int ReadInt32(ReadOnlySpan<byte> buffer, long at) =>
        BinaryPrimitives.ReadInt32LittleEndian(Slice(buffer, at, 4));

    private static ushort ReadUInt16(ReadOnlySpan<byte> buffer, long at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(Slice(buffer, at, 2));

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> buffer, long at, int length) =>
        at < 0 || at > buffer.Length - length
            ? throw new FlatBufferException("a value lies outside")
            : buffer.Slice((int)at, length);
}

/// <summary>Bytes are not the FlatBuffer they should be; turned into an <see cref="IpcException"/> by who knows the
/// place.</summary>
internal sealed class FlatBufferException(string reason) : Exception(reason);
