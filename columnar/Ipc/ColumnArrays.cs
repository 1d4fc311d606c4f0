using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Columns in memory as Arrow's arrays, and back, where both lie alike or nearly so.</summary>
/// <remarks>
/// Bool ↔ Bool. Int16, Int32, Int64 ↔ the same; Date32 ↔ Int32; times ↔ Int64. Float32, Float64 ↔ the same. Utf8,
/// Binary ↔ Binary. Decimal128 ↔ Fixed16. FixedSizeBinary, FixedSizeList of single values ↔ Binary whose values all have that
/// length; null rows become zeros.
/// </remarks>
public static class ColumnArrays
{
    /// <summary>The physical type of columns that carry an Arrow type.</summary>
    public static PhysicalType PhysicalOf(ArrowType type) => type.Kind switch
    {
        ArrowTypeKind.Bool => PhysicalType.Bool,
        ArrowTypeKind.Int16 => PhysicalType.Int16,
        ArrowTypeKind.Int32 or ArrowTypeKind.Date32 => PhysicalType.Int32,
        ArrowTypeKind.Int64 or ArrowTypeKind.Time64 or ArrowTypeKind.Timestamp => PhysicalType.Int64,
        ArrowTypeKind.Float32 => PhysicalType.Float32,
        ArrowTypeKind.Float64 => PhysicalType.Float64,
        ArrowTypeKind.Decimal128 => PhysicalType.Fixed16,
        ArrowTypeKind.Utf8 or ArrowTypeKind.Binary => PhysicalType.Binary,
        ArrowTypeKind.FixedSizeBinary or ArrowTypeKind.FixedSizeList when type.WidthBytes > 0 => PhysicalType.Binary,
        _ => throw new NotSupportedException($"a column of {type}"),
    };

    /// <summary>A column as an array; values are copied only where they do not lie as the array needs them.</summary>
    /// <param name="column">Of the physical type that <see cref="PhysicalOf"/> gives.</param>
    public static ArrowArray ToArray(Column column, ArrowType type)
    {
        if (column.Type != PhysicalOf(type))
            throw new ArgumentException($"a column of {column.Type} for {type}", nameof(column));
        column = column.Expand();
        int rows = column.Length;
        int nullCount = column.HasNulls ? rows - column.Validity.CountSet() : 0;
        ColumnBuffer validity = nullCount == 0 ? default : Bits(column.Validity);
        return column switch
        {
            BoolColumn bools => Single(type, rows, nullCount, validity, Bits(bools.Values)),
            FixedColumn<short> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * sizeof(short))),
            FixedColumn<int> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * sizeof(int))),
            FixedColumn<long> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * sizeof(long))),
            FixedColumn<float> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * sizeof(float))),
            FixedColumn<double> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * sizeof(double))),
            FixedColumn<Fixed16> values => Single(type, rows, nullCount, validity, values.Buffer.Slice(0, rows * 16)),
            BinaryColumn values when type.IsVariable => Variable(type, values, nullCount, validity),
            BinaryColumn values => Strided(type, values, nullCount, validity),
            _ => throw new ArgumentException($"a column of {column.Type}", nameof(column)),
        };
    }

    /// <summary>An array as a column, where it lies.</summary>
    /// <exception cref="NotSupportedException">There is no such column, or elements of a list are null.</exception>
    public static Column ToColumn(ArrowArray array)
    {
        ArrowType type = array.Type;
        int rows = array.Length;
        Bitmap validity = array.Validity;
        switch (PhysicalOf(type))
        {
            case PhysicalType.Bool:
                return new BoolColumn(rows == 0 ? default : new Bitmap(array.Buffers[1], rows), validity);
            case PhysicalType.Int16:
                return new FixedColumn<short>(array.Buffers[1], rows, validity);
            case PhysicalType.Int32:
                return new FixedColumn<int>(array.Buffers[1], rows, validity);
            case PhysicalType.Int64:
                return new FixedColumn<long>(array.Buffers[1], rows, validity);
            case PhysicalType.Float32:
                return new FixedColumn<float>(array.Buffers[1], rows, validity);
            case PhysicalType.Float64:
                return new FixedColumn<double>(array.Buffers[1], rows, validity);
            case PhysicalType.Fixed16:
                return new FixedColumn<Fixed16>(array.Buffers[1], rows, validity);
            case PhysicalType.Binary when type.IsVariable:
                ColumnBuffer offsets = rows == 0 ? ColumnBuffer.Wrap(new int[1]) : array.Buffers[1];
                return BinaryColumn.FromOffsets(array.Buffers[2], offsets, rows, validity);
            default:
                ArrowArray values = type.Kind == ArrowTypeKind.FixedSizeList ? array.Children[0] : array;
                if (!ReferenceEquals(values, array) && values.NullCount > 0)
                    throw new NotSupportedException("lists with elements that are null");
                return BinaryColumn.FixedStride(values.Buffers[1], type.WidthBytes, rows, validity);
        }
    }

    private static ArrowArray Single(
        ArrowType type, int rows, int nullCount, ColumnBuffer validity, ColumnBuffer values) =>
        new(type, rows, nullCount, [validity, values]);

    private static ArrowArray Variable(ArrowType type, BinaryColumn column, int nullCount, ColumnBuffer validity)
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
        ColumnBuffer data;
        if (column.Length > 0 && column.TryReadWhole(out _))
        {
            data = column.DataBuffer.Slice(column.Starts[0], total);
        }
        else
        {
            byte[] gathered = GC.AllocateUninitializedArray<byte>(total);
            for (int row = 0; row < column.Length; row++)
            {
                if (!column.IsNull(row))
                    column[row].CopyTo(gathered.AsSpan(offsets[row]));
            }
            data = ColumnBuffer.Wrap(gathered);
        }
        return new ArrowArray(type, column.Length, nullCount, [validity, ColumnBuffer.Wrap(offsets), data]);
    }

    private static ArrowArray Strided(ArrowType type, BinaryColumn column, int nullCount, ColumnBuffer validity)
    {
        int stride = type.WidthBytes;
        ColumnBuffer values = Gather(column, stride);
        return type.Kind == ArrowTypeKind.FixedSizeBinary
            ? Single(type, column.Length, nullCount, validity, values)
            : new ArrowArray(type, column.Length, nullCount, [validity],
                [new ArrowArray(type.Children[0].Type, column.Length * type.Size, 0, [default, values])]);
    }

    private static ColumnBuffer Gather(BinaryColumn column, int stride)
    {
        if (column.Length == 0)
            return default;
        if (column.TryReadWhole(out _) && !column.Lengths.ContainsAnyExcept(stride))
            return column.DataBuffer.Slice(column.Starts[0], column.Length * stride);
        byte[] target = GC.AllocateUninitializedArray<byte>(column.Length * stride);
        for (int row = 0; row < column.Length; row++)
        {
            Span<byte> slot = target.AsSpan(row * stride, stride);
            if (column.IsNull(row))
                slot.Clear();
            else if (column[row].Length == stride)
                column[row].CopyTo(slot);
            else
                throw new ArgumentException($"a value of {column[row].Length} bytes in a column of {stride}", nameof(column));
        }
        return ColumnBuffer.Wrap(target);
    }

    /// <summary>A bitmap's whole words, with bits beyond its length cleared.</summary>
    public static ColumnBuffer Bits(Bitmap bitmap)
    {
        if (bitmap.Length == 0)
            return default;
        ulong[] copy = bitmap.Words.ToArray();
        if ((bitmap.Length & 63) != 0)
            copy[^1] &= (1UL << (bitmap.Length & 63)) - 1;
        return ColumnBuffer.Wrap(copy);
    }
}
