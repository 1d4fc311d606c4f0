using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Columns that have the same constant in all rows of a plan.</summary>
internal static class KnownColumns
{
    internal static Dictionary<int, ScalarExpression> Of(params ReadOnlySpan<LogicalPlan> plans)
    {
        Dictionary<int, ScalarExpression> known = [];
        foreach (LogicalPlan plan in plans)
            Add(plan, known);
        return known;
    }

    private static void Add(LogicalPlan plan, Dictionary<int, ScalarExpression> known)
    {
        switch (plan)
        {
            case LogicalFilter filter:
                Add(filter.Input, known);
                break;
            case LogicalProject project:
                Add(project.Input, known);
                foreach (ProjectItem item in project.Items)
                {
                    ScalarExpression value = item.Value is ColumnExpression passed
                        ? known.GetValueOrDefault(passed.ColumnId) ?? item.Value
                        : item.Value;
                    if (value is ConstantExpression)
                        known[item.Column.ColumnId] = value;
                }
                break;
            case LogicalJoin join: // a side that may be filled with nulls has its constants no more
                if (join.Kind is not (PhysicalJoinKind.Right or PhysicalJoinKind.Full))
                    Add(join.Left, known);
                if (join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Right)
                    Add(join.Right, known);
                break;
        }
    }
}
