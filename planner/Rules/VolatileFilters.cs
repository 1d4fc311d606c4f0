using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Computes the volatile condition of a FILTER below the call, once a row: it is asked again where the call's values are computed.</summary>
internal sealed class VolatileFilters(BindingState state)
{
    internal LogicalPlan Apply(LogicalPlan plan)
    {
        plan = PlanTree.MapInputs(plan, Apply);
        List<ProjectItem> conditions = [];
        switch (plan)
        {
            case LogicalAggregate aggregate:
                ImmutableArray<AggregateItem> aggregates = [.. aggregate.Aggregates.Select(
                    item => item with { Call = item.Call with { Filter = Below(item.Call.Filter, conditions) } })];
                return conditions.Count == 0 ? plan : aggregate with { Input = With(aggregate.Input, conditions), Aggregates = aggregates };
            case LogicalWindow window:
                ImmutableArray<WindowItem> calls = [.. window.Calls.Select(
                    item => item with { Call = item.Call with { Filter = Below(item.Call.Filter, conditions) } })];
                return conditions.Count == 0 ? plan : window with { Input = With(window.Input, conditions), Calls = calls };
            default:
                return plan;
        }
    }

    private ScalarExpression? Below(ScalarExpression? filter, List<ProjectItem> conditions)
    {
        if (filter is null || !PredicatePushDown.IsVolatile(filter))
            return filter;
        ColumnExpression column = state.NewColumn(filter.Type, "filter");
        conditions.Add(new ProjectItem(column, filter));
        return column;
    }

    private static LogicalProject With(LogicalPlan input, List<ProjectItem> conditions) =>
        new(input, [.. input.Output.Select(static column => new ProjectItem(column, column)), .. conditions]);
}
