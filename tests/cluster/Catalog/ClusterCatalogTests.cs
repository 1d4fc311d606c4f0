using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Cluster.Catalog;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Tests.Etcd;
using VecSQL.Cluster.Tests.Metadata;
using VecSQL.Core.Errors;
using VecSQL.Kit;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Catalog;

/// <summary>Nodes change and follow one catalog in a store of metadata.</summary>
public sealed class ClusterCatalogTests(EtcdFixture etcd) : IClassFixture<EtcdFixture>, IAsyncLifetime, IDisposable
{
    private static readonly ReplicaSet Alone = new(ReplicationMode.Quorum, [new NodeId(1)]);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _following = [];
    private LocalMetadataStore? _local;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (Task following in _following)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    public void Dispose()
    {
        _local?.Dispose();
        _end.Dispose();
    }

    [Theory, LocalStores, EtcdStore]
    public async Task What_one_node_defines_all_nodes_see(string kind)
    {
        IMetadataStore store = await OpenAsync(kind);
        (ClusterCatalog one, ClusterCatalog two) = (await FollowAsync(store), await FollowAsync(store));
        List<string> told = [];
        two.Followed = (before, changes) => told.Add($"{before.Version}: {changes.Count}");
        TableEntry table = Table(one, "t");
        ShardGroupEntry group = ShardGroupEntry.Even(one.NextOid(), "hash 2", [new ShardId(1), new ShardId(2)]);
        await one.CommitAsync(Commit("run.1", [new PutObject(group), new PutObject(table)]), default);
        Assert.NotNull(one.Catalog.Find(table.Oid));
        await two.ReachAsync(one.Catalog.Version, default);
        Assert.Equal("t", two.Catalog.Find(table.Oid)?.Name);
        Assert.Equal(["1: 2"], told);
        Assert.Equal(one.Catalog.Version, two.ChangedAt(table.Oid));
        Assert.Equal(1, two.ChangedAt(CatalogSnapshot.PublicOid));
        Assert.Equal(0, two.ChangedAt(99_999));
        Assert.Equal(["shards/00000000", "shards/00000001", "shards/00000002"], await KeysAsync(store, "shards/"));
        await two.CommitAsync(Commit("run.2", [new DropObject(group.Oid)], group), default);
        Assert.Equal(["shards/00000000"], await KeysAsync(store, "shards/"));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Of_two_that_conflict_one_is_told_so(string kind)
    {
        IMetadataStore store = await OpenAsync(kind);
        (ClusterCatalog one, ClusterCatalog two) = (await FollowAsync(store), await FollowAsync(store));
        Task[] both =
        [
            one.CommitAsync(Commit("run.1", [new PutObject(Table(one, "t"))]), default).AsTask(),
            two.CommitAsync(Commit("run.2", [new PutObject(Table(two, "t"))]), default).AsTask(),
        ];
        SqlException taken = await Assert.ThrowsAsync<SqlException>(() => Task.WhenAll(both));
        Assert.Equal(SqlState.UniqueViolation, taken.State);
        Assert.Equal(1, both.Count(static task => task.IsFaulted));
        await two.ReachAsync(one.Catalog.Version, default);
        await one.ReachAsync(two.Catalog.Version, default);
        TableEntry table = one.Catalog.Objects.OfType<TableEntry>().Single();
        await one.CommitAsync(Commit("run.3", [new PutObject(table with { Comment = "1" })], table), default);
        SqlException changed = await Assert.ThrowsAsync<SqlException>(
            () => two.CommitAsync(Commit("run.4", [new PutObject(table with { Comment = "2" })], table), default).AsTask());
        Assert.Equal(SqlState.SerializationFailure, changed.State);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Many_at_once_are_all_there_in_one_order(string kind)
    {
        IMetadataStore store = await OpenAsync(kind);
        ClusterCatalog[] nodes = [await FollowAsync(store), await FollowAsync(store), await FollowAsync(store)];
        await Task.WhenAll(nodes.Select((node, n) => Task.Run(async () =>
        {
            for (int i = 0; i < 20; i++)
                await node.CommitAsync(Commit($"run.{n}.{i}", [new PutObject(Table(node, $"t{n}_{i}"))]), default);
        })));
        foreach (ClusterCatalog node in nodes)
        {
            await node.ReachAsync(61, default);
            Assert.Equal(60, node.Catalog.Objects.OfType<TableEntry>().Select(static table => table.Oid).Distinct().Count());
        }
        Assert.True(CatalogCodec.EncodeSnapshot(nodes[0].Catalog).AsSpan().SequenceEqual(CatalogCodec.EncodeSnapshot(nodes[2].Catalog)));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_log_gives_way_to_a_whole_catalog_and_large_changes_are_cut(string kind)
    {
        IMetadataStore store = await OpenAsync(kind);
        ClusterCatalog one = await FollowAsync(store);
        TableEntry large = Table(one, "large") with { Comment = new string('x', 3 << 20) };
        await one.CommitAsync(Commit("run.1", [new PutObject(large)]), default);
        for (int i = 0; i < 5; i++)
            await one.CommitAsync(Commit($"run.a{i}", [new PutObject(Table(one, $"t{i}"))]), default);
        ClusterCatalog late = await FollowAsync(store);
        await late.ReachAsync(7, default);
        Assert.Equal(3 << 20, (late.Catalog.Find(large.Oid) as TableEntry)?.Comment?.Length);
        await one.CompactAsync(default);
        Assert.Empty(await KeysAsync(store, "catalog/log/"));
        Assert.Empty(await KeysAsync(store, "catalog/parts/"));
        await one.CommitAsync(Commit("run.2", [new DropObject(large.Oid)], large), default);
        ClusterCatalog fresh = await FollowAsync(store);
        foreach (ClusterCatalog node in (ClusterCatalog[])[late, fresh])
        {
            await node.ReachAsync(8, default);
            Assert.Equal(5, node.Catalog.Objects.OfType<TableEntry>().Count());
        }
    }

    [Theory, LocalStores, EtcdStore]
    public async Task An_outcome_that_was_told_holds(string kind)
    {
        IMetadataStore store = await OpenAsync(kind);
        ClusterCatalog one = await FollowAsync(store), two = await FollowAsync(store);
        CatalogCommit commit = Commit("run.1", [new PutObject(Table(one, "t"))]) with { IsPrepared = true, At = new CommitTimestamp(77) };
        await one.CommitAsync(commit, default);
        Assert.Equal(new CommitTimestamp(77), await two.ResolveAsync("run.1", default));
        Assert.Equal("t", two.Catalog.Objects.OfType<TableEntry>().Single().Name); // known before its locks are let go
        await one.ForgetAsync("run.1");
        Assert.Empty(await KeysAsync(store, "catalog/decisions/"));
        Assert.Null(await two.ResolveAsync("run.2", default));
        SqlException late = await Assert.ThrowsAsync<SqlException>(
            () => one.CommitAsync(commit with { GlobalId = "run.2", Changes = [new PutObject(Table(one, "u"))] }, default).AsTask());
        Assert.Equal(SqlState.SerializationFailure, late.State);
        Assert.Null(await two.ResolveAsync("run.2", default));
    }

    [Fact]
    public async Task Answers_that_are_lost_change_nothing()
    {
        ManualTime time = new();
        SteppedStore store = new(time);
        await CatalogBase.TryBeginAsync(store, CatalogSnapshot.Initial, [], default);
        ClusterCatalog catalog = Follow(new ClusterCatalog(store, new Placement(), time, new Random(1)));
        for (int round = 0; round < 8; round++)
        {
            (store.LostAnswers, store.LostRequests) = (round & 1, (round >> 1) & 3);
            TableEntry table = new((uint)(30_000 + round), CatalogSnapshot.PublicOid, $"t{round}") { Columns = [new ColumnEntry(1, "id", SqlType.Int8)] };
            Task committing = catalog.CommitAsync(Commit($"run.{round}", [new PutObject(table)]) with { IsPrepared = round > 3 }, default).AsTask();
            while (!committing.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }
            await committing;
            while (catalog.Catalog.Version < round + 2) // the clock may have run away from who follows
                await Task.Yield();
            Assert.Equal(round + 2, catalog.Catalog.Version);
        }
        (store.LostAnswers, store.LostRequests) = (0, 1000);
        Task unknown = catalog.CommitAsync(Commit("run.x", [new PutObject(new SchemaEntry(40_000, "s"))]), default).AsTask();
        while (!unknown.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        Assert.Equal(SqlState.TransactionResolutionUnknown, (await Assert.ThrowsAsync<SqlException>(() => unknown)).State);
    }

    [Fact]
    public async Task A_node_that_was_alone_becomes_the_first_of_a_cluster()
    {
        CatalogSnapshot alone = CatalogSnapshot.Initial.Apply([new PutObject(new SchemaEntry(20_000, "s")), new PutObject(new TableEntry(20_001, 20_000, "t") { Columns = [] })]);
        LocalMetadataStore store = _local = new(new MetadataModel(), journal: null, TimeProvider.System);
        Assert.True(await CatalogBase.TryBeginAsync(store, alone, [ShardState.Begin(default, Alone)], default));
        Assert.False(await CatalogBase.TryBeginAsync(store, CatalogSnapshot.Initial, [], default));
        ClusterCatalog catalog = await FollowAsync(store);
        Assert.Equal("t", catalog.Catalog.Find(20_001)?.Name);
        Assert.True(catalog.NextOid() > 20_001);
    }

    [Fact]
    public async Task Object_ids_of_nodes_are_apart()
    {
        IMetadataStore store = await OpenAsync("local");
        (ClusterCatalog one, ClusterCatalog two) = (await FollowAsync(store), await FollowAsync(store));
        uint[] ids = [.. Enumerable.Range(0, 5000).SelectMany(_ => (uint[])[one.NextOid(), two.NextOid()])];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, static id => Assert.True(id >= TypeOid.FirstUser));
    }

    private static CatalogCommit Commit(string id, CatalogChange[] changes, params CatalogObject?[] before) =>
        new(id, default, changes, [.. before, .. Enumerable.Repeat<CatalogObject?>(null, changes.Length - before.Length)], IsPrepared: false);

    private static TableEntry Table(ClusterCatalog catalog, string name) =>
        new(catalog.NextOid(), CatalogSnapshot.PublicOid, name) { Columns = [new ColumnEntry(1, "id", SqlType.Int8)] };

    private static async Task<string[]> KeysAsync(IMetadataStore store, string prefix) =>
        [.. (await store.ReadAsync(prefix, default)).Entries.Select(static entry => entry.Key)];

    private async Task<IMetadataStore> OpenAsync(string kind)
    {
        IMetadataStore store;
        if (kind == "etcd")
        {
            store = etcd.Store ?? throw new InvalidOperationException("no etcd");
            foreach (string key in (string[])[.. await KeysAsync(store, "catalog/"), .. await KeysAsync(store, "shards/"), "oids"])
                await store.CommitAsync(new MetadataTransaction { Deletes = [key] }, default);
        }
        else
        {
            store = _local = new LocalMetadataStore(new MetadataModel(), journal: null, TimeProvider.System);
        }
        Assert.True(await CatalogBase.TryBeginAsync(store, CatalogSnapshot.Initial, [ShardState.Begin(default, Alone)], default));
        return store;
    }

    private async Task<ClusterCatalog> FollowAsync(IMetadataStore store)
    {
        ClusterCatalog catalog = Follow(new ClusterCatalog(store, new Placement(), TimeProvider.System, new Random(1)));
        await catalog.ReachAsync(1, default);
        return catalog;
    }

    private ClusterCatalog Follow(ClusterCatalog catalog)
    {
        _following.Add(catalog.FollowAsync(_end.Token));
        return catalog;
    }

    private sealed class Placement : IShardPlacement
    {
        public IReadOnlyList<ShardState> Place(IReadOnlyList<(ShardId Shard, ShardGroupEntry Group)> shards) =>
            [.. shards.Select(static made => ShardState.Begin(made.Shard, Alone))];

        public ValueTask WaitAsync(IReadOnlyCollection<ShardId> shards) => default;
    }
}
