using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>The share of a plan's rows for which a condition holds, by what ANALYZE found in the columns.</summary>
/// <remarks>
/// Conditions are taken to be independent, but for two bounds of one column. Where nothing is known: PostgreSQL's default shares.
/// </remarks>
internal sealed class Selectivity(LogicalPlan input, Func<TableEntry, double> tableRows)
{
    private const double EqualityShare = 0.005, RangeShare = 1.0 / 3, BothBoundsShare = 0.005, DefaultShare = 0.25;
    private const double LikeShare = 0.01, NullShare = 0.005, ArrayItems = 10;

    internal double Of(ScalarExpression condition)
    {
        switch (condition)
        {
            case LogicalOperation { IsAnd: true } all:
                return OfAll(all.Operands);
            case LogicalOperation any:
                return 1 - any.Operands.Aggregate(1.0, (share, part) => share * (1 - Of(part)));
            case NotOperation not:
                return 1 - Of(not.Operand);
            case NullTest test:
                double nulls = ColumnOrigin.Of(input, test.Operand)?.Statistics?.NullShare ?? NullShare;
                return test.IsNegated ? 1 - nulls : nulls;
            case InListOperation list:
                double inside = Math.Min(1, list.Items.Sum(item => Equal(list.Operand, item)));
                return list.IsNegated ? 1 - inside : inside;
            case ArrayComparison some:
                return Math.Min(1, ArrayItems * Equal(some.Operand, some.Array));
            case ConstantExpression { IsNull: false, Value: BoolColumn value }:
                return value[0] ? 1 : 0;
            case ConstantExpression { IsNull: true }:
                return 0;
            case ColumnExpression column:
                return Truth(column);
        }
        return Comparison.Of(condition) is { } comparison ? Compared(comparison)
            : condition is CallExpression { Function.Name: "textlike" or "like" or "texticlike" } ? LikeShare
            : DefaultShare;
    }

    /// <summary>All of the conditions. A lower and an upper bound of a column leave what is between them.</summary>
    private double OfAll(IEnumerable<ScalarExpression> parts)
    {
        double share = 1;
        var bounds = new Dictionary<int, ColumnBounds>();
        foreach (ScalarExpression part in parts)
        {
            if (Comparison.Of(part) is { } comparison && RangeOf(comparison) is { } range)
                bounds[range.Column.ColumnId] = bounds.GetValueOrDefault(range.Column.ColumnId).With(range.IsLower, RangeShareOf(range));
            else
                share *= Of(part);
        }
        foreach ((int id, ColumnBounds column) in bounds)
            share *= column.Share(ColumnOrigin.Of(input, id)?.Statistics?.NullShare ?? 0);
        return share;
    }

    private double Compared(Comparison comparison) => comparison.Operator.Name switch
    {
        "=" => Equal(comparison.Left, comparison.Right),
        "<>" => Math.Max(0, 1 - Equal(comparison.Left, comparison.Right) - Nulls(comparison.Left) - Nulls(comparison.Right)),
        _ => RangeOf(comparison) is { } range ? RangeShareOf(range) ?? RangeShare : RangeShare,
    };

    private double Nulls(ScalarExpression operand) => ColumnOrigin.Of(input, operand)?.Statistics?.NullShare ?? 0;

    private double Equal(ScalarExpression left, ScalarExpression right) =>
        (ColumnOrigin.Of(input, left), ColumnOrigin.Of(input, right)) switch
        {
            ({ } x, { } y) => Math.Min(EqualTo(x, right), EqualTo(y, left)),
            ({ } x, _) => EqualTo(x, right),
            (_, { } y) => EqualTo(y, left),
            _ => EqualityShare,
        };

    /// <summary>The share of rows in which the column has the other's value.</summary>
    private double EqualTo(ColumnOrigin origin, ScalarExpression other)
    {
        double rows = Math.Max(1, tableRows(origin.Table));
        if (origin.IsUnique)
            return 1 / rows;
        if (origin.Statistics is not { } known || known.DistinctOf(rows) is not (> 0 and var distinct))
            return Math.Max(EqualityShare, 1 / rows);
        double values = 1 - known.NullShare;
        if (other is not ConstantExpression constant)
            return values / distinct;
        if (StatisticValue.Of(constant) is not { } wanted)
            return constant.IsNull ? 0 : values / distinct;
        double rest = values;
        for (int i = 0; i < known.CommonValues.Length; i++)
        {
            if (StatisticValue.Of(known.CommonValues[i], origin.Column.Type.Oid) is { } value && value.CompareTo(wanted) == 0)
                return known.CommonShares[i];
            rest -= known.CommonShares[i];
        }
        return Math.Max(0, rest) / Math.Max(1, distinct - known.CommonValues.Length);
    }

    private double Truth(ColumnExpression column)
    {
        if (ColumnOrigin.Of(input, column)?.Statistics is not { } known)
            return 0.5;
        int at = known.CommonValues.IndexOf("t");
        return at >= 0 ? known.CommonShares[at] : 0;
    }

    /// <summary>A column's values on one side of another value.</summary>
    private readonly record struct Range(ColumnExpression Column, bool IsLower, ScalarExpression Limit);

    private static Range? RangeOf(Comparison comparison)
    {
        string name = comparison.Operator.Name;
        if (name is "=" or "<>")
            return null;
        if (ColumnOrigin.Bare(comparison.Left) is { } left)
            return new Range(left, name[0] == '>', comparison.Right);
        return ColumnOrigin.Bare(comparison.Right) is { } right
            ? new Range(right, Comparison.Turned(name)[0] == '>', comparison.Left)
            : null;
    }

    /// <summary>The share of rows within the range; null where it cannot be told.</summary>
    private double? RangeShareOf(Range range)
    {
        if (range.Limit is not ConstantExpression constant || ColumnOrigin.Of(input, range.Column) is not { } origin
            || origin.Statistics is not { } known || StatisticValue.Of(constant) is not { } limit)
            return null;
        uint type = origin.Column.Type.Oid;
        double below = 0, rest = 1 - known.NullShare;
        for (int i = 0; i < known.CommonValues.Length; i++)
        {
            if (StatisticValue.Of(known.CommonValues[i], type) is not { } value)
                return null;
            rest -= known.CommonShares[i];
            if (value.CompareTo(limit) < 0)
                below += known.CommonShares[i];
        }
        if (ShareBelow(known.Bounds, type, limit) is not { } others)
            return known.Bounds.IsEmpty && !known.CommonValues.IsEmpty ? Side(below) : null;
        return Side(below + (Math.Max(0, rest) * others));

        double Side(double share) => range.IsLower ? Math.Max(0, 1 - known.NullShare - share) : share;
    }

    /// <summary>The share of values below the limit: each bin has equally many.</summary>
    private static double? ShareBelow(ImmutableArray<string> bounds, uint type, StatisticValue limit)
    {
        int low = 0, high = bounds.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (StatisticValue.Of(bounds[middle], type) is not { } bound)
                return null;
            if (bound.CompareTo(limit) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (bounds.Length < 2)
            return null;
        if (low == 0 || low == bounds.Length)
            return low == 0 ? 0 : 1;
        return StatisticValue.Of(bounds[low - 1], type) is { } under && StatisticValue.Of(bounds[low], type) is { } over
            ? (low - 1 + limit.Between(under, over)) / (bounds.Length - 1)
            : null;
    }

    /// <summary>The bounds that a conjunction sets for one column: whether there are any, and their shares where they are known.</summary>
    private readonly record struct ColumnBounds(bool HasLower, bool HasUpper, double? Lower, double? Upper)
    {
        internal ColumnBounds With(bool isLower, double? share) => isLower
            ? this with { HasLower = true, Lower = Least(Lower, share) }
            : this with { HasUpper = true, Upper = Least(Upper, share) };

        internal double Share(double nulls) => (HasLower, HasUpper) switch
        {
            (true, true) when Lower is { } lower && Upper is { } upper => Math.Max(1e-10, lower + upper + nulls - 1),
            (true, true) when Lower is null && Upper is null => BothBoundsShare,
            _ => (HasLower ? Lower ?? RangeShare : 1) * (HasUpper ? Upper ?? RangeShare : 1),
        };

        private static double? Least(double? known, double? added) => known < added ? known : added ?? known;
    }
}
