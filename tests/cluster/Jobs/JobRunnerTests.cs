using System.Collections.Immutable;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Cluster.Tests.Metadata;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Jobs;

public sealed class JobRunnerTests : IMessageSink
{
    private static readonly ShardId Moved = new(1);

    private readonly ManualTime _time = new();
    private readonly SteppedStore _store;
    private readonly List<(NodeId Node, NodeId Heir)> _handovers = [];

    public JobRunnerTests() => _store = new SteppedStore(_time);

    [Fact]
    public void A_move_is_done_when_its_source_was_taken_out_though_its_node_was_chosen_anew()
    {
        JobRecord job = Run(Shard(primary: 1, learner: 2, 1, 3), new JobRecord(1, JobKind.Move, Moved, new NodeId(2), new NodeId(1), "move")
        {
            State = JobState.Running, Step = JobStep.Dropping,
        }, away: 0);
        Assert.Equal((JobState.Done, ""), (job.State, job.Error));
    }

    [Theory]
    [InlineData(0, 1)] // the source takes part of its own again
    [InlineData(1, 2)] // and where it is away another does
    public void A_move_is_taken_back_whether_its_source_is_there_or_not(int away, int heir)
    {
        JobRecord job = Run(Shard(primary: 4, learner: 0, 1, 2, 3, 4), new JobRecord(1, JobKind.Move, Moved, new NodeId(1), new NodeId(4), "move")
        {
            State = JobState.Cancelling, Step = JobStep.Switching,
        }, away);
        Assert.Equal(JobState.Cancelling, job.State);
        Assert.Equal((new NodeId(4), new NodeId(heir)), Assert.Single(_handovers));
    }

    [Theory]
    [InlineData(0, "1,3")]
    [InlineData(3, "1,2,3")] // two are left, of which one would have to commit alone
    public void A_voter_stays_where_the_others_could_not_commit_without_it(int silent, string voters)
    {
        JobRecord job = Run(Shard(primary: 1, learner: 0, 1, 2, 3), new JobRecord(1, JobKind.Move, Moved, new NodeId(2), new NodeId(1), "move")
        {
            State = JobState.Running, Step = JobStep.Switching,
        }, away: 0, silent);
        Assert.Equal((JobState.Running, JobStep.Dropping), (job.State, job.Step));
        Assert.Equal(voters, string.Join(',', ShardStateCodec.Decode(_store.Model.Read(ShardState.KeyOf(Moved)).Entries[0].Value.Span).Current.Voters));
    }

    void IMessageSink.Send(NodeId target, ShardId shard, ReplicaMessage message)
    {
        if (message is HandoverMessage handover)
            _handovers.Add((target, handover.Target));
    }

    private static ShardState Shard(int primary, int learner, params int[] voters) =>
        ShardState.Begin(Moved, new ReplicaSet(ReplicationMode.Quorum, [.. voters.Select(node => new NodeId(node))]))
            .Promote(new NodeId(primary), new LeaseId(primary), loss: null) with { Learners = learner == 0 ? [] : [new NodeId(learner)] };

    /// <summary>One step of a job.</summary>
    /// <param name="away">A node that is not alive; 0 for none.</param>
    /// <param name="silent">One that the primary has not heard for long; 0 for none.</param>
    private JobRecord Run(ShardState shard, JobRecord job, int away, int silent = 0)
    {
        OneThread.Begin();
        SteppedStore store = _store;
        store.Commit(new MetadataPut("controller", "1"u8.ToArray()), new MetadataPut(JobRecord.KeyOf(job.Id), job.Encode()),
            new MetadataPut(ShardState.KeyOf(Moved), ShardStateCodec.Encode(shard)));
        MetadataCompare office = MetadataCompare.IsUnchanged(store.Model.Read("controller").Entries[0]);
        FailoverController failover = new(store, office, this, _time, new FailoverOptions());
        JobRunner runner = new(store, office, failover, _time);
        ClusterView view = ClusterView.Empty with
        {
            Shards = ClusterView.Empty.Shards.Add(Moved, shard),
            Jobs = ClusterView.Empty.Jobs.Add(job.Id, (job, store.Model.Revision)),
            Sights = ImmutableSortedDictionary.CreateRange(Enumerable.Range(1, 4).Select(Sight)),
        };
        foreach (NodeSight sight in view.Sights.Values)
            failover.NodeChanged(sight.Id, sight.Lease);
        failover.ShardChanged(shard, store.Model.Revision);
        failover.Receive(shard.Primary, Moved, new StatusAnswer(shard.Term, shard.Epoch, new LogSequence(9), [.. shard.Replicas.Select(node => new ReplicaProgress(
            node, new LogSequence(9), new LogSequence(9), TimeSpan.FromSeconds(node.Value == silent ? 60 : 0), IsCopying: false))]));
        _time.Advance(TimeSpan.FromSeconds(1));
        runner.Tick(view);
        return JobRecord.Decode(store.Model.Read(JobRecord.KeyOf(job.Id)).Entries[0].Value.Span);

        KeyValuePair<NodeId, NodeSight> Sight(int node) => KeyValuePair.Create(new NodeId(node), new NodeSight(new NodeId(node))
        {
            Record = new NodeRecord(new NodeId(node), $"n{node}", "", "", "", "", 1),
            Status = new NodeStatus(1, default, default, default),
            Lease = node == away ? default : new LeaseId(node),
        });
    }
}
