using System.Globalization;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;
using Calendar = VecSQL.Catalog.Values.Calendar;

namespace VecSQL.Catalog.Formats;

/// <summary>Reads dates and times in all the forms that PostgreSQL takes.</summary>
/// <remarks>
/// Tokens are taken in order, and each fills some of the fields year, month, day, time and zone; a field filled twice
/// is an error. Which number is which follows from its length, from what is filled already, and from the date order
/// setting.
/// </remarks>
internal sealed partial class DateTimeParser
{
    private const int Year = 1, Month = 2, Day = 4, Date = Year | Month | Day, DayOfYear = 8, Time = 16, Zone = 32;
    private const int DaylightSaving = 64, Meridian = 128, Era = 256, Weekday = 512;

    private readonly FormatContext _context;
    private readonly string _type;
    private readonly byte[] _text;
    private readonly bool _isTimeOnly;

    private int _filled;
    private int _year, _month, _day, _dayOfYear;
    private long _hour;
    private int _minute, _second, _microsecond;
    private int _offset; // seconds east of UTC
    private TimeZoneInfo? _zone;
    private bool _isBc, _isPm, _isAm, _isJulian, _isYearShort, _hasTextMonth;
    private DateWord _label; // a word that says what the next number is

    private DateTimeParser(ReadOnlySpan<byte> text, string type, FormatContext context, bool isTimeOnly)
    {
        _text = text.ToArray();
        _type = type;
        _context = context;
        _isTimeOnly = isTimeOnly;
    }

    /// <summary>A date and time as read.</summary>
    /// <param name="Special">Infinity, NegativeInfinity or Epoch for those words, else Unknown.</param>
    /// <param name="Time">Microseconds since midnight, up to 24:00.</param>
    /// <param name="Offset">
    /// Seconds east of UTC, as written or from the session's zone; null for "as the zone says then".
    /// </param>
    internal readonly record struct Result(DateWord Special, long Days, long Time, int Offset);

    internal static Result ParseTimestamp(ReadOnlySpan<byte> text, string type, FormatContext context) =>
        new DateTimeParser(text, type, context, isTimeOnly: false).Parse();

    internal static Result ParseTime(ReadOnlySpan<byte> text, string type, FormatContext context) =>
        new DateTimeParser(text, type, context, isTimeOnly: true).Parse();

    internal static SqlException Malformed(string type, ReadOnlySpan<byte> text) =>
        new(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {type}: \"{FormatErrors.Text(text)}\"");

    private Result Parse()
    {
        List<DateToken> tokens = DateTimeTokens.Split(_text, word =>
            DateWords.Find(word).Word != DateWord.Unknown) ?? throw Bad();
        if (tokens.Count == 0)
            throw Bad();
        DateWord special = DateWord.Unknown;
        for (int i = 0; i < tokens.Count; i++)
        {
            int fills = tokens[i].Kind switch
            {
                DateTokenKind.Date => ReadDateToken(tokens, i),
                DateTokenKind.Time => ReadTimeToken(tokens[i].Text),
                DateTokenKind.Zone => ReadOffset(tokens[i].Text),
                DateTokenKind.Number => ReadNumberToken(tokens, i),
                _ => ReadWord(tokens, i, ref special),
            };
            if ((fills & _filled) != 0)
                throw Bad();
            _filled |= fills;
        }
        if (special != DateWord.Unknown)
            return new Result(special, 0, 0, 0);
        return Finish();
    }

    private Result Finish()
    {
        CheckDate();
        if ((_isAm || _isPm) && _hour > 12)
            throw Overflow();
        if (_isAm && _hour == 12)
            _hour = 0;
        else if (_isPm && _hour != 12)
            _hour += 12;
        long time = (((((_hour * 60) + _minute) * 60) + _second) * Calendar.MicrosecondsPerSecond) + _microsecond;
        // Beside a date, digits run together may pass midnight.
        if (_isTimeOnly && (_hour > 24 || _minute > 59 || _second > 60 || time > Calendar.MicrosecondsPerDay))
            throw Overflow();
        bool hasDate = (_filled & Date) == Date;
        if (_isTimeOnly ? (_filled & Time) == 0 : !hasDate)
            throw Bad();
        long days = hasDate ? Calendar.LongDaysFromCivil(_year, _month, _day) : Timestamps.Split(LocalNow()).Days;
        return new Result(DateWord.Unknown, days, time, FindOffset(days, time, hasDate));
    }

    private int FindOffset(long days, long time, bool hasDate)
    {
        if ((_filled & Zone) != 0 && _zone is null)
            return _offset;
        if ((_filled & DaylightSaving) != 0 && (_zone is not null || (_filled & Zone) == 0))
            throw Bad();
        if (_isTimeOnly && _zone is { SupportsDaylightSavingTime: true } && !hasDate)
            throw Bad(); // without a day the zone's offset is not known
        Int128 local = ((Int128)days * Calendar.MicrosecondsPerDay) + time;
        return local == (long)local ? TimeZones.OffsetOfLocal((long)local, _zone ?? _context.TimeZone) : 0;
    }

    /// <summary>Brings the year into one form and checks that the day exists.</summary>
    private void CheckDate()
    {
        if ((_filled & Year) != 0 && !_isJulian)
        {
            if (_isBc)
                _year = _year <= 0 ? throw Overflow() : 1 - _year;
            else if (_isYearShort)
                _year += _year < 70 ? 2000 : _year < 100 ? 1900 : 0;
            else if (_year <= 0)
                throw Overflow(); // there is no year 0
        }
        if ((_filled & DayOfYear) != 0)
        {
            (_year, _month, _day) =
                Calendar.CivilFromDays((int)Calendar.LongDaysFromCivil(_year, 1, 1) + _dayOfYear - 1);
        }
        if (((_filled & Month) != 0 && _month is < 1 or > 12) || ((_filled & Day) != 0 && _day is < 1 or > 31))
            throw MonthDayOverflow();
        if ((_filled & Date) == Date && _day > Calendar.DaysInMonth(_year, _month))
            throw Overflow();
    }

    private int ReadWord(List<DateToken> tokens, int index, ref DateWord special)
    {
        string text = tokens[index].Text;
        if (tokens[index].Kind == DateTokenKind.String && ZoneAbbreviations.ZoneOf(text) is { } changing)
        {
            _zone = TimeZones.Find(changing) ?? throw Bad();
            return Zone;
        }
        if (tokens[index].Kind == DateTokenKind.String && ZoneAbbreviations.TryFind(text, out int offset))
        {
            _offset = offset;
            return Zone;
        }
        (DateWord word, int value) = DateWords.Find(text);
        switch (word)
        {
            case DateWord.Ignored:
                return 0;
            case DateWord.Weekday:
                return Weekday;
            case DateWord.Month when !_isTimeOnly:
                return ReadMonthName(value);
            case DateWord.Am or DateWord.Pm:
                (_isAm, _isPm) = (word == DateWord.Am, word == DateWord.Pm);
                return Meridian;
            case DateWord.Ad or DateWord.Bc:
                _isBc = word == DateWord.Bc;
                return Era;
            case DateWord.DaylightSaving:
                _offset += 3600;
                return DaylightSaving;
            case DateWord.Now or DateWord.Today or DateWord.Tomorrow or DateWord.Yesterday:
                return ReadNow(word);
            case DateWord.Midnight:
                (_hour, _minute, _second, _microsecond, _offset) = (0, 0, 0, 0, 0);
                return Time | Zone;
            case DateWord.Epoch or DateWord.Infinity or DateWord.NegativeInfinity when !_isTimeOnly:
                special = word;
                return Date | Time | Zone;
            case DateWord.Julian:
                _label = DateWord.Julian;
                return 0;
            case DateWord.IsoTime:
                bool hasTimeNext = index + 1 < tokens.Count
                    && tokens[index + 1].Kind is DateTokenKind.Number or DateTokenKind.Time or DateTokenKind.Date;
                if (!hasTimeNext || (!_isTimeOnly && (_filled & Date) != Date))
                    throw Bad();
                _label = DateWord.IsoTime;
                return 0;
            case DateWord.Unknown when tokens[index].Kind == DateTokenKind.String:
                _zone = TimeZones.Find(text) ?? throw Bad();
                return Zone;
            default:
                throw Bad();
        }
    }

    private int ReadMonthName(int month)
    {
        int fills = Month;
        // A number taken for the month was the day.
        if ((_filled & Month) != 0 && !_hasTextMonth && (_filled & Day) == 0 && _month is >= 1 and <= 31)
        {
            _day = _month;
            fills = Day;
        }
        _hasTextMonth = true;
        _month = month;
        return fills;
    }

    private int ReadNow(DateWord word)
    {
        if (_isTimeOnly && word != DateWord.Now)
            throw Bad();
        (int days, long time) = Timestamps.Split(LocalNow());
        days += word switch { DateWord.Tomorrow => 1, DateWord.Yesterday => -1, _ => 0 };
        (_year, _month, _day) = Calendar.CivilFromDays(days);
        _isJulian = true; // the year is right as it is
        if (word != DateWord.Now)
            return Date;
        _hour = time / Calendar.MicrosecondsPerHour;
        _minute = (int)(time / Calendar.MicrosecondsPerMinute % 60);
        _second = (int)(time / Calendar.MicrosecondsPerSecond % 60);
        _microsecond = (int)(time % Calendar.MicrosecondsPerSecond);
        _offset = TimeZones.OffsetAt(_context.NowMicroseconds, _context.TimeZone);
        return Date | Time | Zone;
    }

    private long LocalNow() => Timestamps.ToLocal(_context.NowMicroseconds, _context.TimeZone);

    private SqlException Bad() => Malformed(_type, _text);

    private SqlException Overflow(string? hint = null) => new(SqlState.DatetimeFieldOverflow,
        $"date/time field value out of range: \"{FormatErrors.Text(_text)}\"", hint: hint);

    private SqlException MonthDayOverflow() => Overflow("Perhaps you need a different \"datestyle\" setting.");

    private SqlException OffsetOverflow() => new(SqlState.InvalidTimeZoneDisplacementValue,
        $"time zone displacement out of range: \"{FormatErrors.Text(_text)}\"");

    private int ReadInteger(string digits) =>
        int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw (digits.Length > 0 && digits.Length > digits.Count(c => c is '+' or '-') ? Overflow() : Bad());
}
