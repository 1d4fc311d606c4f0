using System.Globalization;
using System.Text;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Reads ISO 8601 intervals: <c>P1Y2M3DT4H5M6S</c>, <c>P0001-02-03T04:05:06</c>, <c>P00010203T040506</c>.
/// </summary>
internal ref struct Iso8601IntervalParser
{
    private readonly string _text;
    private int _at;

    private Iso8601IntervalParser(string text)
    {
        _text = text;
        _at = 1;
    }

    internal static bool TryParse(ReadOnlySpan<byte> utf8, ref IntervalSum sum)
    {
        if (utf8.Length < 2 || utf8[0] != 'P')
            return false;
        return new Iso8601IntervalParser(Encoding.UTF8.GetString(utf8)).TryRead(ref sum);
    }

    private bool TryRead(ref IntervalSum sum)
    {
        bool isDate = true, hasField = false;
        while (_at < _text.Length)
        {
            if (_text[_at] == 'T')
            {
                (isDate, hasField) = (false, false);
                _at++;
                continue;
            }
            int start = _at;
            if (!TryNumber(out long value, out double fraction))
                return false;
            int width = IntegerWidth(start);
            char unit = _at < _text.Length ? _text[_at++] : '\0';
            DateUnit named = UnitOf(unit, isDate);
            if (named != DateUnit.Unknown)
            {
                sum.Add(named, value, fraction);
                hasField = true;
                continue;
            }
            if (hasField || unit is not ('\0' or 'T' or '-' or ':'))
                return false;
            if (!isDate)
            {
                return unit == '\0' && width == 6
                    ? AddRunTogether(ref sum, value, fraction, DateUnit.Hour, DateUnit.Minute, DateUnit.Second)
                    : unit is '\0' or ':' && TryAlternative(ref sum, value, fraction, unit, ':');
            }
            if (unit is '\0' or 'T' && width == 8)
                AddRunTogether(ref sum, value, fraction, DateUnit.Year, DateUnit.Month, DateUnit.Day);
            else if (unit == ':' || !TryAlternative(ref sum, value, fraction, unit, '-'))
                return false;
            if (_at > _text.Length || (_at == _text.Length && _text[^1] != 'T'))
                return true;
            isDate = false; // a T follows or was just read
        }
        return true;
    }

    /// <summary>yyyymmdd or hhmmss: the last two digits are the smallest unit's.</summary>
    private static bool AddRunTogether(
        ref IntervalSum sum, long value, double fraction, DateUnit large, DateUnit middle, DateUnit small)
    {
        sum.Add(large, value / 10_000, 0);
        sum.Add(middle, value / 100 % 100, 0);
        sum.Add(small, value % 100, fraction);
        return true;
    }

    /// <summary>years-months-days or hours:minutes:seconds, of which the last may be missing.</summary>
    private bool TryAlternative(ref IntervalSum sum, long value, double fraction, char unit, char delimiter)
    {
        ReadOnlySpan<DateUnit> units = delimiter == '-'
            ? [DateUnit.Year, DateUnit.Month, DateUnit.Day]
            : [DateUnit.Hour, DateUnit.Minute, DateUnit.Second];
        sum.Add(units[0], value, fraction);
        if (unit != delimiter)
            return true;
        for (int i = 1; i < units.Length; i++)
        {
            if (!TryNumber(out value, out fraction))
                return false;
            sum.Add(units[i], value, fraction);
            if (_at == _text.Length || (delimiter == '-' && _text[_at] == 'T'))
                return true;
            if (i == units.Length - 1 || _text[_at++] != delimiter)
                return false;
        }
        return false;
    }

    private static DateUnit UnitOf(char letter, bool isDate) => (letter, isDate) switch
    {
        ('Y', true) => DateUnit.Year,
        ('M', true) => DateUnit.Month,
        ('W', true) => DateUnit.Week,
        ('D', true) => DateUnit.Day,
        ('H', false) => DateUnit.Hour,
        ('M', false) => DateUnit.Minute,
        ('S', false) => DateUnit.Second,
        _ => DateUnit.Unknown,
    };

    private bool TryNumber(out long value, out double fraction)
    {
        value = 0;
        fraction = 0;
        int start = _at;
        if (_at < _text.Length && _text[_at] is '-' or '+')
            _at++;
        int digits = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        if (_at == digits || !double.TryParse(
            _text.AsSpan(digits, _at - digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double number))
        {
            return false;
        }
        if (number > 1e15)
            return false;
        int sign = _text[start] == '-' ? -1 : 1;
        value = sign * (long)number;
        fraction = sign * (number - Math.Floor(number));
        return true;
    }

    private readonly int IntegerWidth(int start)
    {
        if (start < _text.Length && _text[start] == '-')
            start++;
        int end = start;
        while (end < _text.Length && char.IsAsciiDigit(_text[end]))
            end++;
        return end - start;
    }
}
