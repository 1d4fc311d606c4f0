using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;
using Calendar = VecSQL.Catalog.Values.Calendar;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Reads intervals: <c>1 day 02:03</c>, <c>@ 1 year 2 mons ago</c>, SQL's <c>1-2 3 4:05:06</c>, ISO 8601's
/// <c>P1Y2M</c>.
/// </summary>
internal ref struct IntervalParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly IntervalFields _range;
    private IntervalSum _sum;
    private int _filled; // a bit per DateUnit
    private bool _isForcedNegative;

    private IntervalParser(ReadOnlySpan<byte> text, int modifier)
    {
        _text = text;
        _range = TypeModifiers.IntervalRange(modifier);
    }

    internal static Interval Parse(ReadOnlySpan<byte> text, int modifier, IntervalStyle style)
    {
        var parser = new IntervalParser(text, modifier);
        if (parser.TryParse(style))
            return parser._sum.ToInterval();
        var sum = default(IntervalSum);
        if (!Iso8601IntervalParser.TryParse(text, ref sum))
            throw DateTimeParser.Malformed("interval", text);
        return sum.IsOverflown ? throw parser.Overflow() : sum.ToInterval();
    }

    private bool TryParse(IntervalStyle style)
    {
        List<DateToken>? tokens = DateTimeTokens.Split(_text, word => DateWords.Find(word).Word != DateWord.Unknown);
        if (tokens is null)
            return false;
        // In the standard's style a leading minus is everyone's, unless there are other signs.
        _isForcedNegative = style == IntervalStyle.SqlStandard && tokens.Count > 0 && tokens[0].Text[0] == '-'
            && !tokens.Skip(1).Any(token => token.Text[0] is '+' or '-');
        bool isAgo = false;
        DateUnit unit = DateUnit.Unknown;
        for (int i = tokens.Count - 1; i >= 0; i--) // backwards, since units follow their values
        {
            DateToken token = tokens[i];
            bool isRead;
            if (token.Kind is DateTokenKind.String or DateTokenKind.Special)
            {
                isRead = TryReadWord(token.Text, ref unit, ref isAgo);
            }
            else if (token.Kind == DateTokenKind.Time
                || (token.Kind == DateTokenKind.Zone && token.Text.Contains(':', StringComparison.Ordinal)))
            {
                isRead = TryReadClock(token.Text);
                unit = DateUnit.Day; // a lone number before it counts days
            }
            else
            {
                bool isBeforeAgo = i + 1 < tokens.Count && tokens[i + 1].Text == "ago"; // which is no unit
                isRead = !isBeforeAgo && TryReadNumber(token.Text, ref unit);
            }
            if (!isRead)
                return false;
        }
        if (_filled == 0)
            return false;
        if (isAgo)
            _sum.Negate();
        return _sum.IsOverflown ? throw Overflow() : true;
    }

    private readonly bool TryReadWord(string word, ref DateUnit unit, ref bool isAgo)
    {
        if (word == "ago")
        {
            isAgo = true;
            return true;
        }
        DateUnit named = DateUnits.Parse(word);
        if (named == DateUnit.Quarter || !DateUnits.IsLength(named))
            return DateWords.Find(word).Word == DateWord.Ignored;
        unit = named;
        return true;
    }

    private bool TryReadNumber(string text, ref DateUnit unit)
    {
        if (unit == DateUnit.Unknown)
            unit = UnitOfRange();
        int at = text[0] is '+' or '-' ? 1 : 0;
        bool isNegative = text[0] == '-';
        int digits = at;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (digits == at && (digits == text.Length || text[digits] != '.'))
            return false;
        long value = 0;
        // The least number has no positive counterpart, so the sign is read with the digits.
        if (digits > at && !long.TryParse(text.AsSpan(0, digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            throw Overflow();
        double fraction = 0;
        if (digits < text.Length && text[digits] == '-')
        {
            // years-months
            if (!int.TryParse(
                text.AsSpan(digits + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int months))
            {
                return false;
            }
            if (months is < 0 or >= Interval.MonthsPerYear)
                throw Overflow();
            if (Math.Abs(value) > int.MaxValue)
                throw Overflow();
            value = (value * Interval.MonthsPerYear) + (isNegative ? -months : months);
            unit = DateUnit.Month;
        }
        else if (digits < text.Length && text[digits] == '.')
        {
            if (text.Length > digits + 1 && !double.TryParse(
                "0" + text[digits..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out fraction))
            {
                return false;
            }
            fraction = isNegative ? -fraction : fraction;
        }
        else if (digits < text.Length)
        {
            return false;
        }
        if (_isForcedNegative)
        {
            value = -Math.Abs(value);
            fraction = -Math.Abs(fraction);
        }
        if (!TryFill(unit, fraction != 0))
            return false;
        _sum.Add(unit, value, fraction);
        if (unit == DateUnit.Hour)
            unit = DateUnit.Day; // a lone number before it counts days
        return true;
    }

    /// <summary>Marks a unit as given; false if it was given before.</summary>
    private bool TryFill(DateUnit unit, bool hasFraction)
    {
        int bits = 1 << (int)unit;
        if (unit == DateUnit.Second && hasFraction)
            bits |= (1 << (int)DateUnit.Milliseconds) | (1 << (int)DateUnit.Microseconds);
        bool isNew = (_filled & bits) == 0;
        _filled |= bits;
        return isNew;
    }

    /// <summary>Reads <c>[sign]hh:mm[:ss[.fraction]]</c>, or mm:ss where the type says so.</summary>
    private bool TryReadClock(string text)
    {
        bool isNegative = text[0] == '-';
        string[] parts = DateTimeTokens.ClockParts(text[0] is '+' or '-' ? text[1..] : text);
        if (parts.Length > 3 || !TryReadWhole(parts[0], out long hours))
            return false;
        string last = parts[^1];
        int dot = last.IndexOf('.');
        double fraction = 0;
        if (dot >= 0 && last.Length > dot + 1 && !double.TryParse(
            "0" + last[dot..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out fraction))
        {
            return false;
        }
        if (!TryReadWhole(dot < 0 ? last : last[..dot], out long second))
            return false;
        long minutes = second, seconds = 0;
        if (parts.Length == 3)
        {
            if (!TryReadWhole(parts[1], out minutes))
                return false;
            seconds = second;
        }
        else if (dot >= 0 || _range == IntervalFields.MinuteToSecond)
        {
            (hours, minutes, seconds) = (0, hours, second);
        }
        long microseconds = (long)Math.Round(fraction * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven);
        if (minutes > 59 || seconds > 60)
            throw Overflow();
        const int clock = 1 << (int)DateUnit.Hour | 1 << (int)DateUnit.Minute | 1 << (int)DateUnit.Second
            | 1 << (int)DateUnit.Milliseconds | 1 << (int)DateUnit.Microseconds;
        if ((_filled & clock) != 0)
            return false;
        _filled |= clock;
        Int128 total = ((((((Int128)hours * 60) + minutes) * 60) + seconds) * Calendar.MicrosecondsPerSecond)
            + microseconds;
        _sum.AddMicroseconds(isNegative || _isForcedNegative ? -total : total);
        return true;
    }

    private readonly bool TryReadWhole(string digits, out long value)
    {
        value = 0;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            return false;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) ? true
            : throw Overflow();
    }

    private readonly DateUnit UnitOfRange() => _range switch
    {
        IntervalFields.Year => DateUnit.Year,
        IntervalFields.Month or IntervalFields.YearToMonth => DateUnit.Month,
        IntervalFields.Day => DateUnit.Day,
        IntervalFields.Hour or IntervalFields.DayToHour => DateUnit.Hour,
        IntervalFields.Minute or IntervalFields.HourToMinute or IntervalFields.DayToMinute => DateUnit.Minute,
        _ => DateUnit.Second,
    };

    private readonly SqlException Overflow() => new(SqlState.IntervalFieldOverflow,
        $"interval field value out of range: \"{FormatErrors.Text(_text)}\"");
}
