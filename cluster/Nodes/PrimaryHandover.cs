using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>Has shards get another primary where theirs is on a node that stops soon or is drained.</summary>
/// <remarks>
/// Crashes: it follows from what all see, and is asked for again until it has been done.
/// Threads: the mailbox's.
/// </remarks>
internal sealed class PrimaryHandover(FailoverController failover, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100), SilenceMax = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<NodeId, int> _primaries = [];
    private long _last = time.GetTimestamp();

    public void Tick(ClusterView view)
    {
        if (time.GetElapsedTime(_last) < Interval || !view.Shards.Values.Any(IsDue))
            return;
        _last = time.GetTimestamp();
        _primaries.Clear();
        foreach (ShardState shard in view.Shards.Values)
            Count(shard.Primary);
        foreach (ShardState shard in view.Shards.Values.Where(IsDue))
        {
            if (Choose(shard, view) is not { IsNone: false } target)
                continue;
            failover.AskHandover(shard.Shard, target);
            Count(target);
        }

        bool IsDue(ShardState shard) => !shard.Primary.IsNone && !view.TakesPrimaries(shard.Primary);
    }

    /// <summary>The voter with the fewest primaries of those that the primary hears; none where there is none.</summary>
    private NodeId Choose(ShardState shard, ClusterView view)
    {
        IReadOnlyList<ReplicaProgress>? progress = failover.StatusOf(shard.Shard)?.Progress;
        return shard.Current.Voters.Where(node => node != shard.Primary && view.TakesPrimaries(node)
                && (progress is null || progress.Any(peer => peer.Node == node && !peer.IsCopying && peer.SinceHeard < SilenceMax)))
            .OrderBy(node => _primaries.GetValueOrDefault(node)).FirstOrDefault();
    }

    private void Count(NodeId node) => _primaries[node] = _primaries.GetValueOrDefault(node) + 1;
}
