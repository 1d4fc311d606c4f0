using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Rules;

/// <summary>Runs the rewrite rules in order.</summary>
internal static class Optimizer
{
    internal static LogicalPlan Optimize(LogicalPlan plan, BindingState state) => plan;
}
