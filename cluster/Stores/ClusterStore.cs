using System.Globalization;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Catalog;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Transport;
using VecSQL.Executor.Fragments;
using VecSQL.Flight.Grpc;
using VecSQL.Storage;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Shards;

namespace VecSQL.Cluster.Stores;

/// <summary>What a node's sessions work on in a cluster: the catalog that all follow, the shards wherever they are, timestamps that are everybody's.</summary>
/// <remarks>
/// Order:   made, its calls added to the node's door, then <see cref="StartAsync"/>.
/// Threads: any.
/// </remarks>
public sealed class ClusterStore : IAsyncDisposable
{
    /// <summary>How often the store is asked whether it can begin.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly ClusterNode _node;
    private readonly IMetadataStore _metadata;
    private readonly ClusterCatalog _catalog;
    private readonly NodeShards _shards;
    private readonly ReadClock _clock;
    private readonly BranchService _service;
    private readonly OrphanResolver _orphans;
    private readonly StorageOptions _storage;
    private readonly StorageOptions _alone; // as a node has it that is in no cluster
    private readonly StorageResources? _own;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loops = Task.CompletedTask;
    private FoundingStore? _founding;

    /// <param name="metadata">The cluster's.</param>
    /// <param name="check">Throws where a call is none of a node.</param>
    /// <param name="storage">Of all engines on this node: the node's data directory, and what they may take of the machine.</param>
    /// <param name="fragments">What there is for parts of other nodes' statements.</param>
    /// <param name="run">Names this process among all that there are and were.</param>
    /// <param name="random">Of which this is the only user from now on.</param>
    public ClusterStore(
        ClusterNode node, IMetadataStore metadata, NodeClient client, Action<GrpcCall> check, StorageOptions storage, FragmentResources fragments,
        string run, Random random, ILogger log)
    {
        (_node, _metadata, _alone) = (node, metadata, storage);
        _catalog = new ClusterCatalog(metadata, new NodePlacement(node, () => _shards!, ReplicaCount, storage.Time), storage.Time, new Random(random.Next()));
        _clock = new ReadClock(ClusterTimestamps.Of(node, client, storage.Time, new Random(random.Next())), storage.Time);
        _own = storage.Resources is null ? new StorageResources(storage.DeltaBytesMax, storage.ColumnCacheBytes, storage.VectorCodeBytes) : null;
        StorageResources resources = storage.Resources ?? _own!;
        _storage = storage with { Resources = resources, Timestamps = _clock, Catalog = () => _catalog.Catalog, HistoryKept = HistoryKept };
        _shards = new NodeShards(
            node, (target, method, cancellation) => client.Begin(target, method, timeout: null, cancellation), _storage, _catalog, () => _orphans!.Wake(),
            reason => _failed.TrySetResult(reason), log);
        _service = new BranchService(_shards, _catalog, fragments, check, () => _orphans!.Wake(), storage.Time, log);
        Storage = new ShardedStorage(new ShardedStorageParts(_shards, _catalog, _clock, resources.Delta, run));
        _orphans = new OrphanResolver(_shards, _shards, _catalog, (shard, id) => _service.IsServed(shard, id) || Storage.IsCommitting(id), storage.Time);
        _catalog.Followed = (before, changes) => _shards.Follow(before, changes);
    }

    /// <summary>How many replicas a new shard gets, where there are as many nodes.</summary>
    public const int ReplicaCount = 3;

    /// <summary>For how long a moment can be read at after it was given.</summary>
    private static TimeSpan HistoryKept { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The tables of the cluster.</summary>
    public ShardedStorage Storage { get; }

    /// <summary>Completes with the reason when a part of it has ended.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>How the replicas on this node are getting on.</summary>
    public IReadOnlyList<ShardFigures> Figures => _shards.Figures;

    /// <summary>Adds what other nodes call.</summary>
    public void AddTo(GrpcMethods methods) => _service.AddTo(methods);

    /// <summary>Begins to take part: makes the cluster's catalog where there is none yet, and returns when this node knows it.</summary>
    /// <exception cref="JoinRefusedException">The node has tables of its own, and the cluster has others.</exception>
    /// <exception cref="StorageException">The node has tables of its own that cannot be brought into the cluster.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (FoundingStore.IsIn(_alone))
        {
            await CheckFoundingAsync(cancellation).ConfigureAwait(false);
            _founding = await FoundingStore.PrepareAsync(_alone).ConfigureAwait(false);
        }
        _node.Start(_shards);
        _loops = Task.WhenAll(
            KeepAsync(() => _catalog.FollowAsync(_ended.Token)), KeepAsync(() => _shards.TickAsync(_ended.Token)), KeepAsync(() => _orphans.RunAsync(_ended.Token)),
            KeepAsync(() => _clock.RunAsync(_shards.CloseMoment, _ended.Token)),
            KeepAsync(() => Storage.DetectorOf(() => _shards.Served, _storage.Time).RunAsync(_ended.Token)));
        using PeriodicTimer timer = new(LookInterval, _storage.Time);
        while (!await BeginAsync(cancellation).ConfigureAwait(false) || !_catalog.HasBegun)
            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        if (_founding is null)
            return;
        await CheckFoundingAsync(cancellation).ConfigureAwait(false); // another may have been quicker
        FoundingStore.Finish(_alone);
    }

    /// <summary>Returns when some node serves the tables that are whole.</summary>
    public Task WaitForHomeAsync(CancellationToken cancellation) => _node.WaitAsync(
        static view => view.Shards.TryGetValue(ShardedStorage.Home, out ShardState? home) && !home.Primary.IsNone, cancellation);

    /// <summary>Replicas on this node take no part any more: commits that wait for others end without an outcome.</summary>
    public ValueTask EndShardsAsync() => _shards.EndAsync();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        await Storage.DisposeAsync().ConfigureAwait(false);
        _own?.Dispose();
        _ended.Dispose();
    }

    /// <summary>Tables that a node has by itself can only be a cluster's where it has none, or these already.</summary>
    private async Task CheckFoundingAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(LookInterval, _storage.Time);
        while (true)
        {
            try
            {
                IReadOnlyList<MetadataEntry> homes = (await _metadata.ReadAsync(ShardState.KeyOf(ShardedStorage.Home), cancellation).ConfigureAwait(false)).Entries;
                if (homes.Count > 0 && !ShardStateCodec.Decode(homes[0].Value.Span).Replicas.Contains(_node.Id))
                {
                    throw new JoinRefusedException($"data directory \"{_alone.Directory}\" has tables of its own, and the cluster has others: " +
                        "only a cluster's first node can bring its tables; export them, and start this node with a new directory");
                }
                return;
            }
            catch (MetadataUnavailableException)
            {
                await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Whether the cluster has a catalog.</returns>
    private async Task<bool> BeginAsync(CancellationToken cancellation)
    {
        if (_node.View.Shards.ContainsKey(ShardedStorage.Home))
            return true;
        try
        {
            ReplicaSet own = new(ReplicationMode.Quorum, [_node.Id]);
            ShardState[] shards = [.. (_founding?.Shards ?? [ShardedStorage.Home]).Select(shard => ShardState.Begin(shard, own))];
            await CatalogBase.TryBeginAsync(_metadata, _founding?.Catalog ?? CatalogSnapshot.Initial, shards, cancellation).ConfigureAwait(false);
        }
        catch (MetadataUnavailableException)
        {
            // It is asked again.
        }
        return false; // until this node sees it
    }

    private async Task KeepAsync(Func<Task> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // It was told to end.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The loop of a part of the node, whatever went wrong: a node with a part missing must not seem whole.
            _failed.TrySetResult(failure.Message);
        }
    }
}
