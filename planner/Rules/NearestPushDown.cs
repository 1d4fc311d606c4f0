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
        for (int i = projects.Count - 1; i >= 0; i--)
            input = projects[i] with { Input = input };
        return limit with { Input = sort with { Input = input } };
    }

    private LogicalPlan? BelowJoins(LogicalLimit limit, LogicalSort sort)
    {
        (LogicalPlan below, ScalarExpression key, List<LogicalProject> projects) = ThroughProjects(sort.Input, sort.Keys[0].Key);
        if (below is not (LogicalJoin or LogicalFilter) || IsVolatile(sort.Input))
            return null;
        if (below is LogicalJoin { Kind: PhysicalJoinKind.Inner } join && PerRow(limit, sort, join, key) is { } nearest)
            return Rebuilt(limit, sort, projects, nearest);
        HashSet<int> made = [];
        PlanTree.VisitAll(below, node => made.UnionWith(ColumnSet.MadeBy(node)));
        ColumnExpression depth = state.NewColumn(SqlType.Int8, "depth");
        if (Replace(below, sort.Keys[0] with { Key = key }, sort.Keys.Length > 1, depth, made) is not { } found)
            return null;
        double rows = estimator.Rows(found.Scan), share = Math.Min(1, estimator.Rows(below) / Math.Max(1, rows));
        if (rows < RowsMin || share < ShareMin)
            return null;
        LogicalPlan input = found.Plan;
        for (int i = projects.Count - 1; i >= 0; i--)
            input = projects[i] with { Input = input };
        return new LogicalDeepening(
            input, sort.Input, sort.Keys, limit.Limit ?? LiteralReader.Int8(0), limit.Offset, depth, found.Scan.Table.Id, share);
    }

    private static LogicalLimit Rebuilt(LogicalLimit limit, LogicalSort sort, List<LogicalProject> projects, LogicalPlan input)
    {
        for (int i = projects.Count - 1; i >= 0; i--)
            input = projects[i] with { Input = input };
        return limit with { Input = sort with { Input = input } };
    }

    /// <summary>The plan with the nearest rows of the table in the place of the table; null where that may change the result.</summary>
    private static (LogicalPlan Plan, LogicalScan Scan)? Replace(
        LogicalPlan plan, SortKey key, bool withTies, ColumnExpression depth, HashSet<int> made)
    {
        switch (plan)
        {
            case LogicalScan { Table.Kind: TableKind.Table } scan
                when DistanceOrder.Of(key.Key, key.IsDescending, scan) is { IsAscending: true } order
                    && !ColumnSet.UsedBy(order.Query).Overlaps(made):
                return (new LogicalLimit(new LogicalSort(scan, [key]), depth, null, withTies ? [key] : []), scan);
            case LogicalFilter filter when Replace(filter.Input, key, withTies, depth, made) is { } below:
                return (filter with { Input = below.Plan }, below.Scan);
            case LogicalProject project
                when Replace(project.Input, key with { Key = Through(key.Key, project) }, withTies, depth, made) is { } below:
                return (project with { Input = below.Plan }, below.Scan);
            case LogicalJoin join:
                bool keepsLeft = join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Left || join.KeepsLeftOnly;
                if (keepsLeft && Replace(join.Left, key, withTies, depth, made) is { } left)
                    return (join with { Left = left.Plan }, left.Scan);
                bool keepsRight = join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Right
                    && !ColumnSet.FreeIn(join.Right).Overlaps(ColumnSet.MadeBy(join.Left));
                return keepsRight && Replace(join.Right, key, withTies, depth, made) is { } right
                    ? (join with { Right = right.Plan }, right.Scan)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The nearest rows for each row of the relation that has the vector to measure from.</summary>
    private LogicalJoin? PerRow(LogicalLimit limit, LogicalSort sort, LogicalJoin join, ScalarExpression key)
    {
        List<LogicalPlan> relations = [];
        List<ScalarExpression> conditions = [];
        if (!Flatten(join, relations, conditions) || EndOf(limit) is not { } end)
            return null;
        SortKey first = sort.Keys[0] with { Key = key };
        foreach (LogicalPlan relation in relations)
        {
            (LogicalPlan below, ScalarExpression inner, List<LogicalProject> projects) = ThroughProjects(relation, key);
            if (Table(below) is not { } scan || projects.Exists(static project => !project.Items.All(static item => item.IsPassed))
                || DistanceOrder.Of(inner, first.IsDescending, scan) is not { IsAscending: true } order
                || !relations.Exists(other => ColumnSet.UsedBy(order.Query).Overlaps(ColumnSet.MadeBy(other))))
            {
                continue;
            }
            List<LogicalPlan> others = [.. relations.Where(other => !ReferenceEquals(other, relation))];
            HashSet<int> inside = ColumnSet.MadeBy(relation);
            (List<ScalarExpression> onScan, List<ScalarExpression> onOthers) =
                PredicatePushDown.Split(conditions, part => ColumnSet.UsedBy(part).Overlaps(inside));
            bool hasEquality = onScan.Exists(static part => Comparison.Of(part) is { IsEquality: true });
            double rows = estimator.Rows(scan), searches = others.Aggregate(1.0, (count, other) => count * estimator.Rows(other));
            if (rows < RowsMin || searches > Math.Max(1.5, hasEquality ? 0 : rows / RowsPerSearch)
                || onScan.Exists(static part => ExpressionTree.Any(part, static node => node is SubqueryExpression)))
                continue;
            LogicalPlan outer = others.Aggregate((left, right) => new LogicalJoin(PhysicalJoinKind.Inner, left, right, null));
            LogicalScan filtered = scan with { Filter = Conjunction.And(scan.Filter, Conjunction.Of(onScan)) };
            return new LogicalJoin(PhysicalJoinKind.Inner, PredicatePushDown.Above(outer, onOthers), new LogicalLimit(
                new LogicalSort(filtered, [first with { Key = inner }]), end, null, sort.Keys.Length > 1 ? [first with { Key = inner }] : []),
                null);
        }
        return null;
    }

    private static bool Flatten(LogicalPlan plan, List<LogicalPlan> relations, List<ScalarExpression> conditions)
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

    private static (LogicalPlan Below, ScalarExpression Key, List<LogicalProject> Projects) ThroughProjects(
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

    private static ScalarExpression Through(ScalarExpression key, LogicalProject project) =>
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
