using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>Rows of Arrow's arrays as columns of the types that <see cref="ArrowTypes.NaturalOf"/> names. Everything is copied.</summary>
internal static class ArrowDecoding
{
    private static readonly ConditionalWeakTable<ArrowArray, Column> Dictionaries = [];

    private const long MillisecondsPerDay = 86_400_000, MicrosecondsPerDay = 86_400_000_000;

    /// <exception cref="SqlException">A value is beyond what the SQL type holds.</exception>
    internal static Column Decode(ArrowArray array, int start, int count)
    {
        ArrowType type = array.Type;
        Bitmap validity = ValidityOf(array, start, count);
        switch (type.Kind)
        {
            case ArrowTypeKind.Null:
                return Column.Nulls(PhysicalType.Binary, count);
            case ArrowTypeKind.Bool:
                return count == 0 ? new BoolColumn(default, default)
                    : new BoolColumn(Copied(new Bitmap(array.Buffers[1], array.Length).Slice(start, count)), validity);
            case ArrowTypeKind.Int16:
                return new FixedColumn<short>(array.Values<short>().Slice(start, count).ToArray(), validity);
            case ArrowTypeKind.Int8 or ArrowTypeKind.UInt8:
                return new FixedColumn<short>(Integers(array, start, count, static value => (short)value), validity);
            case ArrowTypeKind.Date32:
                return new FixedColumn<int>(Days(array, start, count), validity);
            case ArrowTypeKind.Int32:
                return new FixedColumn<int>(array.Values<int>().Slice(start, count).ToArray(), validity);
            case ArrowTypeKind.UInt16:
                return new FixedColumn<int>(Integers(array, start, count, static value => (int)value), validity);
            case ArrowTypeKind.Date64:
                return new FixedColumn<int>(Integers(array, start, count, DayOf), validity);
            case ArrowTypeKind.Int64:
                return new FixedColumn<long>(array.Values<long>().Slice(start, count).ToArray(), validity);
            case ArrowTypeKind.UInt32:
                return new FixedColumn<long>(Integers(array, start, count, static value => value), validity);
            case ArrowTypeKind.Time32 or ArrowTypeKind.Time64:
                return new FixedColumn<long>(Times(array, start, count), validity);
            case ArrowTypeKind.Timestamp:
                return new FixedColumn<long>(Timestamps(array, start, count), validity);
            case ArrowTypeKind.Float32:
                return new FixedColumn<float>(array.Values<float>().Slice(start, count).ToArray(), validity);
            case ArrowTypeKind.Float16:
                return new FixedColumn<float>(Halves(array.Values<Half>().Slice(start, count)), validity);
            case ArrowTypeKind.Float64:
                return new FixedColumn<double>(array.Values<double>().Slice(start, count).ToArray(), validity);
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                return Variable(array, start, count, validity);
            case ArrowTypeKind.Dictionary:
                return FromDictionary(array, start, count);
            default:
                return OneByOne(array, start, count);
        }
    }

    /// <summary>The bytes of a value of text or bytes.</summary>
    internal static ReadOnlySpan<byte> BytesOf(ArrowArray array, int row)
    {
        switch (array.Type.Kind)
        {
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                ReadOnlySpan<int> ends = array.Buffers[1].As<int>();
                return array.Buffers[2].Bytes[ends[row]..ends[row + 1]];
            case ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary:
                ReadOnlySpan<long> far = array.Buffers[1].As<long>();
                return array.Buffers[2].Bytes[(int)far[row]..(int)far[row + 1]];
            case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                return ArrowView.Read(array, row);
            default:
                return array.Buffers[1].Bytes.Slice(row * array.Type.Size, array.Type.Size);
        }
    }

    /// <summary>Where a list's elements are among its child's.</summary>
    internal static (int Start, int End) RangeOf(ArrowArray list, int row)
    {
        switch (list.Type.Kind)
        {
            case ArrowTypeKind.FixedSizeList:
                return (row * list.Type.Size, (row + 1) * list.Type.Size);
            case ArrowTypeKind.LargeList:
                ReadOnlySpan<long> far = list.Buffers[1].As<long>();
                return ((int)far[row], (int)far[row + 1]);
            default:
                ReadOnlySpan<int> ends = list.Buffers[1].As<int>();
                return (ends[row], ends[row + 1]);
        }
    }

    /// <summary>Which of the rows are there; absent where all are. A copy.</summary>
    internal static Bitmap ValidityOf(ArrowArray array, int start, int count)
    {
        Bitmap validity = array.Validity;
        return validity.IsAbsent || count == 0 ? default : Copied(validity.Slice(start, count));
    }

    /// <summary>A dictionary's values; decoded once for all batches that name them.</summary>
    internal static Column Decoded(ArrowArray dictionary) =>
        Dictionaries.GetValue(dictionary, static values => Decode(values, 0, values.Length));

    private static Bitmap Copied(Bitmap bits) => new(bits.Words.ToArray(), bits.Length);

    private static T[] Integers<T>(ArrowArray array, int start, int count, Func<long, T> convert)
    {
        T[] target = new T[count];
        for (int row = 0; row < count; row++)
        {
            if (!array.IsNull(start + row))
                target[row] = convert(ArrowNumbers.Integer(array, start + row));
        }
        return target;
    }

    private static int DayOf(long milliseconds)
    {
        long day = Math.DivRem(milliseconds, MillisecondsPerDay, out long rest) - (rest < 0 ? 1 : 0);
        return Calendar.IsDate(day) ? (int)day : throw OutOfRange("date");
    }

    private static int[] Days(ArrowArray array, int start, int count)
    {
        int[] days = array.Values<int>().Slice(start, count).ToArray();
        for (int row = 0; row < days.Length; row++)
        {
            if (!IsDay(days[row]) && !array.IsNull(start + row))
                throw OutOfRange("date");
        }
        return days;
    }

    private static bool IsDay(int day) => Calendar.IsDate(day) || day is Calendar.DateInfinity or Calendar.DateNegativeInfinity;

    private static long[] Times(ArrowArray array, int start, int count)
    {
        ArrowUnit unit = array.Type.Unit;
        return Integers(array, start, count, value => Microseconds(value, unit, "time") is >= 0 and <= MicrosecondsPerDay and var time
            ? time : throw OutOfRange("time"));
    }

    private static long[] Timestamps(ArrowArray array, int start, int count)
    {
        ArrowUnit unit = array.Type.Unit;
        if (unit == ArrowUnit.Microsecond)
        {
            long[] same = array.Values<long>().Slice(start, count).ToArray();
            for (int row = 0; row < same.Length; row++)
            {
                if (same[row] < Catalog.Values.Timestamps.Min && same[row] != Catalog.Values.Timestamps.NegativeInfinity
                    && !array.IsNull(start + row))
                {
                    throw OutOfRange("timestamp");
                }
            }
            return same;
        }
        return Integers(array, start, count, value => Microseconds(value, unit, "timestamp") is var moment
            && moment >= Catalog.Values.Timestamps.Min ? moment : throw OutOfRange("timestamp"));
    }

    /// <summary>Nanoseconds are rounded, as they are in text.</summary>
    private static long Microseconds(long value, ArrowUnit unit, string type)
    {
        long factor = unit switch { ArrowUnit.Second => 1_000_000, ArrowUnit.Millisecond => 1000, _ => 1 };
        if (unit == ArrowUnit.Nanosecond)
        {
            long whole = Math.DivRem(value, 1000, out long rest);
            return whole + (rest >= 500 ? 1 : rest < -500 ? -1 : 0);
        }
        return Math.BigMul(value, factor, out long low) == low >> 63 ? low : throw OutOfRange(type);
    }

    private static float[] Halves(ReadOnlySpan<Half> source)
    {
        float[] target = new float[source.Length];
        for (int i = 0; i < target.Length; i++)
            target[i] = (float)source[i];
        return target;
    }

    private static BinaryColumn Variable(ArrowArray array, int start, int count, Bitmap validity)
    {
        ReadOnlySpan<int> ends = array.Buffers[1].As<int>().Slice(start, count + 1);
        byte[] data = array.Buffers[2].Bytes[ends[0]..ends[^1]].ToArray();
        int[] offsets = new int[count + 1];
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = ends[i] - ends[0];
        if (array.Type.IsText && data.AsSpan().Contains((byte)0))
            throw HasZero();
        return BinaryColumn.FromOffsets(ColumnBuffer.Wrap(data), ColumnBuffer.Wrap(offsets), count, validity);
    }

    private static Column FromDictionary(ArrowArray array, int start, int count)
    {
        ArrowField values = array.Type.Children[0];
        PhysicalType physical = BuiltinTypes.PhysicalOf((ArrowTypes.NaturalOf(values) ?? SqlType.Text).Oid);
        if (array.Dictionary is not { } dictionary)
            return Column.Nulls(physical, count);
        Column decoded = Decoded(dictionary);
        ColumnBuilder target = ColumnBuilder.Create(physical, Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (array.IsNull(row))
                target.AppendNull();
            else
                target.AppendFrom(decoded, (int)ArrowNumbers.Index(array, row));
        }
        return target.Build();
    }

    private static Column OneByOne(ArrowArray array, int start, int count)
    {
        SqlType natural = ArrowTypes.NaturalOf(new ArrowField("", array.Type, true, []))
            ?? throw new InvariantException($"{array.Type} has no natural type");
        if (ArrowTypes.IsList(array.Type))
            return Arrays(array, start, count, BuiltinTypes.ElementOf(natural.Oid));
        ColumnBuilder target = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(natural.Oid), Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (array.IsNull(row))
                target.AppendNull();
            else
                Append(array, row, target);
        }
        return target.Build();
    }

    private static BinaryColumn Arrays(ArrowArray list, int start, int count, uint elementOid)
    {
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (list.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            (int first, int end) = RangeOf(list, row);
            ArrayBuilder.Append(target, elementOid, Decode(list.Children[0], first, end - first).Expand());
        }
        return (BinaryColumn)target.Build();
    }

    private static void Append(ArrowArray array, int row, ColumnBuilder target)
    {
        switch (array.Type.Kind)
        {
            case ArrowTypeKind.UInt64:
                SqlNumeric.Create((BigInteger)array.Values<ulong>()[row], 0).AppendTo((BinaryColumnBuilder)target);
                break;
            case ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256:
                int width = array.Type.WidthBytes, scale = array.Type.Scale;
                BigInteger coefficient = new(array.Buffers[1].Bytes.Slice(row * width, width));
                if (scale < 0)
                    coefficient *= BigInteger.Pow(10, -scale);
                SqlNumeric.Create(coefficient, Math.Max(scale, 0)).AppendTo((BinaryColumnBuilder)target);
                break;
            case ArrowTypeKind.Duration:
                Append(new Interval(0, 0, Microseconds(array.Values<long>()[row], array.Type.Unit, "interval")), target);
                break;
            case ArrowTypeKind.IntervalYearMonth:
                Append(new Interval(array.Values<int>()[row], 0, 0), target);
                break;
            case ArrowTypeKind.IntervalDayTime:
                ReadOnlySpan<int> dayTime = array.Values<int>();
                Append(new Interval(0, dayTime[row * 2], dayTime[(row * 2) + 1] * 1000L), target);
                break;
            case ArrowTypeKind.IntervalMonthDayNano:
                ReadOnlySpan<int> parts = array.Values<int>().Slice(row * 4, 4);
                long nanoseconds = MemoryMarshal.Cast<int, long>(parts[2..])[0];
                Append(new Interval(parts[0], parts[1], Microseconds(nanoseconds, ArrowUnit.Nanosecond, "interval")), target);
                break;
            default:
                ReadOnlySpan<byte> bytes = BytesOf(array, row);
                if (array.Type.IsText && bytes.Contains((byte)0))
                    throw HasZero();
                ((BinaryColumnBuilder)target).Append(bytes);
                break;
        }
    }

    private static void Append(Interval value, ColumnBuilder target) => ((FixedColumnBuilder<Fixed16>)target).Append(value.ToFixed16());

    private static SqlException OutOfRange(string type) => new(SqlState.DatetimeFieldOverflow, $"{type} out of range");

    private static SqlException HasZero() =>
        new(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
}
