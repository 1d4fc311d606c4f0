using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>Maps values to integers in the order of the values, so that zones of every type compare alike.</summary>
public static class ZoneKey
{
    /// <summary>The key of a non-null value; false for types without one.</summary>
    public static bool TryGet(SqlType type, Column column, int row, out long key) => throw new NotImplementedException();
}
