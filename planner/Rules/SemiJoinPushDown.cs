using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Moves semi and anti joins below inner joins, to the side whose columns they compare, where that side has no more rows.</summary>
/// <remarks>They only drop rows: dropped sooner, these need not be joined.</remarks>
internal sealed class SemiJoinPushDown(Estimator estimator)
{
    internal LogicalPlan Apply(LogicalPlan plan)
    {
        LogicalPlan node = PlanTree.MapInputs(plan, Apply);
        return node is LogicalJoin { KeepsLeftOnly: true } join ? Push(join) : node;
    }

    private LogicalPlan Push(LogicalJoin join)
    {
        if (join.Left is not LogicalJoin { Kind: PhysicalJoinKind.Inner } below)
            return join;
        HashSet<int> used = join.Condition is null ? [] : ColumnSet.UsedBy(join.Condition);
        used.UnionWith(ColumnSet.FreeIn(join.Right));
        bool usesLeft = used.Overlaps(ColumnSet.MadeBy(below.Left)), usesRight = used.Overlaps(ColumnSet.MadeBy(below.Right));
        if (usesLeft == usesRight || estimator.Rows(usesLeft ? below.Left : below.Right) > estimator.Rows(below))
            return join;
        return usesLeft
            ? below with { Left = Push(join with { Left = below.Left }) }
            : below with { Right = Push(join with { Left = below.Right }) };
    }
}
