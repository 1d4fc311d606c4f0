using System.Collections.Frozen;

namespace VecSQL.Catalog.Values;

/// <summary>A field of dates, times and intervals, as EXTRACT and date_trunc name it.</summary>
public enum DateUnit : byte
{
    Unknown,
    Microseconds,
    Milliseconds,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Julian,
    Epoch,
    TimeZone,
    TimeZoneHour,
    TimeZoneMinute,
}

/// <summary>Names of date units.</summary>
public static class DateUnits
{
    private const int SignificantLength = 10; // PostgreSQL compares only so many letters

    private static readonly FrozenDictionary<string, DateUnit> ByName = new Dictionary<string, DateUnit>
    {
        ["us"] = DateUnit.Microseconds, ["usec"] = DateUnit.Microseconds, ["usecs"] = DateUnit.Microseconds,
        ["usecond"] = DateUnit.Microseconds, ["useconds"] = DateUnit.Microseconds,
        ["microsecon"] = DateUnit.Microseconds,
        ["ms"] = DateUnit.Milliseconds, ["msec"] = DateUnit.Milliseconds, ["msecs"] = DateUnit.Milliseconds,
        ["msecond"] = DateUnit.Milliseconds, ["mseconds"] = DateUnit.Milliseconds,
        ["millisecon"] = DateUnit.Milliseconds,
        ["s"] = DateUnit.Second, ["sec"] = DateUnit.Second, ["secs"] = DateUnit.Second, ["second"] = DateUnit.Second,
        ["seconds"] = DateUnit.Second,
        ["m"] = DateUnit.Minute, ["min"] = DateUnit.Minute, ["mins"] = DateUnit.Minute, ["minute"] = DateUnit.Minute,
        ["minutes"] = DateUnit.Minute,
        ["h"] = DateUnit.Hour, ["hr"] = DateUnit.Hour, ["hrs"] = DateUnit.Hour, ["hour"] = DateUnit.Hour,
        ["hours"] = DateUnit.Hour,
        ["d"] = DateUnit.Day, ["day"] = DateUnit.Day, ["days"] = DateUnit.Day,
        ["w"] = DateUnit.Week, ["week"] = DateUnit.Week, ["weeks"] = DateUnit.Week,
        ["mon"] = DateUnit.Month, ["mons"] = DateUnit.Month, ["month"] = DateUnit.Month, ["months"] = DateUnit.Month,
        ["qtr"] = DateUnit.Quarter, ["quarter"] = DateUnit.Quarter,
        ["y"] = DateUnit.Year, ["yr"] = DateUnit.Year, ["yrs"] = DateUnit.Year, ["year"] = DateUnit.Year,
        ["years"] = DateUnit.Year,
        ["dec"] = DateUnit.Decade, ["decs"] = DateUnit.Decade, ["decade"] = DateUnit.Decade,
        ["decades"] = DateUnit.Decade,
        ["c"] = DateUnit.Century, ["cent"] = DateUnit.Century, ["century"] = DateUnit.Century,
        ["centuries"] = DateUnit.Century,
        ["mil"] = DateUnit.Millennium, ["mils"] = DateUnit.Millennium, ["millennia"] = DateUnit.Millennium,
        ["millennium"] = DateUnit.Millennium,
        ["dow"] = DateUnit.DayOfWeek, ["isodow"] = DateUnit.IsoDayOfWeek, ["doy"] = DateUnit.DayOfYear,
        ["isoyear"] = DateUnit.IsoYear, ["j"] = DateUnit.Julian, ["jd"] = DateUnit.Julian, ["julian"] = DateUnit.Julian,
        ["epoch"] = DateUnit.Epoch, ["timezone"] = DateUnit.TimeZone, ["timezone_h"] = DateUnit.TimeZoneHour,
        ["timezone_m"] = DateUnit.TimeZoneMinute,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The unit of a name in any letter case; <see cref="DateUnit.Unknown"/> for none.</summary>
    public static DateUnit Parse(string name)
    {
        string folded = name.ToLowerInvariant();
        if (folded.Length > SignificantLength)
            folded = folded[..SignificantLength];
        return ByName.GetValueOrDefault(folded);
    }

    /// <summary>Whether the unit measures a length of time, so that intervals may be written with it.</summary>
    internal static bool IsLength(DateUnit unit) => unit is >= DateUnit.Microseconds and <= DateUnit.Millennium;
}
