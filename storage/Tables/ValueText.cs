using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Tables;

/// <summary>Values as text for error details, and the text of missing values as values.</summary>
internal static class ValueText
{
    public static string Of(SqlType type, Column column, int row)
    {
        if (column.IsNull(row))
            return "null";
        ArrayBufferWriter<byte> text = new();
        TypeFormats.For(type.Oid).WriteText(column, row, text, FormatContext.Default);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>The values that rows older than the column have: a constant column.</summary>
    public static Column Missing(ColumnEntry column, int rowCount)
    {
        PhysicalType physical = BuiltinTypes.PhysicalOf(column.Type.Oid);
        if (column.MissingValue is not { } text)
            return Column.Nulls(physical, rowCount);
        ColumnBuilder builder = ColumnBuilder.Create(physical, 1);
        TypeFormats.For(column.Type.Oid).ReadText(
            Encoding.UTF8.GetBytes(text), column.Type.Modifier, builder, FormatContext.Default);
        return builder.Build().Broadcast(0, rowCount);
    }

    /// <summary>A name as SQL writes it, in double quotes where it needs them.</summary>
    public static string Quoted(string name)
    {
        bool isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_');
        foreach (char c in name)
            isPlain &= char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_';
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"")}\"";
    }
}
