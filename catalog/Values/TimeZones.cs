using System.Collections.Concurrent;
using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Time zones by name, and conversion between UTC and local time.</summary>
/// <remarks>
/// Times are microseconds since 1970-01-01. Offsets are whole minutes, as the platform keeps them, so local mean times
/// of the nineteenth century are off by some seconds.
/// Threads: any.
/// </remarks>
public static class TimeZones
{
    // years 1 and 9999, all a DateTime holds
    private const long SecondsMin = -62_135_596_800, SecondsMax = 253_402_300_799;
    private const long SecondsPerEra = 146_097L * 86_400; // 400 years, after which the calendar repeats

    private static readonly ConcurrentDictionary<string, TimeZoneInfo?> ByName = new(StringComparer.OrdinalIgnoreCase);

    private static readonly ConcurrentDictionary<string, TimeZoneInfo> ByAbbreviation = new();

    /// <summary>
    /// Finds a zone by its IANA name in any letter case, an abbreviation, or a POSIX form such as <c>UTC+3</c>.
    /// </summary>
    /// <remarks>POSIX counts hours west of UTC as positive: <c>UTC+3</c> and <c>+3</c> lie in the west.</remarks>
    /// <returns>Null if there is none.</returns>
    public static TimeZoneInfo? Find(string name)
    {
        if (ByName.TryGetValue(name, out TimeZoneInfo? zone))
            return zone;
        zone = Look(name);
        if (ByName.Count < 10_000) // names come from users; their number must not grow without bound
            ByName[name] = zone;
        return zone;
    }

    /// <summary>A POSIX form such as <c>UTC+3</c>: a name, and hours west; null where the text is none.</summary>
    public static TimeZoneInfo? FindPosix(string text) =>
        TryParsePosix(text, out int offset) ? Fixed(offset, text) : null;

    /// <summary>The moment of a local time in a zone given by its name, or by an offset with a sign, which counts eastwards as in a
    /// timestamp's text: hours, or hours and minutes together, or either with minutes and seconds behind colons.</summary>
    /// <exception cref="SqlException">There is no such zone or offset (22023).</exception>
    public static long ToUtc(long local, string zone)
    {
        if (zone is [>= '0' and <= '9', ..])
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid input syntax for type numeric time zone: \"{zone}\"",
                hint: "Numeric time zones must have \"-\" or \"+\" as first character.");
        }
        if (zone is not ['+' or '-', ..])
            return Timestamps.ToUtc(local, FindOrThrow(zone));
        return Timestamps.IsFinite(local) ? local - (ParseOffset(zone) * Calendar.MicrosecondsPerSecond) : local;
    }

    private static long ParseOffset(string text)
    {
        string[] parts = text[1..].Split(':');
        int[] numbers = new int[3];
        for (int i = 0; i < parts.Length; i++)
        {
            bool isMissing = i > 0 && parts[i].Length == 0;
            if (i > 2 || (!isMissing && !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])))
                throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{text}\" not recognized");
        }
        if (parts.Length == 1 && text.Length > 3)
            (numbers[0], numbers[1]) = (numbers[0] / 100, numbers[0] % 100);
        if (numbers[0] > 15 || numbers[1] > 59 || numbers[2] > 59)
            throw new SqlException(SqlState.InvalidParameterValue, $"numeric time zone \"{text}\" out of range");
        long seconds = (((numbers[0] * 60L) + numbers[1]) * 60) + numbers[2];
        return text[0] == '-' ? -seconds : seconds;
    }

    /// <summary>The zone that an expression names, as in AT TIME ZONE: an abbreviation goes before a zone of the same name, so that
    /// <c>EET</c> has no summer time there.</summary>
    /// <exception cref="SqlException">No zone has the name (22023).</exception>
    public static TimeZoneInfo FindOrThrow(string name) => Abbreviated(name) ?? Find(name)
        ?? throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{name}\" not recognized");

    /// <summary>A zone of a fixed offset in seconds east of UTC.</summary>
    public static TimeZoneInfo Fixed(int offsetSeconds, string? name = null)
    {
        TimeSpan offset = TimeSpan.FromMinutes(Math.Clamp(offsetSeconds / 60, -14 * 60, 14 * 60));
        name ??= PosixName(offsetSeconds);
        return TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name);
    }

    /// <summary>The zone's offset at a moment, in seconds east of UTC.</summary>
    public static int OffsetAt(long utcMicroseconds, TimeZoneInfo zone)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc))
            return 0;
        return (int)zone.GetUtcOffset(ToDateTime(FloorToSeconds(utcMicroseconds))).TotalSeconds;
    }

    public static bool IsDaylightSaving(long utcMicroseconds, TimeZoneInfo zone) =>
        zone.IsDaylightSavingTime(ToDateTime(FloorToSeconds(utcMicroseconds)));

    /// <summary>
    /// The offset that a local time is read with: in a gap the one before it, in an overlap the one after it.
    /// </summary>
    public static int OffsetOfLocal(long localMicroseconds, TimeZoneInfo zone)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc))
            return 0;
        const long day = Calendar.MicrosecondsPerDay;
        int before = OffsetAt(Saturate(localMicroseconds, -day), zone),
            after = OffsetAt(Saturate(localMicroseconds, day), zone);
        if (before == after)
            return before;
        bool isBefore = OffsetAt(Saturate(localMicroseconds, -before * Calendar.MicrosecondsPerSecond), zone) == before;
        bool isAfter = OffsetAt(Saturate(localMicroseconds, -after * Calendar.MicrosecondsPerSecond), zone) == after;
        return isAfter || !isBefore && after < before ? after : before;
    }

    /// <summary>The zone's abbreviation at a moment, such as PST.</summary>
    public static string AbbreviationAt(long utcMicroseconds, TimeZoneInfo zone)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc))
            return "UTC";
        return IsDaylightSaving(utcMicroseconds, zone) ? zone.DaylightName : zone.StandardName;
    }

    /// <summary>Reads a POSIX zone without daylight saving: <c>UTC+3</c>, <c>&lt;+03&gt;-3</c>, <c>+3:30</c>.</summary>
    internal static bool TryParsePosix(string text, out int offsetSeconds)
    {
        offsetSeconds = 0;
        int at = 0;
        if (text.StartsWith('<'))
        {
            at = text.IndexOf('>') + 1;
            if (at == 0)
                return false;
        }
        else
        {
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
        }
        if (at == text.Length)
            return false;
        int sign = text[at] == '-' ? 1 : -1; // west is positive in POSIX
        if (text[at] is '+' or '-')
            at++;
        string[] parts = text[at..].Split(':');
        int seconds = 0, unit = 3600;
        if (parts.Length > 3)
            return false;
        foreach (string part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                || value > (unit == 3600 ? 167 : 59))
                return false;
            seconds += value * unit;
            unit /= 60;
        }
        offsetSeconds = sign * seconds;
        return true;
    }

    private static TimeZoneInfo? Look(string name)
    {
        if (name.Equals("UTC", StringComparison.OrdinalIgnoreCase))
            return TimeZoneInfo.Utc;
        if (name.Length == 0 || name.Contains("..", StringComparison.Ordinal) || name[0] == '/')
            return null;
        // These four follow the rules of the United States; systems have begun to leave them out.
        name = name.ToUpperInvariant() switch
        {
            "EST5EDT" => "America/New_York",
            "CST6CDT" => "America/Chicago",
            "MST7MDT" => "America/Denver",
            "PST8PDT" => "America/Los_Angeles",
            _ => name,
        };
        if (TimeZoneInfo.TryFindSystemTimeZoneById(TitleCase(name), out TimeZoneInfo? zone)
            || TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone))
        {
            return zone;
        }
        foreach (TimeZoneInfo candidate in TimeZoneInfo.GetSystemTimeZones())
        {
            if (candidate.Id.Equals(name, StringComparison.OrdinalIgnoreCase))
                return candidate;
        }
        return Abbreviated(name) ?? (TryParsePosix(name, out int offset) ? Fixed(offset, name) : null);
    }

    private static TimeZoneInfo? Abbreviated(string name) =>
        ZoneAbbreviations.ZoneOf(name) is { } changing ? Find(changing)
        : !ZoneAbbreviations.TryFind(name, out int offset) ? null
        : offset == 0 ? TimeZoneInfo.Utc
        : ByAbbreviation.GetOrAdd(name.ToUpperInvariant(), static (name, offset) => Fixed(offset, name), offset);

    private static string TitleCase(string name)
    {
        char[] letters = name.ToLowerInvariant().ToCharArray();
        for (int i = 0; i < letters.Length; i++)
        {
            if (i == 0 || letters[i - 1] is '/' or '_' or '-')
                letters[i] = char.ToUpperInvariant(letters[i]);
        }
        return new string(letters);
    }

    private static string PosixName(int offsetSeconds)
    {
        int minutes = Math.Abs(offsetSeconds) / 60;
        string sign = offsetSeconds < 0 ? "-" : "+",
            size = $"{minutes / 60:00}{(minutes % 60 == 0 ? "" : $":{minutes % 60:00}")}";
        return $"<{sign}{size}>{(offsetSeconds < 0 ? "+" : "-")}{size}";
    }

    private static DateTime ToDateTime(long seconds)
    {
        if (seconds > SecondsMax)
            // the same day of the calendar's cycle
            seconds = SecondsMax - SecondsPerEra + ((seconds - SecondsMax) % SecondsPerEra);
        seconds = Math.Max(seconds, SecondsMin);
        return DateTime.UnixEpoch.AddSeconds(seconds);
    }

    private static long FloorToSeconds(long microseconds) => microseconds >= 0
        ? microseconds / Calendar.MicrosecondsPerSecond
        : -((-(microseconds + 1) / Calendar.MicrosecondsPerSecond) + 1);

    private static long Saturate(long value, long addend) =>
        (long)Int128.Clamp((Int128)value + addend, long.MinValue + 1, long.MaxValue - 1);
}
