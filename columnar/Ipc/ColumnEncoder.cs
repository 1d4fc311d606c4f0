using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Columns in memory as Arrow's nodes and buffers.</summary>
/// <remarks>
/// Bool ← Bool. Int16, Int32, Int64 ← the same; Date32 ← Int32; times ← Int64. Float32, Float64 ← the same. Utf8,
/// Binary ← Binary. Decimal128 ← Fixed16. FixedSizeBinary and FixedSizeList ← Binary whose values all have that length;
/// null rows become zeros.
/// </remarks>
internal static class ColumnEncoder
{
    /// <summary>The physical type of columns that carry an Arrow type.</summary>
    internal static PhysicalType PhysicalOf(ArrowType type) => type.Kind switch
    {
        ArrowTypeKind.Bool => PhysicalType.Bool,
        ArrowTypeKind.Int16 => PhysicalType.Int16,
        ArrowTypeKind.Int32 or ArrowTypeKind.Date32 => PhysicalType.Int32,
        ArrowTypeKind.Int64 or ArrowTypeKind.Time64Microseconds => PhysicalType.Int64,
        ArrowTypeKind.Timestamp or ArrowTypeKind.TimestampUtc => PhysicalType.Int64,
        ArrowTypeKind.Float32 => PhysicalType.Float32,
        ArrowTypeKind.Float64 => PhysicalType.Float64,
        ArrowTypeKind.Decimal128 => PhysicalType.Fixed16,
        ArrowTypeKind.Float16 => throw new NotSupportedException("a column of single float16 values"),
        _ => PhysicalType.Binary,
    };

    internal static void Encode(Column column, ArrowField field, int rowCount, BodyBuffer target)
    {
        ArrowType type = field.Type;
        if (column.Length != rowCount || column.Type != PhysicalOf(type))
            throw new ArgumentException(
                $"column {field.Name}: {column.Type} × {column.Length} for {type.Kind} × {rowCount}");
        int nullCount = column.HasNulls ? rowCount - column.Validity.CountSet() : 0;
        if (nullCount > 0 && !field.IsNullable)
            throw new ArgumentException($"column {field.Name} has nulls but its field does not", nameof(column));
        target.Node(rowCount, nullCount);
        if (type.Kind == ArrowTypeKind.FixedSizeList)
            target.Node(rowCount * type.Size, 0);
        if (nullCount == 0)
            target.Absent();
        else
            target.Add(Bits(column.Validity), field.IsCompressed);

        switch (column)
        {
            case BoolColumn bools:
                target.Add(Bits(bools.Values), field.IsCompressed);
                break;
            case FixedColumn<short> values:
                target.Add(values.Buffer.Bytes[..(rowCount * sizeof(short))], field.IsCompressed);
                break;
            case FixedColumn<int> values:
                target.Add(values.Buffer.Bytes[..(rowCount * sizeof(int))], field.IsCompressed);
                break;
            case FixedColumn<long> values:
                target.Add(values.Buffer.Bytes[..(rowCount * sizeof(long))], field.IsCompressed);
                break;
            case FixedColumn<float> values:
                target.Add(values.Buffer.Bytes[..(rowCount * sizeof(float))], field.IsCompressed);
                break;
            case FixedColumn<double> values:
                target.Add(values.Buffer.Bytes[..(rowCount * sizeof(double))], field.IsCompressed);
                break;
            case FixedColumn<Fixed16> values:
                target.Add(values.Buffer.Bytes[..(rowCount * 16)], field.IsCompressed);
                break;
            case BinaryColumn values when type.IsVariable:
                EncodeVariable(values, field, target);
                break;
            case BinaryColumn values:
                EncodeStrided(values, field, target);
                break;
        }
    }

    private static void EncodeVariable(BinaryColumn column, ArrowField field, BodyBuffer target)
    {
        int[] offsets = GC.AllocateUninitializedArray<int>(column.Length + 1);
        ReadOnlySpan<int> lengths = column.Lengths;
        int total = 0;
        for (int row = 0; row < column.Length; row++)
        {
            offsets[row] = total;
            total = checked(total + (column.IsNull(row) ? 0 : lengths[row]));
        }
        offsets[^1] = total;
        target.Add(MemoryMarshal.AsBytes<int>(offsets), field.IsCompressed);
        if (column.TryReadWhole(out ReadOnlySpan<byte> whole))
        {
            target.Add(whole, field.IsCompressed);
            return;
        }
        byte[] data = GC.AllocateUninitializedArray<byte>(total);
        for (int row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row))
                column[row].CopyTo(data.AsSpan(offsets[row]));
        }
        target.Add(data, field.IsCompressed);
    }

    private static void EncodeStrided(BinaryColumn column, ArrowField field, BodyBuffer target)
    {
        if (field.Type.Kind == ArrowTypeKind.FixedSizeList)
            target.Absent(); // the elements' validity: none is null
        int stride = field.Type.WidthBytes;
        if (field.IsCompressed)
        {
            byte[] values = new byte[column.Length * stride];
            Gather(column, stride, values);
            target.Add(values, isCompressed: true);
        }
        else if (column.Length > 0)
        {
            Gather(column, stride, target.AddRaw(column.Length * stride));
        }
        else
        {
            target.Absent();
        }
    }

    private static void Gather(BinaryColumn column, int stride, Span<byte> target)
    {
        if (column.TryReadWhole(out ReadOnlySpan<byte> whole) && !column.Lengths.ContainsAnyExcept(stride))
        {
            whole.CopyTo(target);
            return;
        }
        for (int row = 0; row < column.Length; row++)
        {
            Span<byte> slot = target.Slice(row * stride, stride);
            if (column.IsNull(row))
                slot.Clear();
            else if (column[row].Length == stride)
                column[row].CopyTo(slot);
            else
                throw new ArgumentException(
                    $"a value of {column[row].Length} bytes in a column of {stride}", nameof(column));
        }
    }

    /// <summary>A bitmap's whole words, with bits beyond its length cleared.</summary>
    private static ReadOnlySpan<byte> Bits(Bitmap bitmap)
    {
        ReadOnlySpan<ulong> words = bitmap.Words;
        if ((bitmap.Length & 63) == 0)
            return MemoryMarshal.AsBytes(words);
        ulong[] copy = words.ToArray();
        copy[^1] &= (1UL << (bitmap.Length & 63)) - 1;
        return MemoryMarshal.AsBytes<ulong>(copy);
    }
}
