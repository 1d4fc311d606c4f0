using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Cluster.Branches;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Fragments;
using VecSQL.Flight.Grpc;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Where the shards of a test are.</summary>
public enum Place
{
    Local,
    Remote,
    Mixed,
}

/// <summary>Engines of a home shard and of others in one process, a server of branches over them, and coordinators that use them from afar or at hand.</summary>
internal sealed class BranchRig : IAsyncDisposable
{
    private readonly SortedDictionary<ShardId, StorageEngine> _engines = [];
    private readonly Timestamps _timestamps = new();
    private readonly List<RemoteShard> _remote = [];
    private readonly Timestamps _asked; // by coordinators
    private readonly List<GrpcChannel> _channels = [];
    private readonly GrpcServer _server;
    private readonly List<Task> _resolving = [];
    private int _runs;

    private BranchRig(int shards)
    {
        _asked = new Timestamps(_timestamps);
        for (uint number = 0; number <= shards; number++)
        {
            ShardId shard = new(number);
            StorageEngine engine = StorageEngine.Open(new StorageOptions
            {
                Directory = "/data", Files = new FaultyFileSystem(), RunsBackgroundWork = false, Timestamps = _timestamps, DirectSegmentBytes = 20_000,
                Catalog = () => Catalog.Catalog, FirstRowId = ShardedStorage.FirstRow(shard).Value, HistoryKept = TimeSpan.FromMinutes(1),
            });
            _engines.Add(shard, engine);
            Catalog.Committed += engine.Follow;
        }
        GrpcMethods methods = new();
        FragmentResources fragments = new(1L << 30, Path.GetTempPath(), 2);
        Service = new BranchService(new Directory(this), Catalog, fragments, static _ => { }, Resolve, TimeProvider.System, NullLogger.Instance);
        Service.AddTo(methods);
        _server = GrpcServer.Start(new IPEndPoint(IPAddress.Loopback, 0), methods, new GrpcLimits(), static () => null, static _ => null,
            TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance);
    }

    public TestCatalog Catalog { get; } = new();

    public BranchService Service { get; }

    public Uri Address => new($"http://{_server.Address}");

    /// <summary>Whether what a coordinator has left prepared is brought to its end at once.</summary>
    public bool Resolves { get; set; } = true;

    public HashSet<ShardId> NotServed { get; } = [];

    /// <summary>How far replicas are at hand that follow.</summary>
    public Dictionary<ShardId, CommitTimestamp> Reached { get; } = [];

    /// <summary>How often coordinators have waited for shards, and for timestamps.</summary>
    public (long Shards, long Timestamps) RoundTrips => (_remote.Sum(static shard => shard.RoundTrips), _asked.Count);

    public StorageEngine Engine(uint shard) => _engines[new ShardId(shard)];

    public static BranchRig Open(int shards = 3) => new(shards);

    /// <summary>Another coordinator.</summary>
    /// <param name="wrap">What it has in a shard's place; null for the shard.</param>
    public ShardedStorage Coordinator(Place place, Uri? address = null, Func<IShard, IShard>? wrap = null)
    {
        GrpcChannel channel = new(address ?? Address, new GrpcChannelOptions());
        _channels.Add(channel);
        Dictionary<ShardId, IShard> shards = [];
        foreach ((ShardId shard, StorageEngine engine) in _engines)
        {
            bool isLocal = place == Place.Local || (place == Place.Mixed && shard.Value % 2 == 0);
            if (isLocal)
            {
                shards.Add(shard, wrap?.Invoke(engine) ?? engine);
                continue;
            }
            RemoteShard remote = new(shard, (method, cancellation) => channel.Begin(method, null, null, cancellation), Catalog, TimeProvider.System);
            _remote.Add(remote);
            shards.Add(shard, wrap?.Invoke(remote) ?? remote);
        }
        StorageEngine home = Engine(0);
        return new ShardedStorage(new ShardedStorageParts(
            new Found(shards, Reached), Catalog, _asked, home.Memory, $"run{Interlocked.Increment(ref _runs)}"));
    }

    public OrphanResolver Resolver(Func<ShardId, string, bool> isLive, TimeProvider time) => new(
        new Directory(this), new Found(_engines.ToDictionary(static pair => pair.Key, static pair => (IShard)pair.Value), Reached), Catalog, isLive, time);

    /// <summary>Waits until no stream has a branch any more.</summary>
    public async Task WaitUntilLeftAsync()
    {
        while (Service.BranchCount > 0)
            await Task.Yield();
    }

    /// <summary>What was prepared and is left is brought to its end.</summary>
    public async Task SettleAsync()
    {
        Task[] resolving;
        lock (_resolving)
            resolving = [.. _resolving];
        await Task.WhenAll(resolving);
        foreach (StorageEngine engine in _engines.Values)
            await ResolveAsync(engine);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (GrpcChannel channel in _channels)
            channel.Dispose();
        await _server.DisposeAsync();
        foreach (StorageEngine engine in _engines.Values)
            await engine.DisposeAsync();
    }

    private void Resolve()
    {
        if (!Resolves)
            return;
        lock (_resolving)
            _resolving.AddRange(_engines.Values.Select(ResolveAsync));
    }

    private async Task ResolveAsync(StorageEngine engine)
    {
        ShardId shard = _engines.First(pair => pair.Value == engine).Key;
        Found all = new(_engines.ToDictionary(static pair => pair.Key, static pair => (IShard)pair.Value), Reached);
        foreach (PreparedState prepared in engine.Prepared)
        {
            if (Service.IsServed(shard, prepared.GlobalId))
                continue;
            try
            {
                await InDoubt.ResolveAsync(engine, prepared, all, Catalog, default);
            }
            catch (Exception late) when (late is Core.Errors.SqlException or KeyNotFoundException)
            {
                // Somebody else was there first, or it names a shard that is none.
            }
        }
    }

    private sealed class Directory(BranchRig rig) : IShardDirectory
    {
        public IReadOnlyList<ShardId> List() => [.. rig._engines.Keys.Order()];

        public IShard? Find(ShardId shard) =>
            !rig.NotServed.Contains(shard) && rig._engines.TryGetValue(shard, out StorageEngine? engine) ? engine : null;
    }

    private sealed class Found(Dictionary<ShardId, IShard> shards, Dictionary<ShardId, CommitTimestamp> reached) : IShards
    {
        public IShard Find(ShardId shard) => shards[shard];

        public CommitTimestamp? ReachedHere(ShardId shard) => reached.TryGetValue(shard, out CommitTimestamp at) ? at : null;

        public ValueTask DisposeAsync() => default;
    }

    /// <param name="others">Where they are from; null for its own.</param>
    private sealed class Timestamps(Timestamps? others = null) : ITimestampSource
    {
        private readonly Lock _lock = new();
        private long _last = CommitTimestamp.At(DateTimeOffset.UtcNow).Value, _count;

        public long Count => Interlocked.Read(ref _count);

        public ValueTask<long> NextAsync(long after, int count)
        {
            Interlocked.Increment(ref _count);
            if (others is not null)
                return others.NextAsync(after, count);
            lock (_lock)
            {
                long first = Math.Max(after, _last) + 1;
                _last = first + count - 1;
                return new(first);
            }
        }
    }
}

/// <summary>Short ways to use tables t(id bigint primary key, name text).</summary>
internal static class Tables
{
    /// <summary>A table divided by its id among the shards from 1; whole without any.</summary>
    public static TableEntry Define(ShardedStorage storage, ITransaction transaction, int shards, string name = "t")
    {
        TableEntry table = new(storage.NextOid(), CatalogSnapshot.PublicOid, name)
        {
            Columns = [new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true }, new ColumnEntry(2, "name", SqlType.Text)],
            Indexes = [new IndexEntry(storage.NextOid(), $"{name}_pkey", [1]) { IsUnique = true, IsPrimary = true }],
        };
        if (shards > 0)
        {
            ShardGroupEntry group = ShardGroupEntry.Even(
                storage.NextOid(), $"hash {shards}", [.. Enumerable.Range(1, shards).Select(number => new ShardId((uint)number))]);
            transaction.Change(new PutObject(group));
            table = table with { Placement = new TablePlacement(group.Oid, [1]) };
        }
        transaction.Change(new PutObject(table));
        return table;
    }

    public static async Task<TableEntry> CreateAsync(ShardedStorage storage, int shards, string name = "t")
    {
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        TableEntry table = Define(storage, transaction, shards, name);
        await transaction.CommitAsync();
        return table;
    }

    public static ColumnBatch Rows(params (long Id, string? Name)[] rows)
    {
        BatchBuilder builder = new([PhysicalType.Int64, PhysicalType.Binary]);
        foreach ((long id, string? name) in rows)
        {
            ((FixedColumnBuilder<long>)builder.Columns[0]).Append(id);
            if (name is null)
                builder.Columns[1].AppendNull();
            else
                ((BinaryColumnBuilder)builder.Columns[1]).Append(Encoding.UTF8.GetBytes(name));
            builder.EndRow();
        }
        return builder.Build();
    }

    public static async Task<RowIds> InsertAsync(this ITransaction transaction, TableEntry table, params long[] ids)
    {
        await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
        return await transaction.InsertAsync(table.Id, Rows([.. ids.Select(static id => (id, (string?)$"n{id}"))]), default);
    }

    public static async Task CommitAsync(this ITransaction transaction) => await transaction.CommitAsync(isDurable: true, default);

    /// <summary>The rows that a statement of the transaction sees which begins now, by id.</summary>
    public static async Task<List<(long Id, string? Name, long RowId)>> ScanAsync(this ITransaction transaction, TableEntry table)
    {
        transaction.BeginStatement();
        await transaction.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default);
        TableView view = transaction.Read(table.Id);
        List<(long Id, string? Name, long RowId)> rows = [];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open([1, 2], withRowId: true, []);
            while (reader.Next() is { } batch)
            {
                var ids = (FixedColumn<long>)batch.Columns[0].Expand();
                var names = (BinaryColumn)batch.Columns[1].Expand();
                var rowIds = (FixedColumn<long>)batch.Columns[2].Expand();
                for (int row = 0; row < batch.RowCount; row++)
                    rows.Add((ids[row], names.IsNull(row) ? null : Encoding.UTF8.GetString(names[row]), rowIds[row]));
            }
        }
        view.Release();
        rows.Sort();
        return rows;
    }

    public static async Task<long[]> IdsAsync(this IStorage storage, TableEntry table)
    {
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        return [.. (await transaction.ScanAsync(table)).Select(static row => row.Id)];
    }

    public static async Task<RowId[]> RowsAsync(this ITransaction transaction, TableEntry table, params long[] ids) =>
        [.. (await transaction.ScanAsync(table)).Where(row => ids.Contains(row.Id)).Select(static row => new RowId(row.RowId))];
}
