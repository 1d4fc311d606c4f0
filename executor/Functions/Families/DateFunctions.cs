using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using Calendar = VecSQL.Catalog.Values.Calendar;

namespace VecSQL.Executor.Functions.Families;

/// <summary>date, timestamp and timestamptz: comparison, arithmetic, conversion, parts, construction.</summary>
internal static class DateFunctions
{
    public static void Define(FunctionTable table)
    {
        DefineComparisons(table);
        DefineArithmetic(table);
        DefineConversions(table);
        DefineParts(table);
        DefineZones(table);
        DefineConstruction(table);
        DefineClock(table);
    }

    private static void DefineComparisons(FunctionTable table)
    {
        IntegerFunctions.Compare<int>(table, "date_");
        IntegerFunctions.Compare<long>(table, "timestamp_");
        table.Fixed("date_cmp", static (in Row row) => row.Int4(0).CompareTo(row.Int4(1)));
        table.Fixed("timestamp_cmp", static (in Row row) => row.Int8(0).CompareTo(row.Int8(1)));
        table.Fixed("date_larger", static (in Row row) => Math.Max(row.Int4(0), row.Int4(1)), isTotal: true);
        table.Fixed("date_smaller", static (in Row row) => Math.Min(row.Int4(0), row.Int4(1)), isTotal: true);
        table.Fixed("timestamp_larger", static (in Row row) => Math.Max(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("timestamp_smaller", static (in Row row) => Math.Min(row.Int8(0), row.Int8(1)), isTotal: true);
        Mixed("date", "timestamp", static (in Row row) => Timestamps.CompareDate(row.Int4(0), row.Int8(1), null));
        Mixed("timestamp", "date", static (in Row row) => -Timestamps.CompareDate(row.Int4(1), row.Int8(0), null));
        Mixed("date", "timestamptz", static (in Row row) =>
            Timestamps.CompareDate(row.Int4(0), row.Int8(1), row.Context.Format.TimeZone));
        Mixed("timestamptz", "date", static (in Row row) =>
            -Timestamps.CompareDate(row.Int4(1), row.Int8(0), row.Context.Format.TimeZone));
        Mixed("timestamp", "timestamptz", static (in Row row) =>
            Timestamps.ToUtc(row.Int8(0), row.Context.Format.TimeZone).CompareTo(row.Int8(1)));
        Mixed("timestamptz", "timestamp", static (in Row row) =>
            row.Int8(0).CompareTo(Timestamps.ToUtc(row.Int8(1), row.Context.Format.TimeZone)));

        void Mixed(string left, string right, RowFunction<int> compare)
        {
            foreach ((string suffix, ComparisonKind kind) in ComparisonNames.All)
                table.Bool($"{left}_{suffix}_{right}", (in Row row) => kind.Holds(compare(in row)));
            table.Fixed($"{left}_cmp_{right}", compare);
        }
    }

    private static void DefineArithmetic(FunctionTable table)
    {
        table.Fixed("date_mi", static (in Row row) => Timestamps.SubtractDates(row.Int4(0), row.Int4(1)));
        table.Fixed("date_pli", static (in Row row) => Timestamps.AddDays(row.Int4(0), row.Int4(1)));
        table.Fixed("date_mii", static (in Row row) => Timestamps.AddDays(row.Int4(0), -(long)row.Int4(1)));
        table.Fixed("integer_pl_date", static (in Row row) => Timestamps.AddDays(row.Int4(1), row.Int4(0)));
        table.Fixed("date_pl_interval", static (in Row row) =>
            Timestamps.Add(Timestamps.FromDate(row.Int4(0)), row.Interval(1)));
        table.Fixed("date_mi_interval", static (in Row row) =>
            Timestamps.Subtract(Timestamps.FromDate(row.Int4(0)), row.Interval(1)));
        table.Fixed("interval_pl_date", static (in Row row) =>
            Timestamps.Add(Timestamps.FromDate(row.Int4(1)), row.Interval(0)));
        table.Fixed("timestamp_pl_interval", static (in Row row) => Timestamps.Add(row.Int8(0), row.Interval(1)));
        table.Fixed("timestamp_mi_interval", static (in Row row) => Timestamps.Subtract(row.Int8(0), row.Interval(1)));
        table.Fixed("interval_pl_timestamp", static (in Row row) => Timestamps.Add(row.Int8(1), row.Interval(0)));
        table.Fixed("timestamptz_pl_interval", static (in Row row) =>
            Timestamps.Add(row.Int8(0), row.Interval(1), row.Context.Format.TimeZone));
        table.Fixed("timestamptz_mi_interval", static (in Row row) =>
            Timestamps.Add(row.Int8(0), -row.Interval(1), row.Context.Format.TimeZone));
        table.Fixed("interval_pl_timestamptz", static (in Row row) =>
            Timestamps.Add(row.Int8(1), row.Interval(0), row.Context.Format.TimeZone));
        table.Fixed("timestamp_mi", static (in Row row) => Timestamps.Subtract(row.Int8(0), row.Int8(1)).ToFixed16());
        table.Fixed("timestamp_age", static (in Row row) => Timestamps.Age(row.Int8(0), row.Int8(1)).ToFixed16());
        table.Fixed("timestamptz_age", static (in Row row) => Timestamps.Age(
            Timestamps.ToLocal(row.Int8(0), row.Context.Format.TimeZone),
            Timestamps.ToLocal(row.Int8(1), row.Context.Format.TimeZone)).ToFixed16());
        table.Fixed("timestamp_age_today", static (in Row row) =>
            Timestamps.Age(Today(in row), row.Int8(0)).ToFixed16());
        table.Fixed("timestamptz_age_today", static (in Row row) =>
            Timestamps.Age(Today(in row), Timestamps.ToLocal(row.Int8(0), row.Context.Format.TimeZone)).ToFixed16());
        table.Fixed("datetime_timestamp", static (in Row row) => Timestamps.OfDay(row.Int4(0), row.Int8(1)));
        table.Fixed("timedate_pl", static (in Row row) => Timestamps.OfDay(row.Int4(1), row.Int8(0)));
        table.Fixed("datetime_timestamptz", static (in Row row) =>
            Timestamps.ToUtc(Timestamps.OfDay(row.Int4(0), row.Int8(1)), row.Context.Format.TimeZone));
        table.Fixed("timestamp_bin", static (in Row row) => Timestamps.Bin(row.Interval(0), row.Int8(1), row.Int8(2)));
        table.Fixed("timestamptz_bin", static (in Row row) =>
            Timestamps.Bin(row.Interval(0), row.Int8(1), row.Int8(2)));
    }

    private static long Today(in Row row)
    {
        long local = Timestamps.ToLocal(row.Context.Session.TransactionTime, row.Context.Format.TimeZone);
        return Timestamps.FromDate(Timestamps.ToDate(local));
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Fixed("date_timestamp", static (in Row row) => Timestamps.FromDate(row.Int4(0)));
        table.Fixed("date_timestamptz", static (in Row row) =>
            Timestamps.FromDate(row.Int4(0), row.Context.Format.TimeZone));
        table.Fixed("timestamp_date", static (in Row row) => Timestamps.ToDate(row.Int8(0)));
        table.Fixed("timestamptz_date", static (in Row row) =>
            Timestamps.ToDate(Timestamps.ToLocal(row.Int8(0), row.Context.Format.TimeZone)));
        table.Fixed("timestamptz_timestamp", static (in Row row) =>
            Timestamps.ToLocal(row.Int8(0), row.Context.Format.TimeZone));
        table.Fixed("timestamp_timestamptz", static (in Row row) =>
            Timestamps.ToUtc(row.Int8(0), row.Context.Format.TimeZone));
        table.Fixed("timestamp_scale", static (in Row row) => Timestamps.WithPrecision(row.Int8(0), row.Int4(1)));
        table.Fixed("timestamptz_scale", static (in Row row) => Timestamps.WithPrecision(row.Int8(0), row.Int4(1)));
        table.Fixed("float8_timestamptz", static (in Row row) => FromEpoch(row.Float8(0)));
        table.Bool("date_finite", static (in Row row) =>
            row.Int4(0) is not (Calendar.DateInfinity or Calendar.DateNegativeInfinity), isTotal: true);
        table.Bool("timestamp_finite", static (in Row row) => Timestamps.IsFinite(row.Int8(0)), isTotal: true);
    }

    private static long FromEpoch(double seconds)
    {
        if (double.IsNaN(seconds))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "timestamp cannot be NaN");
        if (double.IsInfinity(seconds))
            return seconds > 0 ? Timestamps.Infinity : Timestamps.NegativeInfinity;
        double microseconds = Math.Round(seconds * Calendar.MicrosecondsPerSecond, MidpointRounding.ToEven);
        if (microseconds < Timestamps.Min || microseconds >= 9223371331200000000.0)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{Shown(seconds)}\"");
        return (long)microseconds;
    }

    // As printf's %g shows it.
    private static string Shown(double seconds) => seconds.ToString("0.#####e+00", CultureInfo.InvariantCulture);

    private static void DefineParts(FunctionTable table)
    {
        Part("timestamp", static (in Row row) => DateParts.OfTimestamp(row.Text(0), row.Int8(1)));
        Part("timestamptz", static (in Row row) =>
            DateParts.OfTimestampTz(row.Text(0), row.Int8(1), row.Context.Format.TimeZone));
        Part("time", static (in Row row) => DateParts.OfTime(row.Text(0), row.Int8(1)));
        Part("timetz", static (in Row row) =>
            DateParts.OfTimeTz(row.Text(0), (long)row.Fixed16(1).Low, (int)row.Fixed16(1).High));
        Part("interval", static (in Row row) => DateParts.OfInterval(row.Text(0), row.Interval(1)));
        table.Binary("extract_date", static (in Row row, BinaryColumnBuilder target) =>
            Append(DateParts.OfDate(row.Text(0), row.Int4(1)), target));
        table.Nullable<double>("date_part_date", static (in Row row) =>
            DateParts.OfTimestamp(row.Text(0), Timestamps.FromDate(row.Int4(1)))?.ToDouble());
        table.Fixed("timestamp_trunc", static (in Row row) => DateParts.Truncate(row.Text(0), row.Int8(1)));
        table.Fixed("timestamptz_trunc", static (in Row row) =>
            DateParts.Truncate(row.Text(0), row.Int8(1), row.Context.Format.TimeZone));
        table.Fixed("timestamptz_trunc_zone", static (in Row row) =>
            DateParts.Truncate(row.Text(0), row.Int8(1), TimeZones.FindOrThrow(row.Text(2))));
        table.Fixed("interval_trunc", static (in Row row) =>
            DateParts.Truncate(row.Text(0), row.Interval(1)).ToFixed16());

        void Part(string type, RowFunction<SqlNumeric?> part)
        {
            table.Binary("extract_" + type, (in Row row, BinaryColumnBuilder target) => Append(part(in row), target));
            table.Nullable<double>(type + "_part", (in Row row) => part(in row)?.ToDouble());
        }

        static void Append(SqlNumeric? value, BinaryColumnBuilder target)
        {
            if (value is { } number)
                target.Append(number);
            else
                target.AppendNull();
        }
    }

    // A zone as an interval is an offset east; as text it is a name or an offset.
    private static void DefineZones(FunctionTable table)
    {
        table.Fixed("timestamptz_zone", static (in Row row) =>
            Timestamps.ToLocal(row.Int8(1), TimeZones.FindOrThrow(row.Text(0))));
        table.Fixed("timestamp_zone", static (in Row row) =>
            Timestamps.ToUtc(row.Int8(1), TimeZones.FindOrThrow(row.Text(0))));
        table.Fixed("timestamptz_izone", static (in Row row) => Shift(row.Int8(1), Offset(row.Interval(0))));
        table.Fixed("timestamp_izone", static (in Row row) => Shift(row.Int8(1), -Offset(row.Interval(0))));
    }

    private static long Shift(long timestamp, long microseconds) => Timestamps.IsFinite(timestamp)
        ? Timestamps.Add(timestamp, new Interval(0, 0, microseconds))
        : timestamp;

    /// <summary>In whole seconds.</summary>
    public static long Offset(Interval zone) => zone is { Months: 0, Days: 0 }
        ? zone.Microseconds - (zone.Microseconds % Calendar.MicrosecondsPerSecond)
        : throw new SqlException(SqlState.InvalidParameterValue,
            $"interval time zone \"{zone}\" must not include months or days");

    private static void DefineConstruction(FunctionTable table)
    {
        table.Fixed("make_date", static (in Row row) => DateConstruction.Date(row.Int4(0), row.Int4(1), row.Int4(2)));
        table.Fixed("make_time", static (in Row row) => DateConstruction.Time(row.Int4(0), row.Int4(1), row.Float8(2)));
        table.Fixed("make_timestamp", static (in Row row) => DateConstruction.Timestamp(in row));
        table.Fixed("make_timestamptz", static (in Row row) =>
            Timestamps.ToUtc(DateConstruction.Timestamp(in row), row.Context.Format.TimeZone));
        table.Fixed("make_timestamptz_at_timezone", static (in Row row) =>
            TimeZones.ToUtc(DateConstruction.Timestamp(in row), row.Text(6)));
        table.Fixed("make_interval", static (in Row row) => DateConstruction.Interval(in row).ToFixed16());
    }

    private static void DefineClock(FunctionTable table)
    {
        table.Fixed("now", static (in Row row) => row.Context.Session.TransactionTime);
        table.Fixed("statement_timestamp", static (in Row row) => row.Context.Session.StatementTime);
        table.Fixed("clock_timestamp", static (in Row row) => row.Context.Session.ClockTime);
        table.Binary("timeofday", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(TimeOfDay(row.Context.Session.ClockTime, row.Context.Format.TimeZone)));
    }

    // Sun Nov 22 10:11:12.123456 2026 CET
    private static string TimeOfDay(long moment, TimeZoneInfo zone)
    {
        DateTime local = DateTime.UnixEpoch.AddMicroseconds(Timestamps.ToLocal(moment, zone));
        return local.ToString("ddd MMM dd HH:mm:ss.ffffff yyyy ", CultureInfo.InvariantCulture)
            + TimeZones.AbbreviationAt(moment, zone);
    }
}
