using VecSQL.Catalog.Objects;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>The table's column that a plan's column is.</summary>
/// <remarks>Columns keep their ids on the way up, so it is the one with the same id in a scan below.</remarks>
internal sealed record ColumnOrigin(TableEntry Table, ColumnEntry Column)
{
    internal ColumnStatistics? Statistics => Column.Statistics;

    internal bool IsUnique => Table.Indexes.Any(index =>
        index.IsUnique && index.Columns.Length == 1 && index.Columns[0] == Column.Number);

    /// <summary>How many distinct values it has in so many rows; null where nothing is known of it.</summary>
    internal double? Distinct(double rows) => IsUnique ? rows
        : Statistics?.DistinctOf(rows) is > 0 and var distinct ? distinct
        : null;

    internal static ColumnOrigin? Of(LogicalPlan plan, ScalarExpression operand) =>
        Bare(operand) is { } column ? Of(plan, column.ColumnId) : null;

    /// <summary>The column that is the operand, perhaps under another name of its type.</summary>
    internal static ColumnExpression? Bare(ScalarExpression operand) =>
        (operand is RelabelExpression relabel ? relabel.Operand : operand) as ColumnExpression;

    internal static ColumnOrigin? Of(LogicalPlan plan, int columnId) => plan switch
    {
        LogicalScan scan => InScan(scan, columnId),
        LogicalFilter filter => Of(filter.Input, columnId),
        LogicalProject project => Of(project.Input, columnId),
        LogicalProjectSet project => Of(project.Input, columnId),
        LogicalWindow window => Of(window.Input, columnId),
        LogicalSort sort => Of(sort.Input, columnId),
        LogicalLimit limit => Of(limit.Input, columnId),
        LogicalDeepening deepening => Of(deepening.Fallback, columnId),
        LogicalDistinct distinct => Of(distinct.Input, columnId),
        LogicalDistinctOn distinct => Of(distinct.Input, columnId),
        LogicalAggregate aggregate => Of(aggregate.Input, columnId),
        LogicalLock held => Of(held.Input, columnId),
        LogicalWith with => Of(with.Body, columnId),
        LogicalJoin join => Of(join.Left, columnId) ?? Of(join.Right, columnId),
        _ => null,
    };

    private static ColumnOrigin? InScan(LogicalScan scan, int columnId)
    {
        foreach (ScanColumn read in scan.Columns)
        {
            if (read.Column.ColumnId == columnId && read.Number > 0) // tableoid is a column of no table
                return new ColumnOrigin(scan.Table, scan.Table.Column(read.Number));
        }
        return null;
    }
}
