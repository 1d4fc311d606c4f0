using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Conditions of a filter that bound a distance by something known before the scan: v &lt;-&gt; q &lt; r.</summary>
/// <param name="Within">Those true of what is near, over the distance as only input; null for none.</param>
/// <param name="Beyond">Those true of what is far.</param>
/// <param name="Rest">What is left of the filter; null for nothing.</param>
internal sealed record DistanceRange(DistanceOrder Distance, ScalarExpression? Within, ScalarExpression? Beyond, ScalarExpression? Rest)
{
    /// <param name="distance">The distance wanted; null for the first that a condition bounds.</param>
    internal static DistanceRange? Of(LogicalScan scan, DistanceOrder? distance)
    {
        List<ScalarExpression> within = [], beyond = [], rest = [];
        foreach (ScalarExpression part in Conjunction.Parts(scan.Filter))
        {
            if (Bounded(part, scan) is { } bound && (distance is null || IsSame(bound.Distance, distance)))
            {
                distance ??= bound.Distance;
                (bound.IsWithin ? within : beyond).Add(bound.Condition);
            }
            else
            {
                rest.Add(part);
            }
        }
        return distance is null || within.Count + beyond.Count == 0
            ? null
            : new DistanceRange(distance, Conjunction.Of(within), Conjunction.Of(beyond), Conjunction.Of(rest));
    }

    private static (DistanceOrder Distance, ScalarExpression Condition, bool IsWithin)? Bounded(ScalarExpression part, LogicalScan scan)
    {
        if (Comparison.Of(part) is not { Operator.Name: "<" or "<=" or ">" or ">=" } comparison)
            return null;
        return Sided(part, comparison.Left, comparison.Operator.Name, comparison.Right, scan)
            ?? Sided(part, comparison.Right, Comparison.Turned(comparison.Operator.Name), comparison.Left, scan);
    }

    private static (DistanceOrder, ScalarExpression, bool)? Sided(
        ScalarExpression part, ScalarExpression measured, string op, ScalarExpression bound, LogicalScan scan)
    {
        if (DistanceOrder.Of(measured, isDescending: false, scan) is not { IsFiner: false } order
            || order.Distance.Type.Oid != TypeOid.Float8 || order.Distance.Function.Name == "inner_product" || !IsArithmetic(measured, order.Distance)
            || !ScanComparison.IsKnownBefore(bound, scan))
        {
            return null;
        }
        bool isWithin = order.IsAscending == (op is "<" or "<=");
        return (order, ExpressionTree.Rewrite(
            part, node => node.Equals(order.Distance) ? new InputExpression(SqlType.Float8, 0) : null), isWithin);
    }

    /// <summary>Whether it can be computed of any number: the greatest distance is found by trying.</summary>
    private static bool IsArithmetic(ScalarExpression expression, CallExpression distance) =>
        expression is ConstantExpression || expression.Equals(distance)
        || (expression is CallExpression { Type.Oid: TypeOid.Float8 } call
            && FunctionRegistry.FindOperatorOf(call.Function.Oid)?.Name is "+" or "-" or "*" or "/"
            && call.Arguments.All(argument => IsArithmetic(argument, distance)));

    private static bool IsSame(DistanceOrder x, DistanceOrder y) =>
        x.Metric == y.Metric && x.Column.Number == y.Column.Number && x.Query.Equals(y.Query);
}
