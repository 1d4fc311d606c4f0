using VecSQL.Catalog.Metadata;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Metadata;

/// <summary>The metadata of a node that is alone, in one file of its data directory.</summary>
/// <remarks>
/// Leases:  those that were there at the last stop have their whole time again from the start on.
/// Threads: any. The directory's lock, which <see cref="StorageEngine"/> holds, keeps other processes away.
/// </remarks>
public sealed class FileMetadataStore : IMetadataStore, IDisposable
{
    public const string FileName = "METADATA";

    private readonly LocalMetadataStore _store;

    private FileMetadataStore(LocalMetadataStore store) => _store = store;

    /// <exception cref="CorruptFileException">What was durable cannot be read.</exception>
    /// <exception cref="StorageException">Of a newer version.</exception>
    public static FileMetadataStore Open(IFileSystem files, string directory, TimeProvider time)
    {
        MetadataJournal journal = MetadataJournal.Open(files, directory, out MetadataModel model);
        return new FileMetadataStore(new LocalMetadataStore(model, journal, time));
    }

    public ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation) => _store.ReadAsync(prefix, cancellation);

    public ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation) =>
        _store.CommitAsync(transaction, cancellation);

    public ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation) => _store.GrantAsync(timeToLive, cancellation);

    public ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation) => _store.KeepAliveAsync(lease, cancellation);

    public ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation) => _store.RevokeAsync(lease, cancellation);

    public IAsyncEnumerable<MetadataChanges> WatchAsync(string prefix, long afterRevision, CancellationToken cancellation) =>
        _store.WatchAsync(prefix, afterRevision, cancellation);

    /// <summary>Forgets what changed in revisions up to this one.</summary>
    public void Compact(long revision) => _store.Compact(revision);

    public void Dispose() => _store.Dispose();
}
