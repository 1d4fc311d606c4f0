using System.Collections.Immutable;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>What an input without rows makes of joins and unions: their other inputs need not be run.</summary>
internal static class EmptyInputs
{
    internal static LogicalPlan Apply(LogicalPlan plan) => plan is LogicalDistinct { Input: LogicalAppend append } union
        ? union with { Input = PlanTree.MapInputs(append, Apply) } // shown with all of its inputs, as PostgreSQL does
        : Simplify(PlanTree.MapInputs(plan, Apply));

    private static LogicalPlan Simplify(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalFilter filter when IsEmpty(filter.Input):
                return LogicalValues.None(filter.Output);
            case LogicalJoin join when IsEmpty(join):
                return LogicalValues.None(join.Output);
            case LogicalAppend append when append.Inputs.Any(static input => IsEmpty(input.Plan)):
                ImmutableArray<SetInput> inputs = [.. append.Inputs.Where(static input => !IsEmpty(input.Plan))];
                return inputs switch
                {
                    [] => LogicalValues.None(append.Columns),
                    [var only] => new LogicalProject(only.Plan,
                        [.. append.Columns.Select((column, i) => new ProjectItem(column, only.Columns[i]))]),
                    _ => append with { Inputs = inputs },
                };
            default:
                return plan;
        }
    }

    private static bool IsEmpty(LogicalPlan plan) => plan switch
    {
        LogicalValues values => values.Rows.IsEmpty,
        LogicalProject project => IsEmpty(project.Input),
        LogicalJoin join => join.Kind switch
        {
            PhysicalJoinKind.Inner or PhysicalJoinKind.Semi => IsEmpty(join.Left) || IsEmpty(join.Right),
            PhysicalJoinKind.Full => IsEmpty(join.Left) && IsEmpty(join.Right),
            PhysicalJoinKind.Right => IsEmpty(join.Right),
            _ => IsEmpty(join.Left),
        },
        _ => false,
    };
}
