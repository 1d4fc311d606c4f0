using System.Collections.Immutable;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Data changes: the input in the order that the executor expects.</summary>
internal sealed partial class PhysicalPlanner
{
    private PlannedNode PlanInsert(LogicalInsert insert)
    {
        var row = new PlanLayout(insert.NewRow);
        ImmutableArray<GeneratedColumn> generated = Place(insert.Generated, row);
        var plan = new InsertPlan(insert.Table.Id, PlanExact(insert.Source.Plan, insert.Source.Columns))
        {
            Output = Types(insert.Output),
            Generated = generated,
            Checks = Place(insert.Checks, row),
            OnConflict = insert.OnConflict is { } conflict ? Place(conflict, generated) : null,
            Returning = Returning(insert, insert.RowId is { } rowId ? new PlanLayout([.. insert.NewRow, rowId]) : row),
        };
        return new PlannedNode(plan, insert.Output);
    }

    private ConflictPlan Place(LogicalConflict conflict, ImmutableArray<GeneratedColumn> generated)
    {
        var both = new PlanLayout([.. conflict.Existing, .. conflict.Excluded]);
        return new ConflictPlan(conflict.Indexes)
        {
            Assignments = _expressions.Place(conflict.Assignments, both),
            Where = _expressions.PlaceOptional(conflict.Where, both),
            Visibility = Place(conflict.Visibility, both),
            Generated = conflict.Assignments.IsEmpty ? [] : generated,
        };
    }

    private PlannedNode PlanUpdate(LogicalUpdate update)
    {
        PlannedNode input = Plan(update.Input);
        PlanLayout layout = input.Layout;
        ImmutableArray<ColumnExpression> extra = UsedByReturning(update, input);
        ImmutableArray<ScalarExpression> items =
        [
            _expressions.Place(update.RowId, layout), .. _expressions.Place(update.Values, layout),
            .. extra.Select(column => _expressions.Place(column, layout)),
        ];
        var projected = new ProjectPlan(input.Plan, items)
        {
            Output = [.. items.Select(item => item.Type)],
            EstimatedRows = input.Plan.EstimatedRows, EstimatedCost = input.Plan.EstimatedCost,
        };
        var row = new PlanLayout(update.NewRow);
        var plan = new UpdatePlan(update.Table.Id, projected)
        {
            Output = Types(update.Output),
            Assigned = update.Assigned,
            Generated = Place(update.Generated, row),
            Checks = Place(update.Checks, row),
            Returning = Returning(update, new PlanLayout([update.RowId, .. update.NewRow, .. extra])),
        };
        return new PlannedNode(plan, update.Output);
    }

    private PlannedNode PlanDelete(LogicalDelete delete)
    {
        PlannedNode input = Plan(delete.Input);
        ImmutableArray<ColumnExpression> columns = [delete.RowId, .. UsedByReturning(delete, input)];
        var plan = new DeletePlan(delete.Table.Id, ProjectTo(input, columns))
        {
            Output = Types(delete.Output),
            Returning = Returning(delete, new PlanLayout(columns)),
        };
        return new PlannedNode(plan, delete.Output);
    }

    private PlannedNode PlanMerge(LogicalMerge merge)
    {
        PlannedNode input = Plan(merge.Input);
        HashSet<int> used = ColumnSet.UsedByActions(merge);
        ImmutableArray<ColumnExpression> columns =
            [merge.RowId, .. input.Columns.Where(column => used.Contains(column.ColumnId) && column.ColumnId != merge.RowId.ColumnId)];
        PlanLayout layout = new(columns), row = new(merge.NewRow);
        var plan = new MergePlan(merge.Table.Id, ProjectTo(input, columns))
        {
            Output = [],
            Actions = [.. merge.Actions.Select(action => action with
            {
                Condition = _expressions.PlaceOptional(action.Condition, layout),
                Values = _expressions.Place(action.Values, layout),
                Generated = Place(action.Generated, row),
            })],
            Checks = Place(merge.Checks, row),
        };
        return new PlannedNode(plan, []);
    }

    private ImmutableArray<ScalarExpression> Returning(LogicalModification plan, PlanLayout layout) =>
        [.. plan.Returning.Select(item => _expressions.Place(item.Value, layout))];

    /// <summary>The input's columns that RETURNING reads beside the stored row.</summary>
    private static ImmutableArray<ColumnExpression> UsedByReturning(LogicalModification plan, PlannedNode input)
    {
        HashSet<int> used = [];
        foreach (ProjectItem item in plan.Returning)
            ColumnSet.AddUsed(item.Value, used);
        return [.. input.Columns.Where(column => used.Contains(column.ColumnId))];
    }

    private ImmutableArray<GeneratedColumn> Place(ImmutableArray<GeneratedColumn> columns, PlanLayout row) =>
        [.. columns.Select(column => column with { Value = _expressions.Place(column.Value, row) })];

    private ImmutableArray<RowCheck> Place(ImmutableArray<RowCheck> checks, PlanLayout row) =>
        [.. checks.Select(check => check with { Condition = _expressions.Place(check.Condition, row) })];
}
