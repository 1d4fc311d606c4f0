using System.Collections.Concurrent;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Shards;

/// <summary>The shards of a node that is alone: engines in its data directory, opened when first asked for.</summary>
/// <remarks>
/// Catalog: the home engine's; the others borrow it.
/// Ends:    a shard that no group has any more is closed, and its files are deleted: no table is in it, and none will be.
/// Threads: any.
/// </remarks>
internal sealed class LocalShards(StorageOptions options, StorageEngine home, SharedTimestamps timestamps) : IShards
{
    private readonly ConcurrentDictionary<ShardId, StorageEngine> _shards = [];
    private readonly ConcurrentDictionary<ShardId, Task> _gone = [];
    private readonly Lock _gate = new();

    public StorageEngine Home => home;

    public IEnumerable<StorageEngine> Engines => _shards.OrderBy(static shard => shard.Key).Select(static shard => shard.Value).Prepend(home);

    /// <summary>The greatest number that a shard has, or had since the start: what is being deleted is not to be met by another.</summary>
    public ShardId Last => home.Catalog.ShardGroups.SelectMany(static group => group.Shards).Concat(_gone.Keys).DefaultIfEmpty().Max();

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
            if (_gone.ContainsKey(shard))
                throw new SqlException(SqlState.SerializationFailure, $"shard {shard} has been dropped meanwhile");
            engine = StorageEngine.Open(options with
            {
                Directory = DirectoryOf(shard),
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
        if (!changes.Any(change => change is DropObject drop && before.Find(drop.Oid) is ShardGroupEntry))
            return;
        HashSet<ShardId> kept = Named();
        foreach (ShardId shard in before.ShardGroups.SelectMany(static group => group.Shards).Distinct().Where(shard => !kept.Contains(shard)))
            Drop(shard);
    }

    /// <summary>Deletes what shards have left that no group has: where a stop came before that. Not of those that were asked what they have decided.</summary>
    public void Clean()
    {
        string all = Path.Combine(options.Directory, "shards");
        if (!options.Files.DirectoryExists(all))
            return;
        HashSet<ShardId> kept = [.. Named(), .. _shards.Keys];
        foreach (string name in options.Files.ListDirectories(all))
        {
            if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && !kept.Contains(new ShardId(number)))
                DropFiles(new ShardId(number));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (StorageEngine engine in Engines.Reverse())
            await engine.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_gone.Values).ConfigureAwait(false);
        options.Resources?.Dispose();
    }

    private HashSet<ShardId> Named() => [.. home.Catalog.ShardGroups.SelectMany(static group => group.Shards)];

    private string DirectoryOf(ShardId shard) => ShardedStorage.DirectoryOf(options.Directory, shard);

    private void Drop(ShardId shard)
    {
        lock (_gate)
        {
            _shards.TryRemove(shard, out StorageEngine? engine);
            _gone[shard] = DropAsync(shard, engine);
        }
    }

    private async Task DropAsync(ShardId shard, StorageEngine? engine)
    {
        bool isAsked = Engines.Any(static other => other.Prepared.Count > 0); // it may know how a transaction has ended that another could not
        if (engine is not null)
            await engine.DisposeAsync().ConfigureAwait(false);
        if (!isAsked)
            DropFiles(shard);
    }

    private void DropFiles(ShardId shard)
    {
        try
        {
            ShardFiles.Drop(options.Files, DirectoryOf(shard));
        }
        catch (FileFaultException)
        {
            // They stay until the next start.
        }
    }
}
