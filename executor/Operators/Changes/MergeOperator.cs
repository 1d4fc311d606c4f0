using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Deletes, updates and inserts rows, as the first action says whose condition a row of the input meets.</summary>
/// <remarks>Order: of a batch's rows those are deleted first that are to be deleted, then others are updated, and new ones inserted last.</remarks>
internal sealed class MergeOperator : ChangeOperator
{
    private static readonly MergeActionKind[] Order = [MergeActionKind.Delete, MergeActionKind.Update, MergeActionKind.Insert];

    private readonly MergePlan _plan;
    private readonly Step[] _steps;
    private readonly AffectedRows _affected;

    internal MergeOperator(MergePlan plan, Operator input, OperatorContext context)
        : base(input, [], context)
    {
        _plan = plan;
        _affected = new AffectedRows(context);
        _steps = [.. plan.Actions.Select(action => new Step(
            action, CompiledExpressions.CompileOptional(action.Condition), CompiledExpressions.Compile(action.Values),
            new RowFinisher(plan.Table, action.Generated, plan.Checks, context)))];
    }

    protected override async ValueTask<int> ChangeAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        List<int>[] chosen = Choose(batch);
        int changed = 0;
        foreach (MergeActionKind kind in Order)
        {
            for (int i = 0; i < _steps.Length; i++)
            {
                if (_steps[i].Action.Kind != kind || chosen[i].Count == 0)
                    continue;
                ColumnBatch rows = batch.Take([.. chosen[i]]);
                await RunAsync(_steps[i], rows, cancellation).ConfigureAwait(false);
                if (Context.Transaction.HasConflict)
                    return 0;
                changed += rows.RowCount;
            }
        }
        return changed;
    }

    public override async ValueTask DisposeAsync()
    {
        _affected.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The rows of each action.</summary>
    private List<int>[] Choose(ColumnBatch batch)
    {
        Column ids = batch.Columns[0].Expand();
        List<int> matched = [], others = [];
        for (int row = 0; row < batch.RowCount; row++)
            (ids.IsNull(row) ? others : matched).Add(row);
        var chosen = new List<int>[_steps.Length];
        for (int i = 0; i < _steps.Length; i++)
        {
            bool isMatched = _steps[i].Action.IsMatched;
            (chosen[i], List<int> rest) = _steps[i].Condition is { } condition
                ? Part(batch, isMatched ? matched : others, condition)
                : (isMatched ? matched : others, []);
            if (isMatched)
                matched = rest;
            else
                others = rest;
        }
        return chosen;
    }

    private (List<int> Met, List<int> Others) Part(ColumnBatch batch, List<int> rows, VectorExpression condition)
    {
        if (rows.Count == 0)
            return (rows, []);
        Column truth = CompiledExpressions.Evaluate(condition, batch.Take([.. rows]), Context.Evaluation);
        List<int> met = [], rest = [];
        for (int i = 0; i < rows.Count; i++)
            (RowSelection.IsTrue(truth, i) ? met : rest).Add(rows[i]);
        return (met, rest);
    }

    private async ValueTask RunAsync(Step step, ColumnBatch rows, CancellationToken cancellation)
    {
        bool isInsertion = step.Action.Kind == MergeActionKind.Insert;
        if (!isInsertion && _affected.TakeNew(rows).RowCount < rows.RowCount)
        {
            throw new SqlException(SqlState.CardinalityViolation, "MERGE command cannot affect row a second time",
                hint: "Ensure that not more than one source row matches any one target row.");
        }
        if (step.Action.Kind == MergeActionKind.Delete)
        {
            await Context.Transaction.DeleteAsync(_plan.Table, AffectedRows.Ids(rows), cancellation).ConfigureAwait(false);
            return;
        }
        ColumnBatch values = step.Finisher.Complete(new ColumnBatch(
            CompiledExpressions.Evaluate(step.Values, rows, Context.Evaluation), rows.RowCount));
        (int Row, SqlException Error)? failure = step.Finisher.FirstFailure(values);
        int count = failure?.Row ?? rows.RowCount;
        if (count > 0 && isInsertion)
        {
            await Context.Transaction.InsertAsync(_plan.Table, values.Slice(0, count), cancellation).ConfigureAwait(false);
        }
        else if (count > 0)
        {
            await Context.Transaction.UpdateAsync(_plan.Table, AffectedRows.Ids(rows).AsMemory(0, count), values.Slice(0, count), cancellation)
                .ConfigureAwait(false);
        }
        if (failure is { Error: { } error } && !Context.Transaction.HasConflict)
            throw error;
    }

    private sealed record Step(MergeAction Action, VectorExpression? Condition, VectorExpression[] Values, RowFinisher Finisher);
}
