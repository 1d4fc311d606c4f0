using System.Collections.Immutable;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>
/// Moves LIMIT below projections, next to the sort it may join with; and a copy of it into each branch of UNION
/// ALL.
/// </summary>
internal static class LimitPushDown
{
    internal static LogicalPlan Apply(LogicalPlan plan)
    {
        if (plan is LogicalLimit { Ties.IsEmpty: true } limit)
        {
            switch (limit.Input)
            {
                case LogicalProject project:
                    return project with { Input = Apply(limit with { Input = project.Input }) };
                case LogicalAppend append when CountOf(limit) is { } count:
                    ImmutableArray<SetInput> inputs = [.. append.Inputs.Select(input => input.Plan is LogicalLimit
                        ? input
                        : input with { Plan = new LogicalLimit(input.Plan, LiteralReader.Int8(count), null, []) })];
                    return limit with { Input = PlanTree.MapInputs(append with { Inputs = inputs }, Apply) };
            }
        }
        return PlanTree.MapInputs(plan, Apply);
    }

    /// <summary>Rows that any branch must give at most; null where only the execution knows.</summary>
    private static long? CountOf(LogicalLimit limit)
    {
        if (Value(limit.Limit) is not { } count || count < 0)
            return null;
        if (limit.Offset is null)
            return count;
        return Value(limit.Offset) is { } offset and >= 0 && offset < long.MaxValue - count ? count + offset : null;
    }

    private static long? Value(ScalarExpression? expression) =>
        expression is ConstantExpression { IsNull: false, Value: FixedColumn<long> value } ? value[0] : null;
}
