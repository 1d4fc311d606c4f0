using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>ON CONFLICT DO UPDATE: changes the rows that are in the way of proposed ones.</summary>
internal sealed class ConflictUpdate(InsertPlan plan, ConflictPlan conflict, OperatorContext context)
{
    private readonly VectorExpression[] _assignments = CompiledExpressions.Compile(conflict.Assignments);
    private readonly VectorExpression? _where = CompiledExpressions.CompileOptional(conflict.Where);
    private readonly RowFinisher _finisher = new(plan.Table, conflict.Generated, plan.Checks, context);
    private readonly VectorExpression[] _visibility = CompiledExpressions.Compile([.. conflict.Visibility.Select(static check => check.Condition)]);
    private readonly HashSet<long> _affected = [];

    /// <summary>Updates what the conflicting rows conflict with.</summary>
    /// <returns>The rows as they are stored now, their ids, and which of the proposed rows each answers.</returns>
    internal async ValueTask<(ColumnBatch Stored, long[] Ids, int[] Proposed)> UpdateAsync(
        ColumnBatch proposed, InsertOutcome[] outcomes, List<int> conflicting, CancellationToken cancellation)
    {
        var ids = new RowId[conflicting.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            InsertOutcome outcome = outcomes[conflicting[i]];
            ids[i] = outcome.Row;
            if (outcome.IsOwnStatement)
                throw SecondTime();
        }
        await context.Transaction.LockRowsAsync(
            plan.Table, ids, RowLockStrength.NoKeyUpdate, LockWaitPolicy.Block, cancellation).ConfigureAwait(false);
        int[] rows = [.. conflicting];
        ColumnBatch existing = await context.Transaction.FetchAsync(plan.Table, ids, cancellation).ConfigureAwait(false);
        ColumnBatch both = BatchShapes.With(existing, proposed.Take(rows).Columns);
        RequireVisible(both);
        int[] kept = Kept(both);
        Claim(ids, kept);
        if (kept.Length < rows.Length)
        {
            both = both.Take(kept);
            rows = [.. kept.Select(row => rows[row])];
            ids = [.. kept.Select(row => ids[row])];
        }
        if (rows.Length == 0)
            return (ColumnBatch.Empty, [], rows);
        ColumnBatch values = _finisher.Complete(new ColumnBatch(
            CompiledExpressions.Evaluate(_assignments, both, context.Evaluation), rows.Length));
        if (_finisher.FirstFailure(values) is { Error: { } error })
            throw error;
        RowIds stored = await context.Transaction
            .UpdateAsync(plan.Table, ids, values, cancellation).ConfigureAwait(false);
        foreach (long id in stored.Values)
            _affected.Add(id); // a later row that conflicts with the new version would change it again
        return (values, stored.Values, rows);
    }

    /// <exception cref="SqlException">55000: a view does not show a row that is in the way.</exception>
    private void RequireVisible(ColumnBatch both)
    {
        for (int i = 0; i < _visibility.Length; i++)
        {
            if (RowSelection.WriteTrue(CompiledExpressions.Evaluate(_visibility[i], both, context.Evaluation), new int[both.RowCount]) < both.RowCount)
            {
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                    $"conflicting row is not visible through view \"{conflict.Visibility[i].Name}\"");
            }
        }
    }

    private int[] Kept(ColumnBatch both)
    {
        int[] kept = new int[both.RowCount];
        if (_where is not null)
            return kept[..RowSelection.WriteTrue(CompiledExpressions.Evaluate(_where, both, context.Evaluation), kept)];
        for (int row = 0; row < kept.Length; row++)
            kept[row] = row;
        return kept;
    }

    // A row that WHERE spared was not changed, so another proposed row may meet it again.
    private void Claim(RowId[] ids, int[] kept)
    {
        int next = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            if (_affected.Contains(ids[row].Value))
                throw SecondTime();
            if (next == kept.Length || kept[next] != row)
                continue;
            _affected.Add(ids[row].Value);
            next++;
        }
    }

    private static SqlException SecondTime() =>
        new(SqlState.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time",
            hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
}
