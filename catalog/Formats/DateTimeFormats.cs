using System.Buffers;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>date. Binary: days since 2000-01-01, int32.</summary>
internal sealed class DateFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<int>)target).Append(Parse(utf8, context));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        DateTimeText.WriteDate(((FixedColumn<int>)source)[row], target, context);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int wire = fields.ReadInt32();
        fields.ExpectEnd();
        long days = (long)wire + Calendar.PostgresEpochDays;
        if (wire is int.MaxValue or int.MinValue)
            days = wire;
        else if (!Calendar.IsDate(days))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range");
        ((FixedColumnBuilder<int>)target).Append((int)days);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        int date = ((FixedColumn<int>)source)[row];
        bool isFinite = date is not (Calendar.DateInfinity or Calendar.DateNegativeInfinity);
        target.WriteInt32(isFinite ? date - Calendar.PostgresEpochDays : date);
    }

    internal static int Parse(ReadOnlySpan<byte> utf8, FormatContext context)
    {
        if (IsoText.TryReadDate(utf8, out int days) == utf8.Length && utf8.Length > 0)
            return days;
        DateTimeParser.Result result = DateTimeParser.ParseTimestamp(utf8, "date", context);
        return result.Special switch
        {
            DateWord.Infinity => Calendar.DateInfinity,
            DateWord.NegativeInfinity => Calendar.DateNegativeInfinity,
            DateWord.Epoch => 0,
            _ => Calendar.IsDate(result.Days)
                ? (int)result.Days
                : throw new SqlException(SqlState.DatetimeFieldOverflow,
                    $"date out of range: \"{FormatErrors.Text(utf8)}\""),
        };
    }
}

/// <summary>timestamp and timestamptz. Binary: microseconds since 2000-01-01, int64.</summary>
internal sealed class TimestampFormat(bool hasZone) : TypeFormat
{
    private string Name => hasZone ? "timestamp with time zone" : "timestamp";

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<long>)target).Append(Timestamps.WithPrecision(Parse(utf8, context), modifier));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        long value = ((FixedColumn<long>)source)[row];
        if (!Timestamps.IsFinite(value))
        {
            target.Write(value > 0 ? "infinity"u8 : "-infinity"u8);
            return;
        }
        if (!hasZone)
        {
            DateTimeText.WriteTimestamp(value, offset: null, zoneName: null, target, context);
            return;
        }
        int offset = TimeZones.OffsetAt(value, context.TimeZone);
        string? zoneName = context.DateStyle == DateStyle.Iso ? null
            : TimeZones.AbbreviationAt(value, context.TimeZone);
        DateTimeText.WriteTimestamp(
            Timestamps.Checked((Int128)value + (offset * Calendar.MicrosecondsPerSecond)), offset, zoneName, target,
                context);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long wire = fields.ReadInt64();
        fields.ExpectEnd();
        long value = Timestamps.IsFinite(wire)
            ? Timestamps.Checked((Int128)wire + Calendar.PostgresEpochMicroseconds)
            : wire;
        ((FixedColumnBuilder<long>)target).Append(Timestamps.WithPrecision(value, modifier));
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        long value = ((FixedColumn<long>)source)[row];
        target.WriteInt64(Timestamps.IsFinite(value) ? value - Calendar.PostgresEpochMicroseconds : value);
    }

    internal long Parse(ReadOnlySpan<byte> utf8, FormatContext context)
    {
        if (IsoText.TryReadTimestamp(utf8, out long local, out int? written))
        {
            if (!hasZone)
                return local;
            return written is { } given
                ? Timestamps.Checked((Int128)local - (given * Calendar.MicrosecondsPerSecond))
                : Timestamps.ToUtc(local, context.TimeZone);
        }
        DateTimeParser.Result result = DateTimeParser.ParseTimestamp(utf8, Name, context);
        switch (result.Special)
        {
            case DateWord.Infinity:
                return Timestamps.Infinity;
            case DateWord.NegativeInfinity:
                return Timestamps.NegativeInfinity;
            case DateWord.Epoch:
                return 0;
        }
        Int128 value = ((Int128)result.Days * Calendar.MicrosecondsPerDay) + result.Time
            - (hasZone ? result.Offset * Calendar.MicrosecondsPerSecond : 0);
        return value >= Timestamps.Min && value <= Timestamps.Max
            ? (long)value
            : throw new SqlException(SqlState.DatetimeFieldOverflow,
                $"timestamp out of range: \"{FormatErrors.Text(utf8)}\"");
    }
}

/// <summary>time. Binary: microseconds since midnight, int64.</summary>
internal sealed class TimeFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<long>)target).Append(
            Interval.RoundFraction(DateTimeParser.ParseTime(utf8, "time", context).Time, modifier));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        DateTimeText.WriteTime(((FixedColumn<long>)source)[row], offset: null, target);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long value = ReadTime(ref fields);
        fields.ExpectEnd();
        ((FixedColumnBuilder<long>)target).Append(Interval.RoundFraction(value, modifier));
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteInt64(((FixedColumn<long>)source)[row]);

    internal static long ReadTime(ref BinaryFields fields)
    {
        long time = fields.ReadInt64();
        return time is >= 0 and <= Calendar.MicrosecondsPerDay
            ? time
            : throw new SqlException(SqlState.DatetimeFieldOverflow, "time out of range");
    }
}

/// <summary>timetz. Binary: microseconds since midnight int64, zone in seconds west of UTC int32.</summary>
internal sealed class TimeTzFormat : TypeFormat
{
    private const int ZoneMax = 16 * 3600;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        DateTimeParser.Result result = DateTimeParser.ParseTime(utf8, "time with time zone", context);
        Append(target, Interval.RoundFraction(result.Time, modifier), -result.Offset);
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        Fixed16 value = ((FixedColumn<Fixed16>)source)[row];
        DateTimeText.WriteTime((long)value.Low, -(int)(long)value.High, target);
    }

    public override int? TextBytesMax(ReadOnlySpan<byte> value) => "00:00:00.000000+00:00:00".Length;

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long time = TimeFormat.ReadTime(ref fields);
        int west = fields.ReadInt32();
        fields.ExpectEnd();
        if (west is <= -ZoneMax or >= ZoneMax)
            throw new SqlException(SqlState.InvalidTimeZoneDisplacementValue, "time zone displacement out of range");
        Append(target, Interval.RoundFraction(time, modifier), west);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        Fixed16 value = ((FixedColumn<Fixed16>)source)[row];
        target.WriteInt64((long)value.Low);
        target.WriteInt32((int)(long)value.High);
    }

    private static void Append(ColumnBuilder target, long time, int west) =>
        ((FixedColumnBuilder<Fixed16>)target).Append(new Fixed16((ulong)time, (ulong)(long)west));
}

/// <summary>interval. Binary: microseconds int64, days int32, months int32.</summary>
internal sealed class IntervalFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<Fixed16>)target).Append(
            IntervalParser.Parse(utf8, modifier, context.IntervalStyle).WithModifier(modifier).ToFixed16());

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        IntervalText.Write(Interval.From(((FixedColumn<Fixed16>)source)[row]), target, context.IntervalStyle);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long time = fields.ReadInt64();
        int days = fields.ReadInt32(), months = fields.ReadInt32();
        fields.ExpectEnd();
        ((FixedColumnBuilder<Fixed16>)target).Append(
            new Interval(months, days, time).WithModifier(modifier).ToFixed16());
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        Interval value = Interval.From(((FixedColumn<Fixed16>)source)[row]);
        target.WriteInt64(value.Microseconds);
        target.WriteInt32(value.Days);
        target.WriteInt32(value.Months);
    }
}
