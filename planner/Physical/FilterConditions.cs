using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Finds the parts of a filter that compare a column with values known before the scan: operators, lists, arrays, and
/// columns that are true or false.</summary>
internal static class FilterConditions
{
    /// <summary>The condition that is the part of the filter; null for others.</summary>
    /// <param name="place">Makes physical expressions of those known before the scan.</param>
    internal static FilterCondition? Of(ScalarExpression part, LogicalScan scan, Func<ScalarExpression, ScalarExpression> place)
    {
        switch (part)
        {
            case ColumnExpression { Type.Oid: TypeOid.Bool } column:
                return OfTruth(column, truth: true, scan);
            case NotOperation { Operand: ColumnExpression { Type.Oid: TypeOid.Bool } column }:
                return OfTruth(column, truth: false, scan);
            case InListOperation list:
                return OfList(list, scan, place);
            case ArrayComparison array:
                return OfArray(array, scan, place);
            case NotOperation { Operand: ArrayComparison { IsAll: false } or InListOperation { IsNegated: false } } not:
                return Of(not.Operand, scan, place) is { } none ? none with { IsNegated = !none.IsNegated } : null;
            case LogicalOperation { IsAnd: false, Operands: [NullTest { IsNegated: false, Operand: ColumnExpression tested }, var other] }:
                return Of(other, scan, place) is { } condition && NumberOf(tested, scan) == condition.Column
                    ? condition with { WithNulls = true } : null;
        }
        return ScanComparison.Of(part, scan) is { Operator: not "<>" } comparison
            ? new FilterCondition(comparison.Column, TypeOf(comparison.Column, scan), comparison.Operator, [place(comparison.Value)])
            : null;
    }

    private static FilterCondition? OfTruth(ColumnExpression column, bool truth, LogicalScan scan) =>
        NumberOf(column, scan) is { } number
            ? new FilterCondition(number, SqlType.Bool, "=", [new ConstantExpression(SqlType.Bool, BoolColumn.Constant(truth, 1))])
            : null;

    private static FilterCondition? OfList(
        InListOperation list, LogicalScan scan, Func<ScalarExpression, ScalarExpression> place)
    {
        // Each item as a comparison of its own; all must be of the column.
        ImmutableArray<ScalarExpression>.Builder values = ImmutableArray.CreateBuilder<ScalarExpression>();
        short? column = null;
        foreach (ScalarExpression item in list.Items)
        {
            CallExpression equal = new(SqlType.Bool, list.Equality, new([list.Operand, item]));
            if (ScanComparison.Of(equal, scan) is not { Operator: "=" } comparison || comparison.Column != (column ?? comparison.Column))
                return null;
            column = comparison.Column;
            values.Add(place(comparison.Value));
        }
        return column is { } number
            ? new FilterCondition(number, TypeOf(number, scan), "=", values.ToImmutable()) { IsNegated = list.IsNegated } : null;
    }

    private static FilterCondition? OfArray(
        ArrayComparison array, LogicalScan scan, Func<ScalarExpression, ScalarExpression> place)
    {
        uint element = BuiltinTypes.ElementOf(array.Array.Type.Oid);
        if (ColumnOrigin.Bare(array.Operand) is not { } column || NumberOf(column, scan) is not { } number
            || !ScanComparison.IsKnownBefore(array.Array, scan)
            || FunctionRegistry.FindOperatorOf(array.Function.Oid) is not { } op || op.Name != (array.IsAll ? "<>" : "="))
            return null;
        SqlType type = TypeOf(number, scan);
        // varchar is compared as text, and integers of any lengths with each other.
        bool isComparable = element == type.Oid || (IsInteger(element) && IsInteger(type.Oid))
            || (type.Oid == TypeOid.VarChar && element == TypeOid.Text);
        return isComparable
            ? new FilterCondition(number, type, "=", [place(array.Array)])
            {
                IsArray = true, IsNegated = array.IsAll, ValueType = new SqlType(element),
            }
            : null;
    }

    private static bool IsInteger(uint type) => type is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8;

    private static short? NumberOf(ColumnExpression column, LogicalScan scan) =>
        scan.Columns.FirstOrDefault(scanned => scanned.Column.ColumnId == column.ColumnId) is { Number: > 0 } found ? found.Number : null;

    private static SqlType TypeOf(short column, LogicalScan scan) => scan.Table.Column(column).Type;
}
