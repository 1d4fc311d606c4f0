using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Costs;

/// <summary>Guesses how many bytes a plan's rows are.</summary>
internal static class RowBytes
{
    private const int RowOverhead = 4, VariableWidth = 32;

    internal static double Of(PhysicalPlan plan) => Math.Max(1, plan.EstimatedRows) * (RowOverhead + plan.Output.Sum(WidthOf));

    private static double WidthOf(SqlType type) => type.Oid switch
    {
        TypeOid.Vector when type.Modifier > 0 => sizeof(float) * (double)type.Modifier,
        TypeOid.HalfVector when type.Modifier > 0 => 2.0 * type.Modifier,
        _ => BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.Length > 0 ? entry.Length : VariableWidth,
    };
}
