using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>An order by the distance of a vector column to one vector.</summary>
/// <param name="Distance">The call that measures it, as it stands in the query.</param>
/// <param name="IsAscending">Whether the nearest come first.</param>
internal sealed record DistanceOrder(
    CallExpression Distance, ScanColumn Column, ScalarExpression Query, VectorMetric Metric, bool IsAscending)
{
    /// <summary>Looks through what keeps or turns the order: 1 − d, −d, d · c, d + c with finite constants.</summary>
    internal static DistanceOrder? Of(ScalarExpression key, bool isDescending, LogicalScan scan)
    {
        bool isAscending = !isDescending;
        while (true)
        {
            if (Direct(key, scan) is { } found)
            {
                bool isTurned = found.Distance.Function.Name == "inner_product"; // the greater, the nearer
                return found with { IsAscending = isAscending != isTurned };
            }
            if (key is not CallExpression call || FunctionRegistry.FindOperatorOf(call.Function.Oid) is not { } op)
                return null;
            switch (call.Arguments, op.Name)
            {
                case ([var operand], "-"):
                    (key, isAscending) = (operand, !isAscending);
                    break;
                case ([var operand, ConstantExpression term], "+" or "-") when IsFinite(term):
                    key = operand;
                    break;
                case ([ConstantExpression term, var operand], "+") when IsFinite(term):
                    key = operand;
                    break;
                case ([ConstantExpression term, var operand], "-") when IsFinite(term):
                    (key, isAscending) = (operand, !isAscending);
                    break;
                case ([var operand, ConstantExpression factor], "*" or "/") when Sign(factor) != 0:
                    (key, isAscending) = (operand, isAscending == (Sign(factor) > 0));
                    break;
                case ([ConstantExpression factor, var operand], "*") when Sign(factor) != 0:
                    (key, isAscending) = (operand, isAscending == (Sign(factor) > 0));
                    break;
                default:
                    return null;
            }
        }
    }

    private static DistanceOrder? Direct(ScalarExpression key, LogicalScan scan)
    {
        if (key is not CallExpression { Arguments: [var left, var right] } call
            || MetricOf(call.Function) is not { } metric)
            return null;
        return Sided(call, left, right, metric, scan) ?? Sided(call, right, left, metric, scan);
    }

    private static DistanceOrder? Sided(
        CallExpression call, ScalarExpression column, ScalarExpression query, VectorMetric metric, LogicalScan scan)
    {
        if (column is not ColumnExpression reference)
            return null;
        ScanColumn? read = scan.Columns.FirstOrDefault(scanned => scanned.Column.ColumnId == reference.ColumnId);
        bool isKnown = !ColumnSet.UsedBy(query).Overlaps(scan.Output.Select(made => made.ColumnId))
            && !ExpressionTree.Any(query, Binding.ExpressionBinder.IsVolatile);
        return read is { Number: > 0 } && isKnown ? new DistanceOrder(call, read, query, metric, IsAscending: true)
            : null;
    }

    /// <summary>The measure of a distance operator or of the function it stands for.</summary>
    private static VectorMetric? MetricOf(FunctionEntry function)
    {
        if (function.Arguments.Length != 2 || function.Arguments[0] is not (TypeOid.Vector or TypeOid.HalfVector
            or TypeOid.SparseVector or TypeOid.Bit or TypeOid.VarBit))
        {
            return null;
        }
        return FunctionRegistry.FindOperatorOf(function.Oid)?.Name switch
        {
            "<->" => VectorMetric.L2,
            "<#>" => VectorMetric.NegativeInnerProduct,
            "<=>" => VectorMetric.Cosine,
            "<+>" => VectorMetric.L1,
            "<~>" => VectorMetric.Hamming,
            "<%>" => VectorMetric.Jaccard,
            _ => function.Name == "inner_product" ? VectorMetric.NegativeInnerProduct : null,
        };
    }

    /// <summary>Whether adding or multiplying keeps numbers apart from what is not a number.</summary>
    private static bool IsFinite(ConstantExpression constant) => constant switch
    {
        { IsNull: true } => false,
        { Value: FixedColumn<double> value } => double.IsFinite(value[0]),
        { Value: FixedColumn<float> value } => float.IsFinite(value[0]),
        _ => true,
    };

    private static int Sign(ConstantExpression constant) => constant switch
    {
        { IsNull: true } => 0,
        { Value: FixedColumn<double> value } => IsFinite(constant) ? Math.Sign(value[0]) : 0,
        { Value: FixedColumn<float> value } => IsFinite(constant) ? Math.Sign(value[0]) : 0,
        { Value: FixedColumn<int> value } => Math.Sign(value[0]),
        { Value: FixedColumn<long> value } => Math.Sign(value[0]),
        _ => 0,
    };
}
