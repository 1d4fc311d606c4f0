using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Turns what joins and subqueries ask of a table's rows into conditions on its columns: that the value is among those that a
/// subquery gives.</summary>
/// <remarks>
/// A search by an index asks such conditions of the keys that it passes, as it does those of the query's own WHERE. Semi and anti joins
/// on one equality are nothing else, and are gone. Inner joins stay for what they give, but then all rows that are found have a partner.
/// </remarks>
internal sealed class KeySets(BindingState state, Estimator estimator)
{
    /// <summary>Joins that keep a larger share are left to the rows that are found.</summary>
    private const double ShareMax = 0.7;

    /// <summary>Looking up a row by a key costs as much as reading so many in turn; a value of a set as much as so many.</summary>
    private const double LookupCost = 1000, ValueCost = 10;

    /// <summary>Searching for one row more, and joining it to what has to be read anyway: measured for some thousand.</summary>
    private const double FoundCost = 20_000;

    /// <summary>A set that costs less than reading so many rows is never much of a loss.</summary>
    private const double CheapCost = 100_000;

    /// <summary>How many rows are looked for, where the query does not say.</summary>
    private const double RowsWanted = 10;

    private readonly List<ScalarExpression> _conditions = [];
    private readonly Dictionary<LogicalPlan, LogicalPlan?> _replaced = new(ReferenceEqualityComparer.Instance);
    private List<LogicalPlan> _path = [];

    /// <summary>A plan with conditions on the table.</summary>
    /// <param name="Table">As the plan has it now.</param>
    /// <param name="Unset">The plan without the conditions.</param>
    /// <param name="Share">The share of rows that the sets of inner joins, which are still there, leave.</param>
    internal sealed record Reduced(LogicalPlan Plan, LogicalScan Table, LogicalPlan Unset, double Share);

    /// <summary>Null where nothing changes.</summary>
    /// <param name="scan">In the plan, below joins that keep its rows.</param>
    internal Reduced? Reduce(LogicalPlan plan, LogicalScan scan)
    {
        _path = PathTo(plan, scan);
        double share = 1;
        for (int i = 0; i < _path.Count - 1; i++)
        {
            switch (_path[i])
            {
                case LogicalFilter filter:
                    TakeParts(filter, i);
                    break;
                case LogicalJoin { Kind: PhysicalJoinKind.Inner } join when i == 0 || _path[i - 1] is not LogicalJoin { Kind: PhysicalJoinKind.Inner }:
                    share *= AddInner(join, i, scan);
                    break;
                case LogicalJoin { KeepsLeftOnly: true } join:
                    AddSemi(join, i, scan);
                    break;
            }
        }
        if (_conditions.Count == 0)
            return null;
        LogicalScan filtered = scan with { Filter = Conjunction.And(scan.Filter, Conjunction.Of(_conditions)) };
        return new Reduced(Rebuild(0, filtered), filtered, Rebuild(0, scan), share);
    }

    private static List<LogicalPlan> PathTo(LogicalPlan plan, LogicalScan scan)
    {
        if (ReferenceEquals(plan, scan))
            return [plan];
        List<LogicalPlan> found = [];
        PlanTree.VisitInputs(plan, input =>
        {
            if (found.Count == 0 && PathTo(input, scan) is { Count: > 0 } below)
                found = [plan, .. below];
        });
        return found;
    }

    private LogicalPlan Rebuild(int at, LogicalScan scan)
    {
        LogicalPlan node = _path[at];
        if (at == _path.Count - 1)
            return scan;
        LogicalPlan next = _path[at + 1], below = Rebuild(at + 1, scan);
        if (_replaced.TryGetValue(node, out LogicalPlan? other))
        {
            if (other is null)
                return below;
            node = other;
        }
        return PlanTree.MapInputs(node, input => ReferenceEquals(input, next) ? below : input);
    }

    /// <summary>The expression over the table's columns; null where it is of others, too.</summary>
    private ScalarExpression? OfTable(ScalarExpression expression, int at)
    {
        for (int i = at; i < _path.Count; i++)
        {
            if (_path[i] is LogicalProject project)
                expression = PredicatePushDown.Replace(expression, project.Items.ToDictionary(item => item.Column.ColumnId, item => item.Value));
        }
        // Those from outside are the same everywhere.
        HashSet<int> others = [.. _path[at..].SelectMany(ColumnSet.MadeBy)];
        others.ExceptWith(ColumnSet.MadeBy(_path[^1]));
        return ColumnSet.UsedBy(expression).Overlaps(others) ? null : expression;
    }

    /// <summary>Parts of a filter with subqueries that read no row of the table: they are asked of the table.</summary>
    private void TakeParts(LogicalFilter filter, int at)
    {
        HashSet<int> made = ColumnSet.MadeBy(filter.Input);
        List<ScalarExpression> rest = [];
        foreach (ScalarExpression part in Conjunction.Parts(filter.Predicate))
        {
            bool isKnown = !ExpressionTree.Any(part, node =>
                node is SubqueryExpression subquery && (subquery.Test is not null || ColumnSet.UsedBy(subquery).Overlaps(made) || !IsRepeatable(subquery.Plan)));
            if (isKnown && OfTable(part, at + 1) is { } condition)
                _conditions.Add(condition);
            else
                rest.Add(part);
        }
        _replaced[filter] = Conjunction.Of(rest) is { } predicate ? filter with { Predicate = predicate } : null;
    }

    /// <summary>Sets of an inner join and those directly below it.</summary>
    /// <returns>The share of rows that they leave.</returns>
    private double AddInner(LogicalJoin join, int at, LogicalScan scan)
    {
        List<LogicalPlan> relations = [];
        List<ScalarExpression> parts = [];
        if (!NearestPushDown.Flatten(join, relations, parts))
            return 1;
        LogicalPlan own = relations.First(relation => _path.Exists(node => ReferenceEquals(node, relation)));
        relations.RemoveAll(relation => ReferenceEquals(relation, own));
        HashSet<int> inside = ColumnSet.MadeBy(own);
        double share = 1;
        foreach (List<LogicalPlan> group in Groups(relations, parts.FindAll(part => !ColumnSet.UsedBy(part).Overlaps(inside))))
        {
            HashSet<int> made = [.. group.SelectMany(ColumnSet.MadeBy)];
            List<ScalarExpression> on = parts.FindAll(part => ColumnSet.UsedBy(part) is var used && used.Overlaps(made) && !used.Overlaps(inside));
            List<ScalarExpression> edges = parts.FindAll(part => ColumnSet.UsedBy(part) is var used && used.Overlaps(made) && used.Overlaps(inside)
                && used.All(column => made.Contains(column) || inside.Contains(column)));
            LogicalPlan other = NearestPushDown.Joined(group[0], group[1..], on);
            double left = estimator.Rows(new LogicalJoin(PhysicalJoinKind.Inner, own, other, Conjunction.Of(edges)))
                / Math.Max(1, estimator.Rows(own));
            if (left >= ShareMax || !IsRepeatable(other) || IsBetterDropped(other, left))
                continue;
            bool isSet = false;
            foreach (ScalarExpression edge in edges)
                isSet |= TryAdd(edge, other, at, isNegated: false, scan);
            share *= isSet ? left : 1;
        }
        return share;
    }

    /// <summary>Relations that conditions join.</summary>
    private static List<List<LogicalPlan>> Groups(List<LogicalPlan> relations, List<ScalarExpression> parts)
    {
        List<List<LogicalPlan>> groups = [.. relations.Select(static relation => new List<LogicalPlan> { relation })];
        foreach (ScalarExpression part in parts)
        {
            HashSet<int> used = ColumnSet.UsedBy(part);
            List<List<LogicalPlan>> joined = groups.FindAll(group => group.Exists(relation => ColumnSet.MadeBy(relation).Overlaps(used)));
            if (joined.Count < 2)
                continue;
            groups.RemoveAll(joined.Contains);
            groups.Add([.. joined.SelectMany(static group => group)]);
        }
        return groups;
    }

    private void AddSemi(LogicalJoin join, int at, LogicalScan scan)
    {
        List<ScalarExpression> parts = Conjunction.Parts(join.Condition);
        bool isNegated = join.Kind != PhysicalJoinKind.Semi;
        if (parts.Count == 0 || (isNegated && parts.Count > 1) || !IsRepeatable(join.Right)
            || ColumnSet.FreeIn(join.Right).Overlaps(ColumnSet.MadeBy(join.Left)) || IsBetterLookedUp(join, isNegated))
            return;
        bool isSet = true;
        foreach (ScalarExpression part in parts)
            isSet &= TryAdd(part, join.Right, at, isNegated, scan, join.Kind == PhysicalJoinKind.NullAwareAnti);
        if (isSet && parts.Count == 1)
            _replaced[join] = null;
    }

    /// <summary>Whether to join the rows that are found, and drop those without a partner, costs less than to find them all before.</summary>
    private bool IsBetterDropped(LogicalPlan other, double share)
    {
        double cost = estimator.Rows(other) * ValueCost;
        PlanTree.VisitAll(other, node => cost += node is LogicalScan scan ? estimator.Rows(scan with { Filter = null }) : 0);
        return cost > CheapCost && RowsWanted / Math.Max(share, 1e-6) * FoundCost < cost;
    }

    /// <summary>Whether the other side has a key by which the few rows that are found cost less to look up than all its rows to read.</summary>
    private bool IsBetterLookedUp(LogicalJoin join, bool isNegated)
    {
        if (join.Right is not LogicalScan { Table.Kind: Catalog.Objects.TableKind.Table } other)
            return false;
        LogicalScan keyed = other with { Filter = Conjunction.And(other.Filter, join.Condition) };
        if (KeyMatch.Find(keyed, state.Context) is not { Keys.Length: 1 } || KeyMatch.Find(other, state.Context) is not null)
            return false;
        double values = estimator.Rows(other), share = ShareOf(join, values);
        if (isNegated)
            share = 1 - share;
        double all = estimator.Rows(other with { Filter = null });
        return RowsWanted / Math.Max(share, 1e-6) * LookupCost < all + (values * ValueCost);
    }

    /// <summary>The share of rows that have a partner: each value of the side with fewer is taken to be among the other's.</summary>
    private double ShareOf(LogicalJoin join, double values)
    {
        double rows = Math.Max(1, estimator.Rows(join.Left));
        foreach (ScalarExpression part in Conjunction.Parts(join.Condition))
        {
            if (Comparison.Of(part) is not { IsEquality: true } equal)
                continue;
            ColumnOrigin? left = ColumnOrigin.Of(join.Left, equal.Left) ?? ColumnOrigin.Of(join.Left, equal.Right);
            return Math.Min(1, values / Math.Max(1, left?.Distinct(rows) ?? rows));
        }
        return 1;
    }

    /// <summary>Adds the condition of an equality between a column of the table and a value of another relation.</summary>
    /// <param name="isNullAware">Of NOT IN: a null among the values, or as the column's, makes it unknown.</param>
    private bool TryAdd(
        ScalarExpression part, LogicalPlan other, int at, bool isNegated, LogicalScan scan, bool isNullAware = false)
    {
        if (Comparison.Of(part) is not { IsEquality: true, Operator.CanHash: true } equal)
            return false;
        HashSet<int> made = ColumnSet.MadeBy(other);
        (ScalarExpression own, ScalarExpression value) =
            ColumnSet.UsedBy(equal.Left).Overlaps(made) ? (equal.Right, equal.Left) : (equal.Left, equal.Right);
        HashSet<int> used = ColumnSet.UsedBy(value);
        bool isTurned = ReferenceEquals(own, equal.Right);
        uint array = BuiltinTypes.ArrayOf(value.Type.Oid);
        if (array == 0 || used.Count == 0 || !used.IsSubsetOf(made) || OfTable(own, at + 1) is not { } operand
            || ColumnOrigin.Bare(operand) is not { } column || scan.Columns.FirstOrDefault(read => read.Column == column) is not { Number: > 0 } read
            || FunctionOf(part, isTurned) is not { } function)
            return false;
        ColumnExpression key = state.NewColumn(value.Type, "key");
        LogicalPlan values = new LogicalProject(other, [new ProjectItem(key, value)]);
        if (isNegated && !isNullAware)
            values = new LogicalFilter(values, new NullTest(key, IsNegated: true));
        SubqueryExpression set = new(new SqlType(array), SubplanKind.Array, values, [key], null);
        ScalarExpression condition = new ArrayComparison(function, operand, set, IsAll: false);
        if (isNegated)
            condition = new NotOperation(condition);
        if (isNegated && !isNullAware && !scan.Table.Column(read.Number).IsNotNull)
            condition = new LogicalOperation(IsAnd: false, [new NullTest(column, IsNegated: false), condition]);
        _conditions.Add(condition);
        return true;
    }

    /// <summary>The equality with the table's column before the value.</summary>
    private static FunctionEntry? FunctionOf(ScalarExpression part, bool isTurned)
    {
        FunctionEntry function = ((CallExpression)part).Function;
        if (!isTurned || function.Arguments[0] == function.Arguments[1])
            return function;
        OperatorEntry? turned = FunctionRegistry.FindOperators("=").FirstOrDefault(op =>
            op.Left == function.Arguments[1] && op.Right == function.Arguments[0]);
        return turned is null ? null : FunctionRegistry.FindFunction(turned.Function);
    }

    /// <summary>Whether the plan gives the same rows when it runs once more, elsewhere in the statement.</summary>
    private static bool IsRepeatable(LogicalPlan plan)
    {
        bool isRepeatable = true;
        PlanTree.VisitAll(plan, node => isRepeatable &= node is not (LogicalWorkTableScan or LogicalDeepening or LogicalWith or LogicalLock));
        PlanTree.VisitAllExpressions(plan, expression => isRepeatable &= !ExpressionBinder.IsVolatile(expression));
        return isRepeatable;
    }
}
