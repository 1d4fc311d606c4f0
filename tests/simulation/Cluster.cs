using System.Collections.Immutable;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.Checks;
using VecSQL.Simulation.Tests.Nodes;
using VecSQL.Simulation.Tests.World;

namespace VecSQL.Simulation.Tests;

/// <summary>A seed's cluster: its nodes, its clients, what goes wrong, and what is watched.</summary>
internal sealed class Cluster
{
    public const int KeyCount = 3;

    private const int ClientCount = 3;

    private static readonly ReplicationMode[] Modes =
        [ReplicationMode.Quorum, ReplicationMode.Quorum, ReplicationMode.Sync, ReplicationMode.SemiSync, ReplicationMode.Async];

    public Cluster(int seed, PlantedBug bug)
    {
        Seed = seed;
        Bug = bug;
        Random = new SimRandom(seed);
        int nodeCount = Random.Between(3, 5);
        Mode = Modes[Random.Next(Modes.Length)];
        Network = new SimulatedNetwork(Loop, Random, 1 + nodeCount + ClientCount)
        {
            LossChance = Random.Next(3) * 0.02,
            RepeatChance = Random.Next(3) * 0.02,
            DelayChance = Random.Next(3) * 0.02,
        };
        Metadata = new SimulatedMetadata(Loop);
        Judge = new Judge(this);
        Shards = [.. Enumerable.Range(1, Random.Between(1, 2)).Select(shard => new ShardId((uint)shard))];
        ReplicaOptions = new ReplicaOptions { MessageBytesMax = 100 + (Random.Next(3) * Random.Next(3) * 1000), InFlightBytesMax = 1500, SnapshotChunkBytes = 700, Bug = bug };
        FailoverOptions = new FailoverOptions { Patience = TimeSpan.FromSeconds(2), Bug = bug };
        Nodes = [.. Enumerable.Range(1, nodeCount).Select(node => new SimNode(this, node,
            new SimulatedClock(Loop, 0.97 + (0.06 * Random.Fraction()), Random.Next(1_000_000_000))))];
        Clients = [.. Enumerable.Range(1 + nodeCount, ClientCount).Select(place => new Client(this, place))];
        Faults = new Faults(this);
        LowersAcks = Random.Chance(0.1);
        RaisesAcks = Random.Chance(0.2);
        CarriesBytes = seed % 4 == 0;
        HasMoments = seed % 3 == 0;
    }

    public int Seed { get; }

    /// <summary>Whether some writes ask for less than the shard's mode, and may be lost.</summary>
    public bool LowersAcks { get; }

    /// <summary>Whether some writes ask for all replicas, whatever the shard's mode.</summary>
    public bool RaisesAcks { get; }

    /// <summary>Whether a replica was made to hold something wrong.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Whether writes have timestamps, and replicas are read at moments that are past.</summary>
    public bool HasMoments { get; }

    /// <summary>Whether messages go as bytes, which takes longer.</summary>
    private bool CarriesBytes { get; }

    public PlantedBug Bug { get; }

    public ReplicationMode Mode { get; }

    public EventLoop Loop { get; } = new();

    public SimRandom Random { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedMetadata Metadata { get; }

    public Judge Judge { get; }

    public ShardId[] Shards { get; }

    public SimNode[] Nodes { get; }

    public Client[] Clients { get; }

    public Faults Faults { get; }

    public ReplicaOptions ReplicaOptions { get; }

    public FailoverOptions FailoverOptions { get; }

    /// <summary>Whether anything goes wrong but messages on their way.</summary>
    public bool HasFaults { get; init; } = true;

    /// <summary>Takes a line for each thing that happens; null where nobody wants to read them.</summary>
    public TextWriter? Story { get; init; }

    public void Tell(string line) => Story?.WriteLine($"{Loop.Now,10} {line}");

    /// <summary>The machine whose process is a node, or was it last; null where there is none any more.</summary>
    public SimNode? FindNode(NodeId id)
    {
        foreach (SimNode node in Nodes)
        {
            if (node.Id == id)
                return node;
        }
        return null;
    }

    /// <summary>What a message becomes on its way: in some seeds it goes as bytes.</summary>
    public ReplicaMessage Carry(ReplicaMessage message) => CarriesBytes ? ReplicaMessageCodec.Decode(ReplicaMessageCodec.Encode(message)) : message;

    /// <summary>Runs the seed to its end.</summary>
    /// <param name="eventsMin">So many events at least, before everything is healed.</param>
    public Judge Run(int eventsMin)
    {
        Register();
        foreach (ShardId shard in Shards)
        {
            int[] nodes = [.. Enumerable.Range(1, Nodes.Length)];
            Random3(nodes);
            ReplicaSet replicas = new(Mode, [.. nodes.Take(3).Order().Select(node => new NodeId(node))]);
            Metadata.Commit(new MetadataTransaction
            {
                Puts = [new MetadataPut(ShardState.KeyOf(shard), ShardStateCodec.Encode(ShardState.Begin(shard, replicas)))],
            });
        }
        foreach (SimNode node in Nodes)
            Loop.After(Random.Next(50_000), node.Start);
        foreach (Client client in Clients)
            Loop.After(Random.Next(2_000_000), client.Next);
        if (HasFaults)
            Loop.After(2 * EventLoop.Second, Faults.Next);
        while (Judge.Violation is null && Loop.Count < eventsMin && Loop.RunNext())
        {
        }
        Faults.Heal();
        long limit = Loop.Now + ((Metadata.IsRestored ? 10 : 60) * EventLoop.Second), settle = Loop.Now + (3 * EventLoop.Second);
        foreach (Client client in Clients)
            client.IsDone = true;
        while (Judge.Violation is null && !(Loop.Now > settle && Loop.Count % 64 == 0 && Judge.HasConverged()))
        {
            if (Loop.Now > limit && (Metadata.IsRestored || Judge.IsStuck()))
                return Judge; // nothing was said that is wrong; no more can be hoped for
            if (Loop.Now > limit)
            {
                Judge.Fail("the replicas did not converge: " + Judge.Describe());
                break;
            }
            Loop.RunNext();
        }
        if (Judge.Violation is null)
            Judge.Conclude();
        return Judge;
    }

    /// <summary>Nodes have joined before, so that a shard's first replicas can be named.</summary>
    private void Register()
    {
        const string ClusterId = "simulation";
        Metadata.Commit(new MetadataTransaction
        {
            Puts = [Put("cluster-id", ClusterId), Put("format", "1"), Put("secret", "-"), Put("last-node", $"{Nodes.Length}")],
        });
        foreach (SimNode node in Nodes)
        {
            NodeRecord record = new(node.Id, node.Name, "", node.Name, node.Name, "", Process: 0);
            long revision = Metadata.Commit(new MetadataTransaction
            {
                Puts = [new MetadataPut(NodeRecord.KeyOf(node.Id), record.Encode()), Put($"names/{node.Name}", node.Id.ToString())],
            }).Revision;
            node.Disk.CreateDirectory(SimProcess.DataDirectory);
            new NodeIdentity(ClusterId, node.Id, revision, revision, ImmutableSortedDictionary<ShardId, ShardMark>.Empty).Write(node.Disk, SimProcess.DataDirectory);
        }

        static MetadataPut Put(string key, string value) => new(key, System.Text.Encoding.ASCII.GetBytes(value));
    }

    private void Random3(int[] items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = Random.Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }
}
