using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>A condition on single rows of a table, wherever they lie.</summary>
/// <param name="columns">What the condition reads.</param>
internal sealed class RowCondition(VectorExpression condition, ScanColumns columns, EvaluationContext evaluation)
{
    /// <summary>Tests rows.</summary>
    /// <param name="rows">At most a batch; those of a unit stand together, their places ascending.</param>
    internal bool[] Test(IReadOnlyList<ScanUnit> units, ReadOnlySpan<(int Unit, int Place)> rows)
    {
        bool[] passes = new bool[rows.Length];
        int[] kept = new int[rows.Length];
        for (int start = 0; start < rows.Length;)
        {
            int unit = rows[start].Unit, end = start + 1;
            while (end < rows.Length && rows[end].Unit == unit)
                end++;
            int[] places = new int[end - start];
            for (int i = 0; i < places.Length; i++)
                places[i] = rows[start + i].Place;
            ColumnBatch batch = columns.Complete(units[unit].Gather(places, columns.Stored.Span, withRowId: false));
            Column truth = CompiledExpressions.Evaluate(condition, batch, evaluation);
            foreach (int row in kept.AsSpan(0, RowSelection.WriteTrue(truth, kept)))
                passes[start + row] = true;
            start = end;
        }
        return passes;
    }
}
