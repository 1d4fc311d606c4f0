using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Tests.Samples;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Tests.Formats;

public sealed class TypeFormatSamplesTests
{
    [Fact]
    public void Text_and_binary_forms_and_errors_agree_with_PostgreSQL() => SampleFile.Check("formats.tsv", fields =>
    {
        SqlType type = ParseType(fields[0]);
        FormatContext context = ParseSettings(fields[1]);
        TypeFormat format = TypeFormats.For(type.Oid);
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type.Oid));
        format.ReadText(Encoding.UTF8.GetBytes(fields[2]), type.Modifier, builder, context);
        Column column = builder.Build();
        string text = TextOf(format, column, context), binary = BinaryOf(format, column, context);
        if (format.TextBytesMax(column is BinaryColumn values ? values[0] : default) is { } bound)
            Assert.InRange(bound, Encoding.UTF8.GetByteCount(text), (2 * Encoding.UTF8.GetByteCount(text)) + 24);
        if (type.Oid == TypeOid.Char)
            return text + " # ";

        // What PostgreSQL sends is read back to the same value.
        format.ReadBinary(Convert.FromHexString(binary), type.Modifier, builder, context);
        Assert.Equal(text, TextOf(format, builder.Build(), context));
        return $"{text} # {binary}";
    });

    private static string TextOf(TypeFormat format, Column column, FormatContext context)
    {
        var target = new ArrayBufferWriter<byte>();
        format.WriteText(column, 0, target, context);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private static string BinaryOf(TypeFormat format, Column column, FormatContext context)
    {
        var target = new ArrayBufferWriter<byte>();
        format.WriteBinary(column, 0, target, context);
        return Convert.ToHexStringLower(target.WrittenSpan);
    }

    private static SqlType ParseType(string text)
    {
        bool isArray = text.EndsWith("[]", StringComparison.Ordinal);
        text = isArray ? text[..^2] : text;
        string[] words = text.Split(['(', ')', ','], StringSplitOptions.RemoveEmptyEntries);
        int[] modifiers = words[1..].Select(int.Parse).ToArray();
        string name = words[0].Trim('"');
        if (name.StartsWith("interval", StringComparison.Ordinal))
        {
            string fields = name["interval".Length..].Trim();
            int modifier = BuiltinTypes.IntervalModifierFrom(
                fields.Length == 0 ? null : fields, modifiers.Length == 0 ? null : modifiers[0]);
            return new SqlType(isArray ? BuiltinTypes.ArrayOf(TypeOid.Interval) : TypeOid.Interval, modifier);
        }
        Assert.True(BuiltinTypes.TryFindByName(name, out TypeEntry? entry));
        if (modifiers.Length == 0 && entry.Oid == TypeOid.Bit)
            modifiers = [1]; // bit alone is bit(1)
        uint oid = isArray ? entry.ArrayOid : entry.Oid;
        return new SqlType(oid, modifiers.Length == 0 ? -1 : BuiltinTypes.ModifierFrom(oid, modifiers));
    }

    internal static FormatContext ParseSettings(string settings)
    {
        FormatContext context = FormatContext.Default;
        foreach (string setting in settings.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = setting.Split('=');
            context = parts[0] switch
            {
                "datestyle" => WithDateStyle(context, parts[1]),
                "intervalstyle" => context with { IntervalStyle = IntervalStyleOf(parts[1]) },
                "timezone" => context with { TimeZone = TimeZones.FindOrThrow(parts[1]), TimeZoneName = parts[1] },
                "extra_float_digits" => context with { ExtraFloatDigits = int.Parse(parts[1]) },
                "bytea_output" => context with { ByteaHex = parts[1] == "hex" },
                _ => throw new InvalidOperationException(setting),
            };
        }
        return context;
    }

    private static IntervalStyle IntervalStyleOf(string name) => name switch
    {
        "postgres_verbose" => IntervalStyle.PostgresVerbose,
        "sql_standard" => IntervalStyle.SqlStandard,
        "iso_8601" => IntervalStyle.Iso8601,
        _ => IntervalStyle.Postgres,
    };

    private static FormatContext WithDateStyle(FormatContext context, string value)
    {
        string[] words = value.Split(", ");
        return context with
        {
            DateStyle = Enum.Parse<DateStyle>(words[0], ignoreCase: true),
            DateOrder = words[1] switch
            {
                "DMY" => DateOrder.DayMonthYear,
                "YMD" => DateOrder.YearMonthDay,
                _ => DateOrder.MonthDayYear,
            },
        };
    }
}
