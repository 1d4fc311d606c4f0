using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

internal sealed class NotExpression(VectorExpression operand) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var value = (BoolColumn)operand.Evaluate(input, context);
        if (!value.IsConstant)
            return new BoolColumn(BitmapKernel.Not(value.Values), value.Validity);
        return value.IsNull(0) ? value : BoolColumn.Constant(!value[0], input.RowCount);
    }
}

/// <summary>IS [NOT] NULL of a single value; rows have a rule of their own.</summary>
internal sealed class NullTestExpression(VectorExpression operand, bool isNegated) : VectorExpression
{
    public static VectorExpression Make(NullTest node) => node.Operand switch
    {
        RowConstruction row => new RowNullTest(ExpressionCompiler.CompileAll(row.Items), node.IsNegated),
        _ when RecordNullTest.Applies(node.Operand.Type) =>
            new RecordNullTest(ExpressionCompiler.Compile(node.Operand), node.IsNegated),
        _ => new NullTestExpression(ExpressionCompiler.Compile(node.Operand), node.IsNegated),
    };

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column value = operand.Evaluate(input, context);
        if (!value.HasNulls)
            return BoolColumn.Constant(isNegated, input.RowCount);
        if (value.IsConstant)
            return BoolColumn.Constant(value.IsNull(0) != isNegated, input.RowCount);
        return new BoolColumn(isNegated ? value.Validity : BitmapKernel.Not(value.Validity));
    }
}

/// <summary>ROW(…) IS [NOT] NULL: true where all fields are (not) null.</summary>
internal sealed class RowNullTest(VectorExpression[] items, bool isNegated) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        ulong[] bits = Bitmap.Allocate(input.RowCount);
        Array.Fill(bits, ulong.MaxValue);
        var columns = new Column[items.Length];
        for (int i = 0; i < items.Length; i++)
            columns[i] = items[i].Evaluate(input, context);
        foreach (Column column in columns)
        {
            for (int row = 0; row < input.RowCount; row++)
            {
                if (column.IsNull(row) == isNegated)
                    Bitmap.Clear(bits, row);
            }
        }
        var result = new BoolColumn(new Bitmap(bits, input.RowCount));
        return Columns.AreConstant(columns) && input.RowCount > 0 ? result.Broadcast(0, input.RowCount) : result;
    }
}

/// <summary>IS [NOT] TRUE, FALSE, UNKNOWN.</summary>
internal sealed class BooleanTestExpression(VectorExpression operand, bool? wanted, bool isNegated) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var value = (BoolColumn)operand.Evaluate(input, context);
        if (value.IsConstant)
        {
            bool? actual = value.IsNull(0) ? null : value[0];
            return BoolColumn.Constant((actual == wanted) != isNegated, input.RowCount);
        }
        ReadOnlySpan<ulong> values = value.Values.Words;
        ulong[] bits = Bitmap.Allocate(input.RowCount);
        ReadOnlySpan<ulong> validity = value.HasNulls ? value.Validity.Words : default;
        ulong flip = isNegated ? ulong.MaxValue : 0;
        for (int i = 0; i < bits.Length; i++)
        {
            ulong known = validity.IsEmpty ? ulong.MaxValue : validity[i];
            ulong holds = wanted switch
            {
                true => values[i] & known,
                false => ~values[i] & known,
                null => ~known,
            };
            bits[i] = holds ^ flip;
        }
        return new BoolColumn(new Bitmap(bits, input.RowCount));
    }
}

/// <summary>IS [NOT] DISTINCT FROM: equality in which null equals null and nothing else.</summary>
internal sealed class DistinctExpression(
    VectorExpression left, VectorExpression right, VectorFunction equality, bool isNegated)
    : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column x = left.Evaluate(input, context), y = right.Evaluate(input, context);
        bool isConstant = x.IsConstant && y.IsConstant;
        int rowCount = isConstant ? 1 : input.RowCount;
        if (isConstant)
            (x, y) = (x.WithLength(1), y.WithLength(1));
        Bitmap validX = Columns.ValidityOf(x), validY = Columns.ValidityOf(y), both = Bitmap.And(validX, validY);
        var equal = (BoolColumn)equality.Evaluate([x, y], rowCount, both, context);
        ReadOnlySpan<ulong> values = ((BoolColumn)equal.Expand()).Values.Words;
        ulong[] bits = Bitmap.Allocate(rowCount);
        ulong flip = isNegated ? 0 : ulong.MaxValue; // the words below say "not distinct"
        for (int i = 0; i < bits.Length; i++)
        {
            ulong knownX = validX.IsAbsent ? ulong.MaxValue : validX.Words[i], knownY = validY.IsAbsent
                ? ulong.MaxValue : validY.Words[i];
            bits[i] = ((values[i] & knownX & knownY) | (~knownX & ~knownY)) ^ flip;
        }
        var result = new BoolColumn(new Bitmap(bits, rowCount));
        return isConstant ? result.Broadcast(0, input.RowCount) : result;
    }
}
