using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>Deletes what a node has of shards that it has no replica of any more.</summary>
/// <remarks>
/// When:    not because of what the node has been told: a later state may count again on what the replica went on to answer for, until it heard of the one that
///          left it out. The store is asked for the state that is, after the replica has ended: then nothing here has answered since, and what was said
///          before counts no more (<see cref="PrimaryTerm"/> meets a replica that is chosen anew as one that has nothing).
/// Unclear: stays, as what is a job's source does, and what the store does not know. What fails, or is not yet so, is tried again.
/// Threads: the mailbox's.
/// </remarks>
internal sealed class ReplicaRemoval(IMetadataStore store, Membership membership, IShardHost host, IMailbox mailbox, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(30);

    /// <summary>Shards whose files may go, each with when it was tried last.</summary>
    private readonly SortedDictionary<ShardId, long?> _left = [];
    private long _last = time.GetTimestamp();
    private bool _isAsking;

    /// <summary>The node was told that it has no replica of the shard, and has closed what it had.</summary>
    public void Left(ShardId shard)
    {
        _left.TryAdd(shard, null);
        if (membership.Options.Failover.Bug == PlantedBug.DropOnOldState)
            host.Drop(shard);
    }

    /// <summary>The node has a replica of the shard, or is about to.</summary>
    public void Keep(ShardId shard) => _left.Remove(shard);

    /// <returns>What is to be run as a part of the node; null where there is nothing to do now.</returns>
    public Func<Task>? Tick(CancellationToken end)
    {
        if (_isAsking || _left.Count == 0 || time.GetElapsedTime(_last) < Interval)
            return null;
        _last = time.GetTimestamp();
        foreach (ShardId shard in _left.Keys.Where(shard => !host.HasFiles(shard)).ToList())
            _left.Remove(shard);
        foreach ((ShardId shard, long? tried) in _left)
        {
            bool isDue = tried is not { } before || time.GetElapsedTime(before) >= Patience;
            if (!isDue || !host.IsClosed(shard))
                continue;
            _isAsking = true;
            return () => AskAsync(shard, end);
        }
        return null;
    }

    private async Task AskAsync(ShardId shard, CancellationToken end)
    {
        bool mayGo = false;
        try
        {
            MetadataRange jobs = await store.ReadAsync(JobRecord.KeyPrefix, end);
            string key = ShardState.KeyOf(shard);
            MetadataRange range = await store.ReadAsync(key, end); // the last, and as it is now: what the node follows may be old
            mayGo = range.Entries.FirstOrDefault(entry => entry.Key == key) is { } entry && !Counts(ShardStateCodec.Decode(entry.Value.Span))
                && !jobs.Entries.Any(job => IsSource(JobRecord.Decode(job.Value.Span), shard));
        }
        catch (Exception unclear) when (unclear is MetadataUnavailableException or MetadataRefusedException or InvalidDataException)
        {
            // It is asked again.
        }
        finally
        {
            mailbox.Post(() => Take(shard, mayGo));
        }
    }

    private void Take(ShardId shard, bool mayGo)
    {
        _isAsking = false;
        if (!_left.ContainsKey(shard) || !host.IsClosed(shard))
            return; // it has come back meanwhile
        _left[shard] = time.GetTimestamp();
        if (!mayGo)
            return;
        Log.ReplicaDropped(log, shard);
        host.Drop(shard);
    }

    private bool Counts(ShardState state) => state.Replicas.Contains(membership.Id) || state.Primary == membership.Id || state.Former == membership.Id;

    private bool IsSource(JobRecord job, ShardId shard) => job.HasBegun && job.Shard == shard && job.Source == membership.Id;
}
