using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Scheduling;

/// <summary>Batches as bytes, for spilled rows: written and read by the same process, so neither portable nor checked.</summary>
/// <remarks>
/// Layout: rows int32 · columns int32 · then each column:
/// type byte · flags byte (1 constant, 2 has nulls) · validity words · values (bool: words; fixed: values;
/// binary: lengths int32, bytes).
/// A constant column stores one row.
/// </remarks>
internal static class BatchCodec
{
    private const byte ConstantFlag = 1, NullsFlag = 2;

    internal static void Write(ColumnBatch batch, IBufferWriter<byte> target)
    {
        WriteInt32(target, batch.RowCount);
        WriteInt32(target, batch.Columns.Length);
        foreach (Column column in batch.Columns)
            WriteColumn(column, target);
    }

    internal static ColumnBatch Read(byte[] source)
    {
        var reader = new Reader(source);
        int rowCount = reader.Int32();
        var columns = new Column[reader.Int32()];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = ReadColumn(ref reader, rowCount);
        return new ColumnBatch(columns, rowCount);
    }

    private static void WriteColumn(Column column, IBufferWriter<byte> target)
    {
        int stored = column.IsConstant ? Math.Min(column.Length, 1) : column.Length;
        Span<byte> head = target.GetSpan(2);
        head[0] = (byte)column.Type;
        head[1] = (byte)((column.IsConstant ? ConstantFlag : 0) | (column.HasNulls ? NullsFlag : 0));
        target.Advance(2);
        if (column.HasNulls)
            target.Write(MemoryMarshal.AsBytes(column.Validity.Words[..Bitmap.WordCount(stored)]));
        switch (column)
        {
            case BoolColumn bits:
                target.Write(MemoryMarshal.AsBytes(bits.Values.Words[..Bitmap.WordCount(stored)]));
                break;
            case FixedColumn<short> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case FixedColumn<int> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case FixedColumn<long> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case FixedColumn<float> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case FixedColumn<double> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case FixedColumn<Fixed16> values:
                target.Write(MemoryMarshal.AsBytes(values.Values[..stored]));
                break;
            case BinaryColumn values:
                target.Write(MemoryMarshal.AsBytes(values.Lengths[..stored]));
                for (int row = 0; row < stored; row++)
                    target.Write(values[row]);
                break;
        }
    }

    private static Column ReadColumn(ref Reader reader, int rowCount)
    {
        var type = (PhysicalType)reader.Byte();
        byte flags = reader.Byte();
        bool isConstant = (flags & ConstantFlag) != 0;
        int stored = isConstant ? Math.Min(rowCount, 1) : rowCount;
        Bitmap validity = (flags & NullsFlag) != 0
            ? new Bitmap(reader.Array<ulong>(Bitmap.WordCount(stored)), stored)
            : default;
        Column column = type switch
        {
            PhysicalType.Bool => new BoolColumn(
                new Bitmap(reader.Array<ulong>(Bitmap.WordCount(stored)), stored), validity),
            PhysicalType.Int16 => new FixedColumn<short>(reader.Array<short>(stored), validity),
            PhysicalType.Int32 => new FixedColumn<int>(reader.Array<int>(stored), validity),
            PhysicalType.Int64 => new FixedColumn<long>(reader.Array<long>(stored), validity),
            PhysicalType.Float32 => new FixedColumn<float>(reader.Array<float>(stored), validity),
            PhysicalType.Float64 => new FixedColumn<double>(reader.Array<double>(stored), validity),
            PhysicalType.Fixed16 => new FixedColumn<Fixed16>(reader.Array<Fixed16>(stored), validity),
            _ => ReadBinary(ref reader, stored, validity),
        };
        return isConstant && rowCount > 0 ? column.Broadcast(0, rowCount) : column;
    }

    private static BinaryColumn ReadBinary(ref Reader reader, int stored, Bitmap validity)
    {
        int[] lengths = reader.Array<int>(stored), starts = new int[stored];
        int total = 0;
        for (int row = 0; row < stored; row++)
        {
            starts[row] = total;
            total += lengths[row];
        }
        return new BinaryColumn(ColumnBuffer.Wrap(reader.Array<byte>(total)), ColumnBuffer.Wrap(starts),
            ColumnBuffer.Wrap(lengths), stored, validity);
    }

    private static void WriteInt32(IBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    private ref struct Reader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;

        internal byte Byte()
        {
            byte value = _rest[0];
            _rest = _rest[1..];
            return value;
        }

        internal int Int32()
        {
            int value = BinaryPrimitives.ReadInt32LittleEndian(_rest);
            _rest = _rest[4..];
            return value;
        }

        internal T[] Array<T>(int count) where T : unmanaged
        {
            T[] values = GC.AllocateUninitializedArray<T>(count);
            int bytes = count * Unsafe.SizeOf<T>();
            _rest[..bytes].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            _rest = _rest[bytes..];
            return values;
        }
    }
}
