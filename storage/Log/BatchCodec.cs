using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;

namespace VecSQL.Storage.Log;

/// <summary>Rows as the log holds them: column by column, integers in as few bytes as the largest needs.</summary>
/// <remarks>
/// Layout: column count; number, type oid, type modifier (signed) of each; row count; the first row id, then the
///         distance of each to the one
/// before; then each column: a byte (1: has nulls), the validity bits where it has, and the values.
/// Fixed widths: a byte for the width stored (1, 2, 4, 8 for integers, sign-extended; else the type's own), then the
/// values.
/// Truth values: bits. Bytes of any length: the lengths as varints, then all bytes.
/// Values of null rows are stored as zero or empty, so that the same rows always give the same bytes.
/// </remarks>
internal static class BatchCodec
{
    public static void Write(PayloadWriter target, ChunkSchema schema, ColumnBatch rows, ReadOnlySpan<long> rowIds)
    {
        target.WriteVarint(schema.Columns.Length);
        foreach (ChunkColumn column in schema.Columns)
        {
            target.WriteVarint(column.Number);
            target.WriteVarint((ulong)column.Type.Oid);
            target.WriteSigned(column.Type.Modifier);
        }
        target.WriteVarint(rowIds.Length);
        long before = 0;
        foreach (long rowId in rowIds)
        {
            target.WriteVarint(rowId - before);
            before = rowId;
        }
        foreach (Column column in rows.Columns)
            WriteColumn(target, column);
    }

    public static (ChunkSchema Schema, ColumnBatch Rows, long[] RowIds) Read(ref PayloadReader source)
    {
        var columns = new ChunkColumn[source.ReadCount(3)];
        HashSet<short> numbers = [];
        for (int i = 0; i < columns.Length; i++)
        {
            int number = source.ReadInt32();
            if (number is < 1 or > short.MaxValue || !numbers.Add((short)number))
                throw new InvalidDataException($"{number} is not a column number, or comes twice");
            uint oid = source.ReadOid();
            long modifier = source.ReadSigned();
            if (!BuiltinTypes.TryFind(oid, out TypeEntry? type) || modifier is < int.MinValue or > int.MaxValue)
                throw new InvalidDataException($"{oid} is not a type, or {modifier} not its modifier");
            columns[i] = ChunkSchema.Column((short)number, new SqlType(oid, (int)modifier), type.Physical);
        }
        long[] rowIds = new long[source.ReadCount(1)];
        long before = 0;
        for (int i = 0; i < rowIds.Length; i++)
        {
            long distance = source.ReadInt64();
            if (distance == 0 || distance > long.MaxValue - before)
                throw new InvalidDataException("row ids do not ascend");
            rowIds[i] = before += distance;
        }
        var values = new Column[columns.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = ReadColumn(ref source, columns[i].Physical, rowIds.Length);
        return (new ChunkSchema(columns), new ColumnBatch(values, rowIds.Length), rowIds);
    }

    private static void WriteColumn(PayloadWriter target, Column column)
    {
        column = column.Expand();
        bool hasNulls = column.HasNulls;
        target.WriteByte(hasNulls ? (byte)1 : (byte)0);
        if (hasNulls)
            WriteBits(target, column.Validity, column.Length, column);
        switch (column)
        {
            case BoolColumn bits:
                WriteBits(target, bits.Values, column.Length, column);
                break;
            case BinaryColumn bytes:
                WriteBinary(target, bytes);
                break;
            case FixedColumn<short> values:
                WriteIntegers(target, values);
                break;
            case FixedColumn<int> values:
                WriteIntegers(target, values);
                break;
            case FixedColumn<long> values:
                WriteIntegers(target, values);
                break;
            case FixedColumn<float> values:
                WriteFixed(target, values);
                break;
            case FixedColumn<double> values:
                WriteFixed(target, values);
                break;
            case FixedColumn<Fixed16> values:
                WriteFixed(target, values);
                break;
            default:
                throw new ArgumentException($"a column of {column.Type}", nameof(column));
        }
    }

    private static void WriteBits(PayloadWriter target, Bitmap bits, int length, Column column)
    {
        int bytes = (length + 7) >> 3;
        Span<byte> room = target.Room(bytes);
        room.Clear();
        for (int row = 0; row < length; row++)
        {
            if (bits[row] && !column.IsNull(row))
                room[row >> 3] |= (byte)(1 << (row & 7));
        }
        target.Advance(bytes);
    }

    private static void WriteBinary(PayloadWriter target, BinaryColumn column)
    {
        for (int row = 0; row < column.Length; row++)
            target.WriteVarint(column.IsNull(row) ? 0 : column[row].Length);
        if (column.TryReadWhole(out ReadOnlySpan<byte> whole))
        {
            target.WriteRaw(whole);
            return;
        }
        for (int row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row))
                target.WriteRaw(column[row]);
        }
    }

    private static void WriteIntegers<T>(PayloadWriter target, FixedColumn<T> column) where T : unmanaged
    {
        long min = 0, max = 0;
        for (int row = 0; row < column.Length; row++)
        {
            long value = Value(column, row);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        int width = min >= sbyte.MinValue && max <= sbyte.MaxValue ? 1
            : min >= short.MinValue && max <= short.MaxValue ? 2
            : min >= int.MinValue && max <= int.MaxValue ? 4 : 8;
        target.WriteByte((byte)width);
        Span<byte> room = target.Room(checked(column.Length * width));
        for (int row = 0; row < column.Length; row++)
        {
            long value = Value(column, row);
            Span<byte> at = room.Slice(row * width, width);
            switch (width)
            {
                case 1: at[0] = (byte)value; break;
                case 2: BinaryPrimitives.WriteInt16LittleEndian(at, (short)value); break;
                case 4: BinaryPrimitives.WriteInt32LittleEndian(at, (int)value); break;
                default: BinaryPrimitives.WriteInt64LittleEndian(at, value); break;
            }
        }
        target.Advance(column.Length * width);
    }

    private static long Value<T>(FixedColumn<T> column, int row) where T : unmanaged
    {
        if (column.IsNull(row))
            return 0;
        T value = column[row];
        return Unsafe.SizeOf<T>() switch
        {
            2 => Unsafe.BitCast<T, short>(value),
            4 => Unsafe.BitCast<T, int>(value),
            _ => Unsafe.BitCast<T, long>(value),
        };
    }

    private static void WriteFixed<T>(PayloadWriter target, FixedColumn<T> column) where T : unmanaged
    {
        target.WriteByte((byte)Unsafe.SizeOf<T>());
        if (!column.HasNulls)
        {
            target.WriteRaw(column.Values[..column.Length]);
            return;
        }
        for (int row = 0; row < column.Length; row++)
        {
            T value = column.IsNull(row) ? default : column[row];
            target.WriteRaw(new ReadOnlySpan<T>(in value));
        }
    }

    private static Column ReadColumn(ref PayloadReader source, PhysicalType type, int length)
    {
        byte flags = source.ReadByte();
        if (flags > 1)
            throw new InvalidDataException($"column flags {flags}");
        Bitmap validity = flags == 1 ? ReadBits(ref source, length) : default;
        return type switch
        {
            PhysicalType.Bool => new BoolColumn(ReadBits(ref source, length), validity),
            PhysicalType.Int16 => ReadIntegers<short>(ref source, length, validity),
            PhysicalType.Int32 => ReadIntegers<int>(ref source, length, validity),
            PhysicalType.Int64 => ReadIntegers<long>(ref source, length, validity),
            PhysicalType.Float32 => ReadFixed<float>(ref source, length, validity),
            PhysicalType.Float64 => ReadFixed<double>(ref source, length, validity),
            PhysicalType.Fixed16 => ReadFixed<Fixed16>(ref source, length, validity),
            _ => ReadBinary(ref source, length, validity),
        };
    }

    private static Bitmap ReadBits(ref PayloadReader source, int length)
    {
        ulong[] words = Bitmap.Allocate(Math.Max(length, 1));
        source.ReadRaw((length + 7) >> 3).CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
        return new Bitmap(words, length);
    }

    private static FixedColumn<T> ReadIntegers<T>(ref PayloadReader source, int length,
        Bitmap validity) where T : unmanaged
    {
        int width = source.ReadByte();
        if (width is not (1 or 2 or 4 or 8) || width > Unsafe.SizeOf<T>())
            throw new InvalidDataException($"integers of {width} bytes");
        ReadOnlySpan<byte> bytes = source.ReadRaw(BytesOf(length, width));
        T[] values = new T[length];
        for (int row = 0; row < length; row++)
        {
            ReadOnlySpan<byte> at = bytes.Slice(row * width, width);
            long value = width switch
            {
                1 => (sbyte)at[0],
                2 => BinaryPrimitives.ReadInt16LittleEndian(at),
                4 => BinaryPrimitives.ReadInt32LittleEndian(at),
                _ => BinaryPrimitives.ReadInt64LittleEndian(at),
            };
            values[row] = Unsafe.SizeOf<T>() switch
            {
                2 => Unsafe.BitCast<short, T>((short)value),
                4 => Unsafe.BitCast<int, T>((int)value),
                _ => Unsafe.BitCast<long, T>(value),
            };
        }
        return new FixedColumn<T>(values, validity);
    }

    private static FixedColumn<T> ReadFixed<T>(ref PayloadReader source, int length,
        Bitmap validity) where T : unmanaged
    {
        int width = source.ReadByte();
        if (width != Unsafe.SizeOf<T>())
            throw new InvalidDataException($"values of {width} bytes");
        ReadOnlySpan<byte> bytes = source.ReadRaw(BytesOf(length, width));
        T[] values = new T[length];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return new FixedColumn<T>(values, validity);
    }

    private static BinaryColumn ReadBinary(ref PayloadReader source, int length, Bitmap validity)
    {
        if (length > source.Remaining)
            throw new InvalidDataException($"{length} lengths in {source.Remaining} bytes");
        int[] starts = new int[length], lengths = new int[length];
        long total = 0;
        for (int row = 0; row < length; row++)
        {
            lengths[row] = source.ReadInt32();
            starts[row] = (int)Math.Min(total, int.MaxValue);
            total += lengths[row];
        }
        if (total > source.Remaining)
            throw new InvalidDataException($"values of {total} bytes in {source.Remaining}");
        byte[] data = source.ReadRaw((int)total).ToArray();
        return new BinaryColumn(ColumnBuffer.Wrap(data), ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths),
            length, validity);
    }

    private static int BytesOf(int length, int width)
    {
        long bytes = (long)length * width;
        return bytes <= int.MaxValue ? (int)bytes : throw new InvalidDataException($"{length} values of {width} bytes");
    }
}
