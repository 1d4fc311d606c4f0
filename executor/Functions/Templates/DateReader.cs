using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;
using NumberStyles = System.Globalization.NumberStyles;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>to_date and to_timestamp: reads a date by a template.</summary>
/// <remarks>Separators match any separators, and spaces are passed over, unless the template says FX.</remarks>
internal ref struct DateReader
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
            "december"];

    private static readonly string[] Weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday"];

    private static readonly string[] Roman = ["xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"];

    private readonly string _text;
    private readonly DateTemplate _template;
    private readonly Dictionary<string, long> _values = [];
    private int _at, _index, _skipped;
    private bool _isPm, _isAm, _isBc;
    private bool? _isIso;

    private DateReader(string text, DateTemplate template)
    {
        _text = text;
        _template = template;
    }

    /// <summary>The local date and time, and the zone's offset in seconds east where the text has one.</summary>
    public static (int Days, long Time, int? Offset) Read(string text, DateTemplate template)
    {
        var reader = new DateReader(text, template);
        reader.Run();
        return reader.Compose();
    }

    private readonly bool AtEnd => _at >= _text.Length;

    private void Run()
    {
        for (_index = 0; _index < _template.Nodes.Count; _index++)
        {
            DateNode node = _template.Nodes[_index];
            if (!_template.IsExact && (node.IsField || _index == 0))
            {
                for (; !AtEnd && char.IsWhiteSpace(_text[_at]); _at++)
                    _skipped++;
            }
            if (AtEnd)
                return; // what is missing keeps its default
            if (node.IsField)
            {
                ReadField(node);
                _skipped = 0;
                if (!_template.IsExact)
                    SkipTrailingSpaces();
            }
            else
            {
                ReadText(node);
            }
        }
    }

    private void SkipTrailingSpaces()
    {
        for (; !AtEnd && char.IsWhiteSpace(_text[_at]); _at++)
            _skipped++;
    }

    private void ReadText(DateNode node)
    {
        if (_template.IsExact)
        {
            _at++;
            return;
        }
        bool isBlank = node.Spelled.Length == 1 && char.IsWhiteSpace(node.Spelled[0]);
        if (node.IsSeparator || isBlank)
        {
            if (_skipped > 0)
                _skipped--;
            else if (IsSeparator(_text[_at]) || char.IsWhiteSpace(_text[_at]))
                _at++;
        }
        else if (_skipped > 0)
        {
            _skipped--;
        }
        else
        {
            _at++;
        }
    }

    private static bool IsSeparator(char c) => c > 0x20 && c < 0x7F && !char.IsAsciiLetterOrDigit(c);

    /// <summary>Fields of calendar dates and of ISO weeks do not go together.</summary>
    private void CheckConvention(string field)
    {
        bool? isIso = field switch
        {
            "IYYY" or "IYY" or "IY" or "I" or "IW" or "ID" or "IDDD" => true,
            "Y,YYY" or "YYYY" or "YYY" or "YY" or "Y" or "MONTH" or "MON" or "MM" or "RM" or "DDD" or "DD" or "D" or "W"
                or "WW" => false,
            _ => null,
        };
        if (isIso is null)
            return;
        if (_isIso is { } before && before != isIso)
        {
            throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid combination of date conventions",
                hint: "Do not mix Gregorian and ISO week date conventions in a formatting template.");
        }
        _isIso = isIso;
    }

    private void ReadField(DateNode node)
    {
        CheckConvention(node.Field);
        switch (node.Field)
        {
            case "A.M." or "P.M." or "AM" or "PM":
                bool isPm = ReadWord(node, ["a.m.", "p.m.", "am", "pm"]) % 2 == 1;
                (_isPm, _isAm) = (isPm, !isPm);
                break;
            case "A.D." or "B.C." or "AD" or "BC":
                _isBc = ReadWord(node, ["a.d.", "b.c.", "ad", "bc"]) % 2 == 1;
                break;
            case "MONTH" or "MON":
                _values["MM"] = ReadMonth(node) + 1;
                break;
            case "DAY" or "DY":
                ReadName(node, Weekdays);
                break;
            case "RM":
                _values["MM"] = 12 - ReadWord(node, Roman);
                break;
            case "TZ" or "OF":
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"formatting field \"{node.Field}\" is only supported in to_char");
            case "TZH":
                ReadZoneHour(node);
                break;
            case "Y,YYY":
                ReadGroupedYear(node);
                break;
            case "MS" or "US" or "FF1" or "FF2" or "FF3" or "FF4" or "FF5" or "FF6":
                ReadFraction(node);
                break;
            case "YYY" or "YY" or "Y" or "IYY" or "IY" or "I":
                ReadPartialYear(node);
                break;
            default:
                Set(node.Field, ReadNumber(node, Width(node.Field)));
                break;
        }
        if (node.Ordinal != 0 && !AtEnd)
            _at = Math.Min(_text.Length, _at + 2);
    }

    private static int Width(string field) => field switch
    {
        "YYYY" or "IYYY" => 4,
        "DDD" or "IDDD" => 3,
        "D" or "ID" or "Q" or "W" => 1,
        "SSSS" or "SSSSS" => 5,
        "J" => int.MaxValue,
        _ => 2,
    };

    private void Set(string field, long value)
    {
        string key = field switch { "HH12" => "HH", "SSSSS" => "SSSS", "IYYY" => "IYYY", _ => field };
        if (_values.TryGetValue(key, out long before) && before != value)
        {
            throw new SqlException(SqlState.InvalidDatetimeFormat,
                $"conflicting values for \"{field}\" field in formatting string")
            { Detail = "This value contradicts a previous setting for the same field type." };
        }
        _values[key] = value;
        if (field is "HH" or "HH12" && value is < 1 or > 12)
        {
            throw new SqlException(SqlState.InvalidDatetimeFormat, $"hour \"{value}\" is invalid for the 12-hour clock",
                hint: "Use the 24-hour clock, or give an hour between 1 and 12.");
        }
    }

    /// <summary>Reads digits: as many as the field has, or any number where no digit can follow it.</summary>
    private int ReadNumber(DateNode node, int width)
    {
        int start = _at, limit = node.IsFill || !IsDigitNext() ? int.MaxValue : width;
        int end = start;
        if (end < _text.Length && _text[end] is '-' or '+')
            end++;
        int digits = end;
        while (end < _text.Length && end - start < limit && char.IsAsciiDigit(_text[end]))
            end++;
        if (end == digits)
            throw Invalid(node, _text[start..Math.Min(_text.Length, start + Math.Min(width, 16))]);
        if (limit != int.MaxValue && end - start < limit && end >= _text.Length && !_template.IsExact
            && _template.Nodes.Count > 1
            && width != int.MaxValue && end - start < width && HasDigitsAfter())
        {
            throw TooShort(node, width, end - start);
        }
        if (!int.TryParse(_text.AsSpan(start, end - start), NumberStyles.AllowLeadingSign, null, out int value))
        {
            throw new SqlException(SqlState.DatetimeFieldOverflow,
                $"value for \"{node.Field}\" in source string is out of range")
            { Detail = $"Value must be in the range {int.MinValue} to {int.MaxValue}." };
        }
        _at = end;
        return value;
    }

    private readonly bool HasDigitsAfter() =>
        _index + 1 < _template.Nodes.Count && IsNumeric(_template.Nodes[_index + 1]);

    private readonly bool IsDigitNext()
    {
        if (_index + 1 >= _template.Nodes.Count)
            return false;
        DateNode next = _template.Nodes[_index + 1];
        return next.IsField ? IsNumeric(next) : next.Spelled.Length > 0 && char.IsAsciiDigit(next.Spelled[0]);
    }

    private static bool IsNumeric(DateNode node) =>
        node.IsField && node.Field is not ("A.M." or "P.M." or "AM" or "PM" or "A.D."
        or "B.C." or "AD" or "BC" or "MONTH" or "MON" or "DAY" or "DY" or "RM" or "TZ" or "OF" or "TZH");

    private static SqlException TooShort(DateNode node, int width, int found) =>
        new(SqlState.InvalidDatetimeFormat, $"source string too short for \"{node.Field}\" formatting field",
            hint: "If your source string is not fixed-width, try using the \"FM\" modifier.")
        { Detail = $"Field requires {width} characters, but only {found} remain." };

    private static SqlException Invalid(DateNode node, string text) =>
        new(SqlState.InvalidDatetimeFormat, $"invalid value \"{text}\" for \"{node.Field}\"")
        { Detail = "Value must be an integer." };

    private void ReadZoneHour(DateNode node)
    {
        bool isNegative = !AtEnd && _text[_at] == '-';
        if (!AtEnd && _text[_at] is '+' or '-' or ' ')
            _at++;
        _values["TZS"] = isNegative ? -1 : 1;
        _values["TZH"] = ReadNumber(node, 2);
    }

    private void ReadGroupedYear(DateNode node)
    {
        int comma = _text.IndexOf(',', _at);
        if (comma < 0 || comma + 4 > _text.Length
            || !int.TryParse(_text.AsSpan(_at, comma - _at), NumberStyles.AllowLeadingSign, null, out int thousands)
            || !int.TryParse(_text.AsSpan(comma + 1, 3), NumberStyles.None, null, out int rest))
        {
            throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"");
        }
        _values["YYYY"] = (thousands * 1000) + rest;
        _at = comma + 4;
    }

    /// <summary>A fraction of a second: "5" for MS is half a second, as after a point.</summary>
    private void ReadFraction(DateNode node)
    {
        int width = node.Field switch { "MS" => 3, "US" => 6, _ => node.Field[2] - '0' }, start = _at;
        long value = ReadNumber(node, width);
        int digits = Math.Min(_at - start, width);
        for (; digits < 6; digits++)
            value *= 10;
        _values["US"] = _values.GetValueOrDefault("US") + value;
    }

    /// <summary>A year of fewer than four digits is the one nearest to 2020.</summary>
    private void ReadPartialYear(DateNode node)
    {
        int start = _at, year = ReadNumber(node, node.Field.Length);
        if (_at - start < 4)
            year += year < 70 ? 2000 : year < 100 ? 1900 : year < 520 ? 2000 : 1000;
        _values[node.Field[0] == 'I' ? "IYYY" : "YYYY"] = year;
    }

    private int ReadWord(DateNode node, string[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (_text.AsSpan(_at).StartsWith(words[i], StringComparison.OrdinalIgnoreCase))
            {
                _at += words[i].Length;
                return i;
            }
        }
        throw NotAllowed(node);
    }

    private int ReadMonth(DateNode node) => node.Field == "MON"
        ? ReadWord(node, [.. Months.Select(static name => name[..3])])
        : ReadName(node, Months);

    private int ReadName(DateNode node, string[] names) => node.Field is "DY"
        ? ReadWord(node, [.. names.Select(static name => name[..3])])
        : ReadWord(node, names);

    private readonly SqlException NotAllowed(DateNode node)
    {
        int end = _at;
        while (end < _text.Length && !char.IsWhiteSpace(_text[end]))
            end++;
        return new SqlException(SqlState.InvalidDatetimeFormat,
            $"invalid value \"{_text[_at..end]}\" for \"{node.Spelled}\"")
        { Detail = "The given value did not match any of the allowed values for this field." };
    }

    private readonly (int Days, long Time, int? Offset) Compose()
    {
        int days = Days();
        long hour = _values.GetValueOrDefault("HH24");
        if (_values.TryGetValue("HH", out long half))
            hour = (_isPm && half < 12) ? half + 12 : (_isAm && half == 12) ? 0 : half;
        else if (_isPm && hour < 12)
            hour += 12;
        long minute = _values.GetValueOrDefault("MI"), second = _values.GetValueOrDefault("SS"),
            fraction = _values.GetValueOrDefault("US");
        if (_values.TryGetValue("SSSS", out long whole))
            (hour, minute, second) = (whole / 3600, whole / 60 % 60, whole % 60);
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || fraction is < 0 or >= 1_000_000)
            throw OutOfRange();
        long time = (((((hour * 60) + minute) * 60) + second) * Calendar.MicrosecondsPerSecond) + fraction;
        int? offset = null;
        if (_values.TryGetValue("TZH", out long zoneHour))
            offset = (int)(_values["TZS"] * ((zoneHour * 3600) + (_values.GetValueOrDefault("TZM") * 60)));
        return (days, time, offset);
    }

    private readonly SqlException OutOfRange() =>
        new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{_text}\"");

    private readonly int Days()
    {
        long days = LongDays();
        return days is >= Calendar.DateMin and <= Calendar.DateMax
            ? (int)days
            : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{_text}\"");
    }

    private readonly long LongDays()
    {
        if (_values.TryGetValue("J", out long julian))
            return julian - Calendar.JulianOffset;
        int year = (int)Year();
        if (_values.TryGetValue("IYYY", out long isoYear))
            return IsoDays((int)isoYear);
        // A month, day or week of zero is one that was not given.
        long month = Given("MM"), day = Given("DD");
        if (_values.GetValueOrDefault("WW") is > 0 and var week)
            return Calendar.LongDaysFromCivil(year, 1, 1) + ((week - 1) * 7);
        if (_values.TryGetValue("W", out long weekOfMonth) && !_values.ContainsKey("DD"))
            day = ((weekOfMonth - 1) * 7) + 1;
        if (_values.GetValueOrDefault("DDD") is not 0 and var dayOfYear && !_values.ContainsKey("MM"))
        {
            if (dayOfYear < 1 || dayOfYear > (Calendar.IsLeapYear(year) ? 366 : 365))
                throw OutOfRange();
            return Calendar.LongDaysFromCivil(year, 1, 1) + dayOfYear - 1;
        }
        if (month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, (int)month))
            throw OutOfRange();
        return Calendar.LongDaysFromCivil(year, (int)month, (int)day);
    }

    private readonly long Given(string field) => _values.GetValueOrDefault(field) is not 0 and var value ? value : 1;

    /// <summary>The year in astronomical counting; without one it is 1 BC.</summary>
    private readonly long Year()
    {
        bool hasYear = _values.TryGetValue("YYYY", out long year);
        if (_values.TryGetValue("CC", out long century))
        {
            long inCentury = hasYear ? year % 100 : 0;
            return _isBc
                ? 1 - ((century * 100) - inCentury + (inCentury == 0 ? 0 : 1))
                : hasYear ? ((inCentury == 0 ? century : century - 1) * 100) + inCentury : ((century - 1) * 100) + 1;
        }
        if (!hasYear)
            return 0;
        if (_isBc)
            year = -year;
        return year < 0 ? year + 1 : year == 0 && _isBc ? 0 : year;
    }

    private readonly int IsoDays(int isoYear)
    {
        if (_values.TryGetValue("IDDD", out long day))
            return Calendar.IsoWeekStart(isoYear, 1) + (int)day - 1;
        int start = Calendar.IsoWeekStart(isoYear, (int)_values.GetValueOrDefault("IW", 1));
        return start + (int)_values.GetValueOrDefault("ID", 1) - 1;
    }
}
