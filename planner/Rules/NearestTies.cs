using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Orders rows that are equally far by the primary key of the table that has the vectors, above joins and conditions as a search of
/// the table alone does: so which rows come first does not hang on the plan.</summary>
internal static class NearestTies
{
    /// <summary>The sort with the columns of the primary key as its last keys, which its input puts out; the same where nothing is to be
    /// added.</summary>
    internal static LogicalSort Break(LogicalSort sort)
    {
        if (WithKey(sort.Input, sort.Keys[0].Key, sort.Keys[0].IsDescending) is not { } found)
            return sort;
        HashSet<int> known = [];
        foreach (SortKey key in sort.Keys)
        {
            if (NearestPushDown.ThroughProjects(sort.Input, key.Key).Key is ColumnExpression column)
                known.Add(column.ColumnId);
        }
        ImmutableArray<SortKey> ties = [.. found.Columns.Where(column => !known.Contains(column.ColumnId))
            .Select(static column => new SortKey(column, IsDescending: false, NullsFirst: false))];
        return ties.IsEmpty ? sort : new LogicalSort(found.Plan, [.. sort.Keys, .. ties]);
    }

    /// <summary>The plan with the columns of the key among those that it puts out; null where no table below is searched by distance.</summary>
    private static (LogicalPlan Plan, ImmutableArray<ColumnExpression> Columns)? WithKey(
        LogicalPlan plan, ScalarExpression key, bool isDescending)
    {
        switch (plan)
        {
            case LogicalScan { Table.Kind: TableKind.Table } scan when DistanceOrder.Of(key, isDescending, scan) is { IsAscending: true }:
                return KeyOf(scan) is { IsEmpty: false } columns ? (scan, columns) : null;
            case LogicalFilter filter when WithKey(filter.Input, key, isDescending) is { } below:
                return (filter with { Input = below.Plan }, below.Columns);
            case LogicalProject project when WithKey(project.Input, NearestPushDown.Through(key, project), isDescending) is { } below:
                ImmutableArray<ProjectItem> items = [.. project.Items, .. below.Columns
                    .Where(column => !project.Items.Any(item => item.Column.ColumnId == column.ColumnId))
                    .Select(static column => new ProjectItem(column, column))];
                return (project with { Input = below.Plan, Items = items }, below.Columns);
            case LogicalJoin join:
                if (WithKey(join.Left, key, isDescending) is { } left)
                    return (join with { Left = left.Plan }, left.Columns);
                return !join.KeepsLeftOnly && WithKey(join.Right, key, isDescending) is { } right
                    ? (join with { Right = right.Plan }, right.Columns)
                    : null;
            default:
                return null;
        }
    }

    private static ImmutableArray<ColumnExpression> KeyOf(LogicalScan scan)
    {
        if (scan.Table.Indexes.FirstOrDefault(static index => index.IsPrimary) is not { } primary)
            return [];
        ImmutableArray<ColumnExpression> columns = [.. primary.Columns
            .Select(number => scan.Columns.FirstOrDefault(column => column.Number == number)?.Column).OfType<ColumnExpression>()];
        return columns.Length == primary.Columns.Length ? columns : [];
    }
}
