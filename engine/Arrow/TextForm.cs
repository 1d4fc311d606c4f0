using VecSQL.Catalog.Formats;
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
}
