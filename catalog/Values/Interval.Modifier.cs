using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Values;

// What interval(p) and interval year to month and the like keep.
public readonly partial record struct Interval
{
    private static readonly long[] FractionUnits = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>The interval cut to the fields of a type modifier and rounded to its digits.</summary>
    public Interval WithModifier(int modifier)
    {
        if (modifier < 0)
            return this;
        Interval cut = TypeModifiers.IntervalRange(modifier) switch
        {
            IntervalFields.Year => new Interval(Months / MonthsPerYear * MonthsPerYear, 0, 0),
            IntervalFields.Month or IntervalFields.YearToMonth => new Interval(Months, 0, 0),
            IntervalFields.Day => new Interval(Months, Days, 0),
            IntervalFields.Hour or IntervalFields.DayToHour =>
                this with { Microseconds = Microseconds / Calendar.MicrosecondsPerHour * Calendar.MicrosecondsPerHour },
            IntervalFields.Minute or IntervalFields.DayToMinute or IntervalFields.HourToMinute =>
                this with { Microseconds = Microseconds / Calendar.MicrosecondsPerMinute * Calendar.MicrosecondsPerMinute },
            _ => this,
        };
        int precision = TypeModifiers.IntervalPrecision(modifier);
        return precision < 0 ? cut : cut with { Microseconds = RoundFraction(cut.Microseconds, precision) };
    }

    /// <summary>Rounds microseconds to so many fraction digits of a second, half away from zero.</summary>
    public static long RoundFraction(long microseconds, int digits)
    {
        if (digits is < 0 or >= 6)
            return microseconds;
        long unit = FractionUnits[digits], half = unit / 2;
        long rounded = microseconds >= 0 ? (microseconds + half) / unit * unit
            : -((-microseconds + half) / unit * unit);
        return rounded;
    }
}
