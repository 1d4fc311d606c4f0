using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>
/// A value of type interval: months, days and microseconds, which do not convert into each other by themselves.
/// </summary>
/// <remarks>
/// Layout in a Fixed16: Low is the microseconds; High has the days in its low half and the months in its high half.
/// </remarks>
public readonly partial record struct Interval(int Months, int Days, long Microseconds)
{
    public const int DaysPerMonth = 30, MonthsPerYear = 12;

    private const double SecondsPerDay = 86_400.0;

    public static readonly Interval Zero;

    /// <summary>As messages show it: the default style's text.</summary>
    public override string ToString() => IntervalText.Of(this, IntervalStyle.Postgres);

    public static Interval From(Fixed16 value) =>
        new((int)(value.High >> 32), (int)(uint)value.High, (long)value.Low);

    public Fixed16 ToFixed16() => new((ulong)Microseconds, (ulong)(uint)Months << 32 | (uint)Days);

    /// <summary>The whole as microseconds, a month being 30 days and a day 24 hours: the order of intervals.</summary>
    public Int128 Span => Microseconds + ((Days + ((Int128)Months * DaysPerMonth)) * Calendar.MicrosecondsPerDay);

    public int CompareTo(Interval other) => Span.CompareTo(other.Span);

    /// <summary>−1, 0 or 1.</summary>
    public int Sign => Int128.Sign(Span);

    public static Interval operator -(Interval value)
    {
        if (value.Months == int.MinValue || value.Days == int.MinValue || value.Microseconds == long.MinValue)
            throw OutOfRange();
        return new Interval(-value.Months, -value.Days, -value.Microseconds);
    }

    public static Interval operator +(Interval left, Interval right) => Combine(
        (long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Microseconds + right.Microseconds);

    public static Interval operator -(Interval left, Interval right) => Combine(
        (long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Microseconds - right.Microseconds);

    /// <summary>Multiplies; what a month or day cannot hold as a whole spills into days and time.</summary>
    public static Interval operator *(Interval value, double factor)
    {
        double months = value.Months * factor, days = value.Days * factor;
        CheckInt32(months);
        CheckInt32(days);
        int wholeMonths = (int)months, wholeDays = (int)days;
        // The fraction of the months becomes days; rounding guards against 0.99999999.
        double monthDays = (months - wholeMonths) * DaysPerMonth;
        monthDays = RoundSecondFraction(monthDays);
        double seconds = ((days - wholeDays) + (monthDays - (int)monthDays)) * SecondsPerDay;
        seconds = RoundSecondFraction(seconds);
        return Spill(wholeMonths, wholeDays, monthDays, seconds, value.Microseconds * factor);
    }

    /// <exception cref="SqlException">The divisor is zero (22012).</exception>
    public static Interval operator /(Interval value, double divisor)
    {
        if (divisor == 0)
            throw new SqlException(SqlState.DivisionByZero, "division by zero");
        double months = value.Months / divisor, days = value.Days / divisor;
        CheckInt32(months);
        CheckInt32(days);
        int wholeMonths = (int)months, wholeDays = (int)days;
        double monthDays = RoundSecondFraction((months - wholeMonths) * DaysPerMonth);
        double seconds = RoundSecondFraction(((days - wholeDays) + (monthDays - (int)monthDays)) * SecondsPerDay);
        return Spill(wholeMonths, wholeDays, monthDays, seconds, value.Microseconds / divisor);
    }

    /// <summary>Turns 24 hours into a day.</summary>
    public Interval JustifyHours()
    {
        long wholeDays = Microseconds / Calendar.MicrosecondsPerDay, time = Microseconds % Calendar.MicrosecondsPerDay;
        long days = Days + wholeDays;
        Reconcile(ref days, ref time, Calendar.MicrosecondsPerDay);
        return Combine(Months, days, time);
    }

    /// <summary>Turns 30 days into a month.</summary>
    public Interval JustifyDays()
    {
        long months = (long)Months + (Days / DaysPerMonth), days = Days % DaysPerMonth;
        Reconcile(ref months, ref days, DaysPerMonth);
        return Combine(months, days, Microseconds);
    }

    /// <summary>Both, with all parts of one sign.</summary>
    public Interval JustifyInterval()
    {
        long days = Days, months = Months, time = Microseconds;
        // First days into months where they point the same way, so that nothing overflows on the way.
        if ((days > 0 && time > 0) || (days < 0 && time < 0))
        {
            months += days / DaysPerMonth;
            days %= DaysPerMonth;
        }
        days += time / Calendar.MicrosecondsPerDay;
        time %= Calendar.MicrosecondsPerDay;
        months += days / DaysPerMonth;
        days %= DaysPerMonth;
        if (months > 0 && (days < 0 || (days == 0 && time < 0)))
        {
            days += DaysPerMonth;
            months--;
        }
        else if (months < 0 && (days > 0 || (days == 0 && time > 0)))
        {
            days -= DaysPerMonth;
            months++;
        }
        Reconcile(ref days, ref time, Calendar.MicrosecondsPerDay);
        return Combine(months, days, time);
    }

    /// <summary>An interval of parts that may be too large for it.</summary>
    /// <exception cref="SqlException">They are (22008).</exception>
    public static Interval Combine(Int128 months, Int128 days, Int128 microseconds)
    {
        if (months != (int)months || days != (int)days || microseconds != (long)microseconds)
            throw OutOfRange();
        return new Interval((int)months, (int)days, (long)microseconds);
    }

    internal static SqlException OutOfRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");

    private static Interval Spill(int months, int days, double monthDays, double seconds, double microseconds)
    {
        // Time of a day or more that came out of the fractions goes back to the days.
        if (Math.Abs(seconds) >= SecondsPerDay)
        {
            days = checked(days + (int)(seconds / SecondsPerDay));
            seconds -= (int)(seconds / SecondsPerDay) * SecondsPerDay;
        }
        double wholeDays = days + (double)(int)monthDays;
        CheckInt32(wholeDays);
        double time = Math.Round(microseconds + (seconds * Calendar.MicrosecondsPerSecond), MidpointRounding.ToEven);
        if (double.IsNaN(time) || time is < -9.2233720368547758e18 or >= 9.2233720368547758e18)
            throw OutOfRange();
        return new Interval(months, (int)wholeDays, (long)time);
    }

    private static double RoundSecondFraction(double value) =>
        Math.Round(value * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven) / Calendar.MicrosecondsPerSecond;

    private static void CheckInt32(double value)
    {
        if (double.IsNaN(value) || value is > int.MaxValue or < int.MinValue)
            throw OutOfRange();
    }

    private static void Reconcile(ref long large, ref long small, long smallPerLarge)
    {
        if (large > 0 && small < 0)
        {
            small += smallPerLarge;
            large--;
        }
        else if (large < 0 && small > 0)
        {
            small -= smallPerLarge;
            large++;
        }
    }
}
