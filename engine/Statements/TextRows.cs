using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>Rows of text, as utility statements return them.</summary>
internal static class TextRows
{
    internal static ImmutableArray<ResultColumnInfo> Columns(params ReadOnlySpan<string> names)
    {
        var columns = ImmutableArray.CreateBuilder<ResultColumnInfo>(names.Length);
        foreach (string name in names)
            columns.Add(new ResultColumnInfo(name, SqlType.Text, 0, 0));
        return columns.ToImmutable();
    }

    internal static ColumnBatch Of(IEnumerable<string?[]> rows, int columnCount)
    {
        BatchBuilder batch = new([.. Enumerable.Repeat(PhysicalType.Binary, columnCount)]);
        foreach (string?[] row in rows)
        {
            for (int i = 0; i < columnCount; i++)
                Append((BinaryColumnBuilder)batch.Columns[i], row[i]);
            batch.EndRow();
        }
        return batch.Build();
    }

    /// <summary>A value of a column as its type's text form.</summary>
    internal static string? Text(Column column, int row, SqlType type, FormatContext format)
    {
        if (column.IsNull(row))
            return null;
        ArrayBufferWriter<byte> text = new();
        TypeFormats.For(type.Oid).WriteText(column, row, text, format);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Append(BinaryColumnBuilder column, string? value)
    {
        if (value is null)
            column.AppendNull();
        else
            column.Append(Encoding.UTF8.GetBytes(value));
    }
}
