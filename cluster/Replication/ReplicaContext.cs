using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

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

    /// <summary>On a primary: a moment at or before which nothing is committed after an entry.</summary>
    public (LogSequence Through, long Moment) Closed { get; set; }

    /// <summary>The last entry that asked for a checksum, if its answer still counts.</summary>
    public LogPosition? LastCheckPosition { get; set; }

    /// <summary>The checksum at the last entry that asked for one; null while it is not known.</summary>
    public (LogPosition Position, ulong Checksum)? LastCheck =>
        LastCheckPosition is { } position && machine.Checksum() is { } checksum ? (position, checksum) : null;

    /// <summary>Applies entries up to one, of which those that were proposed here are told; fewer where the machine has to wait for something.</summary>
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
                if (!machine.Apply(record, own?.GetValueOrDefault(record.Position.Sequence.Value)))
                    return;
                if (record.Kind == LogRecordKind.Check)
                    LastCheckPosition = record.Position;
            }
        }
    }
}
