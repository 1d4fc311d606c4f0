using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>Makes a node part of its cluster: a new one gets its id, one that was there before is checked against what its directory remembers.</summary>
/// <remarks>
/// Empty:   a directory without identity is a new node, whatever its name was before: what a replica has said must not be forgotten by the node that
///          said it. If its name is that of a node that is not alive, that one is replaced by it.
/// Threads: one at a time; what is awaited is the store's answer alone.
/// </remarks>
internal sealed class Registration(IMetadataStore store, ClusterNodeOptions options)
{
    public const string FormatKey = "format", ClusterKey = "cluster-id", SecretKey = "secret", LastNodeKey = "last-node", NamePrefix = "names/";

    /// <summary>Of the keys of a cluster.</summary>
    private const string Format = "1";

    /// <summary>Puts the node's record; null where another try is needed: something has changed meanwhile.</summary>
    /// <param name="known">Who the directory is; null for nobody yet.</param>
    /// <exception cref="JoinRefusedException">It may not.</exception>
    /// <exception cref="MetadataUnavailableException">Another try shows what became of it.</exception>
    public async ValueTask<Joined?> TryAsync(NodeIdentity? known, CancellationToken cancellation)
    {
        MetadataEntry? cluster = await FindAsync(ClusterKey, cancellation);
        if (cluster is null)
        {
            if (known is not null)
                throw Gone($"there is no such cluster in it, and this directory is node {known.Id} of cluster {known.ClusterId}");
            await CreateAsync(cancellation);
            return await TryAsync(known, cancellation);
        }
        string format = Text(await FindAsync(FormatKey, cancellation));
        if (format != Format)
        {
            throw new JoinRefusedException($"the cluster's metadata has format {format}, and this program knows {Format}: " +
                "start a program of the version that the other nodes have");
        }
        if (known is not null && Text(cluster) != known.ClusterId)
            throw new JoinRefusedException($"this directory is node {known.Id} of cluster {known.ClusterId}, and the metadata store's is cluster {Text(cluster)}: " +
                "give the cluster that it belongs to, or another directory");
        Held held = new(cluster, await store.ReadAsync(NodeRecord.KeyPrefix, cancellation), await store.ReadAsync(NodeStatus.KeyPrefix, cancellation),
            await FindAsync(NamePrefix + options.Name, cancellation));
        return known is null ? await EnterAsync(held, cancellation) : await ReturnAsync(known, held, cancellation);
    }

    /// <summary>Whether a shard's states are such as can follow what was seen.</summary>
    /// <exception cref="JoinRefusedException">They are not.</exception>
    public static void Check(NodeIdentity known, ShardState state)
    {
        if (known.Shards.TryGetValue(state.Shard, out ShardMark mark) && mark.IsAfter(state))
        {
            throw Gone($"it has shard {state.Shard} at term {state.Term} with primary {state.Primary} (epoch {state.Epoch}), " +
                $"and this node has seen term {mark.Term} with primary {mark.Primary} (epoch {mark.Epoch})");
        }
    }

    /// <summary>The store is not what it was, or not the one that it was.</summary>
    public static JoinRefusedException Gone(string how) => new(
        $"the metadata store has lost what was agreed on: {how}. It was restored from an older backup, or made anew. " +
        "Bring it back to its last state; nothing is served from here before that");

    private async ValueTask CreateAsync(CancellationToken cancellation) => await store.CommitAsync(new MetadataTransaction
    {
        Compares = [MetadataCompare.IsMissing(ClusterKey)],
        Puts =
        [
            new MetadataPut(ClusterKey, Encoding.ASCII.GetBytes(options.Process.ToString("x16", CultureInfo.InvariantCulture))),
            new MetadataPut(FormatKey, Encoding.ASCII.GetBytes(Format)),
            new MetadataPut(SecretKey, options.Secret),
        ],
    }, cancellation);

    /// <summary>A new node.</summary>
    private async ValueTask<Joined?> EnterAsync(Held held, CancellationToken cancellation)
    {
        NodeRecord? own = held.Records.Select(entry => NodeRecord.Decode(entry.Value.Span)).FirstOrDefault(record => record.Process == options.Process);
        if (own is not null) // an earlier try whose outcome was not told
            return await JoinedAsync(held, own.Id, held.Find(own.Id)?.Modified ?? 0, cancellation);
        MetadataEntry? last = await FindAsync(LastNodeKey, cancellation);
        NodeId id = new(last is null ? 1 : int.Parse(Text(last), CultureInfo.InvariantCulture) + 1);
        List<MetadataCompare> compares = [Unchanged(ClusterKey, held.Cluster), Unchanged(LastNodeKey, last), Unchanged(NamePrefix + options.Name, held.Name)];
        List<MetadataPut> puts = [new MetadataPut(LastNodeKey, Encoding.ASCII.GetBytes(id.ToString())), .. Own(id, isDraining: false)];
        if (held.Name is not null && held.Find(held.NameHolder) is { } former)
        {
            if (held.IsAlive(held.NameHolder))
                return null; // the process before may have ended a moment ago
            compares.AddRange([MetadataCompare.IsUnchanged(former), MetadataCompare.IsMissing(NodeStatus.KeyOf(held.NameHolder))]);
            puts.Add(new MetadataPut(former.Key, (NodeRecord.Decode(former.Value.Span) with { ReplacedBy = id }).Encode()));
        }
        MetadataOutcome outcome = await store.CommitAsync(new MetadataTransaction { Compares = compares, Puts = puts }, cancellation);
        return outcome.IsDone ? await JoinedAsync(held, id, outcome.Revision, cancellation) : null;
    }

    /// <summary>A node that was there before, by another process of it.</summary>
    private async ValueTask<Joined?> ReturnAsync(NodeIdentity known, Held held, CancellationToken cancellation)
    {
        bool trusts = options.Failover.Bug == PlantedBug.TrustOlderMetadata;
        if (held.Revision < known.Seen && !trusts)
            throw Gone($"it is at revision {held.Revision}, and this node has seen {known.Seen}");
        MetadataEntry entry = held.Find(known.Id) ?? throw Removed(known.Id);
        if (entry.Modified < known.Registered && !trusts)
            throw Gone($"this node's record is of revision {entry.Modified}, and was put in {known.Registered}");
        NodeRecord record = NodeRecord.Decode(entry.Value.Span);
        if (record.IsRemoved)
            throw Removed(known.Id);
        if (!record.ReplacedBy.IsNone)
        {
            throw new JoinRefusedException($"node {known.Id} was replaced by node {record.ReplacedBy}, which has joined as \"{record.Name}\" with an empty directory: " +
                "give an empty directory and another name, and it joins as a new node");
        }
        foreach (MetadataEntry shard in (await store.ReadAsync(ShardState.KeyPrefix, cancellation)).Entries)
        {
            if (!trusts)
                Check(known, ShardStateCodec.Decode(shard.Value.Span));
        }
        if (held.Name is not null && held.NameHolder != known.Id)
            throw Taken(held.NameHolder);
        if (held.IsAlive(known.Id))
            return null; // the process before, for as long as its lease lasts, or one beside this
        List<string> deletes = record.Name == options.Name ? [] : [NamePrefix + record.Name];
        MetadataOutcome outcome = await store.CommitAsync(new MetadataTransaction
        {
            Compares =
            [
                Unchanged(ClusterKey, held.Cluster), MetadataCompare.IsUnchanged(entry), Unchanged(NamePrefix + options.Name, held.Name),
                MetadataCompare.IsMissing(NodeStatus.KeyOf(known.Id)),
            ],
            Puts = [.. Own(known.Id, record.IsDraining)],
            Deletes = deletes,
        }, cancellation);
        return outcome.IsDone ? await JoinedAsync(held, known.Id, outcome.Revision, cancellation) : null;
    }

    private IEnumerable<MetadataPut> Own(NodeId id, bool isDraining)
    {
        NodeRecord record = new(id, options.Name, options.Zone, options.SqlAddress, options.FlightAddress, options.Version, options.Process) { IsDraining = isDraining };
        yield return new MetadataPut(NodeRecord.KeyOf(id), record.Encode());
        yield return new MetadataPut(NamePrefix + options.Name, Encoding.ASCII.GetBytes(id.ToString()));
    }

    private async ValueTask<Joined?> JoinedAsync(Held held, NodeId id, long revision, CancellationToken cancellation) =>
        await FindAsync(SecretKey, cancellation) is { } secret ? new Joined(Text(held.Cluster), id, revision, secret.Value) : null;

    private async ValueTask<MetadataEntry?> FindAsync(string key, CancellationToken cancellation)
    {
        MetadataRange range = await store.ReadAsync(key, cancellation);
        return range.Entries.FirstOrDefault(entry => entry.Key == key);
    }

    private static JoinRefusedException Removed(NodeId node) =>
        new($"node {node} was removed from the cluster: give an empty directory, and it joins as a new node");

    private JoinRefusedException Taken(NodeId holder) => new($"node {holder} is called \"{options.Name}\": choose another --node-name");

    private static MetadataCompare Unchanged(string key, MetadataEntry? entry) => new(key, entry?.Modified ?? 0);

    private static string Text(MetadataEntry? entry) => entry is null ? "" : Encoding.ASCII.GetString(entry.Value.Span);

    /// <summary>What was read before anything is changed.</summary>
    private sealed class Held(MetadataEntry cluster, MetadataRange nodes, MetadataRange alive, MetadataEntry? name)
    {
        public MetadataEntry Cluster => cluster;

        public MetadataEntry? Name => name;

        public NodeId NameHolder { get; } = name is not null && int.TryParse(Text(name), CultureInfo.InvariantCulture, out int id) ? new NodeId(id) : default;

        public long Revision => nodes.Revision;

        public IReadOnlyList<MetadataEntry> Records => nodes.Entries;

        public MetadataEntry? Find(NodeId node) => nodes.Entries.FirstOrDefault(entry => entry.Key == NodeRecord.KeyOf(node));

        public bool IsAlive(NodeId node) => alive.Entries.Any(entry => entry.Key == NodeStatus.KeyOf(node));
    }
}

/// <summary>A node that is part of its cluster.</summary>
/// <param name="Revision">Of its record.</param>
/// <param name="Secret">By which nodes of the cluster know each other.</param>
internal sealed record Joined(string ClusterId, NodeId Id, long Revision, ReadOnlyMemory<byte> Secret);
