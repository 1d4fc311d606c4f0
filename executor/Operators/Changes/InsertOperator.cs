using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Inserts the input's rows; on conflict does what ON CONFLICT says.</summary>
internal sealed class InsertOperator : ChangeOperator
{
    private readonly InsertPlan _plan;
    private readonly RowFinisher _finisher;
    private readonly ConflictUpdate? _update;
    private readonly RowFinisher? _ofViews; // what views ask is asked of rows that no other is in the way of

    internal InsertOperator(InsertPlan plan, Operator input, OperatorContext context)
        : base(input, plan.Returning, context)
    {
        _plan = plan;
        bool isLate = plan.OnConflict is not null && plan.Checks.Any(static check => check.IsOfView);
        _finisher = new RowFinisher(
            plan.Table, plan.Generated, isLate ? [.. plan.Checks.Where(static check => !check.IsOfView)] : plan.Checks, context);
        if (isLate)
            _ofViews = new RowFinisher(plan.Table, [], [.. plan.Checks.Where(static check => check.IsOfView)], context);
        if (plan.OnConflict is { Assignments.IsDefaultOrEmpty: false } conflict)
            _update = new ConflictUpdate(plan, conflict, context);
    }

    protected override async ValueTask<int> ChangeAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        ColumnBatch rows = _finisher.Complete(batch);
        (int Row, SqlException Error)? failure = _finisher.FirstFailure(rows);
        int count = failure is null ? rows.RowCount : failure.Value.Row;
        if (failure is not null)
            rows = rows.Slice(0, count);
        int changed = 0;
        if (count > 0)
        {
            changed = _plan.OnConflict is null
                ? await InsertAsync(rows, cancellation).ConfigureAwait(false)
                : await TryInsertAsync(rows, _plan.OnConflict, cancellation).ConfigureAwait(false);
        }
        if (failure is { Error: { } error })
            throw error;
        return changed;
    }

    private async ValueTask<int> InsertAsync(ColumnBatch rows, CancellationToken cancellation)
    {
        RowIds inserted = await Context.Transaction.InsertAsync(_plan.Table, rows, cancellation).ConfigureAwait(false);
        if (!_plan.Returning.IsEmpty)
            Return(WithIds(rows, inserted.Values));
        return rows.RowCount;
    }

    private async ValueTask<int> TryInsertAsync(
        ColumnBatch proposed, ConflictPlan conflict, CancellationToken cancellation)
    {
        ColumnBatch rows = proposed;
        InsertOutcome[] outcomes = await Context.Transaction
            .TryInsertAsync(_plan.Table, rows, conflict.Indexes, cancellation).ConfigureAwait(false);
        var inserted = new List<int>(outcomes.Length);
        var conflicting = new List<int>();
        for (int row = 0; row < outcomes.Length; row++)
            (outcomes[row].IsInserted ? inserted : conflicting).Add(row);
        if (_ofViews?.FirstFailure(proposed.Take([.. inserted])) is { Error: { } error })
            throw error;
        if (!_plan.Returning.IsEmpty)
            rows = WithIds(rows, Array.ConvertAll(outcomes, static outcome => outcome.Row.Value));
        if (_update is null || conflicting.Count == 0)
        {
            Return(inserted.Count == rows.RowCount ? rows : rows.Take([.. inserted]));
            return inserted.Count;
        }
        (ColumnBatch stored, long[] ids, int[] updated) = await _update
            .UpdateAsync(proposed, outcomes, conflicting, cancellation).ConfigureAwait(false);
        if (Context.Transaction.HasConflict)
            return 0;
        if (!_plan.Returning.IsEmpty)
            Return(InOrder(rows, inserted, WithIds(stored, ids), updated));
        return inserted.Count + updated.Length;
    }

    private static ColumnBatch WithIds(ColumnBatch rows, long[] ids) => BatchShapes.With(rows, [RowIdColumn(ids)]);

    // Inserted and updated rows in the order in which they were proposed.
    private static ColumnBatch InOrder(ColumnBatch rows, List<int> inserted, ColumnBatch stored, int[] updated)
    {
        var result = new BatchBuilder(BatchShapes.PhysicalOf(rows), inserted.Count + updated.Length);
        int next = 0;
        foreach (int row in inserted)
        {
            for (; next < updated.Length && updated[next] < row; next++)
                result.AppendRow(stored, next);
            result.AppendRow(rows, row);
        }
        for (; next < updated.Length; next++)
            result.AppendRow(stored, next);
        return result.Build();
    }
}
