using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;
using CultureInfo = System.Globalization.CultureInfo;

namespace VecSQL.Executor.Functions.Json;

/// <summary>A date or time that <c>.datetime()</c> has read.</summary>
/// <param name="Type">date, time, timetz, timestamp or timestamptz.</param>
/// <param name="Days">Since 1970; 0 for times.</param>
/// <param name="Time">Microseconds of the day, in the zone that was read.</param>
/// <param name="Offset">Seconds east, for types with a zone.</param>
internal readonly record struct PathDateTime(uint Type, int Days, long Time, int Offset)
{
    private bool HasDate => Type is TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz;

    private bool HasZone => Type is TypeOid.TimeTz or TypeOid.TimestampTz;

    /// <summary>As JSON has it: ISO 8601, with minutes in the zone.</summary>
    internal string Write(FormatContext format)
    {
        string text = "";
        if (HasDate)
        {
            (int year, int month, int day) = Calendar.CivilFromDays(Days);
            text = $"{(year > 0 ? year : 1 - year):0000}-{month:00}-{day:00}";
        }
        if (Type != TypeOid.Date)
        {
            long seconds = Time / Calendar.MicrosecondsPerSecond, fraction = Time % Calendar.MicrosecondsPerSecond;
            text += $"{(HasDate ? "T" : "")}{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}";
            text += fraction == 0 ? "" : "." + fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0');
        }
        if (HasZone)
        {
            int offset = Math.Abs(Offset);
            text += $"{(Offset < 0 ? '-' : '+')}{offset / 3600:00}:{offset / 60 % 60:00}";
        }
        return HasDate && Calendar.CivilFromDays(Days).Year <= 0 ? text + " BC" : text;
    }

    /// <summary>How two compare; null where they are of kinds that do not.</summary>
    /// <param name="zone">The session's zone; null where it must not matter.</param>
    /// <exception cref="SqlException">0A000: the zone matters.</exception>
    internal static int? Compare(PathDateTime left, PathDateTime right, TimeZoneInfo? zone, long now)
    {
        if (left.HasDate != right.HasDate)
            return null;
        if (!left.HasDate)
            return CompareTimes(left, right, zone, now);
        if (left.HasZone == right.HasZone)
            return left.Moment(null).CompareTo(right.Moment(null));
        if (zone is null)
            throw ZoneNeeded(left.HasZone ? right : left, left.HasZone ? left : right);
        return left.Moment(zone).CompareTo(right.Moment(zone));
    }

    private static int CompareTimes(PathDateTime left, PathDateTime right, TimeZoneInfo? zone, long now)
    {
        if (left.HasZone != right.HasZone)
        {
            if (zone is null)
                throw ZoneNeeded(left.HasZone ? right : left, left.HasZone ? left : right);
            (left, right) = (left.InZone(zone, now), right.InZone(zone, now));
        }
        if (!left.HasZone)
            return left.Time.CompareTo(right.Time);
        int order = (left.Time - (left.Offset * Calendar.MicrosecondsPerSecond))
            .CompareTo(right.Time - (right.Offset * Calendar.MicrosecondsPerSecond));
        return order != 0 ? order : right.Offset.CompareTo(left.Offset);
    }

    private PathDateTime InZone(TimeZoneInfo zone, long now) =>
        HasZone ? this : this with { Type = TypeOid.TimeTz, Offset = TimeZones.OffsetAt(now, zone) };

    /// <summary>Microseconds since 1970: of the local time, or with a zone of the universal one.</summary>
    /// <remarks>Wide enough for dates that no timestamp reaches.</remarks>
    private Int128 Moment(TimeZoneInfo? zone)
    {
        Int128 local = ((Int128)Days * 86_400 * Calendar.MicrosecondsPerSecond) + Time;
        if (HasZone)
            return local - (Offset * Calendar.MicrosecondsPerSecond);
        bool isTimestamp = local > long.MinValue / 2 && local < long.MaxValue / 2;
        return zone is null || !isTimestamp ? local : Timestamps.ToUtc((long)local, zone);
    }

    private static SqlException ZoneNeeded(PathDateTime from, PathDateTime to) => new(SqlState.FeatureNotSupported,
        $"cannot convert value from {Name(from.Type)} to {Name(to.Type)} without time zone usage",
        hint: "Use *_tz() function for time zone support.");

    private static string Name(uint type) => type switch
    {
        TypeOid.Date => "date",
        TypeOid.Time => "time",
        TypeOid.TimeTz => "timetz",
        TypeOid.Timestamp => "timestamp",
        _ => "timestamptz",
    };
}
