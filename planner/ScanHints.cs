using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner;

/// <summary>What a statement says of how tables are to be read: of several words about one table the last holds.</summary>
public sealed record ScanHints(ImmutableArray<ScanHint> Hints)
{
    public static readonly ScanHints None = new([]);

    /// <summary>The hint for a table by the name that the query gives it; null where there is none.</summary>
    internal ScanHint? For(string relation)
    {
        for (int i = Hints.Length - 1; i >= 0; i--)
        {
            if (Hints[i].Relation == relation)
                return Hints[i];
        }
        return null;
    }
}

/// <summary>Whether a table is read by its indexes.</summary>
/// <param name="Relation">The table's alias, or its name where it has no alias.</param>
/// <param name="Indexes">The only indexes to use; empty for any.</param>
public sealed record ScanHint(string Relation, bool UsesIndexes, ImmutableArray<string> Indexes)
{
    internal bool Allows(IndexEntry index) => UsesIndexes && (Indexes.IsEmpty || Indexes.Contains(index.Name));
}
