using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Joins by any condition: tests every pair of rows.</summary>
/// <remarks>
/// Memory: the right side is kept, spilled beyond the limit, and read once for each left batch.
/// Order:  left batches in their order; within one, right batches in theirs.
/// </remarks>
internal sealed class NestedLoopJoinOperator(
    NestedLoopJoinPlan plan, Operator left, Operator right, OperatorContext context) : Operator
{
    private readonly VectorExpression? _condition = CompiledExpressions.CompileOptional(plan.Condition);
    private readonly PhysicalType[] _leftTypes = BatchShapes.PhysicalOf(plan.Left.Output);
    private readonly PhysicalType[] _rightTypes = BatchShapes.PhysicalOf(plan.Right.Output);
    private readonly int[] _leftRows = new int[ColumnBatch.RowsMax], _rightRows = new int[ColumnBatch.RowsMax];
    private readonly int[] _kept = new int[ColumnBatch.RowsMax];
    private readonly List<ulong> _rightMatched = [];

    private RowStore? _store;
    private ColumnBatch? _left;
    private IBatchReader? _rightReader;
    private ColumnBatch? _right;
    private ulong[] _leftMatched = [];
    private int _leftRow, _rightRow; // the next pair
    private long _rightStart; // the number of the right batch's first row
    private bool _isLeftDone;

    private bool MarksRight => plan.Kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full;

    private bool KeepsLeftOnly => plan.Kind
        is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_store is null && !_isLeftDone)
            await BeginAsync(cancellation).ConfigureAwait(false);
        while (!_isLeftDone)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_left is null)
            {
                _left = await left.NextAsync(cancellation).ConfigureAwait(false);
                if (_left is null)
                {
                    _isLeftDone = true;
                    BeginRight();
                    break;
                }
                _leftMatched = Bitmap.Allocate(_left.RowCount);
                BeginRight();
            }
            if (NextPairs(_left, cancellation) is { } pairs)
                return pairs;
            ColumnBatch? rest = LeftRest(_left);
            _left = null;
            if (rest is not null)
                return rest;
        }
        return MarksRight ? NextUnmatchedRight() : null;
    }

    public override async ValueTask DisposeAsync()
    {
        _rightReader?.Dispose();
        _store?.Dispose();
        await left.DisposeAsync().ConfigureAwait(false);
        await right.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Where the side whose rows are wanted has none, the other is not run.</summary>
    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        if (!MarksRight)
        {
            _left = await left.NextAsync(cancellation).ConfigureAwait(false);
            _isLeftDone = _left is null;
            if (_left is null)
                return;
            _leftMatched = Bitmap.Allocate(_left.RowCount);
        }
        RowStore store = await KeepRightAsync(cancellation).ConfigureAwait(false);
        _isLeftDone = plan.Kind == PhysicalJoinKind.Right && store.RowCount == 0;
    }

    private async ValueTask<RowStore> KeepRightAsync(CancellationToken cancellation)
    {
        RowStore store = context.NewRowStore();
        _store = store; // so that an error below disposes it
        while (await right.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            store.Add(batch);
        }
        if (MarksRight)
        {
            for (long i = 0; i < (store.RowCount + 63) / 64; i++)
                _rightMatched.Add(0);
        }
        BeginRight();
        return store;
    }

    private void BeginRight()
    {
        _rightReader?.Dispose();
        _rightReader = _store?.Read();
        _right = null;
        _rightStart = 0;
        _leftRow = _rightRow = 0;
    }

    // Pairs of the left batch with every right batch, until some of them make rows.
    private ColumnBatch? NextPairs(ColumnBatch leftBatch, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_right is null || _leftRow == leftBatch.RowCount)
            {
                _rightStart += _right?.RowCount ?? 0;
                _right = _rightReader?.Next();
                if (_right is null)
                    return null;
                _leftRow = _rightRow = 0;
            }
            int count = CollectPairs(leftBatch.RowCount, _right.RowCount);
            if (count > 0 && Test(leftBatch, _right, count) is { } joined)
                return joined;
        }
    }

    private int CollectPairs(int leftCount, int rightCount)
    {
        int count = 0;
        while (_leftRow < leftCount && count < _leftRows.Length)
        {
            if (KeepsLeftOnly && IsSet(_leftMatched, _leftRow))
            {
                (_leftRow, _rightRow) = (_leftRow + 1, 0); // one match decides
                continue;
            }
            int taken = Math.Min(rightCount - _rightRow, _leftRows.Length - count);
            for (int i = 0; i < taken; i++)
            {
                _leftRows[count + i] = _leftRow;
                _rightRows[count + i] = _rightRow + i;
            }
            count += taken;
            _rightRow += taken;
            if (_rightRow == rightCount)
                (_leftRow, _rightRow) = (_leftRow + 1, 0);
        }
        return count;
    }

    private ColumnBatch? Test(ColumnBatch leftBatch, ColumnBatch rightBatch, int count)
    {
        Span<int> leftRows = _leftRows.AsSpan(0, count), rightRows = _rightRows.AsSpan(0, count);
        ColumnBatch pairs = BatchShapes.With(leftBatch.Take(leftRows), rightBatch.Take(rightRows).Columns);
        int keptCount = Select(pairs);
        foreach (int pair in _kept.AsSpan(0, keptCount))
        {
            Bitmap.Set(_leftMatched, leftRows[pair]);
            if (MarksRight)
            {
                long row = _rightStart + rightRows[pair];
                _rightMatched[(int)(row >> 6)] |= 1UL << (int)(row & 63);
            }
        }
        if (KeepsLeftOnly || keptCount == 0)
            return null;
        return keptCount == count ? pairs : pairs.Take(_kept.AsSpan(0, keptCount));
    }

    private int Select(ColumnBatch pairs)
    {
        if (_condition is null)
        {
            for (int i = 0; i < pairs.RowCount; i++)
                _kept[i] = i;
            return pairs.RowCount;
        }
        Column truth = CompiledExpressions.Evaluate(_condition, pairs, context.Evaluation);
        if (plan.Kind != PhysicalJoinKind.NullAwareAnti)
            return RowSelection.WriteTrue(truth, _kept);
        // NOT IN: an unknown comparison spoils the row as an equal one does.
        int count = 0;
        for (int row = 0; row < pairs.RowCount; row++)
        {
            if (truth.IsNull(row) || RowSelection.IsTrue(truth, row))
                _kept[count++] = row;
        }
        return count;
    }

    // What is left to say of a left batch that has met all right rows.
    private ColumnBatch? LeftRest(ColumnBatch leftBatch)
    {
        bool wantsMatched = plan.Kind == PhysicalJoinKind.Semi;
        if (!KeepsLeftOnly && plan.Kind is not (PhysicalJoinKind.Left or PhysicalJoinKind.Full))
            return null;
        int count = 0;
        for (int row = 0; row < leftBatch.RowCount; row++)
        {
            if (IsSet(_leftMatched, row) == wantsMatched)
                _leftRows[count++] = row;
        }
        if (count == 0)
            return null;
        ColumnBatch rows = leftBatch.Take(_leftRows.AsSpan(0, count));
        return KeepsLeftOnly ? rows : BatchShapes.With(rows, BatchShapes.Nulls(_rightTypes, count).Columns);
    }

    private ColumnBatch? NextUnmatchedRight()
    {
        while (_rightReader?.Next() is { } batch)
        {
            int count = 0;
            for (int row = 0; row < batch.RowCount; row++)
            {
                long at = _rightStart + row;
                if ((_rightMatched[(int)(at >> 6)] & (1UL << (int)(at & 63))) == 0)
                    _rightRows[count++] = row;
            }
            _rightStart += batch.RowCount;
            if (count > 0)
            {
                return BatchShapes.With(
                    BatchShapes.Nulls(_leftTypes, count), batch.Take(_rightRows.AsSpan(0, count)).Columns);
            }
        }
        return null;
    }

    private static bool IsSet(ulong[] words, int row) => (words[row >> 6] & (1UL << (row & 63))) != 0;
}
