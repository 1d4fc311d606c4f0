using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Turns EXISTS, IN and their negations in conditions into semi and anti joins.</summary>
/// <remarks>
/// A correlated subquery joins where its references to the row outside stand in its own WHERE; others stay
/// subplans.
/// </remarks>
internal static class SubqueryJoining
{
    internal static LogicalPlan Apply(LogicalPlan plan)
    {
        LogicalPlan node = PlanTree.MapInputs(plan, Apply);
        if (node is not LogicalFilter filter)
            return node;
        LogicalPlan input = filter.Input;
        List<ScalarExpression> rest = [];
        foreach (ScalarExpression part in Conjunction.Parts(filter.Predicate))
        {
            if (TryJoin(input, part) is { } joined)
                input = joined;
            else
                rest.Add(part);
        }
        if (ReferenceEquals(input, filter.Input))
            return node;
        return Conjunction.Of(rest) is { } predicate ? new LogicalFilter(input, predicate) : input;
    }

    private static LogicalJoin? TryJoin(LogicalPlan input, ScalarExpression part)
    {
        bool isNegated = part is NotOperation;
        if ((part is NotOperation not ? not.Operand : part) is not SubqueryExpression subquery)
            return null;
        if (subquery.Test is not null && ExpressionTree.Any(subquery.Test, ExpressionBinder.IsVolatile))
            return null;
        HashSet<int> outside = ColumnSet.MadeBy(input);
        switch (subquery.Kind)
        {
            case SubplanKind.Exists when PullUp(subquery.Plan, [], outside) is { } pulled:
                return new LogicalJoin(isNegated ? PhysicalJoinKind.Anti : PhysicalJoinKind.Semi,
                    input, Apply(pulled.Plan), Conjunction.Of(pulled.Conditions));
            case SubplanKind.Any when PullUp(subquery.Plan, [.. subquery.Columns.Select(static column => column.ColumnId)], outside) is { } pulled:
                if (!isNegated)
                {
                    return new LogicalJoin(PhysicalJoinKind.Semi, input, Apply(pulled.Plan),
                        Conjunction.Of([.. Conjunction.Parts(subquery.Test), .. pulled.Conditions]));
                }
                // NOT IN is not true as soon as a null is met: only a plain equality has a join for that.
                return pulled.Conditions.Count == 0 && subquery.Test is { } test
                    && Comparison.Of(test) is { IsEquality: true }
                    ? new LogicalJoin(PhysicalJoinKind.NullAwareAnti, input, Apply(pulled.Plan), test)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>
    /// The subquery without its conditions on the row outside, and these; null where they stand elsewhere.
    /// </summary>
    /// <param name="needed">Ids of the columns that the plan without the conditions must still make.</param>
    internal static (LogicalPlan Plan, List<ScalarExpression> Conditions)? PullUp(
        LogicalPlan plan, HashSet<int> needed, HashSet<int> outside)
    {
        if (!ColumnSet.FreeIn(plan).Overlaps(outside))
            return (plan, []);
        return plan switch
        {
            LogicalFilter filter => PullUp(filter, needed, outside),
            LogicalProject project => PullUp(project, needed, outside),
            _ => null,
        };
    }

    private static (LogicalPlan Plan, List<ScalarExpression> Conditions)? PullUp(
        LogicalFilter filter, HashSet<int> needed, HashSet<int> outside)
    {
        if (PullUp(filter.Input, [.. needed, .. ColumnSet.UsedBy(filter.Predicate)], outside) is not { } below)
            return null;
        List<ScalarExpression> kept = [], pulled = [.. below.Conditions];
        foreach (ScalarExpression part in Conjunction.Parts(filter.Predicate))
            (ColumnSet.UsedBy(part).Overlaps(outside) ? pulled : kept).Add(part);
        // A subquery that reads both rows could not see the outer one from inside a join's condition cheaply.
        if (pulled.Exists(static part => ExpressionTree.Any(part, static node => node is SubqueryExpression)))
            return null;
        return (Conjunction.Of(kept) is { } predicate ? new LogicalFilter(below.Plan, predicate) : below.Plan, pulled);
    }

    private static (LogicalPlan Plan, List<ScalarExpression> Conditions)? PullUp(
        LogicalProject project, HashSet<int> needed, HashSet<int> outside)
    {
        List<ProjectItem> items = [.. project.Items.Where(item => needed.Contains(item.Column.ColumnId))];
        HashSet<int> used = [];
        foreach (ProjectItem item in items)
            ColumnSet.AddUsed(item.Value, used);
        if (used.Overlaps(outside) || PullUp(project.Input, used, outside) is not { } below)
            return null;
        // The conditions need columns that the projection may have dropped.
        HashSet<int> asked = [];
        foreach (ScalarExpression condition in below.Conditions)
            ColumnSet.AddUsed(condition, asked);
        asked.ExceptWith(items.Select(static item => item.Column.ColumnId));
        items.AddRange(below.Plan.Output.Where(column => asked.Contains(column.ColumnId)).Select(static column => new ProjectItem(column, column)));
        return (new LogicalProject(below.Plan, [.. items]), below.Conditions);
    }
}
