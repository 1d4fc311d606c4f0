using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>What the transactions of an engine share.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class StorageState
{
    private readonly ConcurrentDictionary<uint, TableStore> _stores = new();
    private readonly Lock _commitLock = new();
    private CatalogSnapshot _catalog = CatalogSnapshot.Initial;
    private long _catalogVersion = 1, _nextTransaction = 2, _nextOid = CatalogSnapshot.Initial.NextOid, _timestamp;

    public StorageState() => TableLocks = new TableLocks(Graph);

    public Snapshots Snapshots { get; } = new();

    public WaitGraph Graph { get; } = new();

    public TableLocks TableLocks { get; }

    /// <summary>The newest committed catalog.</summary>
    public CatalogSnapshot Catalog => Volatile.Read(ref _catalog);

    public long NextCatalogVersion() => Interlocked.Increment(ref _catalogVersion);

    public TransactionId NextTransactionId() => new(Interlocked.Increment(ref _nextTransaction));

    public uint NextOid() => (uint)(Interlocked.Increment(ref _nextOid) - 1);

    public TableStore Store(TableId table) => _stores.GetOrAdd(table.Oid, static oid => new TableStore(new TableId(oid)));

    public void Forget(TableId table) => _stores.TryRemove(table.Oid, out _);

    public ValueTask MakeRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void SpillIfLarge(TableWrites writes, TableEntry table)
    {
    }

    public void DropFiles(SegmentId segment)
    {
    }

    public ValueTask<long> CommitAsync(Transaction transaction, bool isDurable)
    {
        if (!transaction.HasWrites)
            return new ValueTask<long>(transaction.SnapshotTimestamp);
        lock (_commitLock)
        {
            long timestamp = ++_timestamp;
            CommitApplication.Apply(this, transaction, timestamp);
            Snapshots.Publish(timestamp);
            return new ValueTask<long>(timestamp);
        }
    }

    public void SetCatalog(CatalogSnapshot catalog) => Volatile.Write(ref _catalog, catalog);
}
