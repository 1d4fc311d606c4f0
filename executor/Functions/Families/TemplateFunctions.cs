using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions.Templates;

namespace VecSQL.Executor.Functions.Families;

/// <summary>to_char, to_date, to_timestamp and to_number. A template is taken apart once, as it is nearly always a
/// constant.</summary>
internal static class TemplateFunctions
{
    private const int DoubleDigits = 15, FloatDigits = 6;

    private delegate (SqlNumeric Value, int AfterMax, bool IsNegative) NumberOf(in Row row);

    private delegate DateFields? FieldsOf(in Row row);

    public static void Define(FunctionTable table)
    {
        Date(table, "timestamp_to_char", static (in Row row) =>
            Timestamps.IsFinite(row.Int8(0)) ? DateFields.OfTimestamp(row.Int8(0), null) : null);
        Date(table, "timestamptz_to_char", static (in Row row) =>
            Timestamps.IsFinite(row.Int8(0)) ? Zoned(in row) : null);
        Date(table, "interval_to_char", static (in Row row) => DateFields.OfInterval(row.Interval(0)));
        Number(table, "int4_to_char", static (in Row row) => (row.Int4(0), int.MaxValue, false));
        Number(table, "int8_to_char", static (in Row row) => (row.Int8(0), int.MaxValue, false));
        Number(table, "numeric_to_char", static (in Row row) => (row.Numeric(0), int.MaxValue, false));
        Number(table, "float4_to_char", static (in Row row) => Shortened(row.Float4(0), FloatDigits));
        Number(table, "float8_to_char", static (in Row row) => Shortened(row.Float8(0), DoubleDigits));
        table.Site("numeric_to_number", static _ =>
        {
            var templates = NumberTemplates();
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            {
                if (row.Bytes(1).IsEmpty)
                    target.AppendNull();
                else
                    target.Append(NumberReader.Read(templates.Get(row.Bytes(1)), row.Text(0)));
            });
        });
        DefineReaders(table);
    }

    private static LastUsed<DateTemplate> DateTemplates() =>
        new(static bytes => DateTemplate.Parse(Encoding.UTF8.GetString(bytes)));

    private static LastUsed<NumberTemplate> NumberTemplates() =>
        new(static bytes => NumberTemplate.Parse(Encoding.UTF8.GetString(bytes)));

    private static void Date(FunctionTable table, string name, FieldsOf fieldsOf) => table.Site(name, _ =>
    {
        LastUsed<DateTemplate> templates = DateTemplates();
        return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
        {
            DateFields? fields = row.Bytes(1).IsEmpty ? null : fieldsOf(in row);
            if (fields is null)
                target.AppendNull();
            else
                target.Append(DateWriter.Write(templates.Get(row.Bytes(1)), fields));
        });
    });

    private static void Number(FunctionTable table, string name, NumberOf numberOf) => table.Site(name, _ =>
    {
        LastUsed<NumberTemplate> templates = NumberTemplates();
        return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
        {
            (SqlNumeric value, int afterMax, bool isNegative) = numberOf(in row);
            target.Append(NumberWriter.Write(templates.Get(row.Bytes(1)), value, afterMax, isNegative));
        });
    });

    private static DateFields Zoned(in Row row)
    {
        TimeZoneInfo zone = row.Context.Format.TimeZone;
        long moment = row.Int8(0);
        return DateFields.OfTimestamp(Timestamps.ToLocal(moment, zone),
            (TimeZones.OffsetAt(moment, zone), TimeZones.AbbreviationAt(moment, zone)));
    }

    /// <summary>A float, how many digits after the point it is exact to, and its sign, which zero has too.</summary>
    private static (SqlNumeric Value, int AfterMax, bool IsNegative) Shortened(double value, int digitsMax)
    {
        if (!double.IsFinite(value))
            return (SqlNumeric.FromDouble(value), int.MaxValue, double.IsNegative(value));
        int after = Math.Max(0, digitsMax - Math.Abs(value).ToString("F0").Length);
        // more than enough to see a tie
        return (SqlNumeric.Parse(Encoding.ASCII.GetBytes(value.ToString("F60"))), after, double.IsNegative(value));
    }

    private static void DefineReaders(FunctionTable table)
    {
        table.Site("to_date", static _ =>
        {
            LastUsed<DateTemplate> templates = DateTemplates();
            return RowFunctions.Fixed((in Row row) => DateReader.Read(row.Text(0), templates.Get(row.Bytes(1))).Days);
        });
        table.Site("to_timestamp", static _ =>
        {
            LastUsed<DateTemplate> templates = DateTemplates();
            return RowFunctions.Fixed((in Row row) =>
            {
                (int days, long time, int? offset) = DateReader.Read(row.Text(0), templates.Get(row.Bytes(1)));
                long local = Timestamps.Compose(days, time);
                return offset is { } east
                    ? local - (east * Calendar.MicrosecondsPerSecond)
                    : Timestamps.ToUtc(local, row.Context.Format.TimeZone);
            });
        });
    }
}
