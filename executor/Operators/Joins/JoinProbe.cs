using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Looks left rows up in a join table and makes the join's rows.</summary>
/// <remarks>Pairs are row numbers until they are known to be wanted; only then are values taken, and only of columns that are given.</remarks>
internal sealed class JoinProbe(JoinLayout layout, JoinTable table, EvaluationContext evaluation)
{
    private static readonly Column Placeholder = Column.Nulls(PhysicalType.Bool, 0);

    private readonly PhysicalJoinKind _kind = layout.Plan.Kind;
    private readonly int[] _leftRows = new int[ColumnBatch.RowsMax], _rightRows = new int[ColumnBatch.RowsMax];

    private ColumnBatch _left = ColumnBatch.Empty;
    private int[] _ids = [];
    private ulong[] _leftMatched = [];
    private ulong[] _leftNull = []; // NOT IN: rows whose key is null
    private int _row, _match; // where the left batch's pairs go on
    private int _nextUnmatched;
    private bool _isEnding;

    /// <summary>NOT IN over rows: a left row with a null key is never kept.</summary>
    internal bool DropsNullKeys { get; init; }

    private bool IsOuter => _kind is PhysicalJoinKind.Left or PhysicalJoinKind.Full;

    /// <param name="left">Prepared rows.</param>
    internal void Begin(ColumnBatch left)
    {
        _left = left;
        ReadOnlySpan<Column> keys = layout.Left.KeysOf(left);
        if (_ids.Length < left.RowCount)
            _ids = new int[Math.Max(left.RowCount, ColumnBatch.RowsMax)];
        table.Find(keys, _ids.AsSpan(0, left.RowCount));
        _row = _match = 0;
        _isEnding = false;
        if (layout.KeepsLeftOnly || (IsOuter && layout.Residual is not null))
            _leftMatched = Bitmap.Allocate(left.RowCount);
        _leftNull = [];
        if (_kind == PhysicalJoinKind.NullAwareAnti && DropsNullKeys)
            MarkNullKeys(keys);
    }

    /// <summary>The next rows of the left batch; null when all of it is done.</summary>
    internal ColumnBatch? Next()
    {
        if (_left.RowCount == 0)
            return null;
        if (layout.KeepsLeftOnly)
            return NextLeftOnly();
        while (_row < _left.RowCount)
        {
            int found = CollectPairs(inlineOuter: IsOuter && layout.Residual is null), count = Test(found);
            if (count > 0)
                return Give(count);
        }
        if (IsOuter && layout.Residual is not null && !_isEnding)
        {
            _isEnding = true;
            int count = CollectLeft(matched: false);
            if (count > 0)
            {
                _rightRows.AsSpan(0, count).Fill(table.NullRow);
                return Give(count);
            }
        }
        _left = ColumnBatch.Empty;
        return null;
    }

    /// <summary>RIGHT and FULL, once all left rows are through: right rows without a match.</summary>
    internal ColumnBatch? NextUnmatchedRight()
    {
        if (!layout.MarksMatches)
            return null;
        int count = table.TakeUnmatched(ref _nextUnmatched, _rightRows);
        if (count == 0)
            return null;
        var columns = new Column[layout.Output.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            JoinLayout.Place place = layout.Output[i];
            columns[i] = place.IsRight
                ? table.Rows.Columns[place.Column].Take(_rightRows.AsSpan(0, count))
                : Column.Nulls(layout.TypeOf(place), count);
        }
        return new ColumnBatch(columns, count);
    }

    // Fills the pair buffers from where the last call stopped.
    private int CollectPairs(bool inlineOuter)
    {
        if (table.IsUnique && _row == 0 && _left.RowCount <= _leftRows.Length)
            return CollectSinglePairs(inlineOuter);
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

    /// <summary>All pairs of the left batch, where no left row has more than one.</summary>
    private int CollectSinglePairs(bool inlineOuter)
    {
        int count = 0, nullRow = table.NullRow;
        ReadOnlySpan<int> ids = _ids.AsSpan(0, _left.RowCount), only = table.OnlyRows;
        int[] leftRows = _leftRows, rightRows = _rightRows;
        for (int row = 0; row < ids.Length; row++)
        {
            int id = ids[row];
            leftRows[count] = row;
            rightRows[count] = id >= 0 ? only[id] : nullRow;
            count += id >= 0 || inlineOuter ? 1 : 0;
        }
        _row = _left.RowCount;
        return count;
    }

    /// <summary>Leaves of the pairs those that the residual condition is true of, and marks their rows.</summary>
    private int Test(int count)
    {
        if (count > 0 && layout.Residual is { } residual)
        {
            int[] kept = ArrayPool<int>.Shared.Rent(count);
            int keptCount = RowSelection.WriteTrue(CompiledExpressions.Evaluate(residual, Pairs(count), evaluation), kept);
            bool marksLeft = _leftMatched.Length > 0;
            for (int i = 0; i < keptCount; i++)
            {
                (_leftRows[i], _rightRows[i]) = (_leftRows[kept[i]], _rightRows[kept[i]]);
                if (marksLeft)
                    Bitmap.Set(_leftMatched, _leftRows[i]);
            }
            ArrayPool<int>.Shared.Return(kept);
            count = keptCount;
        }
        if (layout.MarksMatches)
            table.MarkMatched(_rightRows.AsSpan(0, count));
        return count;
    }

    /// <summary>The pairs' values as far as the residual condition reads them.</summary>
    private ColumnBatch Pairs(int count)
    {
        var columns = new Column[layout.ColumnCount];
        Array.Fill(columns, Placeholder.WithLength(count));
        foreach ((int ordinal, JoinLayout.Place from) in layout.Tested)
            columns[ordinal] = Take(from, count);
        return new ColumnBatch(columns, count);
    }

    private ColumnBatch Give(int count)
    {
        var columns = new Column[layout.Output.Length];
        // Each left row once: they are as they came.
        bool isWhole = count == _left.RowCount && table.IsUnique;
        for (int i = 0; i < columns.Length; i++)
        {
            JoinLayout.Place place = layout.Output[i];
            columns[i] = isWhole && !place.IsRight ? _left.Columns[place.Column] : Take(place, count);
        }
        return new ColumnBatch(columns, count);
    }

    private Column Take(JoinLayout.Place place, int count) => place.IsRight
        ? table.Rows.Columns[place.Column].Take(_rightRows.AsSpan(0, count))
        : _left.Columns[place.Column].Take(_leftRows.AsSpan(0, count));

    private ColumnBatch? NextLeftOnly()
    {
        if (layout.Residual is null)
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
                Test(CollectPairs(inlineOuter: false));
        }
        int count = CollectLeft(matched: _kind == PhysicalJoinKind.Semi);
        ColumnBatch? output = null;
        if (count > 0)
        {
            var columns = new Column[layout.Output.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                Column column = _left.Columns[layout.Output[i].Column];
                columns[i] = count == _left.RowCount ? column : column.Take(_leftRows.AsSpan(0, count));
            }
            output = new ColumnBatch(columns, count);
        }
        _left = ColumnBatch.Empty;
        return output;
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
