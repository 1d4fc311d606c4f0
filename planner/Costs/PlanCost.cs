using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>Guesses what a plan costs, in PostgreSQL's units: a page read in sequence is 1.</summary>
internal static class PlanCost
{
    private const double RowCost = 0.01, OperatorCost = 0.0025, RowsPerPage = 100, LookupCost = 0.3;

    internal static double Of(PhysicalPlan plan, double rows) => plan switch
    {
        TableScanPlan scan => (rows / RowsPerPage) + (rows * RowCost) + (scan.Filter is null ? 0 : rows * OperatorCost),
        KeyLookupPlan lookup => lookup.Keys.Length * LookupCost,
        RowLookupPlan => rows * LookupCost,
        SortPlan sort => sort.Input.EstimatedCost + SortCost(sort.Input.EstimatedRows),
        TopNPlan top => top.Input.EstimatedCost + (top.Input.EstimatedRows * 2 * OperatorCost),
        HashJoinPlan join => join.Left.EstimatedCost + join.Right.EstimatedCost
            + ((join.Left.EstimatedRows + (2 * join.Right.EstimatedRows)) * OperatorCost) + (rows * RowCost),
        NestedLoopJoinPlan join => join.Left.EstimatedCost + join.Right.EstimatedCost
            + (join.Left.EstimatedRows * join.Right.EstimatedRows * OperatorCost),
        ApplyPlan apply => apply.Left.EstimatedCost + (apply.Left.EstimatedRows * apply.Right.EstimatedCost),
        FilterPlan filter => filter.Input.EstimatedCost + (filter.Input.EstimatedRows * OperatorCost),
        ProjectPlan project => project.Input.EstimatedCost + (rows * OperatorCost * project.Expressions.Length),
        AggregatePlan aggregate => aggregate.Input.EstimatedCost
            + (aggregate.Input.EstimatedRows * OperatorCost * (1 + aggregate.Aggregates.Length)),
        AppendPlan append => append.Inputs.Sum(input => input.EstimatedCost),
        _ => PlanInputs.Of(plan).Sum(input => input.EstimatedCost) + (rows * RowCost),
    };

    private static double SortCost(double rows) => rows * Math.Log2(Math.Max(2, rows)) * 2 * OperatorCost;
}
