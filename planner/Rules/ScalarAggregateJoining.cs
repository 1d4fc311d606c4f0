using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Turns a correlated scalar aggregate, compared in WHERE, into a join with a grouped query.</summary>
/// <remarks>
/// (SELECT max(v) FROM b WHERE b.k = a.k) becomes a left join with max(v) grouped by b.k. Only where every
/// correlation is an
/// equality, and no aggregate gives a value for no rows (count): that value would be lost.
/// </remarks>
internal sealed class ScalarAggregateJoining(BindingState state, Estimator estimator)
{
    /// <summary>For fewer rows outside, a lookup for each beats grouping the whole table.</summary>
    private const double OuterRowsMin = 10;

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        LogicalPlan node = PlanTree.MapInputs(plan, Apply);
        switch (node)
        {
            case LogicalFilter filter:
            {
                LogicalPlan input = filter.Input;
                ScalarExpression predicate = Replace(filter.Predicate, ref input);
                return ReferenceEquals(input, filter.Input) ? node : new LogicalFilter(input, predicate);
            }
            case LogicalProject project:
            {
                LogicalPlan input = project.Input;
                ImmutableArray<ProjectItem> items =
                    PlanExpressions.Map(project.Items, value => Replace(value, ref input));
                return ReferenceEquals(input, project.Input) ? node : new LogicalProject(input, items);
            }
            default:
                return node;
        }
    }

    private ScalarExpression Replace(ScalarExpression expression, ref LogicalPlan input)
    {
        LogicalPlan joined = input;
        ScalarExpression replaced = ExpressionTree.Rewrite(expression, node =>
        {
            switch (node)
            {
                case CaseOperation or CoalesceOperation:
                    return node; // a branch that may not be reached stays as it is
                case SubqueryExpression { Kind: SubplanKind.Scalar } subquery
                    when TryJoin(joined, subquery) is { } found:
                    joined = found.Plan;
                    return found.Value;
                case SubqueryExpression:
                    return node;
                default:
                    return null;
            }
        });
        input = joined;
        return replaced;
    }

    private (LogicalPlan Plan, ScalarExpression Value)? TryJoin(LogicalPlan input, SubqueryExpression subquery)
    {
        HashSet<int> outside = ColumnSet.MadeBy(input);
        if (subquery.Plan is not LogicalProject { Items: [var item], Input: LogicalAggregate aggregate }
            || !aggregate.Keys.IsEmpty || aggregate.GroupingSets.Length != 1 || !aggregate.Groupings.IsEmpty
            || !ColumnSet.FreeIn(subquery.Plan).Overlaps(outside)
            || estimator.Rows(input) < OuterRowsMin
            || ColumnSet.UsedBy(item.Value).Overlaps(outside)
            || !aggregate.Aggregates.All(static call => call.Call.Function.Name is "max" or "min" or "sum" or "avg")
            || !NullRejection.IsNullWith(item.Value, [.. aggregate.Aggregates.Select(call => call.Column.ColumnId)]))
        {
            return null;
        }
        HashSet<int> arguments = ColumnSet.UsedAt(aggregate);
        if (arguments.Overlaps(outside)
            || SubqueryJoining.PullUp(aggregate.Input, arguments, outside) is not { Conditions.Count: > 0 } pulled)
        {
            return null;
        }
        HashSet<int> inside = ColumnSet.MadeBy(pulled.Plan);
        var keys = ImmutableArray.CreateBuilder<ProjectItem>();
        var conditions = new List<ScalarExpression>();
        foreach (ScalarExpression condition in pulled.Conditions)
        {
            if (Comparison.Of(condition) is not { IsEquality: true } comparison || condition is not CallExpression call)
                return null;
            bool isLeftInside = ColumnSet.Covers(inside, comparison.Left)
                && !ColumnSet.UsedBy(comparison.Right).Overlaps(inside);
            bool isRightInside = ColumnSet.Covers(inside, comparison.Right)
                && !ColumnSet.UsedBy(comparison.Left).Overlaps(inside);
            if (isLeftInside == isRightInside)
                return null;
            ScalarExpression key = isLeftInside ? comparison.Left : comparison.Right;
            ColumnExpression column =
                state.NewColumn(key.Type, key is ColumnExpression named ? named.Name : "?column?");
            keys.Add(new ProjectItem(column, key));
            conditions.Add(call with
            {
                Arguments = isLeftInside ? [column, comparison.Right] : [comparison.Left, column],
            });
        }
        LogicalPlan grouped = aggregate with
        {
            Input = pulled.Plan, Keys = keys.ToImmutable(), GroupingSets = [[.. Enumerable.Range(0, keys.Count)]],
        };
        // The value is null for rows without a group, as the aggregate over no rows was.
        LogicalPlan valued = new LogicalProject(grouped,
            [.. keys.Select(key => new ProjectItem(key.Column, key.Column)), item]);
        return (new LogicalJoin(PhysicalJoinKind.Left, input, valued, Conjunction.Of(conditions)), item.Column);
    }
}
