namespace VecSQL.Catalog.Metadata;

/// <summary>The few facts that all nodes of a cluster must agree on: keys with revisions, changed by transactions, followed by watches.</summary>
/// <remarks>
/// Model:   etcd's (Source: etcd's documentation, "Data model" and "KV API guarantees"); <see cref="MetadataModel"/> says it in code. Each
///          transaction that changes something makes one revision of the whole store, one higher than the last.
/// Errors:  <see cref="MetadataUnavailableException"/> where the store does not answer: a read can always be asked again;
///          <see cref="MetadataRefusedException"/> where it says no; <see cref="MetadataReplacedException"/> where it is not the store that it was.
/// Threads: any.
/// </remarks>
public interface IMetadataStore
{
    /// <summary>All keys that begin with the prefix, in order, as of one revision that no transaction acknowledged before is above.</summary>
    ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation);

    /// <summary>Does all that the transaction says, if all that it compares holds; else nothing.</summary>
    /// <exception cref="MetadataUnavailableException">With <see cref="MetadataUnavailableException.IsOutcomeUnknown"/> where it may have been done.</exception>
    /// <exception cref="MetadataLeaseEndedException">A key was to be put on a lease that is none any more; nothing was done.</exception>
    /// <exception cref="MetadataLimitException">The transaction is larger than one may be; nothing was done.</exception>
    ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation);

    /// <summary>A lease, on which keys can be put: they go when it is not kept alive for so long, or revoked.</summary>
    /// <param name="timeToLive">At least this long it lives; a store may round it up, etcd to whole seconds and no less than two.</param>
    ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation);

    /// <summary>The lease lives for its time from some moment after the call began.</summary>
    /// <returns>False where there is no such lease any more.</returns>
    ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation);

    /// <summary>Ends a lease, and the keys that are on it with it. One that has ended is no error.</summary>
    ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation);

    /// <summary>What changes in keys that begin with the prefix after a revision: each revision's changes together, in order, none left out.</summary>
    /// <remarks>Goes on over failures of the store's servers. Ends by cancellation, or with one of the errors.</remarks>
    /// <exception cref="MetadataCompactedException">What is asked for is not kept any more: read again, and watch from there.</exception>
    IAsyncEnumerable<MetadataChanges> WatchAsync(string prefix, long afterRevision, CancellationToken cancellation);
}

/// <summary>What a key is now.</summary>
/// <param name="Created">The revision that made the key.</param>
/// <param name="Modified">The revision that put it last.</param>
/// <param name="Lease">The lease that it goes with; 0 for none.</param>
public sealed record MetadataEntry(string Key, ReadOnlyMemory<byte> Value, long Created, long Modified, LeaseId Lease);

/// <param name="Revision">Of the whole store.</param>
public sealed record MetadataRange(long Revision, IReadOnlyList<MetadataEntry> Entries);

/// <summary>What one revision changed of the keys that are watched, in the order of keys.</summary>
public sealed record MetadataChanges(long Revision, IReadOnlyList<MetadataChange> Changes);

/// <param name="Entry">What the key is now; null where it is gone.</param>
public readonly record struct MetadataChange(string Key, MetadataEntry? Entry);

/// <summary>Names a lease; 0 is none.</summary>
public readonly record struct LeaseId(long Value)
{
    public bool IsNone => Value == 0;

    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
