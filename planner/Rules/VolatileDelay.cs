using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>
/// Computes volatile items of a select list behind the sort of its rows, so that they are computed in that order, and only for the rows
/// that a LIMIT leaves.
/// </summary>
internal static class VolatileDelay
{
    internal static LogicalPlan Apply(LogicalPlan plan)
    {
        plan = PlanTree.MapInputs(plan, Apply);
        if (plan is not LogicalSort { Input: LogicalProject project } sort)
            return plan;
        HashSet<int> keys = [.. sort.Keys.SelectMany(static key => ColumnSet.UsedBy(key.Key))];
        ImmutableArray<ProjectItem> delayed = [.. project.Items.Where(item =>
            !keys.Contains(item.Column.ColumnId) && PredicatePushDown.IsVolatile(item.Value))];
        if (delayed.IsEmpty)
            return plan;
        HashSet<int> needed = [.. delayed.SelectMany(static item => ColumnSet.UsedBy(item.Value))];
        ImmutableArray<ProjectItem> early = [.. project.Items.Where(item => !delayed.Contains(item))];
        needed.ExceptWith(early.Select(static item => item.Column.ColumnId));
        ImmutableArray<ProjectItem> passed =
            [.. project.Input.Output.Where(column => needed.Contains(column.ColumnId)).Select(static column => new ProjectItem(column, column))];
        return new LogicalProject(
            sort with { Input = project with { Items = [.. early, .. passed] } },
            [.. project.Items.Select(item => delayed.Contains(item) ? item : new ProjectItem(item.Column, item.Column))]);
    }
}
