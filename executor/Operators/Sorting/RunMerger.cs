using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Merges sorted runs whose last column is the encoded key. Equal keys come in the order of the runs.</summary>
internal sealed class RunMerger : IBatchReader
{
    private readonly List<Cursor> _heap = [];
    private readonly BatchBuilder _output;
    private readonly int _columnCount;

    /// <param name="types">The columns to put out: those of the runs, or all but the key.</param>
    internal RunMerger(IReadOnlyList<ISpillFile> runs, PhysicalType[] types)
    {
        _columnCount = types.Length;
        _output = new BatchBuilder(types, ColumnBatch.RowsMax);
        for (int i = 0; i < runs.Count; i++)
        {
            var cursor = new Cursor(runs[i].Read(), i);
            if (cursor.Advance())
                _heap.Add(cursor);
        }
        for (int i = (_heap.Count / 2) - 1; i >= 0; i--)
            Sink(i);
    }

    public ColumnBatch? Next()
    {
        while (_heap.Count > 0 && _output.RowCount < ColumnBatch.RowsMax)
        {
            Cursor first = _heap[0];
            for (int i = 0; i < _columnCount; i++)
                _output.Columns[i].AppendFrom(first.Batch.Columns[i], first.Row);
            _output.EndRow();
            if (!first.Advance())
            {
                first.Dispose();
                _heap[0] = _heap[^1];
                _heap.RemoveAt(_heap.Count - 1);
            }
            Sink(0);
        }
        return _output.RowCount == 0 ? null : _output.Build();
    }

    public void Dispose()
    {
        foreach (Cursor cursor in _heap)
            cursor.Dispose();
        _heap.Clear();
    }

    private void Sink(int at)
    {
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _heap.Count)
                return;
            if (child + 1 < _heap.Count && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(_heap[at]))
                return;
            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }
    }

    private sealed class Cursor(IBatchReader reader, int run) : IDisposable
    {
        private BinaryColumn? _keys;

        internal ColumnBatch Batch { get; private set; } = ColumnBatch.Empty;

        internal int Row { get; private set; } = -1;

        private int Run => run;

        internal bool Advance()
        {
            if (++Row < Batch.RowCount)
                return true;
            if (reader.Next() is not { } next)
                return false;
            Batch = next;
            _keys = (BinaryColumn)next.Columns[^1];
            Row = 0;
            return true;
        }

        internal bool IsBefore(Cursor other)
        {
            ReadOnlySpan<byte> mine = _keys is null ? default : _keys[Row];
            ReadOnlySpan<byte> others = other._keys is null ? default : other._keys[other.Row];
            int order = mine.SequenceCompareTo(others);
            return order < 0 || (order == 0 && run < other.Run);
        }

        public void Dispose() => reader.Dispose();
    }
}
