using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Reads the usual ISO forms of dates and timestamps without allocating; everything else is left to the full parser.
/// </summary>
internal static class IsoText
{
    private const int DateLength = 10;

    /// <summary>Reads <c>yyyy-mm-dd</c>; returns its length, or 0 where it is not that or not a day.</summary>
    internal static int TryReadDate(ReadOnlySpan<byte> text, out int days)
    {
        days = 0;
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-')
            return 0;
        if (!TryTwo(text, out int century) || !TryTwo(text[2..], out int yearOfCentury)
            || !TryTwo(text[5..], out int month) || !TryTwo(text[8..], out int day))
        {
            return 0;
        }
        int year = (century * 100) + yearOfCentury;
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, month))
            return 0; // the full parser words the error
        days = Calendar.DaysFromCivil(year, month, day);
        return DateLength;
    }

    /// <summary>Reads <c>yyyy-mm-dd[( |T)hh:mm:ss[.ffffff][(+|-)hh[:mm]|Z]]</c>.</summary>
    /// <param name="offset">Seconds east of UTC where written.</param>
    internal static bool TryReadTimestamp(ReadOnlySpan<byte> text, out long local, out int? offset)
    {
        local = 0;
        offset = null;
        if (TryReadDate(text, out int days) == 0)
            return false;
        local = days * Calendar.MicrosecondsPerDay;
        ReadOnlySpan<byte> rest = text[DateLength..];
        if (rest.IsEmpty)
            return true;
        if (rest.Length < 9 || rest[0] is not ((byte)' ' or (byte)'T') || rest[3] != ':' || rest[6] != ':')
            return false;
        if (!TryTwo(rest[1..], out int hour) || !TryTwo(rest[4..], out int minute) || !TryTwo(rest[7..], out int second)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }
        int microseconds = 0;
        rest = rest[9..];
        if (rest.Length > 1 && rest[0] == '.')
        {
            int digits = 0;
            for (rest = rest[1..]; rest.Length > 0 && TextScan.IsDigit(rest[0]); rest = rest[1..], digits++)
                microseconds = (microseconds * 10) + (rest[0] - '0');
            if (digits is 0 or > 6)
                return false;
            for (; digits < 6; digits++)
                microseconds *= 10;
        }
        local += (((((hour * 60) + minute) * 60) + second) * Calendar.MicrosecondsPerSecond) + microseconds;
        return rest.IsEmpty || TryReadOffset(rest, out offset);
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out int? offset)
    {
        offset = null;
        if (text is [(byte)'Z'])
        {
            offset = 0;
            return true;
        }
        if (text.Length is not (3 or 6) || text[0] is not ((byte)'+' or (byte)'-') || !TryTwo(text[1..], out int hours))
            return false;
        int minutes = 0;
        if (text.Length == 6 && (text[3] != ':' || !TryTwo(text[4..], out minutes)))
            return false;
        if (hours > 15 || minutes > 59)
            return false;
        int seconds = ((hours * 60) + minutes) * 60;
        offset = text[0] == '-' ? -seconds : seconds;
        return true;
    }

    private static bool TryTwo(ReadOnlySpan<byte> text, out int value)
    {
        int tens = text[0] - '0', ones = text[1] - '0';
        value = (tens * 10) + ones;
        return (uint)tens <= 9 && (uint)ones <= 9;
    }
}
