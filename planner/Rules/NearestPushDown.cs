using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Brings ORDER BY distance LIMIT k to the table that has the vectors, below joins, conditions and ranks.</summary>
/// <remarks>
/// Where each row of the result comes of one row of the table, the first rows of the result come of the nearest rows of the table: of so
/// many as it takes, since joins and conditions drop some. <see cref="LogicalDeepening"/> finds out how many. Where the vector to
/// measure from is another relation's, the nearest rows are found for each of its rows, and the nearest of all these are the result.
/// </remarks>
internal sealed class NearestPushDown(BindingState state, Estimator estimator)
{
    /// <summary>Smaller tables are sorted as fast.</summary>
    private const double RowsMin = 2000;

    /// <summary>Where fewer rows of the table than this share are in the result, finding those and sorting them costs less.</summary>
    private const double ShareMin = 0.002;

    /// <summary>A table of so many rows for each row of the other relation is worth a search for each.</summary>
    private const double RowsPerSearch = 1000;

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        plan = PlanTree.MapInputs(plan, Apply);
        return plan is LogicalLimit { Limit: not null, Ties.IsEmpty: true, Input: LogicalSort sort } limit
            ? BelowWindow(limit, sort) ?? BelowJoins(limit, sort) ?? plan
            : plan;
    }

    /// <summary>Ranks by the same order need only the rows before: the limit holds below them too.</summary>
    private LogicalLimit? BelowWindow(LogicalLimit limit, LogicalSort sort)
    {
        (LogicalPlan below, ScalarExpression key, List<LogicalProject> projects) = ThroughProjects(sort.Input, sort.Keys[0].Key);
        if (below is not LogicalWindow { PartitionBy.IsEmpty: true, OrderBy: [var first, ..] } window
            || window.Calls.Any(static item => item.Call.Filter is not null
                || item.Call.Function.Name is not ("row_number" or "rank" or "dense_rank")))
        {
            return null;
        }
        bool isSameOrder = key.Equals(first.Key) && sort.Keys[0] == first with { Key = sort.Keys[0].Key };
        bool isByRank = !sort.Keys[0].IsDescending && key is ColumnExpression column
            && window.Calls.Any(item => item.Column.ColumnId == column.ColumnId);
        LogicalScan? scan = Table(ThroughProjects(window.Input, first.Key).Below);
        if (!(isSameOrder || isByRank) || scan is null || EndOf(limit) is not { } end)
            return null;
        ScalarExpression measured = ThroughProjects(window.Input, first.Key).Key;
        if (DistanceOrder.Of(measured, first.IsDescending, scan) is not { IsAscending: true })
            return null;
        LogicalPlan input = window with
        {
            Input = new LogicalLimit(new LogicalSort(window.Input, [first]), end, null, [first]),
        };
        return limit with { Input = sort with { Input = Under(projects, input) } };
    }

    private LogicalPlan? BelowJoins(LogicalLimit limit, LogicalSort sort)
    {
        if (ThroughProjects(sort.Input, sort.Keys[0].Key).Below is not (LogicalJoin or LogicalFilter))
            return null;
        LogicalSort whole = NearestTies.Break(sort);
        if (ReferenceEquals(whole, sort))
            return BelowJoins(limit, sort, sort.Keys);
        LogicalLimit ordered = limit with { Input = whole };
        return new LogicalProject(BelowJoins(ordered, whole, sort.Keys) ?? ordered,
            [.. limit.Output.Select(static column => new ProjectItem(column, column))]);
    }

    /// <param name="asked">The keys that the query has, to which some may have been added that a search of the table alone does not need.</param>
    private LogicalPlan? BelowJoins(LogicalLimit limit, LogicalSort sort, ImmutableArray<SortKey> asked)
    {
        (LogicalPlan below, ScalarExpression key, List<LogicalProject> projects) = ThroughProjects(sort.Input, sort.Keys[0].Key);
        if (IsVolatile(sort.Input))
            return null;
        if (below is LogicalJoin { Kind: PhysicalJoinKind.Inner } join && PerRow(limit, sort, asked, join, key, projects) is { } nearest)
            return nearest;
        HashSet<int> made = [];
        PlanTree.VisitAll(below, node => made.UnionWith(ColumnSet.MadeBy(node)));
        ColumnExpression depth = state.NewColumn(SqlType.Int8, "depth");
        if (Replace(below, sort.Keys[0] with { Key = key }, asked.Length > 1, depth, made) is not { } found)
            return null;
        double rows = estimator.Rows(found.Scan);
        if (rows >= RowsMin && VectorIndexes.Find(found.Scan, found.Order, state.Context) != 0
            && new KeySets(state, estimator).Reduce(below, found.Scan) is { } reduced)
            return Among(reduced, limit, sort, asked, sort.Keys[0] with { Key = key }, projects, depth, made);
        double share = Math.Min(1, estimator.Rows(below) / Math.Max(1, rows));
        bool isWorthwhile = state.Context.ScanHints.For(found.Scan.Alias) is { } hint
            ? hint.UsesIndexes
            : rows >= RowsMin && share >= ShareMin;
        if (!isWorthwhile)
            return null;
        return new LogicalDeepening(
            Under(projects, found.Plan), sort.Input, sort.Keys, limit.Limit ?? LiteralReader.Int8(0), limit.Offset, depth, found.Scan.Table.Id, share);
    }

    /// <summary>The nearest of the table's rows that joins and subqueries let through, and what is joined to these.</summary>
    private LogicalPlan? Among(KeySets.Reduced reduced, LogicalLimit limit, LogicalSort sort, ImmutableArray<SortKey> asked, SortKey key,
        List<LogicalProject> projects, ColumnExpression depth, HashSet<int> made)
    {
        if (Table(ThroughProjects(reduced.Plan, key.Key).Below) is not null)
            return limit with { Input = new LogicalSort(Under(projects, reduced.Plan), asked) };
        if (Replace(reduced.Plan, key, asked.Length > 1, depth, made) is not { } found)
            return null;
        double share = Math.Min(1, estimator.Rows(reduced.Unset) / Math.Max(1, estimator.Rows(reduced.Table with { Filter = null }) * reduced.Share));
        return new LogicalDeepening(Under(projects, found.Plan), sort.Input, sort.Keys, limit.Limit ?? LiteralReader.Int8(0), limit.Offset,
            depth, reduced.Table.Table.Id, Math.Max(share, ShareMin));
    }

    /// <summary>The plan with the nearest rows of the table in the place of the table; null where that may change the result.</summary>
    private static (LogicalPlan Plan, LogicalScan Scan, DistanceOrder Order)? Replace(
        LogicalPlan plan, SortKey key, bool withTies, ColumnExpression depth, HashSet<int> made)
    {
        switch (plan)
        {
            case LogicalScan { Table.Kind: TableKind.Table } scan
                when DistanceOrder.Of(key.Key, key.IsDescending, scan) is { IsAscending: true } order
                    && !ColumnSet.UsedBy(order.Query).Overlaps(made):
                return (new LogicalLimit(new LogicalSort(scan, [key]), depth, null, withTies ? [key] : []), scan, order);
            case LogicalFilter filter when Replace(filter.Input, key, withTies, depth, made) is { } below:
                return (filter with { Input = below.Plan }, below.Scan, below.Order);
            case LogicalProject project
                when Replace(project.Input, key with { Key = Through(key.Key, project) }, withTies, depth, made) is { } below:
                return (project with { Input = below.Plan }, below.Scan, below.Order);
            case LogicalJoin join:
                bool keepsLeft = join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Left || join.KeepsLeftOnly;
                if (keepsLeft && Replace(join.Left, key, withTies, depth, made) is { } left)
                    return (join with { Left = left.Plan }, left.Scan, left.Order);
                bool keepsRight = join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Right
                    && !ColumnSet.FreeIn(join.Right).Overlaps(ColumnSet.MadeBy(join.Left));
                return keepsRight && Replace(join.Right, key, withTies, depth, made) is { } right
                    ? (join with { Right = right.Plan }, right.Scan, right.Order)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>A table among joined relations by whose distance to another relation's vector the result is ordered.</summary>
    private sealed record Measured(LogicalScan Scan, SortKey Key, DistanceOrder Order, List<LogicalPlan> Others);

    private static Measured? FindMeasured(List<LogicalPlan> relations, SortKey key, Func<LogicalScan, bool> isLarge)
    {
        foreach (LogicalPlan relation in relations)
        {
            (LogicalPlan below, ScalarExpression inner, List<LogicalProject> projects) = ThroughProjects(relation, key.Key);
            if (Table(below) is { } scan && isLarge(scan)
                && projects.TrueForAll(static project => project.Items.All(static item => item.IsPassed))
                && DistanceOrder.Of(inner, key.IsDescending, scan) is { IsAscending: true } order
                && relations.Exists(other => ColumnSet.UsedBy(order.Query).Overlaps(ColumnSet.MadeBy(other))))
            {
                return new Measured(scan, key with { Key = inner }, order, [.. relations.Where(other => !ReferenceEquals(other, relation))]);
            }
        }
        return null;
    }

    /// <summary>The nearest rows for each row of the relation that has the vector to measure from.</summary>
    private LogicalPlan? PerRow(
        LogicalLimit limit, LogicalSort sort, ImmutableArray<SortKey> asked, LogicalJoin join, ScalarExpression key, List<LogicalProject> projects)
    {
        List<LogicalPlan> relations = [];
        List<ScalarExpression> conditions = [];
        if (!Flatten(join, relations, conditions) || EndOf(limit) is not { } end
            || FindMeasured(relations, sort.Keys[0] with { Key = key }, scan => estimator.Rows(scan) >= RowsMin) is not { } found)
            return null;
        HashSet<int> asking = ColumnSet.UsedBy(found.Order.Query);
        List<LogicalPlan> askers = found.Others.FindAll(other => ColumnSet.MadeBy(other).Overlaps(asking));
        List<LogicalPlan> others = found.Others.FindAll(other => !askers.Contains(other));
        double rows = estimator.Rows(found.Scan);
        if (others.Count > 0)
        {
            // Which rows the other relations drop is known for one search, not for several at once.
            if (!askers.TrueForAll(IsOneRow) || Math.Min(1, estimator.Rows(join) / Math.Max(1, rows)) is var share && share < ShareMin)
                return null;
            ColumnExpression depth = state.NewColumn(SqlType.Int8, "depth");
            LogicalPlan joined = Joined(Lateral(found, askers, conditions, depth, asked.Length > 1), others, conditions);
            return new LogicalDeepening(Under(projects, joined), sort.Input, sort.Keys, limit.Limit ?? LiteralReader.Int8(0), limit.Offset,
                depth, found.Scan.Table.Id, share);
        }
        HashSet<int> inside = ColumnSet.MadeBy(found.Scan);
        bool hasEquality = conditions.Exists(part =>
            Comparison.Of(part) is { IsEquality: true } && ColumnSet.UsedBy(part).Overlaps(inside));
        double searches = askers.Aggregate(1.0, (count, other) => count * estimator.Rows(other));
        if (searches > Math.Max(1.5, hasEquality ? 0 : rows / RowsPerSearch))
            return null;
        LogicalPlan nearest = Joined(Lateral(found, askers, conditions, end, asked.Length > 1), [], conditions);
        return limit with { Input = sort with { Input = Under(projects, nearest) } };
    }

    /// <summary>The relations that ask joined with the nearest rows for each; takes the conditions that it tests.</summary>
    private static LogicalJoin Lateral(
        Measured found, List<LogicalPlan> askers, List<ScalarExpression> conditions, ScalarExpression count, bool withTies)
    {
        LogicalPlan outer = askers.Aggregate((left, right) => new LogicalJoin(PhysicalJoinKind.Inner, left, right, null));
        HashSet<int> seen = [.. ColumnSet.MadeBy(outer), .. ColumnSet.MadeBy(found.Scan)], inside = ColumnSet.MadeBy(found.Scan);
        List<ScalarExpression> tested = conditions.FindAll(part => ColumnSet.UsedBy(part) is var used && used.Overlaps(inside)
            && used.IsSubsetOf(seen) && !ExpressionTree.Any(part, static node => node is SubqueryExpression));
        conditions.RemoveAll(tested.Contains);
        LogicalScan scan = found.Scan with { Filter = Conjunction.And(found.Scan.Filter, Conjunction.Of(tested)) };
        List<ScalarExpression> ofOuter = conditions.FindAll(part => ColumnSet.UsedBy(part).IsSubsetOf(ColumnSet.MadeBy(outer)));
        conditions.RemoveAll(ofOuter.Contains);
        return new LogicalJoin(PhysicalJoinKind.Inner, PredicatePushDown.Above(outer, ofOuter),
            new LogicalLimit(new LogicalSort(scan, [found.Key]), count, null, withTies ? [found.Key] : []), null);
    }

    internal static LogicalPlan Joined(LogicalPlan plan, List<LogicalPlan> others, List<ScalarExpression> conditions)
    {
        foreach (LogicalPlan other in others)
        {
            HashSet<int> both = [.. ColumnSet.MadeBy(plan), .. ColumnSet.MadeBy(other)];
            List<ScalarExpression> on = conditions.FindAll(part => ColumnSet.UsedBy(part).IsSubsetOf(both));
            conditions.RemoveAll(on.Contains);
            plan = new LogicalJoin(PhysicalJoinKind.Inner, plan, other, Conjunction.Of(on));
        }
        return PredicatePushDown.Above(plan, conditions);
    }

    private static LogicalPlan Under(List<LogicalProject> projects, LogicalPlan plan)
    {
        for (int i = projects.Count - 1; i >= 0; i--)
            plan = projects[i] with { Input = plan };
        return plan;
    }

    private static bool IsOneRow(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => KeyMatch.Find(scan, context: null) is { IsOneRow: true },
        LogicalProject project => IsOneRow(project.Input),
        LogicalFilter filter => IsOneRow(filter.Input),
        LogicalSort sort => IsOneRow(sort.Input),
        LogicalLimit { Limit: ConstantExpression { IsNull: false, Value: FixedColumn<long> count } } limit => count[0] <= 1 && limit.Ties.IsEmpty,
        LogicalValues values => values.Rows.Length <= 1,
        LogicalAggregate { Keys.IsEmpty: true } aggregate => aggregate.GroupingSets.Length == 1,
        _ => false,
    };

    internal static bool Flatten(LogicalPlan plan, List<LogicalPlan> relations, List<ScalarExpression> conditions)
    {
        if (plan is not LogicalJoin { Kind: PhysicalJoinKind.Inner } join)
        {
            relations.Add(plan);
            return true;
        }
        if (ColumnSet.FreeIn(join.Right).Overlaps(ColumnSet.MadeBy(join.Left)))
            return false;
        conditions.AddRange(Conjunction.Parts(join.Condition));
        return Flatten(join.Left, relations, conditions) && Flatten(join.Right, relations, conditions);
    }

    private static LogicalScan? Table(LogicalPlan plan) => plan as LogicalScan is { Table.Kind: TableKind.Table } scan ? scan : null;

    internal static (LogicalPlan Below, ScalarExpression Key, List<LogicalProject> Projects) ThroughProjects(
        LogicalPlan plan, ScalarExpression key)
    {
        List<LogicalProject> projects = [];
        for (; plan is LogicalProject project; plan = project.Input)
        {
            projects.Add(project);
            key = Through(key, project);
        }
        return (plan, key, projects);
    }

    internal static ScalarExpression Through(ScalarExpression key, LogicalProject project) =>
        PredicatePushDown.Replace(key, project.Items.ToDictionary(item => item.Column.ColumnId, item => item.Value));

    private static bool IsVolatile(LogicalPlan plan)
    {
        bool isVolatile = false;
        PlanTree.VisitAllExpressions(plan, expression => isVolatile |= ExpressionBinder.IsVolatile(expression));
        return isVolatile;
    }

    /// <summary>How many rows are looked at: limit and offset together.</summary>
    private static ScalarExpression? EndOf(LogicalLimit limit)
    {
        if (limit.Limit is not { } count || limit.Offset is not { } offset)
            return limit.Limit;
        FunctionEntry? sum = FunctionRegistry.FindFunctions("int8pl").FirstOrDefault();
        return sum is null ? null : new CallExpression(SqlType.Int8, sum, new ValueList<ScalarExpression>([count, offset]));
    }
}
