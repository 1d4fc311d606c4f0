using System.Collections.Immutable;
using VecSQL.Text.Inverted;

namespace VecSQL.Storage.Indexes;

/// <summary>A full-text index over one segment, open for searches.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class TextIndex(ImmutableArray<short> columns, IReadOnlyList<InvertedIndex> indexes)
{
    /// <summary>Bytes of all columns.</summary>
    public long Bytes => indexes.Sum(static index => index.Bytes);

    /// <summary>The inverted index of a column's texts; null where the index has not the column.</summary>
    public InvertedIndex? Find(short column) => columns.IndexOf(column) is >= 0 and var at ? indexes[at] : null;
}
