using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Adds up the parts of an interval's text: whole numbers in their unit, fractions in the units below.
/// </summary>
internal struct IntervalSum
{
    private Int128 _years, _months, _days, _microseconds;

    /// <summary>Whether a part left its range.</summary>
    internal readonly bool IsOverflown =>
        _years != (int)_years || _months != (int)_months || _days != (int)_days || _microseconds != (long)_microseconds;

    internal void Add(DateUnit unit, long value, double fraction)
    {
        switch (unit)
        {
            case DateUnit.Microseconds:
                AddTime(value, fraction, 1);
                break;
            case DateUnit.Milliseconds:
                AddTime(value, fraction, 1000);
                break;
            case DateUnit.Second:
                AddTime(value, fraction, Calendar.MicrosecondsPerSecond);
                break;
            case DateUnit.Minute:
                AddTime(value, fraction, Calendar.MicrosecondsPerMinute);
                break;
            case DateUnit.Hour:
                AddTime(value, fraction, Calendar.MicrosecondsPerHour);
                break;
            case DateUnit.Day:
                _days += value;
                AddTime(0, fraction, Calendar.MicrosecondsPerDay);
                break;
            case DateUnit.Week:
                _days += (Int128)value * 7;
                AddDayFraction(fraction * 7);
                break;
            case DateUnit.Month:
                _months += value;
                AddDayFraction(fraction * Interval.DaysPerMonth);
                break;
            default:
                int years = unit switch { DateUnit.Decade => 10, DateUnit.Century => 100, DateUnit.Millennium => 1000,
                    _ => 1 };
                _years += (Int128)value * years;
                _months += (int)Math.Round(fraction * years * Interval.MonthsPerYear, MidpointRounding.ToEven);
                break;
        }
    }

    internal void AddMicroseconds(Int128 microseconds) => _microseconds += microseconds;

    internal void Negate()
    {
        _years = -_years;
        _months = -_months;
        _days = -_days;
        _microseconds = -_microseconds;
    }

    internal readonly Interval ToInterval() =>
        Interval.Combine((_years * Interval.MonthsPerYear) + _months, _days, _microseconds);

    private void AddTime(long value, double fraction, long unit)
    {
        _microseconds += (Int128)value * unit;
        double part = fraction * unit;
        long whole = (long)part;
        double rest = part - whole;
        _microseconds += whole + (rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0);
    }

    private void AddDayFraction(double days)
    {
        int whole = (int)days;
        _days += whole;
        AddTime(0, days - whole, Calendar.MicrosecondsPerDay);
    }
}
