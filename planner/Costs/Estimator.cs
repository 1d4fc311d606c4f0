using VecSQL.Catalog.Objects;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>Guesses how many rows a plan gives.</summary>
internal sealed class Estimator(PlannerContext context)
{
    private const double FunctionRows = 1000, GroupShare = 0.1, DepthRows = 30;

    internal double Rows(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => ScanRows(scan),
        LogicalValues values => values.Rows.Length,
        LogicalFunctionScan => FunctionRows,
        LogicalFilter filter => Rows(filter.Input) * Share(filter.Input, filter.Predicate),
        LogicalProject project => Rows(project.Input),
        LogicalProjectSet project => Rows(project.Input) * FunctionRows,
        LogicalJoin join => JoinRows(join),
        LogicalAggregate { Keys.IsEmpty: true } aggregate => aggregate.GroupingSets.Length,
        LogicalAggregate aggregate => GroupRows(aggregate),
        LogicalWindow window => Rows(window.Input),
        LogicalSort sort => Rows(sort.Input),
        LogicalLimit limit => LimitRows(limit.Limit, Rows(limit.Input)),
        LogicalDeepening deepening => LimitRows(deepening.Limit, Rows(deepening.Fallback)),
        LogicalMining mining => Rows((mining.Anchors ?? mining.Rows).Plan),
        LogicalDistinct distinct => DistinctRows(distinct),
        LogicalDistinctOn distinct => Math.Max(1, Rows(distinct.Input) * GroupShare),
        LogicalAppend append => append.Inputs.Sum(input => Rows(input.Plan)),
        LogicalSetOperation operation => Rows(operation.Left.Plan) * 0.5,
        LogicalRecursiveUnion union => Rows(union.Seed.Plan) * 10,
        LogicalWith with => Rows(with.Body),
        LogicalLock held => Rows(held.Input),
        LogicalInsert insert => Rows(insert.Source.Plan),
        LogicalUpdate update => Rows(update.Input),
        LogicalDelete delete => Rows(delete.Input),
        LogicalMerge merge => Rows(merge.Input),
        _ => 100,
    };

    private double TableRows(TableEntry table) =>
        table.Kind == TableKind.Table ? context.Statistics.RowCount(table.Id) : 500;

    private double ScanRows(LogicalScan scan)
    {
        double rows = TableRows(scan.Table);
        return scan.Filter is null ? rows : rows * Share(scan, scan.Filter);
    }

    private double Share(LogicalPlan input, ScalarExpression condition) => new Selectivity(input, TableRows).Of(condition);

    private double JoinRows(LogicalJoin join)
    {
        double left = Rows(join.Left), right = Rows(join.Right);
        if (join.KeepsLeftOnly)
        {
            double share = Math.Min(0.5, SemiShare(join, right));
            return Math.Max(1, left * (join.Kind == PhysicalJoinKind.Semi ? share : 1 - share));
        }
        double rows = left * right;
        int equalities = 0;
        foreach (ScalarExpression part in Conjunction.Parts(join.Condition))
        {
            if (Comparison.Of(part) is { IsEquality: true } equality)
            {
                rows *= EqualityShare(join, equality, left, right);
                equalities++;
            }
            else
            {
                rows *= Share(join, part);
            }
        }
        // Columns that are compared together are mostly one key: taken one by one they would leave next to nothing.
        if (equalities > 1)
            rows = Math.Max(rows, Math.Min(left, right));
        return join.Kind switch
        {
            PhysicalJoinKind.Left => Math.Max(rows, left),
            PhysicalJoinKind.Right => Math.Max(rows, right),
            PhysicalJoinKind.Full => Math.Max(rows, left + right),
            _ => rows,
        };
    }

    /// <summary>The share of left rows that have a right one with equal keys, at most: the left column's values are taken to be equally
    /// frequent, and each right row to bring another of them.</summary>
    private double SemiShare(LogicalJoin join, double rightRows)
    {
        double share = 1;
        foreach (ScalarExpression part in Conjunction.Parts(join.Condition))
        {
            if (Comparison.Of(part) is not { IsEquality: true } equality)
                continue;
            ColumnOrigin? key = ColumnOrigin.Of(join.Left, equality.Left) ?? ColumnOrigin.Of(join.Left, equality.Right);
            if (key?.Distinct(TableRows(key.Table)) is > 0 and var values)
                share = Math.Min(share, rightRows / values);
        }
        return share;
    }

    /// <summary>The share of pairs with equal keys: each value of the side with fewer is taken to be among the other's.</summary>
    private double EqualityShare(LogicalJoin join, Comparison equality, double left, double right)
    {
        ColumnOrigin? x = ColumnOrigin.Of(join, equality.Left), y = ColumnOrigin.Of(join, equality.Right);
        double? inX = x?.Distinct(TableRows(x.Table)), inY = y?.Distinct(TableRows(y.Table));
        if (x?.Statistics is null && y?.Statistics is null)
            return 1 / Math.Max(1, Math.Max(left, right)); // taken for a key and what refers to it
        double values = (1 - (x?.Statistics?.NullShare ?? 0)) * (1 - (y?.Statistics?.NullShare ?? 0));
        return values / Math.Max(1, Math.Max(inX ?? Math.Min(left, right), inY ?? Math.Min(left, right)));
    }

    /// <summary>The share of pairs of rows of two relations that an equality of their columns leaves, by how many values the columns
    /// have; null where that is not known, or it is no such equality.</summary>
    internal double? PairShare(IReadOnlyList<LogicalPlan> relations, ScalarExpression condition)
    {
        if (Comparison.Of(condition) is not { IsEquality: true } equality
            || OriginIn(relations, equality.Left) is not { } x || OriginIn(relations, equality.Right) is not { } y)
            return null;
        double? inX = x.Distinct(TableRows(x.Table)), inY = y.Distinct(TableRows(y.Table));
        if (inX is null && inY is null)
            return null;
        double values = (1 - (x.Statistics?.NullShare ?? 0)) * (1 - (y.Statistics?.NullShare ?? 0));
        return values / Math.Max(1, Math.Max(inX ?? 0, inY ?? 0));
    }

    private static ColumnOrigin? OriginIn(IReadOnlyList<LogicalPlan> relations, ScalarExpression operand)
    {
        foreach (LogicalPlan relation in relations)
        {
            if (ColumnOrigin.Of(relation, operand) is { } origin)
                return origin;
        }
        return null;
    }

    private double GroupRows(LogicalAggregate aggregate)
    {
        double rows = Rows(aggregate.Input);
        return GroupCount(aggregate.Input, aggregate.Keys.Select(key => key.Value), rows)
            ?? Math.Max(1, Math.Min(rows, Math.Max(rows * GroupShare, 200)));
    }

    private double DistinctRows(LogicalDistinct distinct)
    {
        double rows = Rows(distinct.Input);
        return GroupCount(distinct.Input, distinct.Columns, rows) ?? Math.Max(1, rows * 0.5);
    }

    /// <summary>How many different rows of keys there are; null where a key is not a column of which that is known.</summary>
    private double? GroupCount(LogicalPlan input, IEnumerable<ScalarExpression> keys, double rows)
    {
        double groups = 1;
        foreach (ScalarExpression key in keys)
        {
            if (ColumnOrigin.Of(input, key) is not { Statistics: { } known } origin
                || origin.Distinct(TableRows(origin.Table)) is not { } distinct)
                return null;
            groups *= distinct + (known.NullShare > 0 ? 1 : 0);
        }
        return Math.Max(1, Math.Min(rows, groups));
    }

    private static double LimitRows(ScalarExpression? limit, double rows) => limit switch
    {
        ConstantExpression { IsNull: false, Value: Columnar.Columns.FixedColumn<long> count } => Math.Min(rows, count[0]),
        ColumnExpression => Math.Min(rows, DepthRows), // what a search is told from outside
        _ => rows,
    };
}
