using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Copy;

/// <summary>TFRecord: a tf.train.Example a row.</summary>
/// <remarks>
/// Layout: int64 length; int32 masked CRC-32C of the length; the message; int32 masked CRC-32C of the message. Little-endian.
///         The message is of protobuf: Example { Features { map of name to Feature } }, where a Feature is one of a list of bytes, of
///         float32 and of int64. The features come in the order of the columns, so that equal rows give equal bytes.
/// Values: integers and bool as int64, real and double precision as float32, vectors and arrays of these as lists of them; all others as
///         bytes: bytea its own, others their text. A null has no feature.
/// </remarks>
internal sealed class TfRecordWriter : CopyWriter
{
    private const int HeadBytes = 12;

    // Tags of protobuf: field number and wire type.
    private const byte ExampleFeatures = 0x0A, FeaturesEntry = 0x0A, EntryKey = 0x0A, EntryValue = 0x12;
    private const byte BytesList = 0x0A, FloatList = 0x12, IntegerList = 0x1A, ListValue = 0x0A;

    private readonly byte[][] _names;
    private readonly CopyBuffer _features = new(), _list = new(), _value = new();

    internal TfRecordWriter(ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(columns, context with { DateStyle = DateStyle.Iso })
    {
        _names = [.. Columns.Select(static column => System.Text.Encoding.UTF8.GetBytes(column.Name))];
        if (_names.DistinctBy(static name => Convert.ToHexString(name)).Count() < _names.Length)
        {
            throw new SqlException(SqlState.DuplicateColumn, "columns of a TFRecord must have different names",
                hint: "Give them names with AS.");
        }
    }

    internal override void Begin(CopyBuffer target, List<int> rowEnds)
    {
    }

    private protected override void WriteRow(ColumnBatch batch, int row, CopyBuffer target)
    {
        _features.Truncate(0);
        for (int i = 0; i < Columns.Length; i++)
        {
            if (batch.Columns[i].IsNull(row))
                continue;
            _list.Truncate(0);
            byte kind = WriteList(batch.Columns[i], row, i);
            int listBytes = _list.Length, featureBytes = 1 + SizeOf(listBytes) + listBytes;
            int entryBytes = 1 + SizeOf(_names[i].Length) + _names[i].Length + 1 + SizeOf(featureBytes) + featureBytes;
            Tag(_features, FeaturesEntry, entryBytes);
            Tag(_features, EntryKey, _names[i].Length);
            _features.Put(_names[i]);
            Tag(_features, EntryValue, featureBytes);
            Tag(_features, kind, listBytes);
            _features.Put(_list.Written.Span);
        }
        int start = target.Length;
        target.GetSpan(HeadBytes);
        target.Advance(HeadBytes);
        Tag(target, ExampleFeatures, _features.Length);
        target.Put(_features.Written.Span);
        int length = target.Length - start - HeadBytes;
        Span<byte> tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Masked(target.From(start + HeadBytes)));
        target.Put(tail);
        Span<byte> head = target.From(start);
        BinaryPrimitives.WriteInt64LittleEndian(head, length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(long)..], Masked(head[..sizeof(long)]));
    }

    /// <summary>Rotated and shifted, since a checksum of bytes that hold their checksum is a poor one.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = Checksum.Crc32C(bytes);
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    /// <summary>Writes the value as one of the lists; returns the list's tag.</summary>
    private byte WriteList(Column column, int row, int ordinal)
    {
        SqlType type = Columns[ordinal].Type;
        switch (type.Oid)
        {
            case TypeOid.Bool:
                return Integers([((BoolColumn)column)[row] ? 1 : 0]);
            case TypeOid.Int2:
                return Integers([((FixedColumn<short>)column)[row]]);
            case TypeOid.Int4:
                return Integers([((FixedColumn<int>)column)[row]]);
            case TypeOid.Int8 or TypeOid.Oid:
                return Integers([((FixedColumn<long>)column)[row]]);
            case TypeOid.Float4:
                return Floats([((FixedColumn<float>)column)[row]]);
            case TypeOid.Float8:
                return Floats([(float)((FixedColumn<double>)column)[row]]);
            case TypeOid.Vector:
                return Floats(MemoryMarshal.Cast<byte, float>(((BinaryColumn)column)[row]));
            case TypeOid.HalfVector:
                return Floats(Widened(MemoryMarshal.Cast<byte, Half>(((BinaryColumn)column)[row])));
            case TypeOid.Bytea or TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Json or TypeOid.Jsonb:
                return Bytes(((BinaryColumn)column)[row]);
            case var oid when BuiltinTypes.TryFind(oid, out TypeEntry? entry) && entry.IsArray:
                return Array(new ArrayValue(((BinaryColumn)column)[row]));
            default:
                return Bytes(Text(column, row, type.Oid));
        }
    }

    private byte Array(ArrayValue array)
    {
        Column elements = array.ToColumn();
        if (array.HasNulls)
            throw new SqlException(SqlState.NullValueNotAllowed, "an array with nulls cannot be put into a TFRecord");
        switch (elements)
        {
            case BoolColumn or FixedColumn<short> or FixedColumn<int> or FixedColumn<long>
                when array.ElementOid is TypeOid.Bool or TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Oid:
                long[] integers = new long[elements.Length];
                for (int i = 0; i < integers.Length; i++)
                {
                    integers[i] = elements switch
                    {
                        BoolColumn values => values[i] ? 1 : 0,
                        FixedColumn<short> values => values[i],
                        FixedColumn<int> values => values[i],
                        FixedColumn<long> values => values[i],
                        _ => 0,
                    };
                }
                return Integers(integers);
            case FixedColumn<float> floats:
                return Floats(floats.Values);
            case FixedColumn<double> doubles:
                float[] narrow = new float[doubles.Length];
                for (int i = 0; i < narrow.Length; i++)
                    narrow[i] = (float)doubles[i];
                return Floats(narrow);
            default:
                for (int i = 0; i < elements.Length; i++)
                    Bytes(array.ElementOid == TypeOid.Bytea ? ((BinaryColumn)elements)[i] : Text(elements, i, array.ElementOid));
                return BytesList;
        }
    }

    private byte Integers(ReadOnlySpan<long> values)
    {
        int bytes = 0;
        foreach (long value in values)
            bytes += SizeOf((ulong)value);
        Tag(_list, ListValue, bytes);
        foreach (long value in values)
            Varint(_list, (ulong)value);
        return IntegerList;
    }

    private byte Floats(ReadOnlySpan<float> values)
    {
        Tag(_list, ListValue, values.Length * sizeof(float));
        _list.Put(MemoryMarshal.AsBytes(values));
        return FloatList;
    }

    private byte Bytes(ReadOnlySpan<byte> value)
    {
        Tag(_list, ListValue, value.Length);
        _list.Put(value);
        return BytesList;
    }

    private ReadOnlySpan<byte> Text(Column column, int row, uint type)
    {
        _value.Truncate(0);
        TypeFormats.For(type).WriteText(column, row, _value, Context);
        return _value.Written.Span;
    }

    private static float[] Widened(ReadOnlySpan<Half> halves)
    {
        float[] floats = new float[halves.Length];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = (float)halves[i];
        return floats;
    }

    private static void Tag(CopyBuffer target, byte tag, int length)
    {
        target.Put(tag);
        Varint(target, (ulong)length);
    }

    private static void Varint(CopyBuffer target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            target.Put((byte)(value | 0x80));
        target.Put((byte)value);
    }

    private static int SizeOf(int value) => SizeOf((ulong)value);

    private static int SizeOf(ulong value)
    {
        int bytes = 1;
        for (; value >= 0x80; value >>= 7)
            bytes++;
        return bytes;
    }
}
