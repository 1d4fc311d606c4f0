using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>The hash of unique keys, one for delta and segments: keys that are equal in SQL hash equally.</summary>
public static class KeyHash
{
    /// <summary>Hashes the key of each row. A null counts as a value of its own; see <see cref="SegmentKey.NullsNotDistinct"/>.</summary>
    public static void Compute(ReadOnlySpan<SqlType> types, ReadOnlySpan<Column> columns, Span<ulong> hashes) =>
        throw new NotImplementedException();
}
