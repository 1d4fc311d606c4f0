using VecSQL.Columnar.Batches;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>A set function's rows, one by one.</summary>
internal sealed class SetRows(IEnumerable<ColumnBatch> batches) : IDisposable
{
    private readonly IEnumerator<ColumnBatch> _batches = batches.GetEnumerator();

    internal ColumnBatch Batch { get; private set; } = ColumnBatch.Empty;

    internal int Row { get; private set; } = -1;

    internal bool IsAtEnd { get; private set; }

    internal bool MoveNext()
    {
        if (IsAtEnd)
            return false;
        if (++Row < Batch.RowCount)
            return true;
        do
        {
            if (!_batches.MoveNext())
            {
                IsAtEnd = true;
                return false;
            }
            Batch = _batches.Current;
        }
        while (Batch.RowCount == 0);
        Row = 0;
        return true;
    }

    public void Dispose() => _batches.Dispose();
}
