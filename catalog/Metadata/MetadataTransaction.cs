namespace VecSQL.Catalog.Metadata;

/// <summary>Puts and deletions that are done together if all comparisons hold.</summary>
/// <remarks>No key is put or deleted twice. Size: at most 128 comparisons and 128 changes, 1 MiB in all: etcd's limits less a margin.</remarks>
public sealed record MetadataTransaction
{
    public IReadOnlyList<MetadataCompare> Compares { get; init; } = [];

    public IReadOnlyList<MetadataPut> Puts { get; init; } = [];

    public IReadOnlyList<string> Deletes { get; init; } = [];

    /// <summary>Prefixes whose keys are told where a comparison does not hold, as of then.</summary>
    public IReadOnlyList<string> ReadsOnFailure { get; init; } = [];
}

/// <summary>Holds while the key is as it was in a revision: last put by it, or 0: not there.</summary>
public readonly record struct MetadataCompare(string Key, long Modified)
{
    public static MetadataCompare IsMissing(string key) => new(key, 0);

    public static MetadataCompare IsUnchanged(MetadataEntry entry) => new(entry.Key, entry.Modified);
}

/// <param name="Lease">The lease that the key goes with; 0 for none.</param>
public readonly record struct MetadataPut(string Key, ReadOnlyMemory<byte> Value, LeaseId Lease = default);

/// <param name="Revision">That the transaction made, or in which a comparison did not hold.</param>
/// <param name="Found">What was to be read where it did not: one for each prefix.</param>
public sealed record MetadataOutcome(bool IsDone, long Revision, IReadOnlyList<MetadataRange> Found);
