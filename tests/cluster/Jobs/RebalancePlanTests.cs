using System.Collections.Immutable;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Tests.Jobs;

public sealed class RebalancePlanTests
{
    private static readonly Dictionary<ShardId, long> NoBytes = [];

    [Fact]
    public void A_node_that_joins_gets_its_part_of_replicas_and_primaries_and_each_shard_moves_once()
    {
        ShardState[] shards = [.. Enumerable.Range(1, 12).Select(shard => Shard(shard, 1, 2, 3))];
        IReadOnlyList<JobRecord> jobs = RebalancePlan.Of([Node(1), Node(2), Node(3), Node(4)], shards, NoBytes, default);
        Assert.Equal(9, jobs.Count(job => job.Kind == JobKind.Move && job.Target == new NodeId(4)));
        Assert.Equal(jobs.Count, jobs.Select(job => job.Shard).Distinct().Count());
        Assert.All(Enumerable.Range(1, 3), node => Assert.Equal(3, jobs.Count(job => job.Source == new NodeId(node) && job.Kind == JobKind.Move)));
    }

    [Fact]
    public void What_is_even_stays()
    {
        ShardState[] shards = [Shard(1, 1, 2), Shard(2, 2, 3), Shard(3, 3, 1)];
        Assert.Empty(RebalancePlan.Of([Node(1), Node(2), Node(3)], shards, NoBytes, default));
    }

    [Fact]
    public void Large_shards_weigh_more_than_small_ones()
    {
        ShardState[] shards = [Shard(1, 1), Shard(2, 1), Shard(3, 2), Shard(4, 2)];
        Dictionary<ShardId, long> bytes = new() { [new ShardId(1)] = 900L << 20, [new ShardId(2)] = 800L << 20 };
        JobRecord job = RebalancePlan.Of([Node(1), Node(2)], shards, bytes, default)[0];
        Assert.Equal((1u, new NodeId(1), new NodeId(2)), (job.Shard.Value, job.Source, job.Target));
    }

    [Fact]
    public void No_move_puts_a_shard_into_fewer_zones()
    {
        ShardState[] shards = [.. Enumerable.Range(1, 6).Select(shard => Shard(shard, 1, 2))];
        IReadOnlyList<JobRecord> jobs = RebalancePlan.Of([Node(1, "a"), Node(2, "b"), Node(3, "a")], shards, NoBytes, default);
        Assert.All(jobs.Where(job => job.Kind == JobKind.Move), job => Assert.Equal((new NodeId(1), new NodeId(3)), (job.Source, job.Target)));
        Assert.NotEmpty(jobs);
    }

    [Fact]
    public void Primaries_are_spread_where_replicas_are_even()
    {
        ShardState[] shards = [.. Enumerable.Range(1, 6).Select(shard => Shard(shard, 1, 2, 3))];
        IReadOnlyList<JobRecord> jobs = RebalancePlan.Of([Node(1), Node(2), Node(3)], shards, NoBytes, default);
        Assert.All(jobs, job => Assert.Equal((JobKind.Handover, new NodeId(1)), (job.Kind, job.Source)));
        Assert.Equal([2, 2], new[] { 2, 3 }.Select(node => jobs.Count(job => job.Target == new NodeId(node))));
    }

    [Fact]
    public void A_job_comes_back_from_bytes_as_it_went_in()
    {
        JobRecord job = new(7, JobKind.Move, new ShardId(3), new NodeId(1), new NodeId(4), "drain")
        {
            State = JobState.Cancelling, Step = JobStep.Verifying, DoneBytes = 5, AllBytes = 9, Created = DateTimeOffset.UnixEpoch.AddDays(9), Error = "why",
        };
        Assert.Equal(job, JobRecord.Decode(job.Encode()));
        Assert.Equal(7, JobRecord.IdOf(JobRecord.KeyOf(7)));
        Assert.Throws<InvalidDataException>(() => JobRecord.Decode([1, 2, 3]));
    }

    private static ShardState Shard(int id, params int[] voters) =>
        ShardState.Begin(new ShardId((uint)id), new ReplicaSet(ReplicationMode.Quorum, [.. voters.Order().Select(node => new NodeId(node))]))
            .Promote(new NodeId(voters[0]), new LeaseId(1), loss: null);

    private static NodeView Node(int id, string zone = "") =>
        new(new NodeRecord(new NodeId(id), $"n{id}", zone, "", "", "", 1), null, default, NodeState.Healthy, null, null);
}
