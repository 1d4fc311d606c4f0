using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>An order by the distance of a vector column to one vector.</summary>
/// <param name="Distance">The call that measures it, as it stands in the query.</param>
/// <param name="IsAscending">Whether the nearest come first.</param>
internal sealed record DistanceOrder(
    CallExpression Distance, ScanColumn Column, ScalarExpression Query, VectorMetric Metric, bool IsAscending)
{
    /// <summary>Whether what the query orders by tells rows apart that are equally far, such as a square before its root is rounded.</summary>
    internal bool IsFiner { get; init; }

    /// <summary>The order by a key that never falls, or never rises, as the distance grows.</summary>
    internal static DistanceOrder? Of(ScalarExpression key, bool isDescending, LogicalScan scan) =>
        Of(key, isDescending, call => Direct(call, scan));

    /// <param name="direct">A call that measures a distance; null for any other.</param>
    internal static DistanceOrder? Of(
        ScalarExpression key, bool isDescending, Func<CallExpression, DistanceOrder?> direct)
    {
        DistanceOrder? found = null;
        MonotoneRange? range = MonotoneRange.Of(key, call =>
        {
            if (direct(call) is not { } measured)
                return null;
            found = measured;
            return RangeOf(measured);
        });
        return found is null || range is not { } known ? null
            : found with { IsAscending = known.IsRising == (found.IsAscending != isDescending) };
    }

    private static MonotoneRange RangeOf(DistanceOrder measured) => measured.Metric switch
    {
        VectorMetric.NegativeInnerProduct or VectorMetric.MaxSim => new MonotoneRange(double.NegativeInfinity, double.PositiveInfinity, IsRising: true),
        VectorMetric.Cosine => new MonotoneRange(0, 2, IsRising: true),
        VectorMetric.Jaccard => new MonotoneRange(0, 1, IsRising: true),
        _ => new MonotoneRange(0, double.PositiveInfinity, IsRising: true),
    };

    private static DistanceOrder? Direct(CallExpression call, LogicalScan scan)
    {
        if (call.Arguments is not [var left, var right] || MetricOf(call.Function) is not { } metric)
            return null;
        DistanceOrder? found = Sided(call, left, right, metric, scan)
            ?? (metric == VectorMetric.MaxSim ? null : Sided(call, right, left, metric, scan)); // which has sides
        return found is null ? null : found with
        {
            IsAscending = call.Function.Name != "inner_product", // the greater, the nearer
            IsFiner = call.Function.Name.EndsWith("l2_squared_distance", StringComparison.Ordinal),
        };
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

    /// <summary>The measure of a distance operator or of the function it stands for, or of one that orders alike.</summary>
    internal static VectorMetric? MetricOf(FunctionEntry function)
    {
        if (function.Arguments.Length != 2 || function.Arguments[0] is not (TypeOid.Vector or TypeOid.HalfVector
            or TypeOid.SparseVector or TypeOid.Bit or TypeOid.VarBit or TypeOid.VectorArray or TypeOid.HalfVectorArray))
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
            "@#" => VectorMetric.MaxSim,
            _ => function.Name switch
            {
                "inner_product" => VectorMetric.NegativeInnerProduct,
                "vector_l2_squared_distance" or "halfvec_l2_squared_distance" or "sparsevec_l2_squared_distance" => VectorMetric.L2,
                _ => null,
            },
        };
    }
}
