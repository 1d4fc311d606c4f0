using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Text.Lexemes;

namespace VecSQL.Storage.Keys;

/// <summary>Values of varying length that are not plain bytes, as bytes that memcmp orders; none is a prefix of another.</summary>
public static class CompositeKeys
{
    private const byte End = 0, Value = 1, Null = 2;

    /// <summary>The column in ordered form, or the column itself where its kind needs none.</summary>
    public static Column Flatten(Column column, KeyKind kind)
    {
        if (kind < KeyKind.Bits)
            return column;
        var source = (BinaryColumn)column;
        int rowCount = column.IsConstant ? Math.Min(column.Length, 1) : column.Length;
        var target = new BinaryColumnBuilder(rowCount);
        var scratch = new KeyWriter();
        for (int row = 0; row < rowCount; row++)
        {
            if (source.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            scratch.Clear();
            Write(source[row], kind, scratch);
            target.Append(scratch.Written);
        }
        Column flat = target.Build();
        return column.IsConstant && column.Length > 0 ? flat.Broadcast(0, column.Length) : flat;
    }

    /// <summary>Writes a value given as the bytes of its in-memory form.</summary>
    public static void Write(ReadOnlySpan<byte> value, KeyKind kind, KeyWriter target)
    {
        switch (kind)
        {
            case KeyKind.Bytes:
                target.Escaped(value);
                break;
            case KeyKind.BlankPadded:
                target.Escaped(value.TrimEnd((byte)' '));
                break;
            case KeyKind.Bits:
                // Bits decide before the length; the padding bits of the last byte are zeros.
                target.Escaped(value[4..]);
                target.UInt32((uint)BinaryPrimitives.ReadInt32LittleEndian(value));
                break;
            case KeyKind.Numeric:
                NumericKeys.Write(value, target);
                break;
            case KeyKind.Json:
                JsonKeys.Write(value, target);
                break;
            case KeyKind.Array:
                WriteArray(value, target);
                break;
            case KeyKind.Record:
                WriteRecord(value, target);
                break;
            case KeyKind.Vector:
                foreach (float element in MemoryMarshal.Cast<byte, float>(value))
                    WriteElement(element, target);
                target.Byte(End);
                break;
            case KeyKind.HalfVector:
                foreach (Half element in MemoryMarshal.Cast<byte, Half>(value))
                    WriteElement((float)element, target);
                target.Byte(End);
                break;
            case KeyKind.SparseVector:
                WriteSparse(value, target);
                break;
            case KeyKind.TsVector:
                target.Escaped(LexemeVector.Read(value).ToOrderedBytes());
                break;
            case KeyKind.TsQuery:
                target.Escaped(QueryOrder.ToOrderedBytes(LexemeQuery.Read(value)));
                break;
            default:
                WriteFixed(value, kind, target);
                break;
        }
    }

    private static void WriteElement(float element, KeyWriter target)
    {
        target.Byte(Value);
        target.UInt32(OrderedWords.Of(element));
    }

    private static void WriteFixed(ReadOnlySpan<byte> value, KeyKind kind, KeyWriter target)
    {
        switch (kind)
        {
            case KeyKind.Bool:
                target.Byte(value[0]);
                break;
            case KeyKind.Int16:
                target.UInt32((uint)(BinaryPrimitives.ReadInt16LittleEndian(value) ^ int.MinValue));
                break;
            case KeyKind.Int32:
                target.UInt32((uint)(BinaryPrimitives.ReadInt32LittleEndian(value) ^ int.MinValue));
                break;
            case KeyKind.Int64:
                target.UInt64((ulong)(BinaryPrimitives.ReadInt64LittleEndian(value) ^ long.MinValue));
                break;
            case KeyKind.Float32:
                target.UInt32(OrderedWords.Of(BinaryPrimitives.ReadSingleLittleEndian(value)));
                break;
            case KeyKind.Float64:
                target.UInt64(OrderedWords.Of(BinaryPrimitives.ReadDoubleLittleEndian(value)));
                break;
            default:
                UInt128 word = OrderedWords.Of(MemoryMarshal.Read<Fixed16>(value), kind);
                target.UInt64((ulong)(word >> 64));
                target.UInt64((ulong)word);
                break;
        }
    }

    // Elements decide first, a null after any value; then how many there are; then the shape.
    private static void WriteArray(ReadOnlySpan<byte> value, KeyWriter target)
    {
        var array = new ArrayValue(value);
        KeyKind kind = KeyKinds.Of(new SqlType(array.ElementOid));
        for (int i = 0; i < array.Count; i++)
        {
            bool isNull = array.IsNull(i);
            target.Byte(isNull ? Null : Value);
            if (!isNull)
                Write(array[i], kind, target);
        }
        target.Byte(End);
        target.Byte((byte)array.Dimensions);
        for (int i = 0; i < array.Dimensions; i++)
        {
            target.UInt32((uint)array.Length(i));
            target.UInt32((uint)(array.LowerBound(i) ^ int.MinValue));
        }
    }

    private static void WriteRecord(ReadOnlySpan<byte> value, KeyWriter target)
    {
        var record = new RecordValue(value);
        for (int i = 0; i < record.Count; i++)
        {
            bool isNull = record.IsNull(i);
            target.Byte(isNull ? Null : Value);
            if (!isNull)
                Write(record[i], KeyKinds.Of(record.TypeOf(i)), target);
        }
        target.Byte(End);
    }

    // Ordered as the dense vectors are: an entry decides against a missing one by its sign, and the lower index decides first.
    private static void WriteSparse(ReadOnlySpan<byte> value, KeyWriter target)
    {
        const byte Negative = 0, NoMore = 1, Positive = 2;
        int dimensions = BinaryPrimitives.ReadInt32LittleEndian(value);
        int count = BinaryPrimitives.ReadInt32LittleEndian(value[4..]);
        ReadOnlySpan<int> indexes = MemoryMarshal.Cast<byte, int>(value[8..])[..count];
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(value[(8 + (4 * count))..])[..count];
        for (int i = 0; i < count; i++)
        {
            bool isNegative = values[i] < 0;
            target.Byte(isNegative ? Negative : Positive);
            target.UInt32(isNegative ? (uint)indexes[i] : ~(uint)indexes[i]);
            target.UInt32(OrderedWords.Of(values[i]));
        }
        target.Byte(NoMore);
        target.UInt32((uint)dimensions);
    }
}
