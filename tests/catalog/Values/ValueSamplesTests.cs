using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Tests.Samples;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Tests.Values;

public sealed class ValueSamplesTests
{
    [Fact]
    public void Functions_on_dates_intervals_and_json_agree_with_PostgreSQL() =>
        SampleFile.Check("values.tsv", fields =>
        fields[0].StartsWith("js", StringComparison.Ordinal) ? Json(fields)
        : fields[0].StartsWith("tz_", StringComparison.Ordinal)
            || fields[0].StartsWith("to_", StringComparison.Ordinal) ? Zoned(fields)
        : Plain(fields));

    private static string Plain(string[] fields) => fields[0] switch
    {
        "extract_ts" => Show(DateParts.OfTimestamp(fields[1], Timestamp(fields[2]))),
        "extract_iv" => DateParts.OfInterval(fields[1], Span(fields[2])).ToString(),
        "extract_date" => Show(DateParts.OfDate(fields[1], Timestamps.ToDate(Timestamp(fields[2])))),
        "extract_time" => DateParts.OfTime(fields[1], Timestamps.Split(Timestamp(fields[2])).Time).ToString(),
        "trunc_ts" => Show(DateParts.Truncate(fields[1], Timestamp(fields[2]))),
        "trunc_iv" => Show(DateParts.Truncate(fields[1], Span(fields[2]))),
        "ts_add" => Show(Timestamps.Add(Timestamp(fields[1]), Span(fields[2]))),
        "ts_sub" => Show(Timestamps.Subtract(Timestamp(fields[1]), Timestamp(fields[2]))),
        "age" => Show(Timestamps.Age(Timestamp(fields[1]), Timestamp(fields[2]))),
        "iv_add" => Show(Span(fields[1]) + Span(fields[2])),
        "iv_cmp" => Span(fields[1]).CompareTo(Span(fields[2])).ToString(),
        "iv_mul" => Show(Span(fields[1]) * double.Parse(fields[2], CultureInfo.InvariantCulture)),
        "iv_div" => Show(Span(fields[1]) / double.Parse(fields[2], CultureInfo.InvariantCulture)),
        "justify_hours" => Show(Span(fields[1]).JustifyHours()),
        "justify_days" => Show(Span(fields[1]).JustifyDays()),
        "justify_interval" => Show(Span(fields[1]).JustifyInterval()),
        "bin" => Show(Timestamps.Bin(Span(fields[1]), Timestamp(fields[2]), Timestamp(fields[3]))),
        _ => throw new InvalidOperationException(fields[0]),
    };

    private static string Zoned(string[] fields)
    {
        if (fields[0] == "to_utc")
            return Show(Timestamps.ToUtc(Timestamp(fields[1]), TimeZones.FindOrThrow(fields[2]))) + "+00";
        if (fields[0] == "to_local")
            return Show(Timestamps.ToLocal(Timestamp(fields[1]), TimeZones.FindOrThrow(fields[2])));
        TimeZoneInfo zone = TimeZones.FindOrThrow(fields[1]);
        FormatContext context = FormatContext.Default with { TimeZone = zone };
        return fields[0] switch
        {
            "tz_add" => Text(TypeOid.TimestampTz, Timestamps.Add(Timestamp(fields[2]), Span(fields[3]), zone), context),
            "tz_trunc" => Text(TypeOid.TimestampTz, DateParts.Truncate(fields[2], Timestamp(fields[3]), zone), context),
            _ => Show(DateParts.OfTimestampTz(fields[2], Timestamp(fields[3]), zone)),
        };
    }

    private static string Json(string[] fields)
    {
        byte[] key = Encoding.UTF8.GetBytes(fields[2]);
        if (fields[0] == "json_field")
        {
            return JsonValue.TryGetField(Encoding.UTF8.GetBytes(fields[1]), key, out ReadOnlySpan<byte> raw)
                ? Encoding.UTF8.GetString(raw)
                : "\\N";
        }
        byte[] json = Jsonb(fields[1]);
        ReadOnlySpan<byte> found;
        switch (fields[0])
        {
            case "js_cmp":
                return Math.Sign(JsonValue.Compare(json, Jsonb(fields[2]))).ToString();
            case "js_contains":
                return JsonValue.Contains(json, Jsonb(fields[2])) ? "true" : "false";
            case "js_key":
                return JsonValue.HasKey(json, key) ? "true" : "false";
            case "js_field":
                return JsonValue.TryGetField(json, key, out found) ? Encoding.UTF8.GetString(found) : "\\N";
            case "js_element":
                return JsonValue.TryGetElement(json, int.Parse(fields[2]), out found, isJsonb: true)
                    ? Encoding.UTF8.GetString(found) : "\\N";
            case "js_path":
                byte[] path = Read(TypeOid.TextArray, fields[2]) is BinaryColumn array ? array[0].ToArray() : [];
                return JsonValue.TryGetPath(json, new ArrayValue(path), out found) ? Encoding.UTF8.GetString(found)
                    : "\\N";
            default:
                if (!JsonValue.TryGetField(json, key, out found))
                    return "\\N";
                var text = new BinaryColumnBuilder();
                JsonValue.AppendAsText(found, text);
                Column column = text.Build();
                return column.IsNull(0) ? "\\N" : Encoding.UTF8.GetString(((BinaryColumn)column)[0]);
        }
    }

    private static byte[] Jsonb(string text) => ((BinaryColumn)Read(TypeOid.Jsonb, text))[0].ToArray();

    private static long Timestamp(string text) => ((FixedColumn<long>)Read(TypeOid.Timestamp, text))[0];

    private static Interval Span(string text) => Interval.From(((FixedColumn<Fixed16>)Read(TypeOid.Interval, text))[0]);

    private static string Show(long timestamp) => Text(TypeOid.Timestamp, timestamp, FormatContext.Default);

    private static string Show(SqlNumeric? number) => number?.ToString() ?? "\\N";

    private static string Show(Interval interval) =>
        Text(TypeOid.Interval, FixedColumn<Fixed16>.Constant(interval.ToFixed16(), 1), FormatContext.Default);

    private static string Text(uint type, long timestamp, FormatContext context) =>
        Text(type, FixedColumn<long>.Constant(timestamp, 1), context);

    private static string Text(uint type, Column column, FormatContext context)
    {
        var target = new ArrayBufferWriter<byte>();
        TypeFormats.For(type).WriteText(column, 0, target, context);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private static Column Read(uint type, string text)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type));
        TypeFormats.For(type).ReadText(Encoding.UTF8.GetBytes(text), -1, builder, FormatContext.Default);
        return builder.Build();
    }
}
