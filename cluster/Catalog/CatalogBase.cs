using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Catalog;

/// <summary>Whole catalogs in the store: where a cluster begins, and what takes the place of a long log.</summary>
public static class CatalogBase
{
    /// <summary>Keys that one transaction deletes.</summary>
    private const int DeletesMax = 100;

    /// <summary>Begins a cluster's catalog: as all catalogs begin, or as that of a node was which was alone.</summary>
    /// <param name="shards">The states of the home shard and of those that the catalog names.</param>
    /// <returns>False where the cluster has one already.</returns>
    /// <exception cref="MetadataUnavailableException">It is not known whether it has begun: to be asked again.</exception>
    public static async ValueTask<bool> TryBeginAsync(
        IMetadataStore store, CatalogSnapshot catalog, IReadOnlyList<ShardState> shards, CancellationToken cancellation)
    {
        if ((await store.ReadAsync(CatalogKeys.Head, cancellation).ConfigureAwait(false)).Entries.Count > 0)
            return false;
        CatalogSnapshot first = catalog.WithVersion(1);
        await PutAsync(store, first, cancellation).ConfigureAwait(false);
        MetadataOutcome outcome = await store.CommitAsync(new MetadataTransaction
        {
            Compares = [MetadataCompare.IsMissing(CatalogKeys.Head), .. shards.Select(static state => MetadataCompare.IsMissing(ShardState.KeyOf(state.Shard)))],
            Puts =
            [
                new MetadataPut(CatalogKeys.Head, System.Text.Encoding.ASCII.GetBytes(CatalogKeys.Text(1))),
                new MetadataPut(CatalogKeys.Oids, OidBlocks.Value(catalog.NextOid)),
                .. shards.Select(static state => new MetadataPut(ShardState.KeyOf(state.Shard), ShardStateCodec.Encode(state))),
                .. catalog.ShardGroups.Where(static group => group.HasReplication)
                    .Select(static group => new MetadataPut(GroupReplication.KeyOf(group.Oid), GroupReplication.Of(group).Encode())),
            ],
        }, cancellation).ConfigureAwait(false);
        return outcome.IsDone;
    }

    internal static async ValueTask PutAsync(IMetadataStore store, CatalogSnapshot catalog, CancellationToken cancellation)
    {
        byte[][] parts = CatalogKeys.Cut(CatalogCodec.EncodeSnapshot(catalog));
        for (int i = 0; i < parts.Length; i++)
        {
            MetadataPut put = new(CatalogKeys.BaseOf(catalog.Version, i), parts[i]);
            await store.CommitAsync(new MetadataTransaction { Puts = [put] }, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what came before a whole catalog that is there.</summary>
    internal static async ValueTask DropBeforeAsync(IMetadataStore store, long version, CancellationToken cancellation)
    {
        List<string> gone = [];
        foreach (MetadataEntry entry in (await store.ReadAsync(CatalogKeys.Log, cancellation).ConfigureAwait(false)).Entries)
        {
            if (CatalogKeys.Version(entry.Key.AsSpan(CatalogKeys.Log.Length)) > version)
                continue;
            CatalogLogRecord record = CatalogKeys.Read(CatalogLogRecord.Parser, entry);
            for (int i = 0; i < record.PartCount; i++)
                gone.Add(CatalogKeys.PartOf(record.Parts, i));
            gone.Add(entry.Key);
        }
        foreach (MetadataEntry entry in (await store.ReadAsync(CatalogKeys.Base, cancellation).ConfigureAwait(false)).Entries)
        {
            if (string.CompareOrdinal(entry.Key, CatalogKeys.BaseOf(version, 0)) < 0)
                gone.Add(entry.Key);
        }
        // In the order of versions, so that what is left of a log always follows a whole catalog that is there.
        foreach (string[] some in gone.Chunk(DeletesMax))
            await store.CommitAsync(new MetadataTransaction { Deletes = some }, cancellation).ConfigureAwait(false);
    }
}
