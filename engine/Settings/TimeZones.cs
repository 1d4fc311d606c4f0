using System.Globalization;

namespace VecSQL.Engine.Settings;

/// <summary>Time zones by the names and offsets that SET TimeZone takes.</summary>
internal static class TimeZones
{
    private const double HoursMax = 168; // a week: what PostgreSQL takes as an offset

    // Zone names are matched without regard to case; the system's list is read once, when the exact name is not found.
    private static readonly Lazy<Dictionary<string, string>> Names = new(ReadNames);

    internal static (string Name, TimeZoneInfo Zone)? Find(string text)
    {
        string name = text.Trim();
        if (name.Length == 0 || name.Contains(".."))
            return null;
        if (double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double hours))
            return Math.Abs(hours) <= HoursMax ? OfOffset(TimeSpan.FromSeconds(Math.Round(hours * 3600))) : null;
        if (TryOffsetName(name, out TimeSpan offset))
            return OfOffset(offset);
        if (name.Equals("UTC", StringComparison.OrdinalIgnoreCase) || name.Equals("Z", StringComparison.OrdinalIgnoreCase))
            return (name.Length == 1 ? name.ToUpperInvariant() : "UTC", TimeZoneInfo.Utc);
        if (char.IsAsciiLetter(name[0]) && Names.Value.TryGetValue(name, out string? exact)
            && TimeZoneInfo.TryFindSystemTimeZoneById(exact, out TimeZoneInfo? zone))
        {
            return (exact, zone);
        }
        if (char.IsAsciiLetterUpper(name[0]) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone))
            return (name, zone);
        return Catalog.Values.TimeZones.FindPosix(name) is { } posix ? (name, posix) : null;
    }

    /// <summary>A zone this far east of UTC, named as PostgreSQL names it: <c>&lt;+05&gt;-05</c>.</summary>
    internal static (string Name, TimeZoneInfo Zone) OfOffset(TimeSpan offset)
    {
        string name = $"<{Sign(offset)}{Digits(offset)}>{Sign(-offset)}{Digits(offset)}";
        if (offset == TimeSpan.Zero)
            return ("<+00>+00", TimeZoneInfo.Utc);
        // The system's zones end at fourteen hours; beyond that nothing lies, so that the nearest is taken.
        TimeSpan held = TimeSpan.FromMinutes(Math.Clamp(Math.Round(offset.TotalMinutes), -14 * 60, 14 * 60));
        return (name, TimeZoneInfo.CreateCustomTimeZone(name, held, name, name));
    }

    private static string Sign(TimeSpan offset) => offset < TimeSpan.Zero ? "-" : "+";

    private static string Digits(TimeSpan offset)
    {
        TimeSpan size = offset.Duration();
        string text = ((int)size.TotalHours).ToString("00", CultureInfo.InvariantCulture);
        if (size.Minutes != 0 || size.Seconds != 0)
            text += size.Minutes.ToString("':'00", CultureInfo.InvariantCulture);
        return size.Seconds != 0 ? text + size.Seconds.ToString("':'00", CultureInfo.InvariantCulture) : text;
    }

    /// <summary>Reads <c>&lt;+05&gt;-05</c> and <c>&lt;+05:30&gt;-05:30</c>, the names that offsets are given back as.</summary>
    private static bool TryOffsetName(string name, out TimeSpan offset)
    {
        offset = default;
        int close = name.IndexOf('>');
        if (name[0] != '<' || close < 3 || close + 1 >= name.Length)
            return false;
        string inner = name[1..close];
        double sign = inner[0] == '-' ? -1 : 1;
        string[] parts = inner[1..].Split(':');
        if (!double.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out double hours))
            return false;
        double minutes = 0;
        if (parts.Length > 1 && !double.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out minutes))
            return false;
        offset = TimeSpan.FromMinutes(sign * ((hours * 60) + minutes));
        return Math.Abs(offset.TotalHours) <= HoursMax;
    }

    private static Dictionary<string, string> ReadNames()
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (TimeZoneInfo zone in TimeZoneInfo.GetSystemTimeZones())
            names[zone.Id] = zone.Id;
        foreach (string name in (string[])["GMT", "UTC", "EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "CET",
            "EET", "MET", "WET", "Zulu", "Etc/UTC", "Etc/GMT", "US/Eastern", "US/Central", "US/Mountain", "US/Pacific"])
        {
            names.TryAdd(name, name);
        }
        return names;
    }
}
