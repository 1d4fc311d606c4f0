using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Tests.Shards;

public sealed class ShardStateTests
{
    private static readonly NodeId Node = new(1);

    [Fact]
    public void What_was_lost_stays_lost_however_many_failovers_lose_something_after_it()
    {
        ShardState state = ShardState.Begin(new ShardId(1), new ReplicaSet(ReplicationMode.Async, [Node, new NodeId(2)])).Promote(Node, new LeaseId(1), null);
        LogPosition kept = Entry(1, 10), lost = Entry(1, 11);
        for (int i = 0; i < 100; i++)
        {
            state = state.Depose();
            LogPosition last = i == 0 ? kept : Entry(state.Term.Value - 1, 10 + (i * 5));
            state = state.Promote(Node, new LeaseId(1), last);
            Assert.True(state.MayHaveLost(lost));
            Assert.False(state.MayHaveLost(kept));
            Assert.False(state.MayHaveLost(last));
            Assert.True(state.MayHaveLost(new LogPosition(last.Term, last.Sequence.Next)));
        }
        Assert.True(state.Losses.Count < 20);
    }

    private static LogPosition Entry(uint term, long sequence) => new(new Term(term), new LogSequence(sequence));
}
