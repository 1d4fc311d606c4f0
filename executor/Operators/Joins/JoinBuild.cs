using System.Collections.Concurrent;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The right side of a hash join, read once for all workers that join with it: a table, or parts that are spilled.</summary>
/// <remarks>
/// Where the right side is spilled, the workers part the left side, too, wait until all have, and then join part by part.
/// Threads: any; whoever asks first has the right side read, by as many threads as its plan allows.
/// </remarks>
internal sealed class JoinBuild : IAsyncDisposable
{
    private readonly Operator[] _inputs;
    private readonly OperatorContext _context;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _isLeftParted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentStack<PartPair> _parts = [];
    private Task? _reading;
    private RowStore[]? _leftParts, _rightParts;
    private int _partingWorkers, _probingWorkers;
    private bool _hasNullKey, _isDisposed;

    /// <param name="inputs">The right side: several share its rows.</param>
    /// <param name="workers">How many join with it side by side.</param>
    internal JoinBuild(HashJoinPlan plan, Operator[] inputs, int workers, OperatorContext context)
    {
        (_inputs, _context) = (inputs, context);
        Layout = new JoinLayout(plan);
        Workers = _partingWorkers = _probingWorkers = workers;
        Table = NewTable();
    }

    internal JoinLayout Layout { get; }

    internal int Workers { get; }

    /// <summary>All right rows, unless they are spilled.</summary>
    internal JoinTable Table { get; private set; }

    internal bool IsSpilled => _rightParts is not null;

    /// <summary>The join has no rows whatever the left ones are.</summary>
    internal bool IsEmpty { get; private set; }

    internal JoinTable NewTable() => new(_context, Layout);

    /// <summary>Has the right side read, once.</summary>
    internal Task ReadAsync(JoinSift? sift, CancellationToken cancellation)
    {
        lock (_gate)
            return _reading ??= ReadAllAsync(sift, cancellation);
    }

    /// <summary>Puts left rows aside, where right ones are.</summary>
    internal void PartLeft(ColumnBatch prepared)
    {
        lock (_gate)
            Layout.Left.Part(prepared, 0, _leftParts ??= JoinSide.NewPartitions(_context));
    }

    /// <summary>Says that a worker has no more left rows, and waits until none has.</summary>
    internal async Task EndLeftAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (--_partingWorkers == 0)
            {
                RowStore[] left = _leftParts ?? JoinSide.NewPartitions(_context), right = _rightParts ?? [];
                for (int i = 0; i < right.Length; i++)
                    _parts.Push(new PartPair(left[i], right[i], Depth: 1));
                (_leftParts, _rightParts) = (null, []); // they are the pairs' now
                _isLeftParted.SetResult();
            }
        }
        await _isLeftParted.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    internal void AddPart(PartPair part) => _parts.Push(part);

    internal bool TryTakePart([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PartPair? part) => _parts.TryPop(out part);

    /// <summary>Says that a worker has looked all its left rows up in the table.</summary>
    /// <returns>Whether it was the last.</returns>
    internal bool EndProbe() => Interlocked.Decrement(ref _probingWorkers) == 0;

    /// <summary>May be called by each worker, once all are through.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Table.Dispose();
        foreach (PartPair part in _parts)
            part.Dispose();
        foreach (RowStore rows in _leftParts ?? [])
            rows.Dispose();
        foreach (RowStore rows in _rightParts ?? [])
            rows.Dispose();
        foreach (Operator input in _inputs)
            await input.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadAllAsync(JoinSift? sift, CancellationToken cancellation)
    {
        await Task.Yield(); // not below the lock
        if (_inputs.Length == 1)
            await ReadAsync(_inputs[0], sift, _context.Evaluation, cancellation).ConfigureAwait(false);
        else
            await ParallelWork.RunAsync(
                _inputs, (input, stop) => ReadAsync(input, sift, _context.Evaluation.Fork(), stop), cancellation).ConfigureAwait(false);
        if (_rightParts is not null)
            _context.Run.Meter(Layout.Plan)?.Tell("Batches", $"{JoinSide.PartitionCount}");
        else if (!_hasNullKey)
            Table.Seal(Layout.MarksMatches);
        if (Layout.Plan.KeyFilter > 0)
            _context.Run.SetKeyFilter(Layout.Plan.KeyFilter, _rightParts is null ? Table : null);
        // x NOT IN (…, null) is never true.
        IsEmpty = _hasNullKey || (_rightParts is null && Table.RowCount == 0 && !Layout.EmitsWithoutRight);
    }

    private async Task ReadAsync(Operator input, JoinSift? sift, EvaluationContext evaluation, CancellationToken cancellation)
    {
        while (!_hasNullKey && await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch prepared = Layout.Right.Prepare(batch, evaluation);
            if (sift is not null)
                prepared = sift.Of(prepared);
            if (Layout.Plan.Kind == PhysicalJoinKind.NullAwareAnti && HasNull(prepared.Columns[^1]))
                _hasNullKey = true;
            lock (_gate)
                Add(prepared);
        }
    }

    private void Add(ColumnBatch prepared)
    {
        if (_rightParts is not null)
        {
            Layout.Right.Part(prepared, 0, _rightParts);
        }
        else if (!Table.Add(prepared, _context.WorkMemoryBytes))
        {
            _rightParts = JoinSide.NewPartitions(_context);
            foreach (ColumnBatch piece in Table.Pieces)
                Layout.Right.Part(piece, 0, _rightParts);
            Table.Dispose();
            Table = NewTable();
        }
    }

    private static bool HasNull(Column column)
    {
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                return true;
        }
        return false;
    }
}
