using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.World;

namespace VecSQL.Simulation.Tests;

public sealed class ReplicaMessageTests
{
    private static readonly LogPosition At = new(new Term(3), new LogSequence(77));

    private static ReplicaMessage[] Messages =>
    [
        new AppendMessage(new Term(4), At, new byte[] { 1, 2, 3 }, new LogSequence(70), 9, 1_700_000_000_000_000),
        new AppendAnswer(new Term(4), true, At, new LogSequence(5), true, 9),
        new FenceMessage(new Term(5)),
        new FenceAnswer(new Term(5), At, new LogSequence(6), true),
        new StatusMessage(new Term(6)),
        new StatusAnswer(new Term(6), 2, new LogSequence(80),
            [new ReplicaProgress(new NodeId(2), new LogSequence(70), new LogSequence(60), TimeSpan.FromMilliseconds(1.5), true)]),
        new HandoverMessage(new Term(7), new NodeId(3)),
        new ResignedAnswer(new Term(7), new NodeId(4)),
        new SnapshotOffer(new Term(7), At, 1000, 0xFFFF_FFFE, true),
        new SnapshotChunk(new Term(7), At, 500, new byte[] { 4, 5 }),
        new SnapshotAnswer(new Term(7), At, 500, true),
        new ChecksumMessage(new Term(8), At, ulong.MaxValue - 1),
        new ReadMessage(new Term(8), -5, 6),
        new ReadAnswer(new Term(8), new LogSequence(70), -5, 6),
    ];

    [Fact]
    public void Messages_come_back_from_bytes_as_they_went_in()
    {
        foreach (ReplicaMessage message in Messages)
        {
            byte[] bytes = ReplicaMessageCodec.Encode(message);
            ReplicaMessage back = ReplicaMessageCodec.Decode(bytes);
            Assert.Equal(message.GetType(), back.GetType());
            Assert.Equal(message.Term, back.Term);
            Assert.Equal(bytes, ReplicaMessageCodec.Encode(back));
        }
        Assert.Equal(Messages[3], ReplicaMessageCodec.Decode(ReplicaMessageCodec.Encode(Messages[3])));
    }

    [Fact]
    public void A_shards_state_comes_back_from_bytes_as_it_went_in()
    {
        ShardState state = ShardState.Begin(new ShardId(9), new ReplicaSet(ReplicationMode.SemiSync, [new NodeId(1), new NodeId(2), new NodeId(3)]))
            .Promote(new NodeId(2), new LeaseId(55), new LogPosition(new Term(1), new LogSequence(4)));
        state = state.Change(state.Current with { Voters = [new NodeId(1), new NodeId(2)] }, [new NodeId(7)])!.Depose();
        byte[] bytes = ShardStateCodec.Encode(state);
        ShardState back = ShardStateCodec.Decode(bytes);
        Assert.Equal(bytes, ShardStateCodec.Encode(back));
        Assert.Equal(state.Previous, back.Previous);
        Assert.Equal(state.Losses, back.Losses);
        Assert.Equal((state.Term, state.Former, state.FormerLease, state.Epoch), (back.Term, back.Former, back.FormerLease, back.Epoch));
        Assert.Equal([1, 2, 3, 7], back.Replicas.Select(node => node.Value));
    }

    [Fact]
    public void Broken_bytes_are_refused_and_nothing_worse()
    {
        SimRandom random = new(1);
        byte[][] samples = [.. Messages.Select(ReplicaMessageCodec.Encode)];
        byte[] state = ShardStateCodec.Encode(ShardState.Begin(new ShardId(9), new ReplicaSet(ReplicationMode.Sync, [new NodeId(1)])));
        for (int i = 0; i < 20_000; i++)
        {
            Try(samples[random.Next(samples.Length)], bytes => ReplicaMessageCodec.Decode(bytes));
            Try(state, bytes => ShardStateCodec.Decode(bytes));
        }

        void Try(byte[] sample, Action<byte[]> decode)
        {
            byte[] bytes = [.. sample.AsSpan(0, random.Next(4) == 0 ? random.Next(sample.Length + 1) : sample.Length)];
            for (int changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                decode(bytes);
            }
            catch (InvalidDataException)
            {
            }
        }
    }
}
