using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>The tables that plans read.</summary>
internal static class PlanTables
{
    /// <summary>All that the plan reads, in subqueries too.</summary>
    internal static ImmutableArray<TableId> Of(PhysicalPlan plan)
    {
        HashSet<TableId> found = [];
        Add(plan, found);
        return [.. found];
    }

    /// <summary>The table that the step itself reads, not those before it; null where it reads none.</summary>
    internal static TableId? OfStep(PhysicalPlan plan) => plan switch
    {
        TableScanPlan p => p.Table,
        KeyLookupPlan p => p.Table,
        RowLookupPlan p => p.Table,
        VectorTopKPlan p => p.Table,
        TextMatchPlan p => p.Table,
        TextTopKPlan p => p.Table,
        _ => null,
    };

    private static void Add(PhysicalPlan plan, HashSet<TableId> found)
    {
        if (OfStep(plan) is { } table)
            found.Add(table);
        foreach (ScalarExpression expression in PlanParts.ExpressionsOf(plan))
        {
            ExpressionTree.VisitAll(expression, node =>
            {
                if (node is SubplanExpression subplan)
                    Add(subplan.Plan, found);
            });
        }
        foreach (PhysicalPlan input in PlanInputs.Of(plan))
            Add(input, found);
    }
}
