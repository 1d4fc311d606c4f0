using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Batches;

/// <summary>Rows in columns: what operators hand to each other. Immutable; every row is live (no selection vector).</summary>
/// <remarks>
/// A filter hands on the rows it keeps by <see cref="Take"/>; that costs two integers a row for variable-length values and one
/// value a row for fixed ones, and spares every operator above it a second way to iterate.
/// </remarks>
public sealed class ColumnBatch
{
    /// <summary>Rows in a batch at most. Larger batches leave the level-2 cache, smaller ones pay the per-batch cost more often.</summary>
    public const int RowsMax = 4096;

    public static readonly ColumnBatch Empty = new([], 0);

    /// <summary>Takes the array over. Every column is <paramref name="rowCount"/> rows long.</summary>
    public ColumnBatch(Column[] columns, int rowCount)
    {
        foreach (Column column in columns)
        {
            if (column.Length != rowCount)
                throw new ArgumentException($"a column of {column.Length} rows in a batch of {rowCount}", nameof(columns));
        }
        Columns = columns;
        RowCount = rowCount;
    }

    public Column[] Columns { get; }

    public int RowCount { get; }

    public Column this[int ordinal] => Columns[ordinal];

    public ColumnBatch Take(ReadOnlySpan<int> rows)
    {
        var columns = new Column[Columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].Take(rows);
        return new ColumnBatch(columns, rows.Length);
    }

    public ColumnBatch Slice(int start, int count)
    {
        if (start == 0 && count == RowCount)
            return this;
        var columns = new Column[Columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].Slice(start, count);
        return new ColumnBatch(columns, count);
    }
}
