using System.Globalization;
using VecSQL.Catalog.Values;
using Calendar = VecSQL.Catalog.Values.Calendar;

namespace VecSQL.Catalog.Formats;

// Tokens made of numbers.
internal sealed partial class DateTimeParser
{
    private const int OffsetHoursMax = 15;

    private int ReadDateToken(List<DateToken> tokens, int index)
    {
        string text = tokens[index].Text;
        if (_label == DateWord.Julian)
        {
            // J2451187-0800: a Julian day with an offset
            int sign = text.IndexOfAny(['-', '+', '/', '.']);
            ReadJulian(text[..sign]);
            _label = DateWord.Unknown;
            return Date | Time | ReadOffset(text[sign..]);
        }
        bool hasDay = (_filled & (Month | Day)) == (Month | Day);
        bool isDateAllowed = !_isTimeOnly || (index == 0 && tokens.Count >= 2
            && (tokens[^1].Kind == DateTokenKind.Date || tokens[1].Kind == DateTokenKind.Time));
        if (_label == DateWord.Unknown && !hasDay && isDateAllowed)
            return ReadDate(text);
        if (_label == DateWord.Unknown && !char.IsAsciiDigit(text[0]))
        {
            _zone = TimeZones.Find(text)
                ?? throw new Core.Errors.SqlException(
                    Core.Errors.SqlState.InvalidParameterValue, $"time zone \"{text}\" not recognized");
            return Zone;
        }
        // A time run together with its offset: 040506-08
        _label = DateWord.Unknown;
        int minus = text.IndexOf('-');
        if ((_filled & Time) != 0 || minus < 0)
            throw Bad();
        int fills = ReadOffset(text[minus..]);
        return fills | ReadRunTogether(text[..minus], _filled | (_isTimeOnly ? Date : 0));
    }

    private int ReadTimeToken(string text)
    {
        if (_label is not (DateWord.Unknown or DateWord.IsoTime))
            throw Bad();
        _label = DateWord.Unknown;
        string[] parts = DateTimeTokens.ClockParts(text);
        if (parts.Length is < 2 or > 3)
            throw Bad();
        _hour = ReadInteger(parts[0]);
        if (parts.Length == 2 && parts[1].Contains('.', StringComparison.Ordinal))
        {
            // 04:05.6 is minutes and seconds
            _minute = (int)_hour;
            _hour = 0;
            ReadSecond(parts[1]);
        }
        else
        {
            _minute = ReadInteger(parts[1]);
            _second = _microsecond = 0;
            if (parts.Length == 3)
                ReadSecond(parts[2]);
        }
        bool isPastMidnight = _hour > 24 || (_hour == 24 && (_minute != 0 || _second != 0 || _microsecond != 0));
        if (isPastMidnight || _minute > 59 || _second > 60)
            throw Overflow();
        return Time;
    }

    private int ReadNumberToken(List<DateToken> tokens, int index)
    {
        string text = tokens[index].Text;
        int dot = text.IndexOf('.');
        if (_label == DateWord.Julian)
        {
            _label = DateWord.Unknown;
            ReadJulian(dot < 0 ? text : text[..dot]);
            if (dot < 0)
                return Date;
            double fraction = double.Parse("0" + text[dot..], CultureInfo.InvariantCulture);
            SetTime((long)(fraction * Calendar.MicrosecondsPerDay));
            return Date | Time;
        }
        if (_label == DateWord.IsoTime)
        {
            _label = DateWord.Unknown;
            int fills = ReadRunTogether(text, _filled | Date);
            return fills == Time ? fills : throw Bad();
        }
        if (_isTimeOnly)
            return ReadNumberOfTime(tokens, index, dot);
        if (dot >= 0 && (_filled & Date) == 0)
            return ReadDate(text);
        if (dot > 2 || (text.Length >= 6 && ((_filled & Date) == 0 || (_filled & Time) == 0)))
            return ReadRunTogether(text, _filled);
        return ReadNumber(text, _filled);
    }

    private int ReadNumberOfTime(List<DateToken> tokens, int index, int dot)
    {
        string text = tokens[index].Text;
        if (dot >= 0)
        {
            if (index == 0 && tokens.Count >= 2 && tokens[^1].Kind == DateTokenKind.Date)
                return ReadDate(text);
            return dot > 2 ? ReadRunTogether(text, _filled | Date) : throw Bad();
        }
        return text.Length > 4 ? ReadRunTogether(text, _filled | Date) : ReadNumber(text, _filled | Date);
    }

    /// <summary>Reads a date with delimiters, of which one part may be a month's name.</summary>
    private int ReadDate(string text)
    {
        List<string> parts = [];
        for (int at = 0; at < text.Length;)
        {
            while (at < text.Length && !char.IsAsciiLetterOrDigit(text[at]))
                at++;
            if (at == text.Length)
                throw Bad();
            int start = at;
            bool isDigit = char.IsAsciiDigit(text[at]);
            while (at < text.Length && (isDigit ? char.IsAsciiDigit(text[at]) : char.IsAsciiLetter(text[at])))
                at++;
            parts.Add(text[start..at]);
            at++; // whatever ended the part
        }
        int filled = _filled, fills = 0;
        foreach (string part in parts)
        {
            if (!char.IsAsciiLetter(part[0]))
                continue;
            (DateWord word, int value) = DateWords.Find(part);
            if (word == DateWord.Ignored)
                continue;
            if (word != DateWord.Month || (filled & Month) != 0)
                throw Bad();
            _month = value;
            _hasTextMonth = true;
            filled |= Month;
            fills |= Month;
        }
        foreach (string part in parts)
        {
            if (char.IsAsciiLetter(part[0]))
                continue;
            int field = ReadNumber(part, filled);
            if ((filled & field) != 0)
                throw Bad();
            filled |= field;
            fills |= field;
        }
        return (filled & Date) == Date && (filled & ~(Date | DayOfYear | Zone | Weekday)) == 0 ? fills : throw Bad();
    }

    /// <summary>Reads a lone number: its place among the fields filled so far says what it is.</summary>
    private int ReadNumber(string text, int filled)
    {
        int dot = text.IndexOf('.');
        if (dot > 2)
            return ReadRunTogether(text, filled | Date);
        int value = ReadInteger(dot < 0 ? text : text[..dot]);
        if (dot >= 0)
            _microsecond = ReadFraction(text[dot..]);
        int length = text.Length;
        if (length == 3 && (filled & Date) == Year && value is >= 1 and <= 366)
        {
            _dayOfYear = value;
            return DayOfYear | Month | Day;
        }
        DateOrder order = _context.DateOrder;
        int field = (filled & Date) switch
        {
            0 => length >= 3 || order == DateOrder.YearMonthDay ? Year : order == DateOrder.DayMonthYear ? Day : Month,
            Year => Month,
            Month => _hasTextMonth && (length >= 3 || order == DateOrder.YearMonthDay) ? Year : Day,
            Year | Month => Day,
            Day => Month,
            Month | Day => Year,
            Date => 0,
            _ => throw Bad(),
        };
        switch (field)
        {
            case 0:
                return ReadRunTogether(text, filled);
            case Year:
                _year = value;
                _isYearShort = length <= 2;
                break;
            case Month:
                _month = value;
                break;
            default:
                // 08-Jan-1999 in year-first order: what looked like a year was the day.
                if ((filled & Date) == (Year | Month) && _hasTextMonth && length >= 3 && _isYearShort)
                    (_day, _year, _isYearShort) = (_year, value, false);
                else
                    _day = value;
                break;
        }
        return field;
    }

    /// <summary>
    /// Reads digits run together: yyyymmdd, yymmdd, hhmmss, hhmm, perhaps with a fraction of a second.
    /// </summary>
    private int ReadRunTogether(string text, int filled)
    {
        int dot = text.IndexOf('.');
        if (dot >= 0)
        {
            _microsecond = ReadFraction(text[dot..]);
            text = text[..dot];
        }
        else if ((filled & Date) != Date && text.Length >= 6)
        {
            _day = ReadInteger(text[^2..]);
            _month = ReadInteger(text[^4..^2]);
            _year = ReadInteger(text[..^4]);
            _isYearShort = text.Length - 4 == 2;
            return Date;
        }
        if ((filled & Time) == 0 && text.Length is 4 or 6)
        {
            _hour = ReadInteger(text[..2]);
            _minute = ReadInteger(text[2..4]);
            _second = text.Length == 6 ? ReadInteger(text[4..]) : 0;
            return Time;
        }
        throw Bad();
    }

    private int ReadOffset(string text)
    {
        if (text[0] is not ('+' or '-'))
            throw Bad();
        int at = 1, minutes = 0, seconds = 0;
        int hours = ReadOffsetPart(text, ref at);
        if (at < text.Length && text[at] == ':')
        {
            at++;
            minutes = ReadOffsetPart(text, ref at);
            if (at < text.Length && text[at] == ':')
            {
                at++;
                seconds = ReadOffsetPart(text, ref at);
            }
        }
        else if (at == text.Length && text.Length > 3)
        {
            (hours, minutes) = (hours / 100, hours % 100);
        }
        if (hours > OffsetHoursMax || minutes > 59 || seconds > 59)
            throw OffsetOverflow();
        if (at < text.Length)
            throw Bad();
        int offset = (((hours * 60) + minutes) * 60) + seconds;
        _offset = text[0] == '-' ? -offset : offset;
        return Zone;
    }

    private int ReadOffsetPart(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at == start)
            return 0;
        return int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture,
            out int value)
            ? value
            : throw OffsetOverflow();
    }

    private void ReadSecond(string text)
    {
        int dot = text.IndexOf('.');
        _second = ReadInteger(dot < 0 ? text : text[..dot]);
        _microsecond = dot < 0 ? 0 : ReadFraction(text[dot..]);
    }

    /// <summary>Microseconds of a fraction that begins with its point; rounded to even.</summary>
    private int ReadFraction(string text)
    {
        if (text.Length == 1)
            return 0;
        return double.TryParse("0" + text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double fraction)
            ? (int)Math.Round(fraction * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven)
            : throw Bad();
    }

    private void ReadJulian(string digits)
    {
        int days = ReadInteger(digits);
        (_year, _month, _day) = Calendar.CivilFromDays(days - Calendar.JulianOffset);
        _isJulian = true;
    }

    private void SetTime(long time)
    {
        _hour = time / Calendar.MicrosecondsPerHour;
        _minute = (int)(time / Calendar.MicrosecondsPerMinute % 60);
        _second = (int)(time / Calendar.MicrosecondsPerSecond % 60);
        _microsecond = (int)(time % Calendar.MicrosecondsPerSecond);
    }
}
