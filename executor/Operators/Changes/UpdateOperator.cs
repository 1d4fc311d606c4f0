using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Replaces rows by new versions; one that the input gives twice is updated once, by the first.</summary>
internal sealed class UpdateOperator(UpdatePlan plan, Operator input, OperatorContext context)
    : ChangeOperator(input, plan.Returning, context)
{
    private readonly RowFinisher _finisher = new(plan.Table, plan.Generated, plan.Checks, context);
    private readonly AffectedRows _affected = new(context);

    protected override async ValueTask<int> ChangeAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        batch = _affected.TakeNew(batch);
        if (batch.RowCount == 0)
            return 0;
        ColumnBatch values = _finisher.Complete(BatchShapes.Columns(batch, 1, _finisher.ColumnCount));
        RowId[] ids = AffectedRows.Ids(batch);
        (int Row, SqlException Error)? failure = _finisher.FirstFailure(values);
        int count = failure?.Row ?? batch.RowCount;
        RowIds updated = count == 0 ? default : await Context.Transaction.UpdateAsync(
            plan.Table, ids.AsMemory(0, count), values.Slice(0, count), cancellation).ConfigureAwait(false);
        if (Context.Transaction.HasConflict)
            return 0;
        if (failure is { Error: { } error })
            throw error;
        var stored = new Column[batch.Columns.Length];
        batch.Columns.CopyTo(stored, 0);
        stored[0] = RowIdColumn(updated.Values);
        values.Columns.CopyTo(stored, 1);
        Return(new ColumnBatch(stored, batch.RowCount));
        return batch.RowCount;
    }

    public override async ValueTask DisposeAsync()
    {
        _affected.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
