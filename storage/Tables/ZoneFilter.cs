using VecSQL.Catalog.Objects;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Decides by its zones that a record batch has no row within bounds.</summary>
internal static class ZoneFilter
{
    public static bool CanSkip(SegmentReader reader, int batch, TableEntry table, IReadOnlyList<ZoneBound> bounds)
    {
        foreach (ZoneBound bound in bounds)
        {
            if (CanSkip(reader, batch, table, bound))
                return true;
        }
        return false;
    }

    private static bool CanSkip(SegmentReader reader, int batch, TableEntry table, ZoneBound bound)
    {
        if (!reader.HasColumn(bound.Column))
            return false;
        Zone zone = reader.ZoneOf(batch, bound.Column);
        int rowCount = reader.BatchStart(batch + 1) - reader.BatchStart(batch);
        if (zone.NullCount == rowCount || bound.Value.IsNull(0))
            return true; // nothing compares true with a null
        if (!zone.HasBounds || !ZoneKey.TryGet(table.Column(bound.Column).Type, bound.Value, 0, out long key))
            return false;
        // Keys are in the order of the values, but unequal values may share one, so that only < and > of keys decide.
        return bound.Operator switch
        {
            "=" => key < zone.Min || key > zone.Max,
            "<" or "<=" => key < zone.Min,
            ">" or ">=" => key > zone.Max,
            _ => false,
        };
    }
}
