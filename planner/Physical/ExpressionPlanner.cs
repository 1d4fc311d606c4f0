using System.Collections.Immutable;
using VecSQL.Core.Errors;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>
/// Turns columns by id into places in the input row, or slots of outer values; subqueries into subplans.
/// </summary>
internal sealed class ExpressionPlanner(BindingState state, PhysicalPlanner planner)
{
    private readonly Dictionary<int, int> _slots = [];

    internal ScalarExpression Place(ScalarExpression expression, PlanLayout layout) =>
        ExpressionTree.Rewrite(expression, node => node switch
        {
            ColumnExpression column => PlaceColumn(column, layout),
            SubqueryExpression subquery => PlaceSubquery(subquery, layout),
            UnknownLiteral or UnknownParameter =>
                throw new InvariantException("an untyped expression reached the plan"),
            _ => null,
        });

    internal ScalarExpression? PlaceOptional(ScalarExpression? expression, PlanLayout layout) =>
        expression is null ? null : Place(expression, layout);

    internal ImmutableArray<ScalarExpression> Place(ImmutableArray<ScalarExpression> expressions, PlanLayout layout) =>
        [.. expressions.Select(expression => Place(expression, layout))];

    internal ImmutableArray<SortKey> Place(ImmutableArray<SortKey> keys, PlanLayout layout) =>
        [.. keys.Select(key => key with { Key = Place(key.Key, layout) })];

    /// <summary>
    /// Values for the outer references of a plan that runs per row: each column by the row's value, or from further
    /// out.
    /// </summary>
    internal ImmutableArray<OuterValue> OuterValues(IEnumerable<int> columns, PlanLayout layout) =>
        [.. columns.Order().Select(id => new OuterValue(SlotOf(id), PlaceColumn(state.Column(id), layout)))];

    private ScalarExpression PlaceColumn(ColumnExpression column, PlanLayout layout) =>
        layout.Find(column.ColumnId) is { } ordinal
            ? new InputExpression(column.Type, ordinal)
            : new OuterExpression(column.Type, SlotOf(column.ColumnId));

    /// <summary>Where an outer reference to the column finds its value.</summary>
    internal int SlotOf(int columnId)
    {
        if (!_slots.TryGetValue(columnId, out int slot))
        {
            slot = _slots.Count;
            _slots[columnId] = slot;
        }
        return slot;
    }

    private SubplanExpression PlaceSubquery(SubqueryExpression subquery, PlanLayout layout)
    {
        PhysicalPlan plan = subquery.Kind == SubplanKind.Exists
            ? planner.Plan(subquery.Plan).Plan
            : planner.PlanExact(subquery.Plan, subquery.Columns);
        ScalarExpression? test = PlaceOptional(subquery.Test, new PlanLayout(subquery.Columns));
        return new SubplanExpression(
            subquery.Type, subquery.Kind, plan, OuterValues(ColumnSet.UsedBy(subquery), layout), test);
    }
}
