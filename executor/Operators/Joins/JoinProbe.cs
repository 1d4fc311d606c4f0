using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Looks left rows up in a join table and makes the join's rows.</summary>
internal sealed class JoinProbe(HashJoinPlan plan, JoinTable table, OperatorContext context) : IDisposable
{
    private readonly VectorExpression? _residual = CompiledExpressions.CompileOptional(plan.Residual);
    private readonly PhysicalType[] _leftTypes = BatchShapes.PhysicalOf(plan.Left.Output);
    private readonly int[] _leftRows = new int[ColumnBatch.RowsMax], _rightRows = new int[ColumnBatch.RowsMax];

    private ColumnBatch _left = ColumnBatch.Empty;
    private int[] _ids = [];
    private ulong[] _leftMatched = [];
    private ulong[] _leftNull = []; // NOT IN: rows whose key is null
    private int _row, _match; // where the left batch's pairs go on
    private int _nextUnmatched;
    private bool _isEnding;

    /// <summary>NOT IN over rows: a left row with a null key is never kept.</summary>
    internal bool DropsNullKeys { get; set; }

    private bool IsOuter => plan.Kind is PhysicalJoinKind.Left or PhysicalJoinKind.Full;

    private bool KeepsLeftOnly => plan.Kind
        is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    internal void Begin(ColumnBatch left, ReadOnlySpan<Column> keys)
    {
        _left = left;
        if (_ids.Length < left.RowCount)
            _ids = new int[Math.Max(left.RowCount, ColumnBatch.RowsMax)];
        table.Find(keys, left.RowCount, _ids);
        _row = _match = 0;
        _isEnding = false;
        _leftMatched = Bitmap.Allocate(left.RowCount);
        _leftNull = [];
        if (plan.Kind == PhysicalJoinKind.NullAwareAnti && DropsNullKeys)
            MarkNullKeys(keys);
    }

    /// <summary>The next rows of the left batch; null when all of it is done.</summary>
    internal ColumnBatch? Next()
    {
        if (_left.RowCount == 0)
            return null;
        if (KeepsLeftOnly)
            return NextLeftOnly();
        while (_row < _left.RowCount)
        {
            int count = CollectPairs(inlineOuter: IsOuter && _residual is null);
            if (count > 0 && Join(count) is { } joined)
                return joined;
        }
        if (IsOuter && _residual is not null && !_isEnding)
        {
            _isEnding = true;
            int count = CollectLeft(matched: false);
            if (count > 0)
                return Combine(_left.Take(_leftRows.AsSpan(0, count)), NullRows(count));
        }
        _left = ColumnBatch.Empty;
        return null;
    }

    /// <summary>RIGHT and FULL, once all left rows are through: right rows without a match.</summary>
    internal ColumnBatch? NextUnmatchedRight()
    {
        if (plan.Kind is not (PhysicalJoinKind.Right or PhysicalJoinKind.Full))
            return null;
        int count = table.TakeUnmatched(ref _nextUnmatched, _rightRows);
        return count == 0
            ? null
            : Combine(BatchShapes.Nulls(_leftTypes, count), table.Rows.Take(_rightRows.AsSpan(0, count)));
    }

    public void Dispose() => table.Dispose();

    private static ColumnBatch Combine(ColumnBatch left, ColumnBatch right) => BatchShapes.With(left, right.Columns);

    private ColumnBatch NullRows(int count)
    {
        _rightRows.AsSpan(0, count).Fill(table.NullRow);
        return table.Rows.Take(_rightRows.AsSpan(0, count));
    }

    // Fills the pair buffers from where the last call stopped.
    private int CollectPairs(bool inlineOuter)
    {
        int count = 0;
        while (_row < _left.RowCount)
        {
            int id = _ids[_row];
            if (id == KeyTable.Absent)
            {
                if (inlineOuter)
                {
                    if (count == _leftRows.Length)
                        return count;
                    (_leftRows[count], _rightRows[count]) = (_row, table.NullRow);
                    count++;
                }
                _row++;
                continue;
            }
            ReadOnlySpan<int> matches = table.RowsOf(id)[_match..];
            int taken = Math.Min(matches.Length, _leftRows.Length - count);
            matches[..taken].CopyTo(_rightRows.AsSpan(count));
            _leftRows.AsSpan(count, taken).Fill(_row);
            count += taken;
            if (taken < matches.Length)
            {
                _match += taken;
                return count;
            }
            _match = 0;
            _row++;
        }
        return count;
    }

    private ColumnBatch? Join(int count)
    {
        Span<int> leftRows = _leftRows.AsSpan(0, count), rightRows = _rightRows.AsSpan(0, count);
        ColumnBatch pairs = Combine(_left.Take(leftRows), table.Rows.Take(rightRows));
        if (_residual is null)
        {
            if (plan.Kind is PhysicalJoinKind.Right)
                table.MarkMatched(rightRows);
            else if (plan.Kind is PhysicalJoinKind.Full)
                MarkMatchedRight(rightRows);
            return pairs;
        }
        int[] kept = System.Buffers.ArrayPool<int>.Shared.Rent(count);
        int keptCount = RowSelection.WriteTrue(CompiledExpressions.Evaluate(_residual, pairs, context.Evaluation), kept);
        foreach (int pair in kept.AsSpan(0, keptCount))
        {
            Bitmap.Set(_leftMatched, leftRows[pair]);
            table.MarkMatched([rightRows[pair]]);
        }
        ColumnBatch? joined = keptCount == 0 ? null
            : keptCount == count ? pairs : pairs.Take(kept.AsSpan(0, keptCount));
        System.Buffers.ArrayPool<int>.Shared.Return(kept);
        return joined;
    }

    // The row of nulls is no row of the table.
    private void MarkMatchedRight(ReadOnlySpan<int> rightRows)
    {
        foreach (int row in rightRows)
        {
            if (row != table.NullRow)
                table.MarkMatched([row]);
        }
    }

    private ColumnBatch? NextLeftOnly()
    {
        if (_residual is null)
        {
            for (int row = 0; row < _left.RowCount; row++)
            {
                if (_ids[row] != KeyTable.Absent)
                    Bitmap.Set(_leftMatched, row);
            }
        }
        else
        {
            while (_row < _left.RowCount)
            {
                int pairs = CollectPairs(inlineOuter: false);
                if (pairs > 0)
                    Join(pairs);
            }
        }
        int count = CollectLeft(matched: plan.Kind == PhysicalJoinKind.Semi);
        ColumnBatch left = _left;
        _left = ColumnBatch.Empty;
        return count == 0 ? null : count == left.RowCount ? left : left.Take(_leftRows.AsSpan(0, count));
    }

    private int CollectLeft(bool matched)
    {
        int count = 0;
        for (int row = 0; row < _left.RowCount; row++)
        {
            bool isMatched = (_leftMatched[row >> 6] & (1UL << (row & 63))) != 0;
            bool isDropped = _leftNull.Length > 0 && (_leftNull[row >> 6] & (1UL << (row & 63))) != 0;
            if (isMatched == matched && !isDropped)
                _leftRows[count++] = row;
        }
        return count;
    }

    private void MarkNullKeys(ReadOnlySpan<Column> keys)
    {
        _leftNull = Bitmap.Allocate(_left.RowCount);
        for (int row = 0; row < _left.RowCount; row++)
        {
            if (PackedKeyTable.IsAnyNull(keys, row))
                Bitmap.Set(_leftNull, row);
        }
    }
}
