using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Which index finds the nearest rows of a table.</summary>
internal static class VectorIndexes
{
    /// <summary>An index that orders the column by the distance; 0 for none.</summary>
    internal static uint Find(LogicalScan scan, DistanceOrder order, PlannerContext context)
    {
        TableEntry table = scan.Table;
        string? wanted = order.Metric switch
        {
            VectorMetric.L2 => "<->",
            VectorMetric.NegativeInnerProduct => "<#>",
            VectorMetric.Cosine => "<=>",
            VectorMetric.MaxSim => "@#",
            _ => null,
        };
        // One of fewer rows is the better one.
        foreach (IndexEntry index in table.Indexes.OrderBy(static index => index.Predicate is null))
        {
            // Indexes of other types are kept for their definition: those are searched exactly.
            bool isBuilt = table.Column(order.Column.Number).Type.Oid is TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector
                or TypeOid.VectorArray or TypeOid.HalfVectorArray;
            if (isBuilt && wanted is not null && VectorOperatorClass.OperatorOf(index) == wanted && index.Columns[0] == order.Column.Number
                && HasAll(index, scan, context) && context.MayUse(scan.Alias, index))
            {
                return index.Oid;
            }
        }
        return 0;
    }

    /// <summary>Whether the index has all rows that the query is about.</summary>
    internal static bool HasAll(IndexEntry index, LogicalScan scan, PlannerContext context) => index.Predicate is null
        || scan.Predicates.Any(predicate => predicate.IndexOid == index.Oid
            && new Rules.Implication(context).Holds(scan.Filter, predicate.Condition));
}
