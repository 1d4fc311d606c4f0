using System.Runtime.CompilerServices;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Metadata;

/// <summary>A part of a store: the keys under a prefix, without it. So that several clusters, and others, can share one etcd.</summary>
/// <remarks>Revisions and leases are the whole store's. Ownership: the store stays its owner's.</remarks>
/// <param name="scope">Ends in a slash.</param>
public sealed class ScopedMetadataStore(IMetadataStore store, string scope) : IMetadataStore
{
    /// <summary>The store as a cluster has it: what is under <c>/vecsql/NAME/</c>.</summary>
    public static ScopedMetadataStore OfCluster(IMetadataStore store, string name) => new(store, $"/vecsql/{name}/");

    public async ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation) =>
        Within(await store.ReadAsync(scope + prefix, cancellation));

    public async ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation)
    {
        MetadataOutcome outcome = await store.CommitAsync(new MetadataTransaction
        {
            Compares = [.. transaction.Compares.Select(compare => compare with { Key = scope + compare.Key })],
            Puts = [.. transaction.Puts.Select(put => put with { Key = scope + put.Key })],
            Deletes = [.. transaction.Deletes.Select(key => scope + key)],
            ReadsOnFailure = [.. transaction.ReadsOnFailure.Select(prefix => scope + prefix)],
        }, cancellation);
        return outcome with { Found = [.. outcome.Found.Select(Within)] };
    }

    public ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation) => store.GrantAsync(timeToLive, cancellation);

    public ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation) => store.KeepAliveAsync(lease, cancellation);

    public ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation) => store.RevokeAsync(lease, cancellation);

    public async IAsyncEnumerable<MetadataChanges> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (MetadataChanges changes in store.WatchAsync(scope + prefix, afterRevision, cancellation))
        {
            yield return changes with
            {
                Changes = [.. changes.Changes.Select(change => new MetadataChange(change.Key[scope.Length..], change.Entry is { } entry ? Within(entry) : null))],
            };
        }
    }

    private MetadataRange Within(MetadataRange range) => range with { Entries = [.. range.Entries.Select(Within)] };

    private MetadataEntry Within(MetadataEntry entry) => entry with { Key = entry.Key[scope.Length..] };
}
