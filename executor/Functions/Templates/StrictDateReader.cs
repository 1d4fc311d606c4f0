using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Json;
using CultureInfo = System.Globalization.CultureInfo;
using NumberStyles = System.Globalization.NumberStyles;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>Reads dates and times by a template of SQL's standard, which the text must follow to its end.</summary>
/// <remarks>What the template has decides of which type the result is.</remarks>
internal ref struct StrictDateReader
{
    private readonly string _text;
    private readonly DateTemplate _template;
    private readonly Dictionary<string, int> _values = [];
    private int _at, _index, _zoneSign;
    private bool? _isPm;
    private bool _hasDate, _hasTime, _hasZone;

    private StrictDateReader(string text, DateTemplate template) => (_text, _template) = (text, template);

    /// <exception cref="SqlException">22007, 22008: the text does not follow the template, or the template is none.</exception>
    internal static PathDateTime Read(string text, DateTemplate template)
    {
        var reader = new StrictDateReader(text, template);
        reader.Run();
        return reader.Compose();
    }

    private void Run()
    {
        for (_index = 0; _index < _template.Nodes.Count; _index++)
        {
            DateNode node = _template.Nodes[_index];
            if (_at >= _text.Length)
                throw Invalid("input string is too short for datetime format");
            if (node.IsField)
                ReadField(node);
            else if (_text.AsSpan(_at).StartsWith(node.Spelled))
                _at += node.Spelled.Length;
            else
                throw Invalid($"unmatched format {(node.IsSeparator ? "separator" : "character")} \"{node.Spelled}\"");
        }
        if (_at < _text.Length)
            throw Invalid("trailing characters remain in input string after datetime format");
    }

    private void ReadField(DateNode node)
    {
        switch (node.Field)
        {
            case "YYYY" or "YYY" or "YY" or "Y" or "MM" or "DD" or "DDD":
                _hasDate = true;
                int start = _at, value = ReadNumber(node, node.Field == "DDD" ? 3 : node.Field.Length);
                Set(node.Field[0] == 'Y' ? "YYYY" : node.Field, node.Field[0] == 'Y' ? Year(value, _at - start) : value, node);
                break;
            case "HH24" or "HH" or "HH12" or "MI" or "SS":
                _hasTime = true;
                Set(node.Field == "HH12" ? "HH" : node.Field, ReadNumber(node, 2), node);
                break;
            case "SSSSS":
                _hasTime = true;
                Set(node.Field, ReadNumber(node, 5), node);
                break;
            case "MS" or "US" or "FF1" or "FF2" or "FF3" or "FF4" or "FF5" or "FF6":
                _hasTime = true;
                ReadFraction(node, node.Field switch { "MS" => 3, "US" => 6, _ => node.Field[2] - '0' });
                break;
            case "AM" or "PM" or "A.M." or "P.M.":
                _hasTime = true;
                ReadHalf(node);
                break;
            case "TZH":
                _hasZone = true;
                while (_at + 1 < _text.Length && _text[_at] == ' ')
                    _at++;
                _zoneSign = _text[_at] == '-' ? -1 : 1;
                if (_text[_at] is '+' or '-')
                    _at++;
                Set("TZH", ReadNumber(node, 2), node);
                break;
            case "TZM":
                _hasZone = true;
                Set("TZM", ReadNumber(node, 2), node);
                break;
            default:
                throw Invalid($"invalid datetime format field \"{node.Spelled}\"");
        }
    }

    private static int Year(int value, int digits) => digits switch
    {
        >= 4 => value,
        _ when value < 70 => value + 2000,
        _ when value < 100 => value + 1900,
        _ when value < 520 => value + 2000,
        _ => value + 1000,
    };

    private void Set(string field, int value, DateNode node)
    {
        if (!_values.TryAdd(field, value) && _values[field] != value)
            throw Invalid($"conflicting values for \"{node.Spelled}\" field in formatting string");
    }

    private int ReadNumber(DateNode node, int width)
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        int start = _at, limit = node.IsFill || !IsDigitNext() ? int.MaxValue : width;
        while (_at < _text.Length && _at - start < limit && char.IsAsciiDigit(_text[_at]))
            _at++;
        if (_at == start)
            throw Invalid($"invalid value \"{_text.AsSpan(start, Math.Min(width, _text.Length - start))}\" for \"{node.Spelled}\"");
        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new SqlException(SqlState.DatetimeFieldOverflow, $"value for \"{node.Spelled}\" in source string is out of range");
    }

    private readonly bool IsDigitNext() =>
        _index + 1 < _template.Nodes.Count && _template.Nodes[_index + 1] is { IsField: true, Field: not ("AM" or "PM" or "A.M." or "P.M." or "TZH") };

    private void ReadFraction(DateNode node, int width)
    {
        int start = _at, value = ReadNumber(node, width);
        for (int digits = _at - start; digits < 6; digits++)
            value *= 10;
        if (value > 999_999)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{_text}\"");
        Set("US", value, node);
    }

    private void ReadHalf(DateNode node)
    {
        foreach (string half in (ReadOnlySpan<string>)["a.m.", "p.m.", "am", "pm"])
        {
            if (!_text.AsSpan(_at).StartsWith(half, StringComparison.OrdinalIgnoreCase))
                continue;
            _at += half.Length;
            _isPm = half[0] == 'p';
            return;
        }
        throw Invalid($"invalid value \"{_text[_at..]}\" for \"{node.Spelled}\"");
    }

    private readonly PathDateTime Compose()
    {
        uint type = (_hasDate, _hasTime, _hasZone) switch
        {
            (true, true, true) => TypeOid.TimestampTz,
            (true, true, false) => TypeOid.Timestamp,
            (true, false, false) => TypeOid.Date,
            (false, true, true) => TypeOid.TimeTz,
            (false, true, false) => TypeOid.Time,
            (_, _, true) => throw Invalid("datetime format is zoned but not timed"),
            _ => throw Invalid("datetime format is not dated and not timed"),
        };
        int hours = _values.GetValueOrDefault("TZH"), minutes = _values.GetValueOrDefault("TZM");
        if (hours > 15 || minutes > 59)
            throw OutOfRange();
        return new PathDateTime(type, _hasDate ? Days() : 0, Time(), _zoneSign * ((hours * 3600) + (minutes * 60)));
    }

    private readonly int Days()
    {
        int year = _values.GetValueOrDefault("YYYY", 1), month = _values.GetValueOrDefault("MM", 1), day = _values.GetValueOrDefault("DD", 1);
        long days;
        if (_values.TryGetValue("DDD", out int dayOfYear) && !_values.ContainsKey("MM"))
        {
            days = dayOfYear >= 1 && dayOfYear <= (Calendar.IsLeapYear(year) ? 366 : 365)
                ? Calendar.LongDaysFromCivil(year, 1, 1) + dayOfYear - 1
                : throw OutOfRange();
        }
        else
        {
            days = month is >= 1 and <= 12 && day >= 1 && day <= Calendar.DaysInMonth(year, month)
                ? Calendar.LongDaysFromCivil(year, month, day)
                : throw OutOfRange();
        }
        return Calendar.IsDate(days)
            ? (int)days
            : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{_text}\"");
    }

    private readonly long Time()
    {
        int hour = _values.GetValueOrDefault("HH24"), minute = _values.GetValueOrDefault("MI"), second = _values.GetValueOrDefault("SS");
        if (_values.TryGetValue("HH", out int half))
        {
            if (half is < 1 or > 12)
                throw Invalid($"hour \"{half}\" is invalid for the 12-hour clock");
            hour = _isPm == true ? (half % 12) + 12 : _isPm == false ? half % 12 : half;
        }
        if (_values.TryGetValue("SSSSS", out int whole))
            (hour, minute, second) = (whole / 3600, whole / 60 % 60, whole % 60);
        if (hour > 23 || minute > 59 || second > 59)
            throw OutOfRange();
        return (((((hour * 60L) + minute) * 60) + second) * Calendar.MicrosecondsPerSecond) + _values.GetValueOrDefault("US");
    }

    private readonly SqlException OutOfRange() =>
        new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{_text}\"");

    private static SqlException Invalid(string message) => new(SqlState.InvalidDatetimeFormat, message);
}
