using Google.Protobuf;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Catalog;

/// <summary>The catalog of a cluster: keys of the metadata store, which every node follows.</summary>
/// <remarks>
/// Commit:  one transaction of the store makes the next version, the states of shards that come and go with it, and the decision of the transaction
///          where shards have prepared that. It is tried again until it is known: only one of all tries can be done.
/// Outcome: who asks for a transaction that is not decided puts down that it is given up, in the same key.
/// Threads: any; <see cref="FollowAsync"/> once.
/// </remarks>
public sealed class ClusterCatalog : ICatalogLog, IFollowedCatalog
{
    /// <summary>Versions that transactions see before they commit are above all that there will be.</summary>
    private const long Uncommitted = 1L << 48;

    /// <summary>Changes of one transaction up to so many bytes are one value.</summary>
    private const int RecordBytesMax = 512 << 10;

    /// <summary>Versions of the log after which a whole catalog is put in their place.</summary>
    private const int LogCountMax = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), WaitMin = TimeSpan.FromMilliseconds(20), WaitMax = TimeSpan.FromSeconds(1);

    private readonly IMetadataStore _store;
    private readonly IShardPlacement _placement;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly OidBlocks _oids;
    private readonly CatalogFollower _follower;
    private readonly Lock _lock = new();
    private readonly List<(long Version, TaskCompletionSource Reached)> _waiting = [];
    private long _lastUncommitted = Uncommitted;
    private bool _hasBegun;

    /// <param name="random">Of which this is the only user from now on.</param>
    public ClusterCatalog(IMetadataStore store, IShardPlacement placement, TimeProvider time, Random random)
    {
        (_store, _placement, _time, _random) = (store, placement, time, random);
        _oids = new OidBlocks(store);
        _follower = new CatalogFollower(time);
    }

    /// <summary>The newest that this node has come to; what all catalogs have until it has come to one.</summary>
    public CatalogSnapshot Catalog => _follower.Catalog ?? CatalogSnapshot.Initial;

    /// <summary>Whether this node has come to any version yet.</summary>
    /// <remarks>Then it has all that the store had when it was first read: who removes what no catalog needs may go by it.</remarks>
    public bool HasBegun => Volatile.Read(ref _hasBegun);

    /// <summary>Told of each step, with the catalog before it, once <see cref="Catalog"/> has it. Set before it follows.</summary>
    public Action<CatalogSnapshot, IReadOnlyList<CatalogChange>> Followed
    {
        get => _follower.Followed;
        set => _follower.Followed = value;
    }

    public long NextCatalogVersion() => Interlocked.Increment(ref _lastUncommitted);

    public uint NextOid() => _oids.Next();

    public long ChangedAt(uint oid) => _follower.ChangedAt(oid);

    public CommitTimestamp DefinedAt(uint oid) => _follower.DefinedAt(oid);

    /// <summary>Follows the store until it is cancelled.</summary>
    /// <exception cref="MetadataReplacedException">The store is not the one that it was.</exception>
    /// <exception cref="InvalidDataException">What it holds is no catalog that this program knows.</exception>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        PrefixFollower keys = new(_store, CatalogKeys.Prefix, _time, new Random(_random.Next()));
        await foreach (MetadataChanges changes in keys.FollowAsync(cancellation).ConfigureAwait(false))
        {
            lock (_lock)
            {
                _follower.Take(changes);
                Volatile.Write(ref _hasBegun, _follower.Catalog is not null);
                long version = Catalog.Version;
                foreach ((long wanted, TaskCompletionSource reached) in _waiting)
                {
                    if (wanted <= version)
                        reached.TrySetResult();
                }
                _waiting.RemoveAll(static wait => wait.Reached.Task.IsCompleted);
            }
        }
    }

    public async ValueTask ReachAsync(long version, CancellationToken cancellation)
    {
        if (Catalog.Version >= version)
            return;
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Catalog.Version >= version)
                return;
            _waiting.Add((version, reached));
        }
        try
        {
            await reached.Task.WaitAsync(Patience, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw CatalogErrors.Behind(version);
        }
        finally
        {
            lock (_lock)
                _waiting.Remove((version, reached));
        }
    }

    public async ValueTask CommitAsync(CatalogCommit commit, CancellationToken cancellation)
    {
        CatalogLogRecord record = new() { GlobalId = commit.GlobalId, At = commit.At.Value };
        record.Changes.AddRange(commit.Changes.Select(static change => UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(change))));
        record = await CutAsync(record, cancellation).ConfigureAwait(false);
        Backoff backoff = new(WaitMin, WaitMax, new Random(commit.GlobalId.Length));
        long start = _time.GetTimestamp();
        (MetadataTransaction Transaction, long Version)? unknown = null; // a try that may have been done, or may yet be: it is made again as it was
        while (true)
        {
            (MetadataTransaction tried, long version) = unknown ?? Transaction(commit, record);
            try
            {
                MetadataOutcome outcome = await _store.CommitAsync(tried, CancellationToken.None).ConfigureAwait(false);
                long? done = outcome.IsDone ? version : DoneBefore(commit, outcome, version);
                if (done is { } made)
                {
                    await EndAsync(commit, made).ConfigureAwait(false);
                    return;
                }
                unknown = null; // what was tried cannot be done any more
                await ReachNewestAsync(outcome, version, cancellation).ConfigureAwait(false);
            }
            catch (MetadataUnavailableException failure)
            {
                if (failure.IsOutcomeUnknown)
                    unknown = (tried, version);
                if (_time.GetElapsedTime(start) > Patience)
                    throw unknown is null ? CatalogErrors.Unavailable(failure) : CatalogErrors.Unknown(failure);
                await Task.Delay(backoff.Next(), _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception refused) when (refused is MetadataRefusedException or MetadataLimitException)
            {
                throw refused is MetadataLimitException ? CatalogErrors.TooLarge(refused) : CatalogErrors.Unavailable(refused);
            }
        }
    }

    public async ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation)
    {
        string key = CatalogKeys.DecisionOf(globalId);
        MetadataTransaction givingUp = new()
        {
            Compares = [MetadataCompare.IsMissing(key)],
            Puts = [new MetadataPut(key, new CatalogDecision().ToByteArray())],
            ReadsOnFailure = [key],
        };
        try
        {
            MetadataOutcome outcome = await _store.CommitAsync(givingUp, cancellation).ConfigureAwait(false);
            if (outcome.IsDone || DecisionIn(outcome, globalId) is not { IsCommitted: true } decision)
                return null;
            await ReachAsync(decision.Version, cancellation).ConfigureAwait(false); // what the locks have kept away sees it
            return new CommitTimestamp(decision.At);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            throw CatalogErrors.Unknown(failure);
        }
    }

    public async ValueTask ForgetAsync(string globalId)
    {
        try
        {
            await _store.CommitAsync(new MetadataTransaction { Deletes = [CatalogKeys.DecisionOf(globalId)] }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            // It stays, and is in nobody's way.
        }
    }

    /// <summary>Puts a whole catalog where the log was.</summary>
    public async ValueTask CompactAsync(CancellationToken cancellation)
    {
        CatalogSnapshot catalog = Catalog;
        await CatalogBase.PutAsync(_store, catalog, cancellation).ConfigureAwait(false);
        await CatalogBase.DropBeforeAsync(_store, catalog.Version, cancellation).ConfigureAwait(false);
    }

    /// <summary>A commit is in the store.</summary>
    private async ValueTask EndAsync(CatalogCommit commit, long version)
    {
        try
        {
            await ReachAsync(version, CancellationToken.None).ConfigureAwait(false);
            ShardId[] made = [.. commit.Changes.OfType<PutObject>().Select(static put => put.Object).OfType<ShardGroupEntry>().SelectMany(static group => group.Shards)];
            if (made.Length > 0)
                await _placement.WaitAsync(made).ConfigureAwait(false);
            if (version % LogCountMax == 0)
                await CompactAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception late) when (late is SqlException or MetadataUnavailableException or MetadataRefusedException)
        {
            // It is committed all the same; this node knows of it when the store answers again.
        }
    }

    private (MetadataTransaction Transaction, long Version) Transaction(CatalogCommit commit, CatalogLogRecord record)
    {
        CatalogSnapshot newest;
        MetadataEntry head;
        lock (_lock)
        {
            newest = Catalog;
            head = _follower.Head ?? throw CatalogErrors.Behind(1);
        }
        if (CatalogConflict.Find(newest, commit.Changes) is { } conflict)
            throw conflict;
        HashSet<uint> seen = [];
        for (int i = 0; i < commit.Changes.Count; i++)
        {
            uint oid = commit.Changes[i] switch { PutObject put => put.Object.Oid, DropObject drop => drop.Oid, _ => 0 };
            if (seen.Add(oid) && !IsAsBefore(commit.Before[i], newest.Find(oid)))
                throw CatalogErrors.Changed();
        }
        long version = newest.Version + 1;
        List<MetadataCompare> compares = [MetadataCompare.IsUnchanged(head), MetadataCompare.IsMissing(CatalogKeys.LogOf(version))];
        List<MetadataPut> puts =
        [
            new MetadataPut(CatalogKeys.Head, System.Text.Encoding.ASCII.GetBytes(CatalogKeys.Text(version))),
            new MetadataPut(CatalogKeys.LogOf(version), record.ToByteArray()),
        ];
        List<string> deletes = [];
        AddShards(newest, newest.Apply(commit.Changes), compares, puts, deletes);
        if (commit.IsPrepared)
        {
            CatalogDecision decision = new() { IsCommitted = true, At = commit.At.Value, Version = version };
            compares.Add(MetadataCompare.IsMissing(CatalogKeys.DecisionOf(commit.GlobalId)));
            puts.Add(new MetadataPut(CatalogKeys.DecisionOf(commit.GlobalId), decision.ToByteArray()));
        }
        return (new MetadataTransaction
        {
            Compares = compares, Puts = puts, Deletes = deletes,
            ReadsOnFailure = [CatalogKeys.DecisionOf(commit.GlobalId), CatalogKeys.LogOf(version), CatalogKeys.Head],
        }, version);
    }

    /// <summary>States of shards come and go with their groups, and so does how these are to be replicated.</summary>
    private void AddShards(CatalogSnapshot before, CatalogSnapshot after, List<MetadataCompare> compares, List<MetadataPut> puts, List<string> deletes)
    {
        HashSet<ShardId> known = [.. before.ShardGroups.SelectMany(static group => group.Shards)];
        HashSet<ShardId> kept = [.. after.ShardGroups.SelectMany(static group => group.Shards)];
        (ShardId, ShardGroupEntry)[] made = [.. from @group in after.ShardGroups from shard in @group.Shards where known.Add(shard) select (shard, @group)];
        foreach (ShardState state in made.Length > 0 ? _placement.Place(made) : [])
        {
            string key = ShardState.KeyOf(state.Shard);
            compares.Add(MetadataCompare.IsMissing(key));
            puts.Add(new MetadataPut(key, ShardStateCodec.Encode(state)));
        }
        foreach (ShardGroupEntry group in after.ShardGroups)
        {
            ShardGroupEntry? earlier = before.Find(group.Oid) as ShardGroupEntry;
            bool isSaid = earlier is null ? group.HasReplication : (earlier.Replicas, earlier.Replication) != (group.Replicas, group.Replication);
            if (isSaid)
                puts.Add(new MetadataPut(GroupReplication.KeyOf(group.Oid), GroupReplication.Of(group).Encode()));
        }
        deletes.AddRange(before.ShardGroups.Where(group => group.HasReplication && after.Find(group.Oid) is null).Select(static group => GroupReplication.KeyOf(group.Oid)));
        deletes.AddRange(before.ShardGroups.SelectMany(static group => group.Shards).Distinct().Where(shard => !kept.Contains(shard)).Order().Select(ShardState.KeyOf));
    }

    /// <summary>The version that a try of the same commit has made which was not heard of; null where there was none.</summary>
    private static long? DoneBefore(CatalogCommit commit, MetadataOutcome outcome, long version)
    {
        if (commit.IsPrepared && DecisionIn(outcome, commit.GlobalId) is { } decision)
            return decision.IsCommitted ? decision.Version : throw CatalogErrors.GivenUp();
        return outcome.Found[1].Entries is [var log, ..] && CatalogKeys.Read(CatalogLogRecord.Parser, log).GlobalId == commit.GlobalId ? version : null;
    }

    /// <summary>Waits for what has come before.</summary>
    /// <param name="tried">The version that could not be made.</param>
    private async ValueTask ReachNewestAsync(MetadataOutcome outcome, long tried, CancellationToken cancellation)
    {
        MetadataEntry head = outcome.Found[2].Entries.FirstOrDefault(static entry => entry.Key == CatalogKeys.Head)
            ?? throw new MetadataReplacedException("the catalog is gone from the store of metadata");
        long newest = CatalogKeys.Version(System.Text.Encoding.ASCII.GetString(head.Value.Span));
        if (newest < tried)
            throw CatalogErrors.Changed(); // it is the newest still: somebody else has a new shard's number
        await ReachAsync(newest, cancellation).ConfigureAwait(false);
    }

    private static CatalogDecision? DecisionIn(MetadataOutcome outcome, string globalId) =>
        outcome.Found[0].Entries.FirstOrDefault(entry => entry.Key == CatalogKeys.DecisionOf(globalId)) is { } entry
            ? CatalogKeys.Read(CatalogDecision.Parser, entry) : null;

    private static bool IsAsBefore(CatalogObject? before, CatalogObject? now) =>
        before is null || now is null ? before is null && now is null : CatalogFollower.IsSame(before, now);

    /// <summary>The record, or one that says where its parts are.</summary>
    private async ValueTask<CatalogLogRecord> CutAsync(CatalogLogRecord record, CancellationToken cancellation)
    {
        if (record.CalculateSize() <= RecordBytesMax)
            return record;
        byte[][] parts = CatalogKeys.Cut(record.ToByteArray());
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                MetadataPut put = new(CatalogKeys.PartOf(record.GlobalId, i), parts[i]);
                await _store.CommitAsync(new MetadataTransaction { Puts = [put] }, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            throw CatalogErrors.Unavailable(failure);
        }
        return new CatalogLogRecord { GlobalId = record.GlobalId, Parts = record.GlobalId, PartCount = parts.Length };
    }
}
