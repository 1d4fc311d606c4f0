using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>LIMIT and OFFSET as they are written, checked.</summary>
/// <param name="Offset">Rows to pass over.</param>
/// <param name="Limit">Rows to give; <see cref="long.MaxValue"/> for all.</param>
internal readonly record struct RowRange(long Offset, long Limit)
{
    /// <summary>Rows that the input has to give at most.</summary>
    internal long End => Limit > long.MaxValue - Offset ? long.MaxValue : Offset + Limit;

    /// <exception cref="SqlException">2201W, 2201X: a negative count.</exception>
    internal static RowRange Evaluate(ScalarExpression? limit, ScalarExpression? offset, EvaluationContext context)
    {
        long start = CompiledExpressions.EvaluateInt64(offset, context) ?? 0;
        if (start < 0)
            throw new SqlException(SqlState.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative");
        long count = CompiledExpressions.EvaluateInt64(limit, context) ?? long.MaxValue;
        if (count < 0)
            throw new SqlException(SqlState.InvalidRowCountInLimitClause, "LIMIT must not be negative");
        return new RowRange(start, count);
    }
}

/// <summary>Passes over the first rows and ends after the limit; WITH TIES goes on through the equals of the last row.</summary>
internal sealed class LimitOperator(LimitPlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly TieKeys? _ties =
        plan.Ties.IsDefaultOrEmpty ? null : new TieKeys(plan.Ties, context.Evaluation);

    private RowRange? _range;
    private long _skipped, _given;
    private bool _isDone;

    /// <summary>Rows that may still be asked of the input.</summary>
    internal long Wanted
    {
        get
        {
            RowRange range = Range();
            return _ties is not null || range.End == long.MaxValue ? long.MaxValue : range.End - _skipped - _given;
        }
    }

    private RowRange Range() => _range ??= RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        RowRange range = Range();
        while (!_isDone && (_given < range.Limit || (_ties is not null && range.Limit > 0)))
        {
            if (await input.NextAsync(cancellation).ConfigureAwait(false) is not { } batch)
                break;
            int skip = (int)Math.Min(range.Offset - _skipped, batch.RowCount);
            _skipped += skip;
            int count = (int)Math.Clamp(range.Limit - _given, 0, batch.RowCount - skip);
            if (_ties is not null && skip < batch.RowCount)
                count += CountTies(batch, skip, count, range.Limit);
            _given += count;
            if (count > 0)
                return batch.Slice(skip, count);
        }
        _isDone = true;
        return null;
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();

    // Rows after the limit that equal the last row within it.
    private int CountTies(ColumnBatch batch, int start, int count, long limit)
    {
        if (_ties is not { } ties || _given + count < limit)
            return 0;
        KeyBuffer keys = ties.Encode(batch);
        if (count > 0)
            ties.Last = keys[start + count - 1].ToArray();
        int row = start + count;
        while (row < batch.RowCount && keys[row].SequenceEqual(ties.Last))
            row++;
        _isDone = row < batch.RowCount;
        return row - start - count;
    }

    private sealed class TieKeys(
        System.Collections.Immutable.ImmutableArray<SortKey> keys, EvaluationContext context)
    {
        private readonly SortKeyColumns _columns = new(keys);
        private readonly KeyBuffer _buffer = new();

        internal byte[] Last { get; set; } = [];

        internal KeyBuffer Encode(ColumnBatch batch)
        {
            _buffer.Clear();
            _columns.Append(batch, context, _buffer);
            return _buffer;
        }
    }
}
