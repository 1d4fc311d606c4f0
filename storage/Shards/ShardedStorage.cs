using System.Buffers.Binary;
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
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Tables that are whole in a home engine, and tables that are divided among engines beside it.</summary>
/// <remarks>
/// Rows:    ids of rows in shards have the shard's number in their upper bits, so that a row's id says where it is.
/// Catalog: the home engine's; the others borrow it.
/// Threads: any.
/// </remarks>
public sealed class ShardedStorage : IStorage
{
    private const int RowBits = 48;

    /// <summary>Decisions that all know, after which they are deleted together.</summary>
    private const int DecisionsKept = 1024;

    private readonly StorageOptions _options;
    private readonly StorageEngine _home;
    private readonly ConcurrentDictionary<ShardId, StorageEngine> _shards = [];
    private readonly Lock _gate = new();

    private readonly SharedTimestamps _timestamps;
    private readonly string _run;
    private readonly ConcurrentDictionary<ShardId, ConcurrentQueue<RowId>> _finished = [];
    private readonly ConcurrentDictionary<ShardId, SqlException> _broken = [];
    private long _lastTransaction;

    private ShardedStorage(StorageOptions options, StorageEngine home, SharedTimestamps timestamps)
    {
        (_options, _home, _timestamps) = (options, home, timestamps);
        _timestamps.Pass(home.NewestCommit);
        _run = options.Time.GetUtcNow().UtcTicks.ToString("x", CultureInfo.InvariantCulture);
    }

    /// <summary>Opens the directory, and those of the shards in it, and brings transactions to their end that were cut off in their commit.</summary>
    /// <exception cref="StorageException">A directory cannot be used.</exception>
    public static async ValueTask<ShardedStorage> OpenAsync(StorageOptions options)
    {
        SharedTimestamps timestamps = new(options.Time);
        options = options with { Timestamps = timestamps };
        ShardedStorage storage = new(options, StorageEngine.Open(options), timestamps);
        bool isOpen = false;
        try
        {
            foreach (ShardGroupEntry group in storage.Catalog.ShardGroups)
            {
                foreach (ShardId shard in group.Shards)
                    storage.Engine(shard);
            }
            await storage.ResolveAsync().ConfigureAwait(false);
            isOpen = true;
            return storage;
        }
        finally
        {
            if (!isOpen)
                await storage.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The home engine's number, which no shard has.</summary>
    internal static ShardId Home => default;

    /// <summary>The last timestamp that was given: whatever is acknowledged by now has it or an earlier one.</summary>
    internal CommitTimestamp Newest => _timestamps.Newest;

    public CatalogSnapshot Catalog => _home.Catalog;

    public AdvisoryLocks AdvisoryLocks => _home.AdvisoryLocks;

    public IReadOnlyList<HeldLock<uint>> TableLocks => _home.TableLocks;

    public long NewestCommit => _home.NewestCommit;

    public IReadOnlyCollection<SegmentIndexBuild> IndexBuilds => [.. Engines.SelectMany(static engine => engine.IndexBuilds)];

    public MemoryBudget Memory => _home.Memory;

    private IEnumerable<StorageEngine> Engines => _shards.OrderBy(static shard => shard.Key).Select(static shard => shard.Value).Prepend(_home);

    public ITransaction Begin(IsolationLevel isolation, bool isReadOnly = false, Func<TimeSpan>? lockPatience = null, uint database = 0) =>
        new ShardedTransaction(this, _home.Begin(isolation, isReadOnly, lockPatience, database));

    public uint NextOid() => _home.NextOid();

    public long EstimateRowCount(TableId table) => EnginesOf(table).Sum(engine => engine.EstimateRowCount(table));

    public long SizeBytes(TableId table) => EnginesOf(table).Sum(engine => engine.SizeBytes(table));

    public TableSize SizeOf(TableId table)
    {
        TableSize[] sizes = [.. EnginesOf(table).Select(engine => engine.SizeOf(table))];
        return new TableSize(
            sizes.Sum(static size => size.RowCount), sizes.Sum(static size => size.DeltaBytes), [.. sizes.SelectMany(static size => size.Segments)]);
    }

    public async ValueTask CheckpointAsync(CancellationToken cancellation)
    {
        foreach (StorageEngine engine in Engines)
            await engine.CheckpointAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask RunBackgroundWorkAsync(CancellationToken cancellation)
    {
        foreach (StorageEngine engine in Engines)
            await engine.RunBackgroundWorkAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask CompactAsync(TableId table, CancellationToken cancellation)
    {
        foreach (StorageEngine engine in EnginesOf(table))
            await engine.CompactAsync(table, cancellation).ConfigureAwait(false);
    }

    public async ValueTask BuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        foreach (StorageEngine engine in EnginesOf(table))
            await engine.BuildIndexAsync(table, definition, cancellation).ConfigureAwait(false);
    }

    public async ValueTask RebuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        foreach (StorageEngine engine in EnginesOf(table))
            await engine.RebuildIndexAsync(table, definition, cancellation).ConfigureAwait(false);
    }

    public Task WaitForSnapshotsAsync(long before, CancellationToken cancellation) =>
        Task.WhenAll(Engines.Select(engine => engine.WaitForSnapshotsAsync(before, cancellation)));

    public VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition) =>
        VectorIndexStatus.Together([.. EnginesOf(table).Select(engine => engine.StatusOf(table, definition))]);

    public long NextSequenceValue(SequenceEntry sequence) => _home.NextSequenceValue(sequence);

    public void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled) => _home.SetSequenceValue(sequence, value, isCalled);

    public (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence) => _home.SequencePosition(sequence);

    public async ValueTask DisposeAsync()
    {
        foreach (StorageEngine engine in Engines.Reverse())
            await engine.DisposeAsync().ConfigureAwait(false);
    }

    internal static ShardId ShardOf(RowId row) => new((uint)(row.Value >> RowBits));

    /// <exception cref="SqlException">The shard's log could not be written, so that a transaction that is decided has not come to its end there.</exception>
    internal Transaction BeginBranch(ShardId shard, Transaction home) => _broken.TryGetValue(shard, out SqlException? unwritten)
        ? throw new SqlException(unwritten.State, unwritten.Message, hint: unwritten.Hint, cause: unwritten)
        : Engine(shard).BeginBranch(home);

    /// <summary>What names a transaction that several engines commit; none has it again.</summary>
    internal string NextGlobalId() => string.Create(CultureInfo.InvariantCulture, $"{_run}.{Interlocked.Increment(ref _lastTransaction)}");

    /// <summary>What a prepared transaction keeps of who decides.</summary>
    internal static byte[] Name(ShardId decider)
    {
        byte[] name = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(name, decider.Value);
        return name;
    }

    /// <summary>Rolls back what was prepared for a transaction that fails.</summary>
    /// <remarks>Where the decider does not know whether it has committed, only a restart finds out: until then they stay prepared.</remarks>
    internal async ValueTask UndoPreparedAsync(string globalId, ShardId decider, List<ShardId> prepared)
    {
        if (Engine(decider).State.Commits.Log.IsBroken)
            return;
        foreach (ShardId shard in prepared)
        {
            try
            {
                await Engine(shard).RollbackPreparedAsync(globalId).ConfigureAwait(false);
            }
            catch (SqlException)
            {
                // Its log cannot be written: the next start finds that nobody has decided, and rolls back.
            }
        }
    }

    /// <summary>Commits what was prepared for a transaction that is decided.</summary>
    internal async ValueTask FinishAsync(string globalId, ShardId decider, RowId decision, List<ShardId> prepared, CommitTimestamp at)
    {
        bool isKnown = true;
        foreach (ShardId shard in prepared)
        {
            try
            {
                await Engine(shard).CommitPreparedAsync(globalId, at).ConfigureAwait(false);
            }
            catch (SqlException unwritten)
            {
                isKnown = false; // the next start finds the decision
                _broken[shard] = unwritten;
            }
        }
        if (!isKnown)
            return;
        ConcurrentQueue<RowId> finished = _finished.GetOrAdd(decider, static _ => []);
        finished.Enqueue(decision);
        if (finished.Count >= DecisionsKept)
            await ForgetAsync(Engine(decider), finished).ConfigureAwait(false);
    }

    private static async ValueTask ForgetAsync(StorageEngine engine, ConcurrentQueue<RowId> finished)
    {
        var rows = new List<RowId>();
        while (rows.Count < DecisionsKept && finished.TryDequeue(out RowId row))
            rows.Add(row);
        try
        {
            await engine.ForgetDecisionsAsync(rows).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            // They stay for the next start.
        }
    }

    /// <summary>Decides what a stop of the node has left prepared, by what the deciders have written down.</summary>
    private async ValueTask ResolveAsync()
    {
        foreach (StorageEngine engine in Engines.ToArray())
        {
            foreach (PreparedState prepared in engine.Prepared)
            {
                ShardId decider = new(BinaryPrimitives.ReadUInt32LittleEndian(prepared.Coordinator.Span));
                if (Engine(decider).FindDecision(prepared.GlobalId) is { } at)
                    await engine.CommitPreparedAsync(prepared.GlobalId, at).ConfigureAwait(false);
                else
                    await engine.RollbackPreparedAsync(prepared.GlobalId).ConfigureAwait(false);
            }
        }
        foreach (StorageEngine engine in Engines.ToArray())
            await engine.ForgetDecisionsAsync(rows: null).ConfigureAwait(false);
    }

    /// <summary>Lets go of what was dropped.</summary>
    internal void Follow(CatalogChange[] changes)
    {
        foreach (CatalogChange change in changes)
        {
            if (change is not DropObject drop)
                continue;
            foreach (StorageEngine engine in _shards.Values)
                engine.State.Drop(drop.Oid);
        }
    }

    private IEnumerable<StorageEngine> EnginesOf(TableId table) =>
        Catalog.TryFindTable(table, out TableEntry? entry) && entry.Placement is { } placement
            && Catalog.Find(placement.GroupOid) is ShardGroupEntry group ? group.Shards.Select(Engine) : [_home];

    private StorageEngine Engine(ShardId shard)
    {
        if (shard == Home)
            return _home;
        if (_shards.TryGetValue(shard, out StorageEngine? engine))
            return engine;
        lock (_gate)
        {
            if (_shards.TryGetValue(shard, out engine))
                return engine;
            engine = StorageEngine.Open(_options with
            {
                Directory = Path.Combine(_options.Directory, "shards", shard.Value.ToString(CultureInfo.InvariantCulture)),
                Catalog = () => _home.Catalog,
                FirstRowId = ((long)shard.Value << RowBits) + 1,
            });
            _timestamps.Pass(engine.NewestCommit);
            _shards[shard] = engine;
            return engine;
        }
    }
}
