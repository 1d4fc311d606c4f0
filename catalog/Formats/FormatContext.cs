namespace VecSQL.Catalog.Formats;

/// <summary>The session settings that the text forms of values depend on.</summary>
public sealed record FormatContext
{
    public static readonly FormatContext Default = new();

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>The name the zone was set by, as SHOW TimeZone prints it.</summary>
    public string TimeZoneName { get; init; } = "UTC";

    public DateStyle DateStyle { get; init; } = DateStyle.Iso;

    public DateOrder DateOrder { get; init; } = DateOrder.MonthDayYear;

    public IntervalStyle IntervalStyle { get; init; } = IntervalStyle.Postgres;

    /// <summary>extra_float_digits: above 0 floats print in their shortest exact form.</summary>
    public int ExtraFloatDigits { get; init; } = 1;

    public bool ByteaHex { get; init; } = true;

    /// <summary>The moment that 'now', 'today' and the like stand for: microseconds since 1970-01-01 UTC.</summary>
    public long NowMicroseconds { get; init; }

    /// <summary>
    /// Names of objects, for the reg types; null where there is no catalog to ask, and they read and print numbers.
    /// </summary>
    public IObjectNames? Names { get; init; }
}

public enum DateStyle : byte { Iso, Postgres, Sql, German }

public enum DateOrder : byte { YearMonthDay, DayMonthYear, MonthDayYear }

public enum IntervalStyle : byte { Postgres, PostgresVerbose, SqlStandard, Iso8601 }
