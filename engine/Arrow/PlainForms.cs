using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>Values that lie in memory as Arrow has them: numbers, text, bytes, dates and times, vectors of one length.</summary>
internal sealed class PlainForm(ArrowType type, string? extension = null) : ArrowForm(type)
{
    internal override string? Extension => extension;

    internal override bool IsAsStored => true;

    internal override bool IsCompressed => Type.Kind != ArrowTypeKind.FixedSizeList;

    internal override ArrowArray Encode(Column column) => ColumnArrays.ToArray(column, Type);
}

/// <summary>uuid: its sixteen bytes.</summary>
internal sealed class UuidForm() : ArrowForm(new ArrowType(ArrowTypeKind.FixedSizeBinary, ArrowTypes.UuidBytes))
{
    internal override string Extension => "arrow.uuid";

    internal override bool IsAsStored => true;

    internal override ArrowArray Encode(Column column)
    {
        var values = (FixedColumn<Fixed16>)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(values);
        return new ArrowArray(Type, values.Length, nullCount, [validity, values.Buffer.Slice(0, values.Length * ArrowTypes.UuidBytes)]);
    }
}

/// <summary>bit(n): its bits, most significant first.</summary>
internal sealed class BitsForm(int bitCount) : ArrowForm(new ArrowType(ArrowTypeKind.FixedSizeBinary, (bitCount + 7) / 8))
{
    internal override bool IsAsStored => true;

    internal override bool IsCompressed => false;

    internal override ArrowArray Encode(Column column)
    {
        var values = (BinaryColumn)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(values);
        byte[] target = new byte[values.Length * Type.Size];
        for (int row = 0; row < values.Length; row++)
        {
            if (!values.IsNull(row))
                new BitString(values[row]).Bytes.CopyTo(target.AsSpan(row * Type.Size, Type.Size));
        }
        return new ArrowArray(Type, values.Length, nullCount, [validity, ColumnBuffer.Wrap(target)]);
    }
}

/// <summary>interval: months, days and nanoseconds.</summary>
internal sealed class IntervalForm() : ArrowForm(new ArrowType(ArrowTypeKind.IntervalMonthDayNano))
{
    internal const long NanosecondsPerMicrosecond = 1000;

    internal override ArrowArray Encode(Column column)
    {
        var values = (FixedColumn<Fixed16>)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(values);
        Fixed16[] target = new Fixed16[values.Length];
        for (int row = 0; row < target.Length; row++)
        {
            if (values.IsNull(row))
                continue;
            Interval value = Interval.From(values[row]);
            if (value.Microseconds is > long.MaxValue / NanosecondsPerMicrosecond or < long.MinValue / NanosecondsPerMicrosecond)
            {
                throw new SqlException(SqlState.DatetimeFieldOverflow, $"interval \"{value}\" is out of range for Arrow's nanoseconds",
                    hint: "Cast it to text, or apply justify_hours().");
            }
            target[row] = new Fixed16(
                (uint)value.Months | ((ulong)(uint)value.Days << 32), (ulong)(value.Microseconds * NanosecondsPerMicrosecond));
        }
        return new ArrowArray(Type, values.Length, nullCount, [validity, ColumnBuffer.Wrap(target)]);
    }
}
