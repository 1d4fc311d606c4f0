using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>A value as estimates see it: a number, or text that is ordered by its characters.</summary>
/// <remarks>Types whose text forms are not in the order of their values have none.</remarks>
internal readonly record struct StatisticValue(double Number, string? Text) : IComparable<StatisticValue>
{
    private const double MicrosecondsPerDay = 86_400e6;

    public int CompareTo(StatisticValue other) =>
        Text is null ? Number.CompareTo(other.Number) : string.CompareOrdinal(Text, other.Text);

    internal static StatisticValue? Of(ConstantExpression constant)
    {
        if (constant.IsNull)
            return null;
        ArrayBufferWriter<byte> text = new();
        TypeFormats.For(constant.Type.Oid).WriteText(constant.Value, 0, text, FormatContext.Default);
        return Of(Encoding.UTF8.GetString(text.WrittenSpan), constant.Type.Oid);
    }

    internal static StatisticValue? Of(string text, uint type)
    {
        switch (type)
        {
            case TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Oid or TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric:
                return double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? new StatisticValue(number, null) : null;
            case TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Time:
                return new StatisticValue(Moment(text, type), null);
            case TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name or TypeOid.Char:
                return new StatisticValue(0, text.TrimEnd(' ')); // blanks at the end do not count in character(n)
            case TypeOid.Uuid or TypeOid.Bytea or TypeOid.Bool or TypeOid.Bit:
                return new StatisticValue(0, text);
            default:
                return CatalogMark.TryReadLabel(text, type, out long key) ? new StatisticValue(key, null) : null;
        }
    }

    /// <summary>How far the value is from one bound to the other, 0 to 1; half-way where that cannot be told.</summary>
    internal double Between(StatisticValue low, StatisticValue high)
    {
        double share = (Number - low.Number) / (high.Number - low.Number);
        return Text is null && double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0.5;
    }

    private static double Moment(string text, uint type)
    {
        ColumnBuilder value = ColumnBuilder.Create(BuiltinTypes.Find(type).Physical, 1);
        TypeFormats.For(type).ReadText(Encoding.UTF8.GetBytes(text), -1, value, FormatContext.Default);
        return value.Build() switch
        {
            FixedColumn<int> days => days[0] * MicrosecondsPerDay,
            FixedColumn<long> microseconds => microseconds[0],
            _ => throw new Core.Errors.InvariantException($"type {type} is no moment"),
        };
    }
}
