using System.Buffers;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Expressions;

/// <summary>A cast through the text form: the source's output function, then the target's input function.</summary>
internal sealed class TextCast : VectorExpression
{
    private readonly SqlType _target;
    private readonly TypeFormat _from, _to;
    private readonly bool _isFromText;
    private readonly VectorExpression _operand;

    public TextCast(SqlType source, SqlType target, VectorExpression operand)
    {
        _target = target;
        _from = TypeFormats.For(source.Oid);
        _to = TypeFormats.For(target.Oid);
        _isFromText = source.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.Unknown or TypeOid.CString or TypeOid.Name;
        _operand = operand;
    }

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column value = _operand.Evaluate(input, context);
        return value.IsConstant ? Convert(value.WithLength(1), context).Broadcast(0, input.RowCount)
            : Convert(value, context);
    }

    private Column Convert(Column source, EvaluationContext context)
    {
        ColumnBuilder target = ColumnBuilder.Create(Columns.PhysicalOf(_target), source.Length);
        var text = new ArrayBufferWriter<byte>();
        for (int row = 0; row < source.Length; row++)
        {
            if (source.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            if (_isFromText)
            {
                _to.ReadText(((BinaryColumn)source)[row], _target.Modifier, target, context.Format);
                continue;
            }
            text.ResetWrittenCount();
            _from.WriteText(source, row, text, context.Format);
            _to.ReadText(text.WrittenSpan, _target.Modifier, target, context.Format);
        }
        return target.Build();
    }
}
