using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Copy;

namespace VecSQL.Engine.Arrow;

/// <summary>Types without a form in Arrow: the text that SELECT shows.</summary>
internal sealed class TextForm(uint typeOid, FormatContext context) : ArrowForm(new ArrowType(ArrowTypeKind.Utf8))
{
    private readonly TypeFormat _format = TypeFormats.For(typeOid);

    internal override ArrowArray Encode(Column column)
    {
        column = column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(column);
        CopyBuffer text = new();
        int[] offsets = new int[column.Length + 1];
        for (int row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row))
                _format.WriteText(column, row, text, context);
            offsets[row + 1] = text.Length;
        }
        return new ArrowArray(Type, column.Length, nullCount,
            [validity, ColumnBuffer.Wrap(offsets), ColumnBuffer.Of(text.Written)]);
    }

    /// <summary>A value of few bytes may have a long text.</summary>
    internal override long BytesOf(Column column)
    {
        column = column.Expand();
        long bytes = sizeof(int) * (long)column.Length;
        CopyBuffer text = new();
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                continue;
            if (typeOid == TypeOid.Numeric)
            {
                bytes += SqlNumeric.Read(((BinaryColumn)column)[row]).TextLengthMax;
                continue;
            }
            text.Truncate(0);
            _format.WriteText(column, row, text, context);
            bytes += text.Length;
        }
        return bytes;
    }
}
