using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Locks rows as they pass; those that SKIP LOCKED leaves to others are dropped.</summary>
/// <remarks>Only as many rows are locked as the limit above still wants: a queue's readers take what they need and no more.</remarks>
internal sealed class LockRowsOperator(LockRowsPlan plan, Operator input, OperatorContext context) : Operator
{
    private ColumnBatch? _batch;
    private int _row;

    /// <summary>How many more rows will be taken; null for all.</summary>
    internal Func<long>? Demand { get; set; }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_batch is null || _row == _batch.RowCount)
            {
                _row = 0;
                _batch = await input.NextAsync(cancellation).ConfigureAwait(false);
                if (_batch is null)
                    return null;
            }
            long wanted = Math.Max(Demand?.Invoke() ?? long.MaxValue, 1);
            int count = (int)Math.Min(_batch.RowCount - _row, wanted);
            ColumnBatch rows = _batch.Slice(_row, count);
            _row += count;
            rows = await LockAsync(rows, cancellation).ConfigureAwait(false);
            if (rows.RowCount > 0)
                return rows;
        }
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();

    private async ValueTask<ColumnBatch> LockAsync(ColumnBatch rows, CancellationToken cancellation)
    {
        foreach (RowLock rowLock in plan.Locks)
        {
            (RowId[] ids, int[] numbers) = RowsToLock(rows.Columns[rowLock.RowIdOrdinal]);
            if (ids.Length == 0)
                continue;
            bool[] locked = await context.Transaction.LockRowsAsync(
                rowLock.Table, ids, StrengthOf(rowLock.Mode), PolicyOf(rowLock.Wait), cancellation).ConfigureAwait(false);
            if (rowLock.Wait == RowLockWait.SkipLocked)
                rows = WithoutSkipped(rows, numbers, locked);
        }
        return rows;
    }

    // An outer join's missing row has no id, and nothing to lock.
    private static (RowId[] Ids, int[] Numbers) RowsToLock(Column column)
    {
        var values = (FixedColumn<long>)column;
        var ids = new List<RowId>(column.Length);
        var numbers = new List<int>(column.Length);
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                continue;
            ids.Add(new RowId(values[row]));
            numbers.Add(row);
        }
        return ([.. ids], [.. numbers]);
    }

    private static ColumnBatch WithoutSkipped(ColumnBatch rows, int[] numbers, bool[] locked)
    {
        var skipped = new HashSet<int>();
        for (int i = 0; i < locked.Length; i++)
        {
            if (!locked[i])
                skipped.Add(numbers[i]);
        }
        if (skipped.Count == 0)
            return rows;
        var kept = new List<int>(rows.RowCount);
        for (int row = 0; row < rows.RowCount; row++)
        {
            if (!skipped.Contains(row))
                kept.Add(row);
        }
        return rows.Take([.. kept]);
    }

    private static RowLockStrength StrengthOf(RowLockMode mode) => mode switch
    {
        RowLockMode.KeyShare => RowLockStrength.KeyShare,
        RowLockMode.Share => RowLockStrength.Share,
        RowLockMode.NoKeyUpdate => RowLockStrength.NoKeyUpdate,
        _ => RowLockStrength.Update,
    };

    private static LockWaitPolicy PolicyOf(RowLockWait wait) => wait switch
    {
        RowLockWait.NoWait => LockWaitPolicy.NoWait,
        RowLockWait.SkipLocked => LockWaitPolicy.SkipLocked,
        _ => LockWaitPolicy.Block,
    };
}
