namespace VecSQL.Catalog.Metadata;

/// <summary>One change of a <see cref="MetadataModel"/>, decided and not yet done: what a store keeps in its journal.</summary>
/// <remarks>Puts and deletions make a revision; leases alone do not.</remarks>
public sealed record MetadataStep
{
    public IReadOnlyList<MetadataPut> Puts { get; init; } = [];

    /// <summary>Keys that are there.</summary>
    public IReadOnlyList<string> Deletes { get; init; } = [];

    /// <summary>A lease that begins; 0 for none.</summary>
    public LeaseId Granted { get; init; }

    /// <summary>Of the lease that begins.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>A lease that ends, all of whose keys are deleted; 0 for none.</summary>
    public LeaseId Ended { get; init; }
}

/// <summary>A whole <see cref="MetadataModel"/> but for its history.</summary>
/// <param name="LastLease">The last lease's number: none is given twice.</param>
/// <param name="Entries">In the order of keys.</param>
public sealed record MetadataState(long Revision, long LastLease, IReadOnlyList<MetadataEntry> Entries, IReadOnlyList<MetadataLease> Leases);

public readonly record struct MetadataLease(LeaseId Id, TimeSpan TimeToLive);
