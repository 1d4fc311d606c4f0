using System.Buffers.Binary;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Storage.Segments;

/// <summary>How a column's values differ between memory and the Arrow file.</summary>
/// <remarks>Threads: a form has no state.</remarks>
internal abstract class ColumnForm
{
    internal abstract Column ToFile(Column column);

    internal abstract Column FromFile(Column column);
}

/// <summary>Values are the same in both.</summary>
internal sealed class SameForm : ColumnForm
{
    internal static readonly SameForm Instance = new();

    internal override Column ToFile(Column column) => column;

    internal override Column FromFile(Column column) => column;
}

/// <summary>Sixteen raw bytes (uuid, interval, timetz): FixedSizeBinary in the file.</summary>
internal sealed class SixteenForm : ColumnForm
{
    internal const int Bytes = 16;

    internal static readonly SixteenForm Instance = new();

    internal override Column ToFile(Column column)
    {
        FixedColumn<Fixed16> values = (FixedColumn<Fixed16>)column.Expand();
        return BinaryColumn.FixedStride(values.Buffer, Bytes, column.Length, values.Validity);
    }

    internal override Column FromFile(Column column) =>
        new FixedColumn<Fixed16>(((BinaryColumn)column).DataBuffer, column.Length, column.Validity);
}

/// <summary>bit(n): in memory an int32 count comes before the bits; in the file there are only the bits.</summary>
internal sealed class BitForm(int bitCount) : ColumnForm
{
    private const int HeaderBytes = sizeof(int);

    internal override Column ToFile(Column column)
    {
        BinaryColumn values = (BinaryColumn)column.Expand();
        int[] starts = new int[column.Length], lengths = new int[column.Length];
        for (int row = 0; row < starts.Length; row++)
        {
            if (values.IsNull(row))
                continue;
            starts[row] = values.Starts[row] + HeaderBytes;
            lengths[row] = values.Lengths[row] - HeaderBytes;
        }
        return new BinaryColumn(
            values.DataBuffer, ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths), column.Length, values.Validity);
    }

    internal override Column FromFile(Column column)
    {
        BinaryColumn values = (BinaryColumn)column;
        int stride = HeaderBytes + ((bitCount + 7) / 8);
        byte[] data = new byte[stride * column.Length];
        for (int row = 0; row < column.Length; row++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(row * stride), bitCount);
            values[row].CopyTo(data.AsSpan((row * stride) + HeaderBytes));
        }
        return BinaryColumn.FixedStride(ColumnBuffer.Wrap(data), stride, column.Length, column.Validity);
    }
}

/// <summary>numeric(p, s) with p ≤ 38: Decimal128 in the file. NaN, which Arrow does not have, is the least
/// Int128.</summary>
internal sealed class DecimalForm(int scale) : ColumnForm
{
    private static readonly Fixed16 NaNMark = Split(Int128.MinValue);

    internal override Column ToFile(Column column)
    {
        BinaryColumn values = (BinaryColumn)column.Expand();
        Fixed16[] target = new Fixed16[column.Length];
        for (int row = 0; row < target.Length; row++)
        {
            if (values.IsNull(row))
                continue;
            SqlNumeric value = SqlNumeric.Read(values[row]);
            if (value.IsNaN)
            {
                target[row] = NaNMark;
                continue;
            }
            Invariant.Holds(value.Scale == scale); // the column's modifier was applied before
            Invariant.Holds(value.TryGetCoefficient(out Int128 coefficient));
            target[row] = Split(coefficient);
        }
        return new FixedColumn<Fixed16>(target, values.Validity);
    }

    internal override Column FromFile(Column column)
    {
        ReadOnlySpan<Fixed16> values = ((FixedColumn<Fixed16>)column).Values;
        if (TryNarrow(values, column) is { } narrow)
            return ScaledNumbers.Column(narrow, scale, column.Validity);
        BinaryColumnBuilder target = new(column.Length, column.Length * 10);
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                target.AppendNull();
            else if (values[row] == NaNMark)
                SqlNumeric.NaN.AppendTo(target);
            else
                SqlNumeric.Create(new Int128(values[row].High, values[row].Low), scale).AppendTo(target);
        }
        return target.Build();
    }

    /// <summary>The values in 64 bits, where all of them fit; that of NaN does not.</summary>
    private static long[]? TryNarrow(ReadOnlySpan<Fixed16> values, Column column)
    {
        long[] target = GC.AllocateUninitializedArray<long>(column.Length);
        ulong wide = 0;
        for (int row = 0; row < target.Length; row++)
        {
            long low = (long)values[row].Low;
            target[row] = low;
            wide |= values[row].High ^ (ulong)(low >> 63);
        }
        return wide == 0 && !column.IsConstant ? target : null;
    }

    private static Fixed16 Split(Int128 value) => new((ulong)value, (ulong)(value >> 64));
}

/// <summary>numeric of any size: its text in the file, which keeps the scale.</summary>
internal sealed class NumericTextForm : ColumnForm
{
    internal static readonly NumericTextForm Instance = new();

    internal override Column ToFile(Column column)
    {
        BinaryColumn values = (BinaryColumn)column.Expand();
        BinaryColumnBuilder target = new(column.Length, column.Length * 12);
        for (int row = 0; row < column.Length; row++)
        {
            if (values.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            SqlNumeric value = SqlNumeric.Read(values[row]);
            target.Commit(value.WriteText(target.Reserve(value.TextLengthMax)));
        }
        return target.Build();
    }

    internal override Column FromFile(Column column)
    {
        BinaryColumn values = (BinaryColumn)column;
        BinaryColumnBuilder target = new(column.Length, column.Length * 10);
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                target.AppendNull();
            else
                SqlNumeric.Parse(values[row]).AppendTo(target);
        }
        return target.Build();
    }
}
