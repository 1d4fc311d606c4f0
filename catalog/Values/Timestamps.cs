using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Arithmetic on dates (days) and timestamps (microseconds) since 1970-01-01.</summary>
/// <remarks>
/// A timestamp is in UTC where its type has a time zone, and in local time where not. ±infinity are the outermost
/// integers.
/// Range: 4714-11-24 BC to 294247-01-10; PostgreSQL counts from 2000 and so reaches thirty years further.
/// </remarks>
public static class Timestamps
{
    public const long Infinity = long.MaxValue, NegativeInfinity = long.MinValue;

    public const long Min = Calendar.DateMin * Calendar.MicrosecondsPerDay, Max = long.MaxValue - 1;

    public static bool IsFinite(long timestamp) => timestamp is not (Infinity or NegativeInfinity);

    /// <exception cref="SqlException">The timestamp is out of range (22008).</exception>
    public static long Compose(long days, long timeMicroseconds) =>
        Checked(((Int128)days * Calendar.MicrosecondsPerDay) + timeMicroseconds);

    /// <summary>A time of a day; an infinite date stays infinite.</summary>
    /// <exception cref="SqlException">The timestamp is out of range (22008).</exception>
    public static long OfDay(int date, long timeMicroseconds) => date switch
    {
        Calendar.DateInfinity => Infinity,
        Calendar.DateNegativeInfinity => NegativeInfinity,
        _ => Compose(date, timeMicroseconds),
    };

    /// <summary>The day, and the microseconds since its midnight.</summary>
    public static (int Days, long Time) Split(long timestamp)
    {
        long days = Math.DivRem(timestamp, Calendar.MicrosecondsPerDay, out long time);
        if (time < 0)
        {
            days--;
            time += Calendar.MicrosecondsPerDay;
        }
        return ((int)days, time);
    }

    /// <exception cref="SqlException">The date is out of a timestamp's range (22008).</exception>
    public static long FromDate(int date) => date switch
    {
        Calendar.DateInfinity => Infinity,
        Calendar.DateNegativeInfinity => NegativeInfinity,
        _ => date > Max / Calendar.MicrosecondsPerDay
            ? throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp")
            : date * Calendar.MicrosecondsPerDay,
    };

    /// <summary>The moment of a local midnight.</summary>
    public static long FromDate(int date, TimeZoneInfo zone)
    {
        long local = FromDate(date);
        return IsFinite(local) ? ToUtc(local, zone) : local;
    }

    /// <summary>Orders a date's midnight, in the zone or where the timestamp has none, and a timestamp.</summary>
    /// <remarks>Dates reach further than timestamps: such a date is after every timestamp but infinity.</remarks>
    public static int CompareDate(int date, long timestamp, TimeZoneInfo? zone)
    {
        if (date != Calendar.DateInfinity && date > Max / Calendar.MicrosecondsPerDay)
            return timestamp == Infinity ? -1 : 1;
        return (zone is null ? FromDate(date) : FromDate(date, zone)).CompareTo(timestamp);
    }

    public static int ToDate(long timestamp) => timestamp switch
    {
        Infinity => Calendar.DateInfinity,
        NegativeInfinity => Calendar.DateNegativeInfinity,
        _ => Split(timestamp).Days,
    };

    /// <summary>A moment as local time of a zone.</summary>
    public static long ToLocal(long utc, TimeZoneInfo zone) => IsFinite(utc)
        ? Checked((Int128)utc + (TimeZones.OffsetAt(utc, zone) * Calendar.MicrosecondsPerSecond))
        : utc;

    /// <summary>
    /// A zone's local time as a moment; see <see cref="TimeZones.OffsetOfLocal"/> for gaps and overlaps.
    /// </summary>
    public static long ToUtc(long local, TimeZoneInfo zone) => IsFinite(local)
        ? Checked((Int128)local - (TimeZones.OffsetOfLocal(local, zone) * Calendar.MicrosecondsPerSecond))
        : local;

    /// <summary>
    /// Rounds to so many fraction digits of a second, half away from zero as counted from 2000-01-01.
    /// </summary>
    public static long WithPrecision(long timestamp, int digits)
    {
        if (digits is < 0 or >= 6 || !IsFinite(timestamp))
            return timestamp;
        long fromEpoch = timestamp - Calendar.PostgresEpochMicroseconds;
        return Checked((Int128)Interval.RoundFraction(fromEpoch, digits) + Calendar.PostgresEpochMicroseconds);
    }

    /// <summary>Adds months (cutting days that the month lacks), then days, then time.</summary>
    public static long Add(long timestamp, Interval interval)
    {
        if (!IsFinite(timestamp))
            return timestamp;
        long result = AddMonths(timestamp, interval.Months);
        return Checked((Int128)result + ((Int128)interval.Days * Calendar.MicrosecondsPerDay) + interval.Microseconds);
    }

    /// <summary>Adds to a moment: months and days in the zone's local time, then the time.</summary>
    public static long Add(long utc, Interval interval, TimeZoneInfo zone)
    {
        if (!IsFinite(utc))
            return utc;
        if (interval.Months != 0 || interval.Days != 0)
        {
            long local = AddMonths(ToLocal(utc, zone), interval.Months);
            utc = ToUtc(Checked((Int128)local + ((Int128)interval.Days * Calendar.MicrosecondsPerDay)), zone);
        }
        return Checked((Int128)utc + interval.Microseconds);
    }

    public static long Subtract(long timestamp, Interval interval) => Add(timestamp, -interval);

    /// <summary>The difference in days and time.</summary>
    /// <exception cref="SqlException">A timestamp is infinite (22008).</exception>
    public static Interval Subtract(long left, long right)
    {
        if (!IsFinite(left) || !IsFinite(right))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
        Int128 difference = (Int128)left - right;
        if (difference != (long)difference)
            throw Interval.OutOfRange();
        return new Interval(0, 0, (long)difference).JustifyHours();
    }

    /// <exception cref="SqlException">The date is out of range (22008).</exception>
    public static int AddDays(int date, long days)
    {
        if (date is Calendar.DateInfinity or Calendar.DateNegativeInfinity)
            return date;
        long sum = date + days;
        return Calendar.IsDate(sum) ? (int)sum
            : throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range");
    }

    /// <exception cref="SqlException">A date is infinite (22008).</exception>
    public static int SubtractDates(int left, int right) =>
        left is Calendar.DateInfinity or Calendar.DateNegativeInfinity
            || right is Calendar.DateInfinity or Calendar.DateNegativeInfinity
            ? throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates")
            : left - right;

    /// <summary>The difference in years, months, days and time, as a person counts an age.</summary>
    public static Interval Age(long left, long right)
    {
        if (!IsFinite(left) || !IsFinite(right))
            throw OutOfRange();
        bool isNegative = left < right;
        (long later, long earlier) = isNegative ? (right, left) : (left, right);
        (int laterDays, long laterTime) = Split(later);
        (int earlierDays, long earlierTime) = Split(earlier);
        (int laterYear, int laterMonth, int laterDay) = Calendar.CivilFromDays(laterDays);
        (int year, int month, int day) = Calendar.CivilFromDays(earlierDays);
        long time = laterTime - earlierTime;
        int days = laterDay - day, months = laterMonth - month, years = laterYear - year;
        if (time < 0)
        {
            time += Calendar.MicrosecondsPerDay;
            days--;
        }
        while (days < 0) // a borrowed month has the length of the month that the earlier date is in
        {
            days += Calendar.DaysInMonth(year, month);
            months--;
        }
        if (months < 0)
        {
            months += Interval.MonthsPerYear;
            years--;
        }
        Interval age = Interval.Combine(((long)years * Interval.MonthsPerYear) + months, days, time);
        return isNegative ? -age : age;
    }

    /// <summary>Rounds down to a whole number of strides from an origin.</summary>
    public static long Bin(Interval stride, long timestamp, long origin)
    {
        if (!IsFinite(timestamp))
            return timestamp;
        if (!IsFinite(origin))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "origin out of range");
        if (stride.Months != 0)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "timestamps cannot be binned into intervals containing months or years");
        }
        Int128 width = stride.Span;
        if (width != (long)width)
            throw Interval.OutOfRange();
        if (width <= 0)
            throw new SqlException(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        Int128 distance = (Int128)timestamp - origin, rest = distance % width;
        return Checked(origin + distance - (rest < 0 ? rest + width : rest));
    }

    internal static SqlException OutOfRange() => new(SqlState.DatetimeFieldOverflow, "timestamp out of range");

    internal static long Checked(Int128 timestamp) => timestamp >= Min && timestamp <= Max ? (long)timestamp
        : throw OutOfRange();

    private static long AddMonths(long timestamp, int months)
    {
        if (months == 0)
            return timestamp;
        (int days, long time) = Split(timestamp);
        (int year, int month, int day) = Calendar.CivilFromDays(days);
        long total = ((long)year * Interval.MonthsPerYear) + month - 1 + months;
        long newYear = Math.DivRem(total, Interval.MonthsPerYear, out long newMonth);
        if (newMonth < 0)
        {
            newYear--;
            newMonth += Interval.MonthsPerYear;
        }
        if (newYear is < -4800 or > 300_000)
            throw OutOfRange();
        int last = Calendar.DaysInMonth((int)newYear, (int)newMonth + 1);
        return Compose(Calendar.LongDaysFromCivil(newYear, (int)newMonth + 1, Math.Min(day, last)), time);
    }
}
