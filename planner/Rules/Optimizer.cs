using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>
/// Runs the rewrite rules in order, over the plan and then over the subqueries left in its expressions.
/// </summary>
internal sealed class Optimizer(BindingState state)
{
    private readonly Estimator _estimator = new(state.Context);
    private readonly TextScoring _scoring = new();

    internal LogicalPlan Optimize(LogicalPlan plan, ImmutableArray<ColumnExpression> columns)
    {
        PlanContents contents = new(plan);
        if (contents.HasCommonTables)
            plan = new CommonTableInlining().Apply(plan);
        return OptimizeQuery(plan, [.. columns.Select(column => column.ColumnId)], contents);
    }

    private LogicalPlan OptimizeQuery(LogicalPlan plan, HashSet<int> required, PlanContents contents)
    {
        var folding = new ConstantFolding(state.Context);
        plan = folding.Apply(plan);
        plan = new IndexExpressions(state).Apply(plan);
        if (contents.HasTextScores)
            plan = _scoring.Apply(plan);
        if (contents.HasSubqueries)
            plan = JoinSubqueries(plan);
        if (contents.HasFilters)
            plan = new VolatileFilters(state).Apply(plan);
        plan = LimitPushDown.Apply(VolatileDelay.Apply(plan));
        plan = new PredicatePushDown(folding).Apply(plan);
        plan = new NearestPushDown(state, _estimator).Apply(plan);
        plan = new SemiJoinPushDown(_estimator).Apply(plan);
        plan = new JoinOrdering(_estimator).Apply(plan);
        plan = ProjectionPruning.Apply(plan, required);
        return contents.HasSubqueries ? PlanTree.MapAllExpressions(plan, expression => OptimizeSubqueries(expression, contents)) : plan;
    }

    /// <summary>Until nothing changes: what a subquery becomes may have subqueries in it.</summary>
    private LogicalPlan JoinSubqueries(LogicalPlan plan)
    {
        ScalarAggregateJoining aggregates = new(state, _estimator);
        while (true)
        {
            LogicalPlan joined = SubqueryJoining.Apply(aggregates.Apply(plan));
            if (ReferenceEquals(joined, plan))
                return plan;
            plan = joined;
        }
    }

    private ScalarExpression OptimizeSubqueries(ScalarExpression expression, PlanContents contents) =>
        ExpressionTree.Rewrite(expression, node =>
        node is SubqueryExpression subquery
            ? subquery with
            {
                Plan = OptimizeQuery(subquery.Plan, [.. subquery.Columns.Select(column => column.ColumnId)], contents),
                Test = subquery.Test is null ? null : OptimizeSubqueries(subquery.Test, contents),
            }
            : null);
}
