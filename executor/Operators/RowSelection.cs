using System.Buffers;
using System.Numerics;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;

namespace VecSQL.Executor.Operators;

/// <summary>Rows for which a condition is true; false and null both drop a row.</summary>
internal static class RowSelection
{
    /// <summary>Writes the numbers of the rows whose condition is true, ascending; returns how many.</summary>
    internal static int WriteTrue(Column condition, Span<int> target)
    {
        var truth = (BoolColumn)condition;
        if (truth.IsConstant)
        {
            if (truth.Length == 0 || truth.IsNull(0) || !truth[0])
                return 0;
            for (int i = 0; i < truth.Length; i++)
                target[i] = i;
            return truth.Length;
        }
        ReadOnlySpan<ulong> values = truth.Values.Words;
        ReadOnlySpan<ulong> validity = truth.HasNulls ? truth.Validity.Words : default;
        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            ulong word = values[i];
            if (!validity.IsEmpty)
                word &= validity[i];
            if (i == values.Length - 1 && (truth.Length & 63) != 0)
                word &= (1UL << (truth.Length & 63)) - 1;
            for (; word != 0; word &= word - 1)
                target[count++] = (i << 6) + BitOperations.TrailingZeroCount(word);
        }
        return count;
    }

    /// <summary>Clears the bits of the rows whose condition is not true.</summary>
    internal static void KeepTrue(Column condition, Span<ulong> bits)
    {
        var truth = (BoolColumn)condition;
        if (truth.IsConstant)
        {
            if (truth.Length == 0 || truth.IsNull(0) || !truth[0])
                bits.Clear();
            return;
        }
        ReadOnlySpan<ulong> values = truth.Values.Words;
        ReadOnlySpan<ulong> validity = truth.HasNulls ? truth.Validity.Words : default;
        for (int i = 0; i < bits.Length; i++)
            bits[i] &= validity.IsEmpty ? values[i] : values[i] & validity[i];
    }

    /// <summary>The rows of the batch whose keys were found; null when there are none.</summary>
    /// <param name="ids">The number of each row's key, or <see cref="KeyTable.Absent"/>.</param>
    internal static ColumnBatch? Found(ColumnBatch batch, ReadOnlySpan<int> ids)
    {
        int[] rows = ArrayPool<int>.Shared.Rent(ids.Length);
        int count = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            rows[count] = row;
            count += ids[row] == KeyTable.Absent ? 0 : 1;
        }
        ColumnBatch? found = count == 0 ? null : count == batch.RowCount ? batch : batch.Take(rows.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(rows);
        return found;
    }

    internal static bool IsTrue(Column condition, int row) => !condition.IsNull(row) && ((BoolColumn)condition)[row];

    /// <summary>The rows of the batch that meet the condition; null when there are none.</summary>
    internal static ColumnBatch? Filter(ColumnBatch batch, VectorExpression condition, EvaluationContext context)
    {
        Column truth = CompiledExpressions.Evaluate(condition, batch, context);
        int[] rows = ArrayPool<int>.Shared.Rent(batch.RowCount);
        try
        {
            int count = WriteTrue(truth, rows);
            if (count == batch.RowCount)
                return batch;
            return count == 0 ? null : batch.Take(rows.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rows);
        }
    }
}
