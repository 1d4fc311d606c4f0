using VecSQL.Columnar.Batches;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Deletes the rows whose ids the input gives; one given twice is deleted once.</summary>
internal sealed class DeleteOperator(DeletePlan plan, Operator input, OperatorContext context)
    : ChangeOperator(input, plan.Returning, context)
{
    private readonly AffectedRows _affected = new(context);

    protected override async ValueTask<int> ChangeAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        batch = _affected.TakeNew(batch);
        if (batch.RowCount == 0)
            return 0;
        RowId[] ids = AffectedRows.Ids(batch);
        await Context.Transaction.DeleteAsync(plan.Table, ids, cancellation).ConfigureAwait(false);
        Return(batch);
        return batch.RowCount;
    }

    public override async ValueTask DisposeAsync()
    {
        _affected.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
