using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Simulation.Tests.Checks;
using VecSQL.Simulation.Tests.Nodes;
using VecSQL.Simulation.Tests.World;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Simulation.Tests;

/// <summary>Writes registers with values of its own, reads them, and takes timestamps, one call after the other.</summary>
internal sealed class Client(Cluster cluster, int place)
{
    private const long Timeout = 800 * EventLoop.Millisecond;

    private const int NoCall = -1;

    private readonly int[] _guess = new int[cluster.Shards.Length + 1];
    private int _call;
    private long _values;

    public bool IsDone { get; set; }

    public void Next()
    {
        if (IsDone)
            return;
        ShardId shard = cluster.Shards[cluster.Random.Next(cluster.Shards.Length)];
        int kind = cluster.Random.Next(14), key = cluster.Random.Next(Cluster.KeyCount), call = ++_call;
        int guess = kind == 9 ? 0 : (int)shard.Value;
        SimNode node = cluster.Nodes[kind is 8 or 10 or 11 ? cluster.Random.Next(cluster.Nodes.Length) : _guess[guess]];
        Operation? operation = kind switch
        {
            < 5 => cluster.Judge.Begin(shard, key, isWrite: true, (place * 1_000_000L) + ++_values, acks: Acks()),
            < 8 => cluster.Judge.Begin(shard, key, isWrite: false, 0),
            > 9 => cluster.Judge.Begin(shard, key, isWrite: false, 0), // at the primary, or anywhere
            8 => cluster.Judge.Begin(shard, key, isWrite: false, 0, isStale: true),
            _ => null,
        };
        cluster.Network.Send(place, node.Place, () =>
        {
            if (node.Process is { } process)
                node.Run(process, () => Serve(process, shard, operation, call, guess, isAnywhere: kind is 10 or 11));
        });
        cluster.Loop.After(Timeout, () => End(call, guess, isServed: false));
        if (kind == 0)
            Burst(node, shard);
        if (kind == 1 && cluster.HasMoments)
            ReadPast(shard);
    }

    /// <summary>Takes a moment, and reads some time later where all is that was committed by then: that sees all that was acknowledged before it was taken.</summary>
    private void ReadPast(ShardId shard)
    {
        Operation operation = cluster.Judge.Begin(shard, cluster.Random.Next(Cluster.KeyCount), isWrite: false, 0);
        operation.Refuse(); // until it is served
        SimNode asked = cluster.Nodes[cluster.Random.Next(cluster.Nodes.Length)], read = cluster.Nodes[cluster.Random.Next(cluster.Nodes.Length)];
        cluster.Network.Send(place, asked.Place, () =>
        {
            if (asked.Process is { } process)
                asked.Run(process, () => process.TakeTimestamp(moment => cluster.Loop.After(cluster.Random.Between(200, 900) * EventLoop.Millisecond, () => Read(moment))));
        });

        void Read(long moment)
        {
            if (read.Process?.Find(shard) is not { } hosted || hosted.Machine.Closed < moment || hosted.Replica.IsPrimary)
                return;
            cluster.Judge.ServedInPast();
            operation.Read(hosted.Machine.Get(operation.Key), cluster.Loop.Now);
        }
    }

    /// <summary>Writes several at once, and takes what answers come.</summary>
    private void Burst(SimNode node, ShardId shard)
    {
        for (int i = 0; i < 5; i++)
        {
            Operation operation = cluster.Judge.Begin(shard, cluster.Random.Next(Cluster.KeyCount), isWrite: true, (place * 1_000_000L) + ++_values, acks: Acks());
            cluster.Network.Send(place, node.Place, () =>
            {
                if (node.Process is { } process)
                    node.Run(process, () => Serve(process, shard, operation, NoCall, 0));
            });
        }
    }

    private ReplicationMode? Acks() => cluster.LowersAcks && cluster.Random.Chance(0.3) ? ReplicationMode.Async
        : cluster.RaisesAcks && cluster.Random.Chance(0.3) ? ReplicationMode.Sync : null;

    private void Serve(SimProcess process, ShardId shard, Operation? operation, int call, int guess, bool isAnywhere = false)
    {
        if (operation is null)
        {
            bool isTaken = process.Oracle is { } oracle && oracle.TryTake(1 + cluster.Random.Next(3), out long first) && cluster.Judge.Took(first);
            Answer(process, call, guess, isTaken, null);
            return;
        }
        SimProcess.Hosted? hosted = process.Find(shard);
        if (hosted is null)
        {
            Answer(process, call, guess, false, () => operation.Refuse());
        }
        else if (operation.IsWrite)
        {
            if (hosted.Stamps is { } stamps && hosted.Replica.IsPrimary)
                stamps.Take(Propose);
            else
                Propose(0);
        }
        else if (isAnywhere)
        {
            hosted.Replica.BeginRead(isServed =>
            {
                long value = hosted.Machine.Get(operation.Key);
                if (isServed && !hosted.Replica.IsPrimary)
                    cluster.Judge.ServedElsewhere();
                Answer(process, call, guess, isServed, isServed ? () => operation.Read(value, cluster.Loop.Now) : () => operation.Refuse());
            });
        }
        else
        {
            long value = hosted.Machine.Get(operation.Key);
            bool isServed = operation.IsStale || hosted.Replica.CanServe;
            Answer(process, call, guess, isServed, isServed ? () => operation.Read(value, cluster.Loop.Now) : () => operation.Refuse());
        }

        void Propose(long timestamp)
        {
            LogEntry entry = new(LogRecordKind.Transaction, timestamp, RegisterMachine.Encode(operation.Key, operation.Value));
            if (!TryPropose(hosted, entry, operation, new Proposal(this, process, operation, call, guess)))
                Answer(process, call, guess, false, () => operation.Refuse());
        }
    }

    private static bool TryPropose(SimProcess.Hosted hosted, LogEntry entry, Operation operation, Proposal proposal)
    {
        try
        {
            return hosted.Replica.Propose([new ProposedEntry(entry, operation.Acks, proposal)]);
        }
        catch (FileFaultException fault) when (fault.IsDiskFull)
        {
            return false; // this one alone
        }
    }

    private void Answer(SimProcess process, int call, int guess, bool isServed, Action? take) =>
        cluster.Network.Send(process.Place, place, () =>
        {
            if (call != _call && call != NoCall)
                return; // given up
            take?.Invoke();
            End(call, guess, isServed);
        });

    private void End(int call, int guess, bool isServed)
    {
        if (call != _call)
            return;
        _call++;
        if (!isServed)
            _guess[guess] = cluster.Random.Next(cluster.Nodes.Length);
        cluster.Loop.After(cluster.Random.Between(1, isServed ? 60 : 150) * EventLoop.Millisecond, Next);
    }

    private sealed class Proposal(Client client, SimProcess process, Operation operation, int call, int guess) : IProposal
    {
        public void Acknowledged(LogPosition position)
        {
            client.CheckAcks(process, operation, position);
            client.Answer(process, call, guess, true, () => operation.Acknowledge(client.Now));
        }

        public void Unconfirmed() => Abandoned();

        public void Abandoned() => client.Answer(process, call, guess, false, null);

        public void Refused(SqlException error) => throw new InvalidOperationException("no replica does that", error);
    }

    /// <summary>What all replicas were to have is on the disks of all that run.</summary>
    private void CheckAcks(SimProcess process, Operation operation, LogPosition position)
    {
        if (operation.Acks != ReplicationMode.Sync || process.Find(operation.Shard) is not { Replica: var replica })
            return;
        foreach (NodeId voter in replica.Voters)
        {
            if (cluster.FindNode(voter)?.Process?.Find(operation.Shard)?.Log is { } log && log.Durable < position.Sequence)
                cluster.Judge.Fail($"shard {operation.Shard}: the write of {operation.Value} was to be at all replicas, and was acknowledged without that of node {voter}");
        }
    }

    private long Now => cluster.Loop.Now;
}
