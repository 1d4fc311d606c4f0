using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;

namespace VecSQL.Storage.Shards;

/// <summary>The shards of a node that is alone: engines in its data directory, opened when first asked for.</summary>
/// <remarks>Catalog: the home engine's; the others borrow it. Threads: any.</remarks>
internal sealed class LocalShards(StorageOptions options, StorageEngine home, SharedTimestamps timestamps) : IShards
{
    private readonly ConcurrentDictionary<ShardId, StorageEngine> _shards = [];
    private readonly Lock _gate = new();

    public StorageEngine Home => home;

    public IEnumerable<StorageEngine> Engines => _shards.OrderBy(static shard => shard.Key).Select(static shard => shard.Value).Prepend(home);

    public IShard Find(ShardId shard)
    {
        if (shard == ShardedStorage.Home)
            return home;
        if (_shards.TryGetValue(shard, out StorageEngine? engine))
            return engine;
        lock (_gate)
        {
            if (_shards.TryGetValue(shard, out engine))
                return engine;
            engine = StorageEngine.Open(options with
            {
                Directory = ShardedStorage.DirectoryOf(options.Directory, shard),
                Catalog = () => home.Catalog,
                FirstRowId = ShardedStorage.FirstRow(shard).Value,
            });
            timestamps.Pass(engine.NewestCommit);
            _shards[shard] = engine;
            return engine;
        }
    }

    /// <summary>Definitions were committed in the home engine.</summary>
    public void Follow(CatalogSnapshot before, IReadOnlyList<CatalogChange> changes)
    {
        foreach (StorageEngine engine in _shards.Values)
            engine.Follow(before, changes);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (StorageEngine engine in Engines.Reverse())
            await engine.DisposeAsync().ConfigureAwait(false);
        options.Resources?.Dispose();
    }
}
