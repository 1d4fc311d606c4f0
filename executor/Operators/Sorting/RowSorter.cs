using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Collects rows and gives them back in the order of their keys.</summary>
/// <remarks>
/// Order:  of equal keys, the same for the same rows offered in the same order; stable for many (<see cref="KeySort"/>).
/// Memory: up to the limit given; beyond it, sorted runs are spilled and merged as they are read.
/// </remarks>
internal sealed class RowSorter : IDisposable
{
    private const int RunsMax = 64; // each run being merged holds a batch in memory

    private readonly OperatorContext _context;
    private readonly OrderedKeyEncoder _encoder;
    private readonly PhysicalType[] _types;
    private readonly MemoryGrant _grant;
    private readonly List<ISpillFile> _runs = [];
    private readonly KeyBuffer _keys = new();
    private BatchBuilder _rows;

    /// <param name="types">Of the rows' columns.</param>
    internal RowSorter(OperatorContext context, ReadOnlySpan<PhysicalType> types, OrderedKeyEncoder encoder)
    {
        _context = context;
        _encoder = encoder;
        _types = types.ToArray();
        _grant = new MemoryGrant(context.Memory);
        _rows = new BatchBuilder(_types);
    }

    internal long RowCount { get; private set; }

    internal bool IsSpilled => _runs.Count > 0;

    /// <summary>The most memory held at once.</summary>
    internal long PeakBytes { get; private set; }

    internal void Add(ColumnBatch rows, ReadOnlySpan<Column> keys)
    {
        RowCount += rows.RowCount;
        _rows.AppendAll(rows);
        _encoder.Append(keys, rows.RowCount, _keys);
        // Besides what is collected, sorting takes two words and two numbers a row.
        long bytes = _rows.SizeBytes + _keys.SizeBytes + (24L * _rows.RowCount);
        PeakBytes = Math.Max(PeakBytes, bytes);
        if (bytes > _context.WorkMemoryBytes || bytes > KeyBuffer.BytesMax || !_grant.TrySet(bytes))
            SpillRun();
    }

    /// <summary>All rows in order. Called once.</summary>
    internal IBatchReader Finish()
    {
        if (_runs.Count == 0)
            return new MemoryReader(_rows.Build(), KeySort.Sort(_keys));
        if (_rows.RowCount > 0)
            SpillRun();
        return new RunMerger(_runs, _types);
    }

    public void Dispose()
    {
        foreach (ISpillFile run in _runs)
            run.Dispose();
        _runs.Clear();
        _grant.Dispose();
    }

    private void SpillRun()
    {
        int[] order = KeySort.Sort(_keys, isStable: true);
        ColumnBatch rows = _rows.Build();
        ISpillFile run = _context.Spill.Create();
        _runs.Add(run);
        for (int start = 0; start < order.Length; start += ColumnBatch.RowsMax)
        {
            ReadOnlySpan<int> chunk = order.AsSpan(start, Math.Min(ColumnBatch.RowsMax, order.Length - start));
            run.Write(BatchShapes.With(rows.Take(chunk), [TakeKeys(chunk)]));
        }
        _rows = new BatchBuilder(_types);
        _keys.Clear();
        _grant.Set(0);
        if (_runs.Count == RunsMax)
            MergeRuns();
    }

    private BinaryColumn TakeKeys(ReadOnlySpan<int> rows)
    {
        var keys = new BinaryColumnBuilder(rows.Length, _keys.UsedBytes / Math.Max(1, _keys.Count) * rows.Length);
        foreach (int row in rows)
            keys.Append(_keys[row]);
        return (BinaryColumn)keys.Build();
    }

    private void MergeRuns()
    {
        ISpillFile merged = _context.Spill.Create();
        ISpillFile[] runs = [.. _runs];
        _runs.Add(merged); // so that an error below disposes it with the others
        using (var merger = new RunMerger(runs, [.. _types, PhysicalType.Binary]))
        {
            while (merger.Next() is { } batch)
                merged.Write(batch);
        }
        foreach (ISpillFile run in runs)
            run.Dispose();
        _runs.Clear();
        _runs.Add(merged);
    }

    private sealed class MemoryReader(ColumnBatch rows, int[] order) : IBatchReader
    {
        private int _next;

        public ColumnBatch? Next()
        {
            if (_next >= order.Length)
                return null;
            ReadOnlySpan<int> chunk = order.AsSpan(_next, Math.Min(ColumnBatch.RowsMax, order.Length - _next));
            _next += chunk.Length;
            return rows.Take(chunk);
        }

        public void Dispose()
        {
        }
    }
}
