using System.Collections.Immutable;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Jobs;

/// <summary>Makes jobs of what was asked of whole nodes: those that are drained lose their replicas, and where the cluster says so they are spread evenly.</summary>
/// <remarks>Threads: the mailbox's; what is awaited is the metadata store's answer alone.</remarks>
/// <param name="office">Holds while this is the controller.</param>
internal sealed class JobPlanner(IMetadataStore metadata, MetadataCompare office, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Jobs of a drain that wait while others run: more would be planned by what is older when they run.</summary>
    private const int WaitingMax = 4;

    private Task _adding = Task.CompletedTask;
    private long _last = time.GetTimestamp();

    public void Tick(ClusterView view, Func<ImmutableArray<NodeView>> describe)
    {
        if (time.GetElapsedTime(_last) < Interval || !_adding.IsCompleted)
            return;
        _last = time.GetTimestamp();
        IReadOnlyList<JobRecord> jobs = Drain(view, describe);
        bool mayRebalance = jobs.Count == 0 && SharedSettings.IsRebalancing(view.Settings) && view.Jobs.Values.All(static entry => entry.Job.IsOver);
        if (mayRebalance && describe() is var nodes && nodes.All(static node => node.State is NodeState.Healthy or NodeState.Degraded))
            jobs = RebalancePlan.Of(nodes, view.Shards.Values, ImmutableDictionary<ShardId, long>.Empty, time.GetUtcNow());
        if (jobs.Count > 0)
            _adding = AddAsync(jobs);
    }

    private List<JobRecord> Drain(ClusterView view, Func<ImmutableArray<NodeView>> describe)
    {
        List<JobRecord> jobs = [];
        int waiting = view.Jobs.Values.Count(static entry => entry.Job is { IsOver: false, Reason: "drain" });
        ReplicaPlacement? placement = null; // made where it is needed, which is seldom
        foreach (NodeId node in view.Sights.Keys)
        {
            if (view.FindNode(node) is not { IsDraining: true, ReplacedBy.IsNone: true, IsRemoved: false })
                continue;
            foreach (ShardState shard in view.Shards.Values)
            {
                if (waiting + jobs.Count >= WaitingMax)
                    return jobs;
                if (!shard.Current.Contains(node) || view.Jobs.Values.Any(entry => !entry.Job.IsOver && entry.Job.Shard == shard.Shard))
                    continue;
                placement ??= new ReplicaPlacement(describe(), view.Shards.Values);
                if (placement.Choose([.. shard.Replicas.Where(replica => replica != node)], except: node) is { IsNone: false } target)
                    jobs.Add(new JobRecord(0, JobKind.Move, shard.Shard, node, target, "drain") { Created = time.GetUtcNow() });
            }
        }
        return jobs;
    }

    private async Task AddAsync(IReadOnlyList<JobRecord> jobs)
    {
        try
        {
            await JobQueue.TryAddAsync(metadata, office, jobs, default);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            // They are planned again by what is there then.
        }
    }
}
