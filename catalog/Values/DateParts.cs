using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>EXTRACT and date_trunc: one field of a date, time or interval, or all above it.</summary>
public static class DateParts
{
    /// <summary>A field of a timestamp without time zone; null where infinity has none.</summary>
    /// <exception cref="SqlException">The type has no such field (0A000), or the name is unknown (22023).</exception>
    public static SqlNumeric? OfTimestamp(string unitName, long timestamp) =>
        OfTimestamp(unitName, timestamp, timestamp, offset: null, TypeOid.Timestamp);

    /// <summary>A field of a timestamp with time zone, in the zone's local time.</summary>
    public static SqlNumeric? OfTimestampTz(string unitName, long utc, TimeZoneInfo zone)
    {
        bool isFinite = Timestamps.IsFinite(utc);
        return OfTimestamp(unitName, Timestamps.ToLocal(utc, zone), utc,
            isFinite ? TimeZones.OffsetAt(utc, zone) : 0, TypeOid.TimestampTz);
    }

    public static SqlNumeric? OfDate(string unitName, int date)
    {
        DateUnit unit = DateUnits.Parse(unitName);
        if (unit == DateUnit.Unknown)
            throw NotRecognized(unitName, TypeOid.Date);
        if (unit is < DateUnit.Day or >= DateUnit.TimeZone)
            throw NotSupported(unitName, TypeOid.Date);
        if (date is Calendar.DateInfinity or Calendar.DateNegativeInfinity)
            return OfInfinity(unit, date > 0);
        return unit switch
        {
            DateUnit.Julian => (SqlNumeric)((long)date + Calendar.JulianOffset),
            DateUnit.Epoch => (SqlNumeric)(date * 86_400L),
            _ => OfDays(unit, date),
        };
    }

    public static SqlNumeric OfTime(string unitName, long time) => OfTime(unitName, time, offset: null, TypeOid.Time);

    /// <param name="secondsWest">The zone, as timetz keeps it.</param>
    public static SqlNumeric OfTimeTz(string unitName, long time, int secondsWest) =>
        OfTime(unitName, time, -secondsWest, TypeOid.TimeTz);

    public static SqlNumeric OfInterval(string unitName, Interval interval)
    {
        int years = interval.Months / 12, months = interval.Months % 12;
        long time = interval.Microseconds;
        DateUnit unit = DateUnits.Parse(unitName);
        return unit switch
        {
            DateUnit.Microseconds or DateUnit.Milliseconds or DateUnit.Second => OfSeconds(unit, time),
            DateUnit.Minute => time / Calendar.MicrosecondsPerMinute % 60,
            DateUnit.Hour => time / Calendar.MicrosecondsPerHour,
            DateUnit.Day => interval.Days,
            DateUnit.Month => months,
            DateUnit.Quarter => (months / 3) + 1,
            DateUnit.Year => years,
            DateUnit.Decade => years / 10,
            DateUnit.Century => years / 100,
            DateUnit.Millennium => years / 1000,
            // A year has 365.25 days here: four times as many quarter days, each of 21,600 seconds.
            DateUnit.Epoch => SqlNumeric.Create(
                ((((years * (Int128)1461) + (((months * (Int128)30) + interval.Days) * 4)) * 21_600)
                    * Calendar.MicrosecondsPerSecond) + time, 6),
            DateUnit.Unknown => throw NotRecognized(unitName, TypeOid.Interval),
            _ => throw NotSupported(unitName, TypeOid.Interval),
        };
    }

    /// <summary>Sets all fields below the unit to their first value.</summary>
    public static long Truncate(string unitName, long timestamp) => Timestamps.IsFinite(timestamp)
        ? Truncate(Known(unitName, TypeOid.Timestamp), unitName, timestamp, TypeOid.Timestamp)
        : timestamp;

    /// <summary>Truncates a moment in a zone's local time.</summary>
    public static long Truncate(string unitName, long utc, TimeZoneInfo zone)
    {
        if (!Timestamps.IsFinite(utc))
            return utc;
        DateUnit unit = Known(unitName, TypeOid.TimestampTz);
        long local = Truncate(unit, unitName, Timestamps.ToLocal(utc, zone), TypeOid.TimestampTz);
        // Below a day the offset stays, so that an hour repeated in autumn does not jump to its twin.
        return unit >= DateUnit.Day
            ? Timestamps.ToUtc(local, zone)
            : Timestamps.Checked((Int128)local - (TimeZones.OffsetAt(utc, zone) * Calendar.MicrosecondsPerSecond));
    }

    public static Interval Truncate(string unitName, Interval interval)
    {
        int years = interval.Months / 12, months = interval.Months % 12;
        long time = interval.Microseconds;
        return DateUnits.Parse(unitName) switch
        {
            DateUnit.Millennium => new Interval(years / 1000 * 12_000, 0, 0),
            DateUnit.Century => new Interval(years / 100 * 1_200, 0, 0),
            DateUnit.Decade => new Interval(years / 10 * 120, 0, 0),
            DateUnit.Year => new Interval(years * 12, 0, 0),
            DateUnit.Quarter => new Interval((years * 12) + (months / 3 * 3), 0, 0),
            DateUnit.Month => new Interval(interval.Months, 0, 0),
            DateUnit.Day => interval with { Microseconds = 0 },
            DateUnit.Hour => interval with { Microseconds = time - (time % Calendar.MicrosecondsPerHour) },
            DateUnit.Minute => interval with { Microseconds = time - (time % Calendar.MicrosecondsPerMinute) },
            DateUnit.Second => interval with { Microseconds = time - (time % Calendar.MicrosecondsPerSecond) },
            DateUnit.Milliseconds => interval with { Microseconds = time - (time % 1000) },
            DateUnit.Microseconds => interval,
            DateUnit.Week => throw new SqlException(SqlState.FeatureNotSupported,
                $"unit \"{unitName.ToLowerInvariant()}\" not supported for type interval")
            {
                Detail = "Months usually have fractional weeks.",
            },
            DateUnit.Unknown or (>= DateUnit.DayOfWeek and <= DateUnit.Epoch) =>
                throw NotRecognized(unitName, TypeOid.Interval),
            _ => throw NotSupported(unitName, TypeOid.Interval),
        };
    }

    private static SqlNumeric? OfTimestamp(string unitName, long local, long utc, int? offset, uint type)
    {
        DateUnit unit = Known(unitName, type);
        if (!Timestamps.IsFinite(utc))
            return OfInfinity(unit, utc > 0);
        if (unit >= DateUnit.TimeZone && offset is null)
            throw NotSupported(unitName, type);
        (int days, long time) = Timestamps.Split(local);
        return unit switch
        {
            DateUnit.Epoch => SqlNumeric.Create((Int128)utc, 6),
            DateUnit.Julian => (SqlNumeric)((long)days + Calendar.JulianOffset)
                + ((SqlNumeric)time / (SqlNumeric)Calendar.MicrosecondsPerDay),
            < DateUnit.Day or >= DateUnit.TimeZone => OfTime(unit, time, offset ?? 0),
            _ => OfDays(unit, days),
        };
    }

    private static SqlNumeric OfTime(string unitName, long time, int? offset, uint type)
    {
        DateUnit unit = Known(unitName, type);
        if (unit == DateUnit.Epoch)
            return SqlNumeric.Create((Int128)time - ((offset ?? 0) * Calendar.MicrosecondsPerSecond), 6);
        if (unit < DateUnit.Day || (unit >= DateUnit.TimeZone && offset is not null))
            return OfTime(unit, time, offset ?? 0);
        throw NotSupported(unitName, type);
    }

    private static SqlNumeric OfTime(DateUnit unit, long time, int offset) => unit switch
    {
        DateUnit.Minute => time / Calendar.MicrosecondsPerMinute % 60,
        DateUnit.Hour => time / Calendar.MicrosecondsPerHour,
        DateUnit.TimeZone => offset,
        DateUnit.TimeZoneHour => offset / 3600,
        DateUnit.TimeZoneMinute => offset / 60 % 60,
        _ => OfSeconds(unit, time),
    };

    private static SqlNumeric OfSeconds(DateUnit unit, long time)
    {
        long inMinute = time % Calendar.MicrosecondsPerMinute;
        return unit switch
        {
            DateUnit.Microseconds => inMinute,
            DateUnit.Milliseconds => SqlNumeric.Create((Int128)inMinute, 3),
            _ => SqlNumeric.Create((Int128)inMinute, 6),
        };
    }

    private static SqlNumeric OfDays(DateUnit unit, int days)
    {
        (int year, int month, int day) = Calendar.CivilFromDays(days);
        switch (unit)
        {
            case DateUnit.Day:
                return day;
            case DateUnit.Week:
                return Calendar.IsoWeek(days).Week;
            case DateUnit.Month:
                return month;
            case DateUnit.Quarter:
                return ((month - 1) / 3) + 1;
            case DateUnit.Year:
                return year > 0 ? year : year - 1; // there is no year 0
            case DateUnit.Decade:
                return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
            case DateUnit.Century:
                return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
            case DateUnit.Millennium:
                return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000);
            case DateUnit.DayOfWeek:
                return Calendar.DayOfWeek(days);
            case DateUnit.IsoDayOfWeek:
                return ((Calendar.DayOfWeek(days) + 6) % 7) + 1;
            case DateUnit.DayOfYear:
                return Calendar.DayOfYear(year, month, day);
            default:
                int isoYear = Calendar.IsoWeek(days).Year;
                return isoYear > 0 ? isoYear : isoYear - 1;
        }
    }

    /// <summary>Fields that grow without end are infinite, the others have no value.</summary>
    private static SqlNumeric? OfInfinity(DateUnit unit, bool isPositive) => unit
        is DateUnit.Year or DateUnit.Decade or DateUnit.Century or DateUnit.Millennium or DateUnit.Julian
        or DateUnit.IsoYear or DateUnit.Epoch
        ? isPositive ? SqlNumeric.PositiveInfinity : SqlNumeric.NegativeInfinity
        : null;

    private static long Truncate(DateUnit unit, string unitName, long local, uint type)
    {
        (int days, long time) = Timestamps.Split(local);
        switch (unit)
        {
            case DateUnit.Microseconds:
                return local;
            case DateUnit.Milliseconds:
                return Timestamps.Compose(days, time - (time % 1000));
            case DateUnit.Second:
                return Timestamps.Compose(days, time - (time % Calendar.MicrosecondsPerSecond));
            case DateUnit.Minute:
                return Timestamps.Compose(days, time - (time % Calendar.MicrosecondsPerMinute));
            case DateUnit.Hour:
                return Timestamps.Compose(days, time - (time % Calendar.MicrosecondsPerHour));
            case DateUnit.Day:
                return Timestamps.Compose(days, 0);
            case DateUnit.Week:
                return Timestamps.Compose((long)days - ((Calendar.DayOfWeek(days) + 6) % 7), 0);
        }
        (int year, int month, _) = Calendar.CivilFromDays(days);
        (year, month) = unit switch
        {
            DateUnit.Month => (year, month),
            DateUnit.Quarter => (year, ((month - 1) / 3 * 3) + 1),
            DateUnit.Year => (year, 1),
            DateUnit.Decade => (year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10 * 10), 1),
            DateUnit.Century => (year > 0 ? ((year + 99) / 100 * 100) - 99 : -((99 - (year - 1)) / 100 * 100) + 1, 1),
            DateUnit.Millennium => (year > 0 ? ((year + 999) / 1000 * 1000) - 999 : -((999 - (year - 1)) / 1000 * 1000)
                + 1, 1),
            // Fields that can be extracted but have nothing below them are not known here.
            >= DateUnit.DayOfWeek and <= DateUnit.Epoch => throw NotRecognized(unitName, type),
            _ => throw NotSupported(unitName, type),
        };
        return Timestamps.Compose(Calendar.LongDaysFromCivil(year, month, 1), 0);
    }

    private static DateUnit Known(string unitName, uint type)
    {
        DateUnit unit = DateUnits.Parse(unitName);
        return unit != DateUnit.Unknown ? unit : throw NotRecognized(unitName, type);
    }

    private static SqlException NotRecognized(string unitName, uint type) => new(SqlState.InvalidParameterValue,
        $"unit \"{unitName.ToLowerInvariant()}\" not recognized for type {BuiltinTypes.FormatType(type, null)}");

    private static SqlException NotSupported(string unitName, uint type) => new(SqlState.FeatureNotSupported,
        $"unit \"{unitName.ToLowerInvariant()}\" not supported for type {BuiltinTypes.FormatType(type, null)}");
}
