using VecSQL.Catalog.Objects;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>Guesses how many rows a plan gives.</summary>
/// <remarks>
/// Without column histograms: equality by distinct counts where known, otherwise PostgreSQL's default
/// selectivities.
/// </remarks>
internal sealed class Estimator(PlannerContext context)
{
    private const double EqualitySelectivity = 0.005, RangeSelectivity = 1.0 / 3, DefaultSelectivity = 0.25;
    private const double LikeSelectivity = 0.01, NullSelectivity = 0.005, FunctionRows = 1000, GroupShare = 0.1;

    internal double Rows(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => ScanRows(scan),
        LogicalValues values => values.Rows.Length,
        LogicalFunctionScan => FunctionRows,
        LogicalFilter filter => Rows(filter.Input) * Selectivity(filter.Predicate),
        LogicalProject project => Rows(project.Input),
        LogicalProjectSet project => Rows(project.Input) * FunctionRows,
        LogicalJoin join => JoinRows(join),
        LogicalAggregate { Keys.IsEmpty: true } aggregate => aggregate.GroupingSets.Length,
        LogicalAggregate aggregate => GroupRows(aggregate),
        LogicalWindow window => Rows(window.Input),
        LogicalSort sort => Rows(sort.Input),
        LogicalLimit limit => LimitRows(limit),
        LogicalDistinct distinct => Math.Max(1, Rows(distinct.Input) * 0.5),
        LogicalDistinctOn distinct => Math.Max(1, Rows(distinct.Input) * GroupShare),
        LogicalAppend append => append.Inputs.Sum(input => Rows(input.Plan)),
        LogicalSetOperation operation => Rows(operation.Left.Plan) * 0.5,
        LogicalRecursiveUnion union => Rows(union.Seed.Plan) * 10,
        LogicalWith with => Rows(with.Body),
        LogicalLock held => Rows(held.Input),
        LogicalInsert insert => Rows(insert.Source.Plan),
        LogicalUpdate update => Rows(update.Input),
        LogicalDelete delete => Rows(delete.Input),
        _ => 100,
    };

    /// <summary>The share of rows for which the condition holds.</summary>
    internal double Selectivity(ScalarExpression condition, LogicalScan? scan = null)
    {
        switch (condition)
        {
            case LogicalOperation { IsAnd: true } all:
                return all.Operands.Aggregate(1.0, (share, part) => share * Selectivity(part, scan));
            case LogicalOperation any:
                return 1 - any.Operands.Aggregate(1.0, (share, part) => share * (1 - Selectivity(part, scan)));
            case NotOperation not:
                return 1 - Selectivity(not.Operand, scan);
            case NullTest test:
                return test.IsNegated ? 1 - NullSelectivity : NullSelectivity;
            case InListOperation list:
                double inside = Math.Min(1, list.Items.Count * Equality(list.Operand, scan));
                return list.IsNegated ? 1 - inside : inside;
            case ArrayComparison:
                return Math.Min(1, 10 * EqualitySelectivity);
            case ConstantExpression { IsNull: false, Value: Columnar.Columns.BoolColumn value }:
                return value[0] ? 1 : 0;
            case ColumnExpression:
                return 0.5;
        }
        if (Comparison.Of(condition) is not { } comparison)
        {
            return condition is CallExpression { Function.Name: "textlike" or "like" or "texticlike" }
                ? LikeSelectivity
                : DefaultSelectivity;
        }
        return comparison.Operator.Name switch
        {
            "=" => Math.Min(Equality(comparison.Left, scan), Equality(comparison.Right, scan)),
            "<>" => 1 - Math.Min(Equality(comparison.Left, scan), Equality(comparison.Right, scan)),
            _ => RangeSelectivity,
        };
    }

    private double Equality(ScalarExpression operand, LogicalScan? scan)
    {
        ScalarExpression bare = operand is RelabelExpression relabel ? relabel.Operand : operand;
        if (scan is null || bare is not ColumnExpression column)
            return EqualitySelectivity;
        ScanColumn? read = scan.Columns.FirstOrDefault(scanned => scanned.Column.ColumnId == column.ColumnId);
        if (read is null)
            return EqualitySelectivity;
        bool isUnique = scan.Table.Indexes.Any(index =>
            index.IsUnique && index.Columns.Length == 1 && index.Columns[0] == read.Number);
        double rows = Math.Max(1, TableRows(scan.Table));
        if (isUnique)
            return 1 / rows;
        double distinct = context.Statistics.DistinctCount(scan.Table.Id, read.Number);
        return distinct > 0 ? 1 / distinct : Math.Max(EqualitySelectivity, 1 / rows);
    }

    private double TableRows(TableEntry table) =>
        table.Kind == TableKind.Table ? context.Statistics.RowCount(table.Id) : 500;

    private double ScanRows(LogicalScan scan)
    {
        double rows = TableRows(scan.Table);
        return scan.Filter is null ? rows : rows * Selectivity(scan.Filter, scan);
    }

    private double JoinRows(LogicalJoin join)
    {
        double left = Rows(join.Left), right = Rows(join.Right);
        if (join.Kind == PhysicalJoinKind.Semi)
            return Math.Max(1, left * 0.5);
        if (join.Kind is PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti)
            return Math.Max(1, left * 0.5);
        double rows = left * right;
        foreach (ScalarExpression part in Conjunction.Parts(join.Condition))
        {
            rows *= Comparison.Of(part) is { IsEquality: true }
                ? 1 / Math.Max(1, Math.Max(left, right))
                : Selectivity(part);
        }
        return join.Kind switch
        {
            PhysicalJoinKind.Left => Math.Max(rows, left),
            PhysicalJoinKind.Right => Math.Max(rows, right),
            PhysicalJoinKind.Full => Math.Max(rows, left + right),
            _ => rows,
        };
    }

    private double GroupRows(LogicalAggregate aggregate)
    {
        double rows = Rows(aggregate.Input);
        return Math.Max(1, Math.Min(rows, Math.Max(rows * GroupShare, 200)));
    }

    private double LimitRows(LogicalLimit limit)
    {
        double rows = Rows(limit.Input);
        return limit.Limit is ConstantExpression { IsNull: false, Value: Columnar.Columns.FixedColumn<long> count }
            ? Math.Min(rows, count[0])
            : rows;
    }
}
