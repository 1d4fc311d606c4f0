using Google.Protobuf;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Shards;

/// <summary>A shard's state as the bytes of its key. Layout: <c>cluster/Protocol/shards.proto</c>.</summary>
public static class ShardStateCodec
{
    public static byte[] Encode(ShardState state)
    {
        ShardStateRecord record = new()
        {
            Shard = state.Shard.Value,
            Term = state.Term.Value,
            Primary = state.Primary.Value,
            PrimaryLease = state.PrimaryLease.Value,
            Former = state.Former.Value,
            FormerLease = state.FormerLease.Value,
            Current = Encode(state.Current),
            Previous = state.Previous is null ? null : Encode(state.Previous),
            Epoch = state.Epoch,
        };
        foreach (NodeId learner in state.Learners)
            record.Learners.Add(learner.Value);
        foreach (Loss loss in state.Losses)
            record.Losses.Add(new LossRecord { Term = loss.Term.Value, KeptTerm = loss.Kept.Term.Value, KeptSequence = loss.Kept.Sequence.Value });
        return record.ToByteArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no shard's state.</exception>
    public static ShardState Decode(ReadOnlySpan<byte> bytes)
    {
        ShardStateRecord record;
        try
        {
            record = ShardStateRecord.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new InvalidDataException($"a shard's state cannot be read: {cause.Message}", cause);
        }
        return new ShardState
        {
            Shard = new ShardId(record.Shard),
            Term = new Term(record.Term),
            Primary = new NodeId(record.Primary),
            PrimaryLease = new LeaseId(record.PrimaryLease),
            Former = new NodeId(record.Former),
            FormerLease = new LeaseId(record.FormerLease),
            Current = Decode(record.Current ?? throw new InvalidDataException("a shard's state has no replicas")),
            Previous = record.Previous is null ? null : Decode(record.Previous),
            Learners = [.. record.Learners.Select(learner => new NodeId(learner))],
            Epoch = record.Epoch,
            Losses = [.. record.Losses.Select(loss => new Loss(new Term(loss.Term), new LogPosition(new Term(loss.KeptTerm), new LogSequence(loss.KeptSequence))))],
        };
    }

    private static ReplicaSetRecord Encode(ReplicaSet replicas)
    {
        ReplicaSetRecord record = new() { Mode = (int)replicas.Mode };
        foreach (NodeId voter in replicas.Voters)
            record.Voters.Add(voter.Value);
        return record;
    }

    private static ReplicaSet Decode(ReplicaSetRecord record)
    {
        if (record.Mode is < 0 or > (int)ReplicationMode.Sync || record.Voters.Count == 0)
            throw new InvalidDataException($"replicas of mode {record.Mode}, {record.Voters.Count} of them");
        return new ReplicaSet((ReplicationMode)record.Mode, [.. record.Voters.Select(voter => new NodeId(voter))]);
    }
}
