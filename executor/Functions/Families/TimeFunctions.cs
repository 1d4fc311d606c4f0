using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;

namespace VecSQL.Executor.Functions.Families;

/// <summary>interval, time and timetz: comparison, arithmetic, conversion; and OVERLAPS.</summary>
internal static class TimeFunctions
{
    public static void Define(FunctionTable table)
    {
        DefineComparisons(table);
        DefineIntervals(table);
        DefineTimes(table);
        DefineTimesWithZone(table);
        foreach (string type in (string[])["timestamp", "time", "timetz"])
            table.Site("overlaps_" + type, static site => Overlaps(site));
        table.Site("overlaps_interval", static site => Overlaps(site));
    }

    private static void DefineComparisons(FunctionTable table)
    {
        IntegerFunctions.Compare<long>(table, "time_");
        table.Fixed("time_cmp", static (in Row row) => row.Int8(0).CompareTo(row.Int8(1)));
        table.Fixed("time_larger", static (in Row row) => Math.Max(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("time_smaller", static (in Row row) => Math.Min(row.Int8(0), row.Int8(1)), isTotal: true);
        Wide("interval", new SqlType(TypeOid.Interval));
        Wide("timetz", new SqlType(TypeOid.TimeTz));

        void Wide(string name, SqlType type)
        {
            ValueOrder order = ValueOrder.Of(type);
            foreach ((string suffix, ComparisonKind kind) in ComparisonNames.All)
                table.Bool($"{name}_{suffix}", (in Row row) => kind.Holds(Compare(in row, order)), isTotal: true);
            table.Fixed($"{name}_cmp", (in Row row) => Math.Sign(Compare(in row, order)));
            table.Fixed($"{name}_larger", (in Row row) =>
                row.Fixed16(Compare(in row, order) > 0 ? 0 : 1), isTotal: true);
            table.Fixed($"{name}_smaller", (in Row row) =>
                row.Fixed16(Compare(in row, order) < 0 ? 0 : 1), isTotal: true);
        }

        static int Compare(in Row row, ValueOrder order) =>
            order.Compare(row.Column(0), row.Index, row.Column(1), row.Index);
    }

    private static void DefineIntervals(FunctionTable table)
    {
        table.Fixed("interval_um", static (in Row row) => (-row.Interval(0)).ToFixed16());
        table.Fixed("interval_pl", static (in Row row) => (row.Interval(0) + row.Interval(1)).ToFixed16());
        table.Fixed("interval_mi", static (in Row row) => (row.Interval(0) - row.Interval(1)).ToFixed16());
        table.Fixed("interval_mul", static (in Row row) => (row.Interval(0) * row.Float8(1)).ToFixed16());
        table.Fixed("mul_d_interval", static (in Row row) => (row.Interval(1) * row.Float8(0)).ToFixed16());
        table.Fixed("interval_div", static (in Row row) => (row.Interval(0) / row.Float8(1)).ToFixed16());
        table.Fixed("interval_justify_hours", static (in Row row) => row.Interval(0).JustifyHours().ToFixed16());
        table.Fixed("interval_justify_days", static (in Row row) => row.Interval(0).JustifyDays().ToFixed16());
        table.Fixed("interval_justify_interval", static (in Row row) => row.Interval(0).JustifyInterval().ToFixed16());
        table.Fixed("interval_scale", static (in Row row) => row.Interval(0).WithModifier(row.Int4(1)).ToFixed16());
        table.Bool("interval_finite", static (in Row _) => true, isTotal: true);
        table.Fixed("time_interval", static (in Row row) => new Interval(0, 0, row.Int8(0)).ToFixed16(), isTotal: true);
        table.Fixed("interval_time", static (in Row row) => WithinDay(row.Interval(0).Microseconds), isTotal: true);
    }

    private static void DefineTimes(FunctionTable table)
    {
        table.Fixed("time_mi_time", static (in Row row) =>
            new Interval(0, 0, row.Int8(0) - row.Int8(1)).ToFixed16(), isTotal: true);
        table.Fixed("time_pl_interval", static (in Row row) => WithinDay(row.Int8(0) + row.Interval(1).Microseconds));
        table.Fixed("time_mi_interval", static (in Row row) => WithinDay(row.Int8(0) - row.Interval(1).Microseconds));
        table.Fixed("interval_pl_time", static (in Row row) => WithinDay(row.Int8(1) + row.Interval(0).Microseconds));
        table.Fixed("time_scale", static (in Row row) => Interval.RoundFraction(row.Int8(0), row.Int4(1)));
        table.Nullable<long>("timestamp_time", static (in Row row) => TimeOf(row.Int8(0)), isTotal: true);
        table.Nullable<long>("timestamptz_time", static (in Row row) =>
            TimeOf(Timestamps.ToLocal(row.Int8(0), row.Context.Format.TimeZone)));
    }

    private static void DefineTimesWithZone(FunctionTable table)
    {
        table.Fixed("timetz_time", static (in Row row) => (long)row.Fixed16(0).Low, isTotal: true);
        table.Fixed("time_timetz", static (in Row row) =>
            Make(row.Int8(0), -TimeZones.OffsetAt(row.Context.Session.TransactionTime, row.Context.Format.TimeZone)));
        table.Nullable<Fixed16>("timestamptz_timetz", static (in Row row) =>
        {
            TimeZoneInfo zone = row.Context.Format.TimeZone;
            return TimeOf(Timestamps.ToLocal(row.Int8(0), zone)) is { } time
                ? Make(time, -TimeZones.OffsetAt(row.Int8(0), zone))
                : null;
        });
        table.Fixed("timetz_scale", static (in Row row) =>
            Make(Interval.RoundFraction((long)row.Fixed16(0).Low, row.Int4(1)), West(row.Fixed16(0))));
        table.Fixed("timetz_pl_interval", static (in Row row) =>
            Make(WithinDay((long)row.Fixed16(0).Low + row.Interval(1).Microseconds), West(row.Fixed16(0))));
        table.Fixed("timetz_mi_interval", static (in Row row) =>
            Make(WithinDay((long)row.Fixed16(0).Low - row.Interval(1).Microseconds), West(row.Fixed16(0))));
        table.Fixed("interval_pl_timetz", static (in Row row) =>
            Make(WithinDay((long)row.Fixed16(1).Low + row.Interval(0).Microseconds), West(row.Fixed16(1))));
        table.Fixed("timetz_zone", static (in Row row) => MoveTo(row.Fixed16(1),
            -TimeZones.OffsetAt(row.Context.Session.TransactionTime, TimeZones.FindOrThrow(row.Text(0)))));
        table.Fixed("timetz_izone", static (in Row row) => MoveTo(row.Fixed16(1),
            (int)(-DateFunctions.Offset(row.Interval(0)) / Calendar.MicrosecondsPerSecond)));
        table.Fixed("datetimetz_timestamptz", static (in Row row) => ToMoment(row.Int4(0), row.Fixed16(1)));
        table.Fixed("timetzdate_pl", static (in Row row) => ToMoment(row.Int4(1), row.Fixed16(0)));
    }

    private static long ToMoment(int date, Fixed16 time) =>
        Timestamps.OfDay(date, (long)time.Low + (West(time) * Calendar.MicrosecondsPerSecond));

    private static Fixed16 Make(long time, int secondsWest) => new((ulong)time, (ulong)(long)secondsWest);

    private static int West(Fixed16 time) => (int)time.High;

    private static Fixed16 MoveTo(Fixed16 time, int secondsWest) => Make(
        WithinDay((long)time.Low + ((long)(West(time) - secondsWest) * Calendar.MicrosecondsPerSecond)), secondsWest);

    private static long? TimeOf(long timestamp) =>
        Timestamps.IsFinite(timestamp) ? Timestamps.Split(timestamp).Time : null;

    private static long WithinDay(long microseconds)
    {
        long rest = microseconds % Calendar.MicrosecondsPerDay;
        return rest < 0 ? rest + Calendar.MicrosecondsPerDay : rest;
    }

    /// <summary>(start, end or length) OVERLAPS (start, end or length).</summary>
    private static VectorFunction Overlaps(CallSite site) => RowFunctions.NullableBool((in Row row) =>
    {
        (long? start1, long? end1) = Period(in row, 0, site);
        (long? start2, long? end2) = Period(in row, 2, site);
        if (start1 is null || start2 is null)
            return null;
        if (start1 == start2)
            return end1 is null || end2 is null ? null : true;
        // The one that starts later decides: it lies inside the other, or its own end is not known.
        (long later, long? otherEnd, long? ownEnd) = start1 > start2 ? (start1.Value, end2, end1)
            : (start2.Value, end1, end2);
        if (otherEnd is null)
            return null;
        return later < otherEnd ? true : ownEnd is null ? null : false;
    });

    private static (long? Start, long? End) Period(in Row row, int first, CallSite site)
    {
        long? start = row.IsNull(first) ? null : Moment(in row, first, site.Arguments[first]);
        long? end = row.IsNull(first + 1) ? null
            : site.Arguments[first + 1].Oid != TypeOid.Interval ? Moment(in row, first + 1, site.Arguments[first + 1])
            : start is null ? null
            : site.Arguments[first].Oid == TypeOid.Time ? WithinDay(start.Value + row.Interval(first + 1).Microseconds)
            : site.Arguments[first].Oid == TypeOid.TimestampTz
                ? Timestamps.Add(start.Value, row.Interval(first + 1), row.Context.Format.TimeZone)
            : Timestamps.Add(start.Value, row.Interval(first + 1));
        if (start is null)
            return (end, null);
        return end < start ? (end, start) : (start, end);
    }

    private static long Moment(in Row row, int argument, SqlType type) => type.Oid == TypeOid.TimeTz
        ? (long)row.Fixed16(argument).Low + (West(row.Fixed16(argument)) * Calendar.MicrosecondsPerSecond)
        : row.Int8(argument);
}
