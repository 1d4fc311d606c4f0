using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;
using VecSQL.Wire.Messages;

namespace VecSQL.Wire.Sessions;

/// <summary>Turns batches into DataRow messages.</summary>
internal sealed class RowEncoder
{
    private readonly TypeFormat[] _formats;
    private readonly bool[] _isBinary;

    public RowEncoder(ImmutableArray<ResultColumnInfo> columns, ReadOnlySpan<short> formats)
    {
        _formats = new TypeFormat[columns.Length];
        _isBinary = new bool[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            _formats[i] = TypeFormats.For(columns[i].Type.Oid);
            _isBinary[i] = Replies.FormatOf(formats, i) == 1;
        }
    }

    /// <summary>Writes one row as a DataRow message.</summary>
    public void Write(ColumnBatch batch, int row, ReplyWriter reply, FormatContext context)
    {
        reply.Begin('D');
        reply.Int16(_formats.Length);
        for (int i = 0; i < _formats.Length; i++)
        {
            Column column = batch.Columns[i];
            if (column.IsNull(row))
            {
                reply.Int32(-1);
                continue;
            }
            int mark = reply.BeginValue();
            if (_isBinary[i])
                _formats[i].WriteBinary(column, row, reply, context);
            else
                _formats[i].WriteText(column, row, reply, context);
            reply.EndValue(mark);
        }
        reply.End();
    }
}
