using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Nodes;

/// <summary>A process's part in its cluster: which node it is, and what its directory remembers of the cluster's metadata.</summary>
/// <remarks>Threads: the mailbox's, but for what never changes.</remarks>
public sealed class Membership
{
    /// <summary>A process that ended without a word is alive to others until its lease has; one that is alive for longer is another.</summary>
    private const int LeaseTimesMax = 4;

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50), WaitMax = TimeSpan.FromSeconds(1);

    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private NodeIdentity _identity;
    private long _lastWritten;

    private Membership(ClusterNodeOptions options, IFileSystem files, TimeProvider time, NodeIdentity identity, ReadOnlyMemory<byte> secret)
    {
        Options = options;
        Secret = secret;
        _files = files;
        _time = time;
        _identity = identity;
        _lastWritten = time.GetTimestamp();
    }

    public NodeId Id => _identity.Id;

    public string ClusterId => _identity.ClusterId;

    /// <summary>By which nodes of the cluster know each other.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    public ClusterNodeOptions Options { get; }

    /// <summary>Makes the process a node of its cluster: waits for a metadata store that does not answer, and for the end of the lease of the process before.</summary>
    /// <exception cref="JoinRefusedException">It may not be that node.</exception>
    /// <exception cref="CorruptFileException">What the directory remembers cannot be read.</exception>
    /// <exception cref="FileFaultException">The directory cannot be used.</exception>
    public static async Task<Membership> JoinAsync(
        IMetadataStore store, IFileSystem files, ClusterNodeOptions options, IMailbox mailbox, TimeProvider time, Random random, ILogger log,
        CancellationToken cancellation)
    {
        NodeIdentity? known = null;
        await DoAsync(mailbox, () => known = NodeIdentity.Read(files, options.Directory));
        Registration registration = new(store, options);
        Backoff backoff = new(WaitMin, WaitMax, random);
        long? began = null;
        while (true)
        {
            try
            {
                if (await registration.TryAsync(known, cancellation) is { } joined)
                {
                    NodeIdentity identity = new(joined.ClusterId, joined.Id, joined.Revision, Math.Max(joined.Revision, known?.Seen ?? 0),
                        known?.Shards ?? ImmutableSortedDictionary<ShardId, ShardMark>.Empty);
                    await DoAsync(mailbox, () => identity.Write(files, options.Directory));
                    return new Membership(options, files, time, identity, joined.Secret);
                }
                began ??= time.GetTimestamp();
                if (time.GetElapsedTime(began.Value) > options.LeaseTime * LeaseTimesMax)
                {
                    throw new JoinRefusedException(known is null ? $"a live node is called \"{options.Name}\": choose another --node-name"
                        : $"node {known.Id} is alive: another process runs on a copy of this directory");
                }
            }
            catch (MetadataUnavailableException unavailable)
            {
                began = null;
                Log.StoreAwaited(log, unavailable.Message);
            }
            catch (MetadataReplacedException replaced)
            {
                throw Registration.Gone(replaced.Message);
            }
            catch (InvalidDataException wrong)
            {
                throw new JoinRefusedException($"the cluster's metadata is not as it was written: {wrong.Message}");
            }
            await Task.Delay(backoff.Next(), time, cancellation);
        }
    }

    /// <summary>Remembers what is acted on next. Returns when it is on the disk.</summary>
    /// <param name="states">Shards that this node has, or had, replicas of.</param>
    /// <exception cref="JoinRefusedException">Something else has been acted on before that cannot have come before this.</exception>
    internal void Remember(long revision, IEnumerable<ShardState> states, IEnumerable<ShardId> dropped)
    {
        ImmutableSortedDictionary<ShardId, ShardMark> shards = _identity.Shards.RemoveRange(dropped);
        foreach (ShardState state in states)
        {
            if (Options.Failover.Bug != PlantedBug.TrustOlderMetadata)
                Registration.Check(_identity, state);
            bool hasReplica = state.Replicas.Contains(Id) || HasReplica(state.Shard);
            if (hasReplica || shards.ContainsKey(state.Shard))
                shards = shards.SetItem(state.Shard, ShardMark.Of(state) with { HasReplica = hasReplica });
        }
        bool isDue = shards != _identity.Shards || (revision > _identity.Seen && _time.GetElapsedTime(_lastWritten) >= Options.RememberInterval);
        if (isDue)
            Write(revision, shards);
    }

    /// <summary>Remembers how far the store has come, however short a while ago that was done. Returns when it is on the disk.</summary>
    internal void RememberAtOnce(long revision) => Write(revision, _identity.Shards);

    private void Write(long revision, ImmutableSortedDictionary<ShardId, ShardMark> shards)
    {
        NodeIdentity next = _identity with { Seen = Math.Max(_identity.Seen, revision), Shards = shards };
        next.Write(_files, Options.Directory);
        _identity = next;
        _lastWritten = _time.GetTimestamp();
    }

    /// <summary>The node has put its record again. Remembered with what comes next.</summary>
    internal void Registered(long revision) => _identity = _identity with { Registered = Math.Max(_identity.Registered, revision) };

    /// <summary>Whether something of a replica of the shard may be here.</summary>
    internal bool HasReplica(ShardId shard) => _identity.Shards.TryGetValue(shard, out ShardMark mark) && mark.HasReplica;

    /// <summary>Whether there was a replica of the shard here, as far as is known: files of one may be here.</summary>
    internal bool HasHad(ShardId shard) => _identity.Shards.ContainsKey(shard);

    /// <summary>A replica has been told that it is none any more. Remembered with what comes next: to be told again does no harm.</summary>
    internal void Left(ShardId shard)
    {
        if (_identity.Shards.TryGetValue(shard, out ShardMark mark))
            _identity = _identity with { Shards = _identity.Shards.SetItem(shard, mark with { HasReplica = false }) };
    }

    /// <summary>Runs something in a mailbox; what fails of it is thrown here.</summary>
    private static Task DoAsync(IMailbox mailbox, Action act)
    {
        TaskCompletionSource done = new();
        mailbox.Post(() =>
        {
            try
            {
                act();
            }
            catch (Exception failure) when (failure is FileFaultException or CorruptFileException or Storage.StorageException)
            {
                done.SetException(failure);
                return;
            }
            done.SetResult();
        });
        return done.Task;
    }
}
