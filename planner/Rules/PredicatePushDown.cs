using System.Collections.Immutable;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>
/// Moves conditions to where their columns come from, and makes outer joins inner where a condition drops the
/// padded rows.
/// </summary>
internal sealed class PredicatePushDown(ConstantFolding folding)
{
    private bool _madeEmpty;

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        LogicalPlan pushed = Push(plan, []);
        return _madeEmpty ? EmptyInputs.Apply(pushed) : pushed;
    }

    private LogicalPlan Push(LogicalPlan plan, List<ScalarExpression> conditions)
    {
        if (conditions.Exists(Alternatives.IsNever))
            return None(plan);
        switch (plan)
        {
            case LogicalFilter filter:
            {
                List<ScalarExpression> parts = Alternatives.Parts(filter.Predicate);
                // HAVING says of the rows that are grouped too that none are wanted; a group of none stays to be tested.
                return filter.Input is LogicalAggregate aggregate && parts.Exists(Alternatives.IsNever)
                    ? Above(aggregate with { Input = None(aggregate.Input) }, aggregate.GroupingSets.Any(static set => set.IsEmpty) ? parts : [])
                    : Push(filter.Input, [.. conditions, .. parts]);
            }
            case LogicalScan scan:
                return IntoScan(scan, conditions);
            case LogicalProject project:
                return ThroughProject(project, conditions);
            case LogicalProjectSet project:
            {
                HashSet<int> made = [.. project.Calls.Select(call => call.Column.ColumnId)];
                (List<ScalarExpression> below, List<ScalarExpression> above) =
                    Split(conditions, part => !ColumnSet.UsedBy(part).Overlaps(made));
                return Above(project with { Input = Push(project.Input, below) }, above);
            }
            case LogicalJoin join:
                return JoinPushDown.Push(join, conditions, Push, Replaced);
            case LogicalAggregate aggregate:
                return ThroughAggregate(aggregate, conditions);
            case LogicalWindow window:
            {
                HashSet<int> partition =
                    [.. window.PartitionBy.OfType<ColumnExpression>().Select(column => column.ColumnId)];
                (List<ScalarExpression> below, List<ScalarExpression> above) = Split(conditions,
                    part => ColumnSet.UsedBy(part) is { Count: > 0 } used && used.IsSubsetOf(partition));
                return Above(window with { Input = Push(window.Input, below) }, above);
            }
            case LogicalSort sort:
                return sort with { Input = Push(sort.Input, conditions) };
            case LogicalDistinct distinct:
                return distinct with { Input = Push(distinct.Input, conditions) };
            case LogicalDistinctOn distinct:
            {
                HashSet<int> keys = [.. distinct.Keys.OfType<ColumnExpression>().Select(column => column.ColumnId)];
                (List<ScalarExpression> below, List<ScalarExpression> above) =
                    Split(conditions, part => ColumnSet.UsedBy(part).IsSubsetOf(keys));
                return Above(distinct with { Input = Push(distinct.Input, below) }, above);
            }
            case LogicalAppend append:
                return append with
                {
                    Inputs = [.. append.Inputs.Select(input => IntoInput(input, append.Columns, conditions))],
                };
            case LogicalSetOperation operation:
                return operation with
                {
                    Left = IntoInput(operation.Left, operation.Columns, conditions),
                    Right = IntoInput(operation.Right, operation.Columns, conditions),
                };
            case LogicalWith with:
                return new LogicalWith(
                    [.. with.Tables.Select(table =>
                        table with { Query = table.Query with { Plan = Push(table.Query.Plan, []) } })],
                    Push(with.Body, conditions));
            default:
                return Above(PlanTree.MapInputs(plan, input => Push(input, [])), conditions);
        }
    }

    private LogicalValues None(LogicalPlan plan)
    {
        _madeEmpty = true;
        return LogicalValues.None(plan.Output);
    }

    internal static LogicalPlan Above(LogicalPlan plan, List<ScalarExpression> conditions) =>
        Conjunction.Of(conditions) is { } predicate ? new LogicalFilter(plan, predicate) : plan;

    internal static (List<ScalarExpression> Yes, List<ScalarExpression> No) Split(
        List<ScalarExpression> conditions, Func<ScalarExpression, bool> test)
    {
        List<ScalarExpression> yes = [], no = [];
        foreach (ScalarExpression condition in conditions)
            (!IsVolatile(condition) && test(condition) ? yes : no).Add(condition);
        return (yes, no);
    }

    /// <summary>A condition that reads none of these columns and does not change: it is true for all of the rows or for none.</summary>
    internal static bool IsGate(ScalarExpression condition, HashSet<int> made) =>
        !ColumnSet.UsedBy(condition).Overlaps(made) && !IsVolatile(condition);

    internal static bool IsVolatile(ScalarExpression condition) =>
        ExpressionTree.Any(condition, ExpressionBinder.IsVolatile);

    /// <summary>A scan tests conditions on its rows itself; those with subqueries are tested above it.</summary>
    private static LogicalPlan IntoScan(LogicalScan scan, List<ScalarExpression> conditions)
    {
        List<ScalarExpression> inside = [], above = [];
        foreach (ScalarExpression condition in conditions)
        {
            bool hasSubquery = ExpressionTree.Any(condition, static node => node is SubqueryExpression);
            (hasSubquery ? above : inside).Add(condition);
        }
        LogicalPlan filtered = inside.Count == 0
            ? scan
            : scan with { Filter = Conjunction.And(scan.Filter, Conjunction.Of(inside)) };
        return Above(filtered, above);
    }

    private LogicalPlan ThroughProject(LogicalProject project, List<ScalarExpression> conditions)
    {
        Dictionary<int, ScalarExpression> values = project.Items
            .Where(item => !item.IsPassed).ToDictionary(item => item.Column.ColumnId, item => item.Value);
        // What is costly or changes with each call is computed once, below the condition.
        HashSet<int> heavy = [.. values.Where(value => ExpressionTree.Any(value.Value, static node =>
            ExpressionBinder.IsVolatile(node) || node is SubqueryExpression)).Select(value => value.Key)];
        (List<ScalarExpression> below, List<ScalarExpression> above) =
            Split(conditions, part => !ColumnSet.UsedBy(part).Overlaps(heavy));
        List<ScalarExpression> replaced = [.. below.Select(part => Replaced(part, values))];
        return Above(project with { Input = Push(project.Input, replaced) }, above);
    }

    private LogicalPlan ThroughAggregate(LogicalAggregate aggregate, List<ScalarExpression> conditions)
    {
        Dictionary<int,
            ScalarExpression> keys = aggregate.Keys.ToDictionary(key => key.Column.ColumnId, key => key.Value);
        (List<ScalarExpression> below, List<ScalarExpression> above) = Split(conditions, part =>
            aggregate.IsPlain && ColumnSet.UsedBy(part) is { Count: > 0 } used && used.All(keys.ContainsKey));
        List<ScalarExpression> replaced = [.. below.Select(part => Replaced(part, keys))];
        return Above(aggregate with { Input = Push(aggregate.Input, replaced) }, above);
    }

    private SetInput IntoInput(
        SetInput input, ImmutableArray<ColumnExpression> columns, List<ScalarExpression> conditions)
    {
        var values = new Dictionary<int, ScalarExpression>();
        for (int i = 0; i < columns.Length; i++)
            values[columns[i].ColumnId] = input.Columns[i];
        return input with { Plan = Push(input.Plan, [.. conditions.Select(part => Replaced(part, values))]) };
    }

    /// <summary>A condition over values in the place of columns, which may decide it.</summary>
    private ScalarExpression Replaced(ScalarExpression condition, Dictionary<int, ScalarExpression> values)
    {
        ScalarExpression replaced = Replace(condition, values);
        return ReferenceEquals(replaced, condition) ? condition : folding.Apply(replaced);
    }

    internal static ScalarExpression Replace(ScalarExpression expression, Dictionary<int, ScalarExpression> values) =>
        ExpressionTree.Rewrite(expression, node =>
            node is ColumnExpression column && values.TryGetValue(column.ColumnId, out ScalarExpression? value) ? value
                : null);
}
