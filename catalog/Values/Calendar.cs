namespace VecSQL.Catalog.Values;

/// <summary>The proleptic Gregorian calendar on days since 1970-01-01, with an astronomical year 0 (1 BC).</summary>
public static class Calendar
{
    public const long MicrosecondsPerSecond = 1_000_000, MicrosecondsPerMinute = 60 * MicrosecondsPerSecond;
    public const long MicrosecondsPerHour = 60 * MicrosecondsPerMinute, MicrosecondsPerDay = 24 * MicrosecondsPerHour;

    /// <summary>Days from 1970-01-01 to 2000-01-01, from which PostgreSQL's binary forms count.</summary>
    public const int PostgresEpochDays = 10_957;

    public const long PostgresEpochMicroseconds = PostgresEpochDays * MicrosecondsPerDay;

    /// <summary>4714-11-24 BC, the first day of Julian day numbers: the first date.</summary>
    public const int DateMin = -2_440_588;

    /// <summary>5874897-12-31, the last date.</summary>
    public const int DateMax = 2_145_042_905;

    /// <summary>Days to add to get a Julian day number.</summary>
    public const int JulianOffset = 2_440_588;

    public const int DateInfinity = int.MaxValue, DateNegativeInfinity = int.MinValue;

    private const int DaysPerEra = 146_097, DaysToYearZero = 719_468; // 400 years; 1970-01-01 since 0000-03-01

    public static int DaysFromCivil(int year, int month, int day) => checked((int)LongDaysFromCivil(year, month, day));

    /// <summary>The day's number; months and days beyond their range carry over only for days.</summary>
    public static long LongDaysFromCivil(long year, int month, int day)
    {
        // Years are counted from March, so that the leap day is the last of its year.
        if (month <= 2)
            year--;
        long era = Math.DivRem(year, 400, out long yearOfEra);
        if (yearOfEra < 0)
        {
            era--;
            yearOfEra += 400;
        }
        int dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        long dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * DaysPerEra) + dayOfEra - DaysToYearZero;
    }

    public static (int Year, int Month, int Day) CivilFromDays(int days)
    {
        long shifted = (long)days + DaysToYearZero;
        long era = (shifted >= 0 ? shifted : shifted - (DaysPerEra - 1)) / DaysPerEra;
        int dayOfEra = (int)(shifted - (era * DaysPerEra));
        int yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        int dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        int shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        int year = (int)(yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0);
        return (year, month, dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1);
    }

    public static bool IsLeapYear(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(int year, int month) => month switch
    {
        2 => IsLeapYear(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>0 for Sunday to 6 for Saturday.</summary>
    public static int DayOfWeek(int days)
    {
        int day = (days + 4) % 7; // 1970-01-01 was a Thursday
        return day < 0 ? day + 7 : day;
    }

    public static int DayOfYear(int year, int month, int day) =>
        (int)(LongDaysFromCivil(year, month, day) - LongDaysFromCivil(year, 1, 1)) + 1;

    /// <summary>The ISO 8601 week (its Thursday decides the year).</summary>
    public static (int Year, int Week) IsoWeek(int days)
    {
        int isoDay = (DayOfWeek(days) + 6) % 7; // 0 for Monday
        long thursday = (long)days - isoDay + 3;
        (int year, _, _) = CivilFromDays((int)thursday);
        return (year, (int)((thursday - LongDaysFromCivil(year, 1, 1)) / 7) + 1);
    }

    /// <summary>The Monday on which an ISO year's week begins.</summary>
    public static int IsoWeekStart(int year, int week)
    {
        int fourth = (int)LongDaysFromCivil(year, 1, 4); // always in week 1
        return fourth - ((DayOfWeek(fourth) + 6) % 7) + ((week - 1) * 7);
    }

    /// <summary>Whether a date is within the calendar; infinities are not.</summary>
    public static bool IsDate(long days) => days is >= DateMin and <= DateMax;
}
