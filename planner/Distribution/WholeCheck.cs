using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Whether a plan can be run as it is where tables that are whole lie.</summary>
internal sealed class WholeCheck(Func<TableId, bool> isWhole)
{
    private readonly HashSet<int> _commonTables = [], _workTables = [];

    /// <summary>Whether it reads any table.</summary>
    internal bool ReadsTables { get; private set; }

    internal bool Fits(PhysicalPlan plan)
    {
        switch (plan)
        {
            case SystemScanPlan or MiningPlan or LockRowsPlan or InsertPlan or UpdatePlan or DeletePlan or MergePlan or FragmentPlan:
                return false;
            case CommonTableScanPlan scan when !_commonTables.Contains(scan.Id):
                return false;
            case WorkTableScanPlan scan when !_workTables.Contains(scan.WorkTable):
                return false;
            case WithPlan with:
                if (with.Tables.Any(static table => table.IsModifying))
                    return false;
                _commonTables.UnionWith(with.Tables.Select(static table => table.Id));
                break;
            case RecursiveUnionPlan union:
                _workTables.Add(union.WorkTable);
                break;
        }
        if (PlanTables.OfStep(plan) is { } table)
        {
            if (!isWhole(table))
                return false;
            ReadsTables = true;
        }
        return PlanParts.ExpressionsOf(plan).All(IsFree) && PlanInputs.Of(plan).All(Fits);
    }

    private bool IsFree(ScalarExpression expression) => Shipping.IsFree(
        expression, subplan => Fits(subplan.Plan) && (subplan.Test is null || IsFree(subplan.Test)) && subplan.OuterValues.All(value => IsFree(value.Value)));
}
