using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Picks the rows that bring new keys into a table.</summary>
internal static class DistinctRows
{
    internal static ColumnBatch TakeNew(ColumnBatch batch, ReadOnlySpan<Column> keys, KeyTable seen)
    {
        int known = seen.Count, count = 0;
        int[] ids = ArrayPool<int>.Shared.Rent(batch.RowCount), rows = ArrayPool<int>.Shared.Rent(batch.RowCount);
        seen.Add(keys, batch.RowCount, ids.AsSpan(0, batch.RowCount));
        for (int row = 0; row < batch.RowCount; row++)
        {
            rows[count] = row;
            count += ids[row] == known + count ? 1 : 0; // new keys are numbered in the order of their first rows
        }
        ColumnBatch fresh = count == batch.RowCount ? batch : batch.Take(rows.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(ids);
        ArrayPool<int>.Shared.Return(rows);
        return fresh;
    }
}
