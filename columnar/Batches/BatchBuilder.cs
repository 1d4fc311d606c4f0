using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Batches;

/// <summary>Collects rows into batches, column by column.</summary>
public sealed class BatchBuilder
{
    public BatchBuilder(ReadOnlySpan<PhysicalType> types, int capacity = 16)
    {
        Columns = new ColumnBuilder[types.Length];
        for (int i = 0; i < types.Length; i++)
            Columns[i] = ColumnBuilder.Create(types[i], capacity);
    }

    public ColumnBuilder[] Columns { get; }

    /// <summary>Rows so far; kept apart from the columns since a batch may have none.</summary>
    public int RowCount { get; private set; }

    public long SizeBytes
    {
        get
        {
            long size = 0;
            foreach (ColumnBuilder column in Columns)
                size += column.SizeBytes;
            return size;
        }
    }

    /// <summary>Counts a row whose values the caller has appended to <see cref="Columns"/>.</summary>
    public void EndRow() => RowCount++;

    public void AppendRow(ColumnBatch source, int row)
    {
        for (int i = 0; i < Columns.Length; i++)
            Columns[i].AppendFrom(source.Columns[i], row);
        RowCount++;
    }

    public void AppendRows(ColumnBatch source, ReadOnlySpan<int> rows)
    {
        for (int i = 0; i < Columns.Length; i++)
            Columns[i].AppendFrom(source.Columns[i], rows);
        RowCount += rows.Length;
    }

    public void AppendAll(ColumnBatch source)
    {
        for (int i = 0; i < Columns.Length; i++)
            Columns[i].AppendAll(source.Columns[i]);
        RowCount += source.RowCount;
    }

    public ColumnBatch Build()
    {
        var columns = new Column[Columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].Build();
        int rowCount = RowCount;
        RowCount = 0;
        return new ColumnBatch(columns, rowCount);
    }
}
