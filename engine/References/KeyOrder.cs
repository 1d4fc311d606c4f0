using VecSQL.Catalog.Objects;

namespace VecSQL.Engine.References;

/// <summary>A constraint names a key's columns in its own order, which need not be the index's.</summary>
internal static class KeyOrder
{
    /// <summary>For each column of the index, which of the constraint's columns it is.</summary>
    internal static int[] Of(Reference reference)
    {
        IndexEntry index = reference.Referenced.Indexes.First(entry => entry.Oid == reference.Key.IndexOid);
        return [.. index.Columns.Select(number => reference.Key.ReferencedColumns.IndexOf(number))];
    }
}
