using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Drops columns that nobody above uses, down to the scans.</summary>
internal static class ProjectionPruning
{
    internal static LogicalPlan Apply(LogicalPlan plan, HashSet<int> required)
    {
        switch (plan)
        {
            case LogicalScan scan:
            {
                HashSet<int> used = With(required, scan.Filter);
                return scan with
                {
                    Columns = [.. scan.Columns.Where(column => used.Contains(column.Column.ColumnId))],
                    RowId = scan.RowId is { } rowId && used.Contains(rowId.ColumnId) ? rowId : null,
                };
            }
            case LogicalValues values:
                return Prune(values, required);
            case LogicalFilter filter:
                return filter with { Input = Apply(filter.Input, With(required, filter.Predicate)) };
            case LogicalProject project:
            {
                ImmutableArray<ProjectItem> items = [.. project.Items.Where(item =>
                    required.Contains(item.Column.ColumnId)
                        || ExpressionTree.Any(item.Value, ExpressionBinder.IsVolatile))];
                return new LogicalProject(Apply(project.Input, With([], items)), items);
            }
            case LogicalProjectSet project:
                return project with { Input = Apply(project.Input, With(required, project.Calls)) };
            case LogicalJoin join:
            {
                HashSet<int> used = With(required, join.Condition);
                used.UnionWith(ColumnSet.FreeIn(join.Right));
                return join with { Left = Apply(join.Left, used), Right = Apply(join.Right, used), Required = required };
            }
            case LogicalAggregate aggregate:
                return Prune(aggregate, required);
            case LogicalWindow window:
                return Prune(window, required);
            default:
                return ApplyRest(plan, required);
        }
    }

    private static LogicalPlan ApplyRest(LogicalPlan plan, HashSet<int> required)
    {
        switch (plan)
        {
            case LogicalDistinct distinct:
                return distinct with { Input = Apply(distinct.Input, Ids(distinct.Columns)) };
            case LogicalAppend append:
            {
                int[] kept = [.. Enumerable.Range(0, append.Columns.Length)
                    .Where(i => required.Contains(append.Columns[i].ColumnId))];
                return new LogicalAppend([.. kept.Select(i => append.Columns[i])], [.. append.Inputs.Select(input =>
                {
                    ImmutableArray<ColumnExpression> columns = [.. kept.Select(i => input.Columns[i])];
                    return new SetInput(Apply(input.Plan, Ids(columns)), columns);
                })]);
            }
            case LogicalSetOperation operation:
                return operation with { Left = Whole(operation.Left), Right = Whole(operation.Right) };
            case LogicalMining mining:
                return mining with
                {
                    Columns = [.. mining.Columns.Where(column => required.Contains(column.Column.ColumnId))],
                    Rows = Whole(mining.Rows), Anchors = mining.Anchors is null ? null : Whole(mining.Anchors),
                    Candidates = mining.Candidates is null ? null : Whole(mining.Candidates),
                };
            case LogicalRecursiveUnion union:
                return union with { Seed = Whole(union.Seed), Step = Whole(union.Step) };
            case LogicalWith with:
                return new LogicalWith([.. with.Tables.Select(table => table with { Query = Whole(table.Query) })],
                    Apply(with.Body, required));
            case LogicalInsert insert:
                return insert with { Source = Whole(insert.Source) };
            case LogicalUpdate or LogicalDelete or LogicalMerge:
            {
                HashSet<int> used = UsedBy(plan);
                ColumnExpression? rowId = plan is LogicalUpdate update ? update.RowId : plan is LogicalMerge merge ? merge.RowId
                    : (plan as LogicalDelete)?.RowId;
                if (rowId is not null)
                    used.Add(rowId.ColumnId);
                return PlanTree.MapInputs(plan, input => Apply(input, used));
            }
            case LogicalLock held:
            {
                HashSet<int> used = [.. required, .. held.Locks.Select(row => row.RowId.ColumnId)];
                return held with { Input = Apply(held.Input, used) };
            }
            case LogicalSort or LogicalLimit or LogicalDistinctOn or LogicalDeepening:
            {
                HashSet<int> used = UsedBy(plan);
                used.UnionWith(required);
                return PlanTree.MapInputs(plan, input => Apply(input, used));
            }
            default:
                return plan; // leaves: function scans, work tables, common tables
        }
    }

    private static LogicalValues Prune(LogicalValues values, HashSet<int> required)
    {
        int[] kept = [.. Enumerable.Range(0, values.Columns.Length).Where(i =>
            required.Contains(values.Columns[i].ColumnId)
            || values.Rows.Any(row => ExpressionTree.Any(row[i], ExpressionBinder.IsVolatile)))];
        return kept.Length == values.Columns.Length
            ? values
            : new LogicalValues([.. kept.Select(i => values.Columns[i])],
                [.. values.Rows.Select(row => kept.Select(i => row[i]).ToImmutableArray())]);
    }

    private static LogicalAggregate Prune(LogicalAggregate aggregate, HashSet<int> required)
    {
        LogicalAggregate kept = aggregate with
        {
            Aggregates = [.. aggregate.Aggregates.Where(item => required.Contains(item.Column.ColumnId))],
        };
        return kept with { Input = Apply(kept.Input, UsedBy(kept)) };
    }

    private static LogicalPlan Prune(LogicalWindow window, HashSet<int> required)
    {
        LogicalWindow kept = window with
        {
            Calls = [.. window.Calls.Where(item => required.Contains(item.Column.ColumnId))],
        };
        if (kept.Calls.IsEmpty)
            return Apply(window.Input, required);
        HashSet<int> used = UsedBy(kept);
        used.UnionWith(required);
        return kept with { Input = Apply(window.Input, used) };
    }

    private static SetInput Whole(SetInput input) => input with { Plan = Apply(input.Plan, Ids(input.Columns)) };

    private static HashSet<int> Ids(ImmutableArray<ColumnExpression> columns) =>
        [.. columns.Select(column => column.ColumnId)];

    /// <summary>What the node's own expressions use.</summary>
    private static HashSet<int> UsedBy(LogicalPlan plan)
    {
        HashSet<int> used = [];
        PlanExpressions.Map(plan, expression =>
        {
            ColumnSet.AddUsed(expression, used);
            return expression;
        });
        return used;
    }

    private static HashSet<int> With(HashSet<int> required, ScalarExpression? expression)
    {
        if (expression is null)
            return [.. required];
        HashSet<int> used = [.. required];
        ColumnSet.AddUsed(expression, used);
        return used;
    }

    private static HashSet<int> With(HashSet<int> required, ImmutableArray<ProjectItem> items)
    {
        HashSet<int> used = [.. required];
        foreach (ProjectItem item in items)
            ColumnSet.AddUsed(item.Value, used);
        return used;
    }
}
