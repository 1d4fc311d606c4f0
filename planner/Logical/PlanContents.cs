using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Logical;

/// <summary>What a statement has somewhere: rules for what it has not need not look for it.</summary>
internal sealed class PlanContents
{
    internal PlanContents(LogicalPlan plan) => Add(plan);

    internal bool HasCommonTables { get; private set; }

    internal bool HasSubqueries { get; private set; }

    /// <summary>Calls with FILTER.</summary>
    internal bool HasFilters { get; private set; }

    /// <summary>Full-text scores or matches.</summary>
    internal bool HasTextScores { get; private set; }

    private void Add(LogicalPlan plan)
    {
        HasCommonTables |= plan is LogicalWith or LogicalCommonScan;
        HasFilters |= plan switch
        {
            LogicalAggregate aggregate => aggregate.Aggregates.Any(static item => item.Call.Filter is not null),
            LogicalWindow window => window.Calls.Any(static item => item.Call.Filter is not null),
            _ => false,
        };
        PlanTree.VisitInputs(plan, Add);
        PlanExpressions.Map(plan, expression =>
        {
            ExpressionTree.Descend(expression, Add);
            return expression;
        });
    }

    private bool Add(ScalarExpression expression)
    {
        switch (expression)
        {
            case CallExpression call:
                HasTextScores |= TextScoring.IsScore(call);
                break;
            case SubqueryExpression subquery:
                HasSubqueries = true;
                Add(subquery.Plan);
                if (subquery.Test is not null)
                    ExpressionTree.Descend(subquery.Test, Add);
                return false;
        }
        return true;
    }
}
