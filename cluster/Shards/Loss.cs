using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Shards;

/// <summary>A term that began with fewer answers than it takes to lose nothing.</summary>
/// <param name="Kept">The last entry of the log that the term went on with: of earlier terms' entries, those after it may be lost.</param>
public readonly record struct Loss(Term Term, LogPosition Kept)
{
    public bool Covers(LogPosition entry) => entry.Term < Term && entry > Kept;
}
