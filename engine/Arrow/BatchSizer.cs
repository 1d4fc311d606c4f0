using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Engine.Arrow;

/// <summary>Joins batches of rows that are small and cuts those that are large, towards a number of bytes.</summary>
internal sealed class BatchSizer(ArrowForm[] forms, int bytesMax)
{
    /// <summary>Cuts fall on whole words of bitmaps, where rows are not very long.</summary>
    private const int WordRows = 64;

    private readonly List<ColumnBatch> _held = [];
    private readonly Stack<(ColumnBatch Batch, long? Bytes)> _cut = new(); // parts of a large batch, the next on top
    private long _heldBytes;

    internal void Add(ColumnBatch batch)
    {
        if (batch.RowCount > 0)
            _cut.Push((batch, null));
    }

    /// <summary>The next rows; null where more should come first, or all were taken.</summary>
    /// <param name="isAtEnd">No more comes.</param>
    internal ColumnBatch? TryTake(bool isAtEnd)
    {
        while (_cut.TryPop(out (ColumnBatch Batch, long? Bytes) next))
        {
            ColumnBatch batch = next.Batch;
            long bytes = next.Bytes ?? BytesOf(batch);
            if (bytes > bytesMax && batch.RowCount > 1)
            {
                int half = (batch.RowCount + 1) / 2;
                if (half > WordRows)
                    half = (half + WordRows - 1) / WordRows * WordRows;
                _cut.Push((batch.Slice(half, batch.RowCount - half), null));
                _cut.Push((batch.Slice(0, half), null));
                continue;
            }
            if (_held.Count > 0 && _heldBytes + bytes > bytesMax)
            {
                _cut.Push((batch, bytes));
                return TakeHeld();
            }
            _held.Add(batch);
            _heldBytes += bytes;
        }
        return isAtEnd && _held.Count > 0 ? TakeHeld() : null;
    }

    private ColumnBatch TakeHeld()
    {
        ColumnBatch first = _held[0];
        if (_held.Count > 1)
        {
            Column[] columns = new Column[first.Columns.Length];
            int rowCount = 0;
            foreach (ColumnBatch batch in _held)
                rowCount += batch.RowCount;
            for (int i = 0; i < columns.Length; i++)
                columns[i] = Concatenation.Of(first.Columns[i].Type, [.. _held.Select(batch => batch.Columns[i])]);
            first = new ColumnBatch(columns, rowCount);
        }
        _held.Clear();
        _heldBytes = 0;
        return first;
    }

    /// <summary>How many bytes the rows take in Arrow at most.</summary>
    private long BytesOf(ColumnBatch batch)
    {
        long bytes = 0;
        for (int i = 0; i < forms.Length; i++)
            bytes += forms[i].BytesOf(batch.Columns[i]);
        return bytes;
    }
}
