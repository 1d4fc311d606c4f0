using System.Diagnostics;
using VecSQL.Columnar.Batches;
using VecSQL.Planner;

namespace VecSQL.Executor.Operators;

/// <summary>Counts what a plan node does, over all its loops and workers.</summary>
/// <remarks>Rows and times are totals over the loops. Threads: any.</remarks>
internal sealed class NodeMeter
{
    private readonly Lock _gate = new();
    private readonly List<string> _notes = [];
    private double _startupMs = double.NaN;
    private double _totalMs;
    private long _rows, _loops;

    internal void BeginLoop() => Interlocked.Increment(ref _loops);

    internal void Add(TimeSpan spent, int rows)
    {
        lock (_gate)
        {
            _totalMs += spent.TotalMilliseconds;
            _rows += rows;
            if (double.IsNaN(_startupMs))
                _startupMs = _totalMs;
        }
    }

    /// <summary>Adds a line for the reader of the plan, once.</summary>
    internal void Note(string line)
    {
        lock (_gate)
        {
            if (!_notes.Contains(line))
                _notes.Add(line);
        }
    }

    internal NodeActuals Read()
    {
        lock (_gate)
            return new NodeActuals(double.IsNaN(_startupMs) ? 0 : _startupMs, _totalMs, _rows, _loops, [.. _notes]);
    }
}

/// <summary>An operator under observation, for EXPLAIN ANALYZE.</summary>
internal sealed class MeteredOperator : Operator
{
    private readonly Operator _inner;
    private readonly NodeMeter _meter;

    internal MeteredOperator(Operator inner, NodeMeter meter)
    {
        _inner = inner;
        _meter = meter;
        meter.BeginLoop();
    }

    internal Operator Inner => _inner;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        ColumnBatch? batch = await _inner.NextAsync(cancellation).ConfigureAwait(false);
        _meter.Add(Stopwatch.GetElapsedTime(start), batch?.RowCount ?? 0);
        return batch;
    }

    public override ValueTask DisposeAsync() => _inner.DisposeAsync();
}
