using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;

namespace VecSQL.Cluster.Shards;

/// <summary>How much a node may send to replicas that catch up: so many bytes a second as the cluster says, all together; and nothing for a move that is paused.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="view">What the node knows of its cluster.</param>
public sealed class CopyThrottle(Func<ClusterView> view, TimeProvider time)
{
    /// <summary>What was not sent for so long may be sent at once.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private double _allowed;
    private long _last = time.GetTimestamp();

    /// <returns>False where it is to be asked again later.</returns>
    public bool TryTake(ShardId shard, NodeId target, int bytes)
    {
        ClusterView now = view();
        foreach ((JobRecord job, _) in now.Jobs.Values)
        {
            if (job.State == JobState.Paused && job.Shard == shard && job.Target == target)
                return false;
        }
        double rate = SharedSettings.MoveBytes(now.Settings);
        lock (_gate)
        {
            long timestamp = time.GetTimestamp();
            _allowed = Math.Min(_allowed + (rate * time.GetElapsedTime(_last, timestamp).TotalSeconds), rate * Burst.TotalSeconds);
            _last = timestamp;
            if (_allowed < 0)
                return false;
            _allowed -= bytes; // what is more than there is, is waited for before the next
            return true;
        }
    }
}
