using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Puts a WITH query in the place of its only reference; drops those that nobody refers to.</summary>
/// <remarks>
/// Data changes and queries with volatile calls stay, as do recursive ones and those marked MATERIALIZED.
/// </remarks>
internal sealed class CommonTableInlining
{
    private readonly Dictionary<int, int> _references = [];
    private readonly Dictionary<int, SetInput> _inlined = [];

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        Count(plan);
        return Inline(plan);
    }

    private void Count(LogicalPlan plan)
    {
        if (plan is LogicalCommonScan scan)
            _references[scan.Id] = _references.GetValueOrDefault(scan.Id) + 1;
        PlanTree.VisitInputs(plan, Count);
        PlanExpressions.Map(plan, expression =>
        {
            ExpressionTree.Descend(expression, CountAt);
            return expression;
        });
    }

    private bool CountAt(ScalarExpression expression)
    {
        if (expression is not SubqueryExpression subquery)
            return true;
        Count(subquery.Plan);
        if (subquery.Test is not null)
            ExpressionTree.Descend(subquery.Test, CountAt);
        return false;
    }

    private LogicalPlan Inline(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalWith with:
                var kept = ImmutableArray.CreateBuilder<LogicalCommonTable>();
                foreach (LogicalCommonTable table in with.Tables)
                {
                    SetInput query = table.Query with { Plan = Inline(table.Query.Plan) };
                    int references = _references.GetValueOrDefault(table.Id);
                    if (!table.IsModifying && references == 0)
                        continue;
                    if (!table.IsModifying && references == 1 && table.IsMaterialized != true && CanMove(query.Plan))
                        _inlined[table.Id] = query;
                    else
                        kept.Add(table with { Query = query });
                }
                LogicalPlan body = Inline(with.Body);
                return kept.Count == 0 ? body : new LogicalWith(kept.ToImmutable(), body);
            case LogicalCommonScan scan when _inlined.TryGetValue(scan.Id, out SetInput? query):
                return new LogicalProject(query.Plan, [.. scan.Columns.Select((column, i) =>
                    new ProjectItem(column, query.Columns[i]))]);
            default:
                LogicalPlan mapped = PlanTree.MapInputs(plan, Inline);
                return PlanExpressions.Map(mapped, expression => ExpressionTree.Rewrite(expression, node =>
                    node is SubqueryExpression subquery
                        ? subquery with { Plan = Inline(subquery.Plan), Test = InlineTest(subquery.Test) }
                        : null));
        }
    }

    private ScalarExpression? InlineTest(ScalarExpression? test) => test is null
        ? null
        : ExpressionTree.Rewrite(test, node => node is SubqueryExpression subquery
            ? subquery with { Plan = Inline(subquery.Plan), Test = InlineTest(subquery.Test) }
            : null);

    private static bool CanMove(LogicalPlan plan)
    {
        bool isFixed = false;
        PlanTree.VisitAll(plan, node => isFixed |= node is LogicalRecursiveUnion or LogicalModification or LogicalLock);
        PlanTree.VisitAllExpressions(plan, node => isFixed |= ExpressionBinder.IsVolatile(node));
        return !isFixed;
    }
}
