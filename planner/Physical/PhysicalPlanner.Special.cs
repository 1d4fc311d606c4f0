using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Plans for shapes that have a better way: nearest vectors, key lookups per row.</summary>
internal sealed partial class PhysicalPlanner
{
    private PlannedNode? TryVectorTopK(LogicalSort sort, ScalarExpression limit, ScalarExpression? offset) => null;

    private PlannedNode? TryKeyApply(LogicalJoin join) => null;
}
