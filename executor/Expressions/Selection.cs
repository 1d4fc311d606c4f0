using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Expressions;

/// <summary>Evaluates conditions for filters: false and null both drop a row.</summary>
public static class Selection
{
    /// <summary>The numbers of the rows for which the condition is true, ascending.</summary>
    /// <param name="target">At least as long as the batch.</param>
    /// <returns>How many row numbers were written.</returns>
    public static int Select(
        this VectorExpression condition, ColumnBatch input, EvaluationContext context, Span<int> target)
    {
        var truth = (BoolColumn)condition.Evaluate(input, context);
        if (!truth.IsConstant)
            return Bitmap.And(truth.Values, truth.Validity).WriteSetIndexes(target);
        if (truth.IsNull(0) || !truth[0])
            return 0;
        for (int row = 0; row < input.RowCount; row++)
            target[row] = row;
        return input.RowCount;
    }

    /// <summary>The rows for which the condition is true: the batch itself where it is true for all.</summary>
    public static ColumnBatch Filter(this VectorExpression condition, ColumnBatch input, EvaluationContext context)
    {
        var rows = new int[input.RowCount];
        int count = condition.Select(input, context, rows);
        return count == input.RowCount ? input : input.Take(rows.AsSpan(0, count));
    }
}
