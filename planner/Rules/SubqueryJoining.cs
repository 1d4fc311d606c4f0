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
            case SubplanKind.Any when PullUp(subquery.Plan, subquery.Columns, outside) is { } pulled:
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
    internal static (LogicalPlan Plan, List<ScalarExpression> Conditions)? PullUp(
        LogicalPlan plan, ImmutableArray<ColumnExpression> needed, HashSet<int> outside)
    {
        if (!ColumnSet.FreeIn(plan).Overlaps(outside))
            return (plan, []);
        switch (plan)
        {
            case LogicalFilter filter:
            {
                if (PullUp(filter.Input, needed, outside) is not { } below)
                    return null;
                List<ScalarExpression> kept = [], pulled = [.. below.Conditions];
                foreach (ScalarExpression part in Conjunction.Parts(filter.Predicate))
                    (ColumnSet.UsedBy(part).Overlaps(outside) ? pulled : kept).Add(part);
                // A subquery that reads both rows could not see the outer one from inside a join's condition cheaply.
                if (pulled.Exists(static part => ExpressionTree.Any(part, static node => node is SubqueryExpression)))
                    return null;
                return (Conjunction.Of(kept) is { } predicate ? new LogicalFilter(below.Plan, predicate) : below.Plan,
                    pulled);
            }
            case LogicalProject project when project.Items.All(item => !ColumnSet.UsedBy(item.Value).Overlaps(outside)
                || !needed.Any(column => column.ColumnId == item.Column.ColumnId)):
            {
                if (PullUp(project.Input, [], outside) is not { } below)
                    return null;
                // The conditions need columns that the projection may have dropped.
                HashSet<int> made = ColumnSet.MadeBy(below.Plan);
                var items = project.Items.Where(item =>
                    needed.Any(column => column.ColumnId == item.Column.ColumnId)).ToList();
                foreach (ScalarExpression condition in below.Conditions)
                {
                    foreach (ColumnExpression column in below.Plan.Output)
                    {
                        bool isMissing = ColumnSet.UsedBy(condition).Contains(column.ColumnId)
                            && made.Contains(column.ColumnId)
                            && !items.Exists(item => item.Column.ColumnId == column.ColumnId);
                        if (isMissing)
                            items.Add(new ProjectItem(column, column));
                    }
                }
                return (new LogicalProject(below.Plan, [.. items]), below.Conditions);
            }
            default:
                return null;
        }
    }
}
