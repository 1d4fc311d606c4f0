using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions;

/// <summary>make_date and its kind: dates and times from numbers.</summary>
internal static class DateConstruction
{
    /// <param name="year">Negative years are BC: −1 is the year before 1.</param>
    public static int Date(int year, int month, int day)
    {
        SqlException error = new(SqlState.DatetimeFieldOverflow,
            $"date field value out of range: {year}-{month:00}-{day:00}");
        if (year == 0 || month is < 1 or > 12 || day < 1)
            throw error;
        int astronomical = year < 0 ? year + 1 : year;
        if (day > Calendar.DaysInMonth(astronomical, month))
            throw error;
        long days = Calendar.LongDaysFromCivil(astronomical, month, day);
        return Calendar.IsDate(days)
            ? (int)days
            : throw new SqlException(SqlState.DatetimeFieldOverflow,
                $"date out of range: {astronomical}-{month:00}-{day:00}");
    }

    public static long Time(int hour, int minute, double second)
    {
        long microseconds = (long)Math.Round(second * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven);
        long time = (hour * Calendar.MicrosecondsPerHour) + (minute * Calendar.MicrosecondsPerMinute) + microseconds;
        bool isValid = hour is >= 0 and <= 24 && minute is >= 0 and <= 59 && second is >= 0 and <= 60
            && time <= Calendar.MicrosecondsPerDay;
        return isValid
            ? time
            : throw new SqlException(SqlState.DatetimeFieldOverflow,
                $"time field value out of range: {hour}:{minute:00}:{Seconds(second)}");
    }

    public static long Timestamp(in Row row) => Timestamps.Compose(
        Date(row.Int4(0), row.Int4(1), row.Int4(2)), Time(row.Int4(3), row.Int4(4), row.Float8(5)));

    /// <summary>Years, months, weeks, days, hours, minutes and seconds, any of which may be left out at the
    /// end.</summary>
    public static Interval Interval(in Row row)
    {
        double seconds = row.Count > 6 ? row.Float8(6) : 0;
        if (!double.IsFinite(seconds))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "interval out of range");
        Int128 months = ((Int128)At(in row, 0) * 12) + At(in row, 1), days = ((Int128)At(in row, 2) * 7) + At(in row,
            3);
        Int128 microseconds = (At(in row, 4) * (Int128)Calendar.MicrosecondsPerHour) + (At(in row,
            5) * (Int128)Calendar.MicrosecondsPerMinute)
            + (Int128)Math.Round(seconds * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven);
        return Catalog.Values.Interval.Combine(months, days, microseconds);
    }

    private static long At(in Row row, int argument) => argument < row.Count ? row.Int4(argument) : 0;

    private static string Seconds(double second) =>
        second is >= 0 and < 10 && Math.Floor(second) == second ? $"0{second}" : $"{second:G6}";
}
