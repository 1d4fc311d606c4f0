using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Jobs;

/// <summary>What makes nodes hold about as much as each other: moves from the fullest to the emptiest, and then primaries likewise.</summary>
/// <remarks>
/// Load:  bytes of a node's replicas, of which a small one counts as <see cref="BytesMin"/>, so that their number counts as well.
/// Even:  as long as the fullest has more than a tenth of the mean above the emptiest, and a replica's move makes the difference less.
/// Zones: no move has a shard's replicas lie in fewer zones than before.
/// A function of what is given.
/// </remarks>
public static class RebalancePlan
{
    private const long BytesMin = 1 << 20;

    private const double Threshold = 0.1;

    /// <param name="bytes">Of shards, as far as they are known.</param>
    public static IReadOnlyList<JobRecord> Of(
        ImmutableArray<NodeView> nodes, IEnumerable<ShardState> shards, IReadOnlyDictionary<ShardId, long> bytes, DateTimeOffset now)
    {
        List<JobRecord> jobs = [];
        SortedDictionary<NodeId, long> loads = [];
        SortedDictionary<NodeId, string> zones = [];
        foreach (NodeView node in nodes)
        {
            zones[node.Id] = node.Record.Zone;
            if (node.TakesReplicas)
                loads[node.Id] = 0;
        }
        // Those whose replicas change already are left alone.
        SortedDictionary<ShardId, Placed> placed = [];
        foreach (ShardState shard in shards)
        {
            foreach (NodeId node in shard.Replicas)
            {
                if (loads.ContainsKey(node))
                    loads[node] += Weight(shard.Shard);
            }
            if (shard.Previous is null && shard.Learners.Count == 0 && !shard.Primary.IsNone)
                placed[shard.Shard] = new Placed([.. shard.Current.Voters], shard.Primary);
        }
        while (jobs.Count < JobQueue.JobsMax && loads.Count > 1 && NextMove() is { } move)
            jobs.Add(move);
        while (jobs.Count < JobQueue.JobsMax && loads.Count > 1 && NextHandover() is { } handover)
            jobs.Add(handover);
        return jobs;

        long Weight(ShardId shard) => Math.Max(bytes.GetValueOrDefault(shard), BytesMin);

        JobRecord? NextMove()
        {
            double mean = loads.Values.Average();
            foreach ((NodeId source, long sourceLoad) in loads.OrderByDescending(static load => load.Value))
            {
                foreach ((NodeId target, long targetLoad) in loads.OrderBy(static load => load.Value))
                {
                    long difference = sourceLoad - targetLoad;
                    if (difference <= mean * Threshold)
                        break;
                    foreach ((ShardId shard, Placed where) in placed.OrderByDescending(pair => Weight(pair.Key)))
                    {
                        bool isBetter = Weight(shard) < difference && !where.IsMoved && where.Voters.Contains(source) && !where.Voters.Contains(target);
                        if (!isBetter || ZonesOf(where.Voters.Select(node => node == source ? target : node)) < ZonesOf(where.Voters))
                            continue;
                        where.Voters[where.Voters.IndexOf(source)] = target;
                        where.IsMoved = true;
                        if (where.Primary == source)
                            where.Primary = target;
                        loads[source] -= Weight(shard);
                        loads[target] += Weight(shard);
                        return new JobRecord(0, JobKind.Move, shard, source, target, "rebalance") { Created = now, AllBytes = bytes.GetValueOrDefault(shard) };
                    }
                }
            }
            return null;
        }

        JobRecord? NextHandover()
        {
            foreach (NodeId source in loads.Keys.OrderByDescending(Primaries))
            {
                foreach (NodeId target in loads.Keys.OrderBy(Primaries))
                {
                    if (Primaries(source) - Primaries(target) < 2)
                        break;
                    foreach ((ShardId shard, Placed where) in placed)
                    {
                        if (where.Primary != source || where.IsMoved || !where.Voters.Contains(target))
                            continue;
                        where.Primary = target;
                        where.IsMoved = true;
                        return new JobRecord(0, JobKind.Handover, shard, source, target, "rebalance") { Created = now };
                    }
                }
            }
            return null;
        }

        int Primaries(NodeId node) => placed.Values.Count(where => where.Primary == node);

        int ZonesOf(IEnumerable<NodeId> voters) => voters.Select(node => zones.GetValueOrDefault(node)).Distinct().Count();
    }

    private sealed class Placed(List<NodeId> voters, NodeId primary)
    {
        public List<NodeId> Voters => voters;

        public NodeId Primary { get; set; } = primary;

        /// <summary>One job for a shard at a time.</summary>
        public bool IsMoved { get; set; }
    }
}
