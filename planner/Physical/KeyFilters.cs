using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Has a join's keys, once they are known, filter rows before they are grouped that would only be joined with nothing.</summary>
internal static class KeyFilters
{
    /// <summary>The plan with a filter below its aggregation.</summary>
    /// <param name="keys">Over the plan's output.</param>
    /// <returns>Null where the keys are not known before the aggregation.</returns>
    internal static PhysicalPlan? TryPlace(PhysicalPlan plan, ImmutableArray<ScalarExpression> keys, int id)
    {
        switch (plan)
        {
            case FilterPlan filter:
                return TryPlace(filter.Input, keys, id) is { } filtered ? filter with { Input = filtered } : null;
            case ProjectPlan project when Through(keys, project.Expressions) is { } below:
                return TryPlace(project.Input, below, id) is { } projected ? project with { Input = projected } : null;
            case AggregatePlan { GroupingSets: [var set] } aggregate
                when set.Length == aggregate.Keys.Length && Through(keys, aggregate.Keys) is { } below:
                return aggregate with { Input = Place(aggregate.Input, below, id) };
            default:
                return null;
        }
    }

    private static PhysicalPlan Place(PhysicalPlan plan, ImmutableArray<ScalarExpression> keys, int id)
    {
        switch (plan)
        {
            case FilterPlan filter:
                return filter with { Input = Place(filter.Input, keys, id) };
            case ProjectPlan project when Through(keys, project.Expressions) is { } below:
                return project with { Input = Place(project.Input, below, id) };
            case HashJoinPlan { SiftsRight: false, Kind: not (PhysicalJoinKind.Right or PhysicalJoinKind.Full) } join
                when Through(keys, LeftColumns(join)) is { } below:
                return join with { Left = Place(join.Left, below, id) };
            default:
                return new KeyFilterPlan(plan, keys, id)
                {
                    Output = plan.Output, EstimatedRows = plan.EstimatedRows, EstimatedCost = plan.EstimatedCost,
                };
        }
    }

    /// <summary>What a join gives of its left side; null for a column of the right one.</summary>
    private static ScalarExpression?[] LeftColumns(HashJoinPlan join) =>
        [.. join.Kept.Select(i => i < join.Left.Output.Length ? new InputExpression(join.Left.Output[i], i) : null)];

    /// <summary>Expressions over what others make, in terms of what these read; null where some have no place there.</summary>
    private static ImmutableArray<ScalarExpression>? Through(
        ImmutableArray<ScalarExpression> expressions, IReadOnlyList<ScalarExpression?> made)
    {
        bool isKnown = true;
        ImmutableArray<ScalarExpression> replaced = [.. expressions.Select(expression => ExpressionTree.Rewrite(expression, node =>
        {
            if (node is not InputExpression input)
                return null;
            ScalarExpression? source = input.Ordinal < made.Count ? made[input.Ordinal] : null;
            isKnown &= source is not null && !ExpressionTree.Any(source, static part =>
                part is SubplanExpression || ExpressionBinder.IsVolatile(part));
            return source ?? node;
        }))];
        return isKnown ? replaced : null;
    }
}
