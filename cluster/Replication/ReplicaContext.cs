using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Replication;

/// <summary>What a replica has, whatever its part is.</summary>
internal sealed class ReplicaContext(NodeId node, ShardLog log, IReplicaMachine machine, IMessageSink sink, IServingLease lease, TimeProvider time,
    IReplicaObserver observer, ReplicaOptions options)
{
    private const int ApplyBytesMax = 1 << 20;

    public NodeId Node => node;

    public ShardLog Log => log;

    public IReplicaMachine Machine => machine;

    public IMessageSink Sink => sink;

    public IServingLease Lease => lease;

    public TimeProvider Time => time;

    public IReplicaObserver Observer => observer;

    public ReplicaOptions Options => options;

    public ShardState? State { get; set; }

    public LogSequence Committed { get; set; }

    /// <summary>The checksum at the last entry that asked for one.</summary>
    public (LogPosition Position, ulong Checksum)? LastCheck { get; set; }

    /// <summary>Applies entries up to one, of which those that were proposed here are told.</summary>
    public void ApplyThrough(LogSequence last, IReadOnlyDictionary<long, IProposal>? own)
    {
        while (machine.Applied.Sequence < last)
        {
            List<RawRecord> records = log.Read(machine.Applied.Sequence.Next, ApplyBytesMax);
            Invariant.Holds(records.Count > 0);
            foreach (RawRecord record in records)
            {
                if (record.Position.Sequence > last)
                    return;
                machine.Apply(record, own?.GetValueOrDefault(record.Position.Sequence.Value));
                if (record.Kind == LogRecordKind.Check)
                    LastCheck = (record.Position, machine.Checksum());
            }
        }
    }
}
