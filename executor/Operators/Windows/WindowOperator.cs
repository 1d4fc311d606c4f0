using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Sorting;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Window functions that share a partition and an order: sorts by both, then computes whole partitions.</summary>
/// <remarks>
/// Order:  by partition, then by the window's order; equal ones as sorts leave them.
/// Memory: sorting spills; a partition is held in memory while it is computed, except where rows are only numbered.
/// </remarks>
internal sealed class WindowOperator : Operator
{
    private readonly WindowPlan _plan;
    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly VectorExpression[] _partitionKeys, _orderKeys, _values;
    private readonly OrderedKeyEncoder _partitionEncoder, _orderEncoder;
    private readonly WindowCalls _calls;
    private readonly RankingStream? _stream;
    private readonly MemoryGrant _grant;
    private readonly PhysicalType[] _chunkTypes;
    private readonly List<int> _partitionStarts = [], _peerStarts = [];
    private BatchBuilder _chunk;
    private RowSorter? _sorter;
    private IBatchReader? _sorted;
    private byte[]? _lastPartition, _lastOrder;
    private ColumnBatch? _output;
    private int _given;
    private bool _hasRead, _isDone;

    internal WindowOperator(WindowPlan plan, Operator input, OperatorContext context)
    {
        (_plan, _input, _context) = (plan, input, context);
        _calls = new WindowCalls(plan);
        _stream = RankingStream.For(plan);
        _partitionKeys = CompiledExpressions.Compile(plan.PartitionBy);
        _orderKeys = CompiledExpressions.Compile([.. plan.OrderBy.Select(static key => key.Key)]);
        _values = CompiledExpressions.Compile([.. _calls.Expressions]);
        _partitionEncoder = new OrderedKeyEncoder(
            [.. plan.PartitionBy.Select(static key => new KeyOrder(KeyKinds.Of(key.Type)))]);
        _orderEncoder = new OrderedKeyEncoder([.. plan.OrderBy.Select(SortKeyColumns.OrderOf)]);
        _grant = new MemoryGrant(context.Memory);
        _chunkTypes = [.. BatchShapes.PhysicalOf(plan.Input.Output),
            .. _calls.Expressions.Select(static expression => BatchShapes.PhysicalOf(expression.Type))];
        _chunk = new BatchBuilder(_chunkTypes);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_hasRead)
        {
            _hasRead = true;
            if (_partitionKeys.Length + _orderKeys.Length > 0)
                await SortAsync(cancellation).ConfigureAwait(false);
        }
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_output is not null && _given < _output.RowCount)
            {
                int count = Math.Min(ColumnBatch.RowsMax, _output.RowCount - _given);
                _given += count;
                return _output.Slice(_given - count, count);
            }
            _output = null;
            if (_isDone)
                return null;
            ColumnBatch? batch = _sorted is null
                ? await _input.NextAsync(cancellation).ConfigureAwait(false)
                : _sorted.Next();
            if (_stream is not null)
                return batch is null ? null : Number(batch, _stream);
            if (batch is not null)
            {
                Add(batch);
                if (_chunk.RowCount < ColumnBatch.RowsMax || _partitionStarts[^1] == 0)
                    continue;
            }
            _isDone = batch is null;
            Compute(cancellation);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _sorted?.Dispose();
        _sorter?.Dispose();
        _grant.Dispose();
        await _input.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask SortAsync(CancellationToken cancellation)
    {
        OrderedKeyEncoder encoder = new(
            [.. _plan.PartitionBy.Select(static key => new KeyOrder(KeyKinds.Of(key.Type))),
             .. _plan.OrderBy.Select(SortKeyColumns.OrderOf)]);
        VectorExpression[] keys = [.. _partitionKeys, .. _orderKeys];
        _sorter = new RowSorter(_context, BatchShapes.PhysicalOf(_plan.Input.Output), encoder);
        while (await _input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            _sorter.Add(batch, CompiledExpressions.Evaluate(keys, batch, _context.Evaluation));
        }
        _sorted = _sorter.Finish();
    }

    private ColumnBatch Number(ColumnBatch batch, RankingStream stream)
    {
        _partitionStarts.Clear();
        _peerStarts.Clear();
        FindStarts(batch, 0);
        return stream.Number(batch, _partitionStarts, _peerStarts);
    }

    private void Add(ColumnBatch batch)
    {
        FindStarts(batch, _chunk.RowCount);
        _chunk.AppendAll(BatchShapes.With(batch, CompiledExpressions.Evaluate(_values, batch, _context.Evaluation)));
        // Computing takes about as much again: partition and peer numbers, frames, results.
        _grant.Set((2 * _chunk.SizeBytes) + (16L * _chunk.RowCount));
    }

    // Finds where partitions and peer groups begin; the batch's first row has the number given.
    private void FindStarts(ColumnBatch batch, int first)
    {
        EvaluationContext evaluation = _context.Evaluation;
        KeyBuffer partitions = new(), orders = new();
        _partitionEncoder.Append(
            CompiledExpressions.Evaluate(_partitionKeys, batch, evaluation), batch.RowCount, partitions);
        _orderEncoder.Append(CompiledExpressions.Evaluate(_orderKeys, batch, evaluation), batch.RowCount, orders);
        for (int row = 0; row < batch.RowCount; row++)
        {
            bool isPartition = Differs(partitions, row, _lastPartition);
            if (isPartition)
                _partitionStarts.Add(first + row);
            if (isPartition || Differs(orders, row, _lastOrder))
                _peerStarts.Add(first + row);
        }
        _lastPartition = partitions[batch.RowCount - 1].ToArray();
        _lastOrder = orders[batch.RowCount - 1].ToArray();
    }

    private static bool Differs(KeyBuffer keys, int row, byte[]? last) =>
        row > 0 ? !keys[row].SequenceEqual(keys[row - 1]) : last is null || !keys[row].SequenceEqual(last);

    // Computes all partitions of the chunk but the last, which may go on; at the end of the input that one too.
    private void Compute(CancellationToken cancellation)
    {
        int count = _isDone ? _chunk.RowCount : _partitionStarts[^1];
        ColumnBatch all = _chunk.Build();
        _chunk = new BatchBuilder(_chunkTypes);
        if (count == 0)
            return;
        int[] partitions = Cut(_partitionStarts, count), peers = Cut(_peerStarts, count);
        if (count < all.RowCount)
            _chunk.AppendAll(all.Slice(count, all.RowCount - count));
        var chunk = new WindowChunk(all.Slice(0, count), partitions, peers);
        _output = _calls.Compute(chunk, _context.Evaluation, cancellation);
        _given = 0;
    }

    // Takes the starts before a row, closes them with it, and counts the others from it.
    private static int[] Cut(List<int> starts, int end)
    {
        int taken = starts.BinarySearch(end);
        if (taken < 0)
            taken = ~taken;
        int[] cut = [.. starts[..taken], end];
        starts.RemoveRange(0, taken);
        for (int i = 0; i < starts.Count; i++)
            starts[i] -= end;
        return cut;
    }
}
