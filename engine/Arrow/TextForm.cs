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

    /// <summary>A value of few bytes may have a long text, of which the type's format knows a bound; where it knows none, the text is written to see.</summary>
    internal override long BytesOf(Column column)
    {
        if (column.IsConstant)
            return column.Length == 0 ? 0 : column.Length * BytesOf(column.WithLength(1).Expand());
        long bytes = sizeof(int) * (long)column.Length;
        var values = column as BinaryColumn;
        CopyBuffer? text = null;
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                continue;
            if (_format.TextBytesMax(values is null ? default : values[row]) is { } bound)
            {
                bytes += bound;
                continue;
            }
            text ??= new CopyBuffer();
            text.Truncate(0);
            _format.WriteText(column, row, text, context);
            bytes += text.Length;
        }
        return bytes;
    }

    /// <summary>As of a column of the elements, which is made only where their texts must be written to see.</summary>
    internal long BytesOf(ArrayValue array)
    {
        long bytes = sizeof(int) * (long)array.Count;
        for (int i = 0; i < array.Count; i++)
        {
            if (array.IsNull(i))
                continue;
            if (_format.TextBytesMax(array[i]) is not { } bound)
            {
                ColumnBuilder elements = ColumnBuilder.Create(array.Physical, array.Count);
                array.AppendElements(elements);
                return BytesOf(elements.Build());
            }
            bytes += bound;
        }
        return bytes;
    }
}
