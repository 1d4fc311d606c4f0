using System.Collections.Concurrent;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>What storage over shards is made of.</summary>
/// <param name="Shards">Where the shards are.</param>
/// <param name="Catalog">Who knows the catalog; an <see cref="ICatalogLog"/> where no engine's log keeps it.</param>
/// <param name="Run">Names this process among all that there are and were, for the names of transactions.</param>
/// <param name="Memory">See <see cref="IStorage.Memory"/>.</param>
public sealed record ShardedStorageParts(
    IShards Shards, ICatalogSource Catalog, ITimestampSource Timestamps, MemoryBudget Memory, string Run);

/// <summary>Tables that are whole in a home shard, and tables that are divided among shards beside it.</summary>
/// <remarks>
/// Rows:    ids of rows in shards have the shard's number in their upper bits, so that a row's id says where it is.
/// Threads: any.
/// </remarks>
public sealed class ShardedStorage : IStorage
{
    private const int RowBits = 48;

    /// <summary>A replica that is further behind is left to catch up; others may not have kept what was then.</summary>
    private const long LagMaxMicroseconds = 20_000_000;

    /// <summary>Decisions that all know, after which they are deleted together.</summary>
    private const int DecisionsKept = 1024;

    private readonly ShardedStorageParts _parts;
    private readonly LocalShards? _local;
    private readonly ConcurrentDictionary<ShardId, ConcurrentQueue<RowId>> _finished = [];
    private readonly ConcurrentDictionary<string, bool> _committing = [];
    private readonly CancellationTokenSource _ended = new();
    private Task _detecting = Task.CompletedTask;
    private long _lastTransaction;
    private bool _isDisposed;

    public ShardedStorage(ShardedStorageParts parts)
    {
        _parts = parts;
        AdvisoryLocks = new AdvisoryLocks(new HomeAdvisory(parts.Shards));
    }

    private ShardedStorage(ShardedStorageParts parts, LocalShards local, TimeProvider time)
        : this(parts)
    {
        _local = local;
        Deadlocks = new DeadlockDetector(() => local.Engines, () => local.Engines, time); // at a shard that is not open nobody waits
    }

    /// <summary>Opens the directory, and those of the shards in it, and brings transactions to their end that were cut off in their commit.</summary>
    /// <exception cref="StorageException">A directory cannot be used.</exception>
    public static async ValueTask<ShardedStorage> OpenAsync(StorageOptions options)
    {
        SharedTimestamps timestamps = new(options.Time);
        StorageResources resources = new(options.DeltaBytesMax, options.ColumnCacheBytes, options.VectorCodeBytes);
        options = options with { Timestamps = timestamps, Resources = resources };
        StorageEngine home = StorageEngine.Open(options);
        timestamps.Pass(home.NewestCommit);
        LocalShards local = new(options, home, timestamps);
        string run = options.Time.GetUtcNow().UtcTicks.ToString("x", CultureInfo.InvariantCulture);
        ShardedStorage storage = new(new ShardedStorageParts(local, home.State, timestamps, home.Memory, run), local, options.Time);
        bool isOpen = false;
        try
        {
            await ResolveAsync(local).ConfigureAwait(false);
            local.Clean();
            if (options.RunsBackgroundWork && storage.Deadlocks is { } deadlocks)
                storage._detecting = deadlocks.RunAsync(storage._ended.Token);
            isOpen = true;
            return storage;
        }
        finally
        {
            if (!isOpen)
                await storage.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The home shard's number, which no other has.</summary>
    public static ShardId Home => default;

    /// <summary>The first id of a row in a shard's tables.</summary>
    public static RowId FirstRow(ShardId shard) => new(((long)shard.Value << RowBits) + 1);

    /// <summary>Where a shard's own directory is in a node's.</summary>
    public static string DirectoryOf(string node, ShardId shard) => Path.Combine(node, "shards", shard.Value.ToString(CultureInfo.InvariantCulture));

    public CatalogSnapshot Catalog => _parts.Catalog.Catalog;

    public AdvisoryLocks AdvisoryLocks { get; }

    public IReadOnlyList<HeldLock<uint>> TableLocks => HomeShard.TableLocks;

    public long NewestCommit => HomeShard.NewestCommit;

    public ShardId LastShard => _local?.Last ?? Catalog.ShardGroups.SelectMany(static group => group.Shards).DefaultIfEmpty().Max();

    public IReadOnlyCollection<SegmentIndexBuild> IndexBuilds => [.. All().SelectMany(static shard => shard.IndexBuilds)];

    public MemoryBudget Memory => _parts.Memory;

    public bool SpansNodes => CatalogLog is not null;

    internal IShards Shards => _parts.Shards;

    /// <summary>Of the shards of a node that is alone; null where others see to it.</summary>
    internal DeadlockDetector? Deadlocks { get; }

    /// <summary>Who keeps the catalog where the home engine's log does not.</summary>
    internal ICatalogLog? CatalogLog => _parts.Catalog as ICatalogLog;

    private IShard HomeShard => _parts.Shards.Find(Home);

    public ITransaction Begin(IsolationLevel isolation, bool isReadOnly = false, Func<TimeSpan>? lockPatience = null, uint database = 0) =>
        new ShardedTransaction(this, new TransactionCatalog(_parts.Catalog, database), isolation, isReadOnly, lockPatience);

    public uint NextOid() => _parts.Catalog.NextOid();

    public long EstimateRowCount(TableId table) => PartsOf(table).Sum(shard => shard.EstimateRowCount(table));

    public long SizeBytes(TableId table) => PartsOf(table).Sum(shard => shard.SizeBytes(table));

    public TableSize SizeOf(TableId table)
    {
        TableSize[] sizes = [.. PartsOf(table).Select(shard => shard.SizeOf(table))];
        return new TableSize(
            sizes.Sum(static size => size.RowCount), sizes.Sum(static size => size.DeltaBytes), [.. sizes.SelectMany(static size => size.Segments)]);
    }

    public IReadOnlyList<(ShardId Shard, TableSize? Size)> ShardsOf(TableId table) => GroupOf(table) is { } group
        ? [.. group.Shards.Distinct().Order().Select(shard => (shard, Size(_parts.Shards.Find(shard), table)))]
        : [(Home, Size(HomeShard, table))];

    private static TableSize? Size(IShard shard, TableId table)
    {
        try
        {
            return shard.SizeOf(table);
        }
        catch (SqlException passing) when (passing.IsPassing)
        {
            return null; // who asks where shards are wants to know just then
        }
    }

    public async ValueTask CheckpointAsync(CancellationToken cancellation)
    {
        foreach (IShard shard in All())
            await shard.CheckpointAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask RunBackgroundWorkAsync(CancellationToken cancellation)
    {
        foreach (IShard shard in All())
            await shard.RunBackgroundWorkAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask CompactAsync(TableId table, CancellationToken cancellation)
    {
        foreach (IShard shard in PartsOf(table))
            await shard.CompactAsync(table, cancellation).ConfigureAwait(false);
    }

    public async ValueTask BuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        foreach (IShard shard in PartsOf(table))
            await shard.BuildIndexAsync(table, definition, cancellation).ConfigureAwait(false);
    }

    public async ValueTask RebuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        foreach (IShard shard in PartsOf(table))
            await shard.RebuildIndexAsync(table, definition, cancellation).ConfigureAwait(false);
    }

    public Task WaitForSnapshotsAsync(long before, CancellationToken cancellation) =>
        Task.WhenAll(All().Select(shard => shard.WaitForSnapshotsAsync(before, cancellation)));

    public VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition) =>
        VectorIndexStatus.Together([.. PartsOf(table).Select(shard => shard.StatusOf(table, definition))]);

    public SequenceBlock TakeSequenceValues(SequenceEntry sequence, long countMax) => HomeShard.TakeSequenceValues(sequence, countMax);

    public void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled) => HomeShard.SetSequenceValue(sequence, value, isCalled);

    public (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence) => HomeShard.SequencePosition(sequence);

    /// <remarks>In a cluster its node ends it before the database does that uses it.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _ended.CancelAsync().ConfigureAwait(false);
        await _detecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _parts.Shards.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    /// <summary>What ends circles of transactions over shards.</summary>
    /// <param name="here">The shards of this node.</param>
    public DeadlockDetector DetectorOf(Func<IEnumerable<StorageEngine>> here, TimeProvider time) => new(here, All, time);

    /// <summary>Whether a transaction of this coordinator is being committed at several shards: what they have prepared of it is not left alone.</summary>
    public bool IsCommitting(string globalId) => _committing.ContainsKey(globalId);

    internal static ShardId ShardOf(RowId row) => new((uint)(row.Value >> RowBits));

    /// <summary>A moment to read at: whatever was acknowledged before the call has it or an earlier one.</summary>
    internal async ValueTask<CommitTimestamp> NowAsync(CancellationToken cancellation) =>
        new(await _parts.Timestamps.NowAsync(cancellation).ConfigureAwait(false));

    /// <inheritdoc cref="ICatalogSource.DefinedAt"/>
    internal CommitTimestamp DefinedAt(uint oid) => _parts.Catalog.DefinedAt(oid);

    /// <summary>The moment that a transaction which reads in the past is to read at.</summary>
    /// <param name="shards">Those that it comes to first.</param>
    /// <exception cref="SqlException">22023: it is not past.</exception>
    internal async ValueTask<CommitTimestamp> MomentAsync(ReadAt wanted, IEnumerable<ShardId> shards, CancellationToken cancellation)
    {
        if (wanted.Moment is null && wanted.Ago is null)
        {
            long past = await _parts.Timestamps.PastAsync(wanted.StalenessMax, cancellation).ConfigureAwait(false);
            if (wanted.Earliest is { } earliest && past < earliest.Value)
                return await PastOrNowAsync(earliest, cancellation).ConfigureAwait(false);
            if (wanted is { StalenessMax: null, Earliest: null })
            {
                // What is read need not be new: replicas that are here are not waited for, unless they are only being made.
                long least = past - LagMaxMicroseconds;
                foreach (ShardId shard in shards)
                    past = Shards.ReachedHere(shard) is { } reached && reached.Value >= least ? Math.Min(past, reached.Value) : past;
            }
            return new CommitTimestamp(past);
        }
        return wanted.Moment is { } moment ? await PastOrNowAsync(moment, cancellation).ConfigureAwait(false)
            : new CommitTimestamp(await _parts.Timestamps.NextAsync(0, 1).ConfigureAwait(false) - (long)wanted.Ago!.Value.TotalMicroseconds);
    }

    private async ValueTask<CommitTimestamp> PastOrNowAsync(CommitTimestamp moment, CancellationToken cancellation)
    {
        long now = await _parts.Timestamps.NextAsync(0, 1).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        return moment.Value < now ? moment
            : throw new SqlException(SqlState.InvalidParameterValue, "AS OF SYSTEM TIME: cannot specify timestamp in the future")
            {
                Detail = $"It is {new CommitTimestamp(now).Time:yyyy-MM-dd HH:mm:ss.ffffff+00} by the clock that timestamps are of.",
            };
    }

    /// <summary>A moment to commit at.</summary>
    internal async ValueTask<CommitTimestamp> NextTimestampAsync(CommitTimestamp after) =>
        new(await _parts.Timestamps.NextAsync(after.Value, 1).ConfigureAwait(false));

    /// <summary>What names a transaction at all its shards; none has it again.</summary>
    internal string NextGlobalId() => string.Create(CultureInfo.InvariantCulture, $"{_parts.Run}.{Interlocked.Increment(ref _lastTransaction)}");

    internal void BeginCommit(string globalId) => _committing[globalId] = true;

    internal void EndCommit(string globalId) => _committing.TryRemove(globalId, out _);

    /// <summary>All who took part in a transaction know its decision, which is this row.</summary>
    internal async ValueTask ForgetAsync(ShardId decider, RowId decision)
    {
        ConcurrentQueue<RowId> finished = _finished.GetOrAdd(decider, static _ => []);
        finished.Enqueue(decision);
        if (finished.Count < DecisionsKept)
            return;
        var rows = new List<RowId>();
        while (rows.Count < DecisionsKept && finished.TryDequeue(out RowId row))
            rows.Add(row);
        try
        {
            await Shards.Find(decider).ForgetDecisionsAsync(rows).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            // They stay.
        }
    }

    /// <summary>Definitions were committed.</summary>
    internal void Follow(CatalogSnapshot before, IReadOnlyList<CatalogChange> changes) => _local?.Follow(before, changes);

    /// <summary>Decides what a stop of the node has left prepared, by what the deciders have written down.</summary>
    private static async ValueTask ResolveAsync(LocalShards shards)
    {
        foreach (ShardGroupEntry group in shards.Home.Catalog.ShardGroups)
        {
            foreach (ShardId shard in group.Shards)
                shards.Find(shard);
        }
        foreach (StorageEngine engine in shards.Engines.ToArray())
        {
            foreach (PreparedState prepared in engine.Prepared)
                await InDoubt.ResolveAsync(engine, prepared, shards, log: null, CancellationToken.None).ConfigureAwait(false);
        }
        foreach (StorageEngine engine in shards.Engines.ToArray())
            await engine.ForgetDecisionsAsync(rows: null).ConfigureAwait(false);
    }

    private IEnumerable<IShard> All() =>
        Catalog.ShardGroups.SelectMany(static group => group.Shards).Distinct().Order().Prepend(Home).Select(_parts.Shards.Find);

    private IEnumerable<IShard> PartsOf(TableId table) => GroupOf(table) is { } group ? group.Shards.Distinct().Select(_parts.Shards.Find) : [HomeShard];

    private ShardGroupEntry? GroupOf(TableId table) => Catalog.TryFindTable(table, out TableEntry? entry) && entry.Placement is { } placement
        ? Catalog.Find(placement.GroupOid) as ShardGroupEntry : null;

    /// <summary>Sessions' advisory locks are the home engine's.</summary>
    private sealed class HomeAdvisory(IShards shards) : IAdvisoryTable
    {
        public ValueTask<bool> TakeAsync(
            AdvisoryHolder holder, ITransaction waiter, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation) =>
            ((ShardedTransaction)waiter).HoldAdvisoryAsync(holder, key, isShared, waits, cancellation);

        public void Return(AdvisoryHolder holder, AdvisoryKey key, bool isShared) => shards.Find(Home).ReturnAdvisory(holder, key, isShared);

        public IReadOnlyList<HeldLock<AdvisoryKey>> List() => shards.Find(Home).AdvisoryLocks;
    }
}
