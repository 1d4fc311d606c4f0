using VecSQL.Columnar.Batches;
using VecSQL.Core.Memory;

namespace VecSQL.Executor.Scheduling;

/// <summary>Rows kept to be read again, in order: in memory up to a limit, the rest spilled.</summary>
/// <remarks>Threads: one at a time while rows are added; readers are independent of each other.</remarks>
internal sealed class RowStore(MemoryBudget budget, ISpillStore spill, long memoryBytesMax) : IDisposable
{
    private readonly List<ColumnBatch> _batches = [];
    private readonly MemoryGrant _grant = new(budget);
    private ISpillFile? _file;
    private long _bytes;

    internal long RowCount { get; private set; }

    internal bool IsSpilled => _file is not null;

    internal void Add(ColumnBatch batch)
    {
        if (batch.RowCount == 0)
            return;
        RowCount += batch.RowCount;
        if (_file is null)
        {
            batch = BatchMemory.Compact(batch);
            long bytes = _bytes + BatchMemory.SizeBytes(batch);
            if (bytes <= memoryBytesMax && _grant.TrySet(bytes))
            {
                _bytes = bytes;
                _batches.Add(batch);
                return;
            }
            _file = spill.Create();
        }
        _file.Write(batch);
    }

    internal IBatchReader Read() => new Reader(this);

    public void Dispose()
    {
        _batches.Clear();
        _grant.Dispose();
        _file?.Dispose();
    }

    private sealed class Reader(RowStore store) : IBatchReader
    {
        private int _next;
        private IBatchReader? _spilled;

        public ColumnBatch? Next()
        {
            if (_next < store._batches.Count)
                return store._batches[_next++];
            _spilled ??= store._file?.Read();
            return _spilled?.Next();
        }

        public void Dispose() => _spilled?.Dispose();
    }
}
