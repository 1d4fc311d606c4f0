using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Metadata;

/// <summary>Makes one node at a time the controller: who could create a key that goes with the node's lease.</summary>
/// <remarks>
/// Fence:   a controller that has been replaced may not know it yet. So each of its transactions compares the key with the revision that made it
///          (<see cref="ControllerTerm.Fence"/>), and nothing that another controller could contradict is done by the clock alone.
/// Threads: <see cref="RunAsync"/> is one; the rest can be asked by any.
/// </remarks>
/// <param name="key">Nobody puts it but by an election.</param>
/// <param name="name">Who this node is; becomes the key's value. No other node has the same.</param>
public sealed class ControllerElection(
    IMetadataStore store, NodeLease lease, string key, ReadOnlyMemory<byte> name, IElectionListener listener, TimeProvider time, Random random)
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50), WaitMax = TimeSpan.FromSeconds(1);

    private readonly PrefixFollower _follower = new(store, key, time, random);
    private readonly Backoff _backoff = new(WaitMin, WaitMax, random);
    private ControllerTerm? _term;
    private volatile bool _isWithdrawn;

    /// <summary>This node's term, unless it has heard that another has taken over; null where it is not the controller.</summary>
    public ControllerTerm? Term => Volatile.Read(ref _term);

    /// <summary>Whether nobody else can be the controller now.</summary>
    public bool IsCertain => Term is { } term && lease.Holds(term.Lease);

    /// <summary>The node stands for no more elections.</summary>
    public void Withdraw() => _isWithdrawn = true;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        MetadataEntry? holder = null;
        await foreach (MetadataChanges changes in _follower.FollowAsync(cancellation))
        {
            foreach (MetadataChange change in changes.Changes)
            {
                if (change.Key == key)
                    holder = change.Entry;
            }
            if (Term is { } term)
            {
                // What happened before this node was elected is told late, since it had no time to listen.
                if (changes.Revision < term.Revision || holder?.Created == term.Revision)
                    continue;
                Volatile.Write(ref _term, null);
                listener.Deposed(term);
            }
            if (holder is null && !_isWithdrawn)
                await TryAsync(cancellation);
            else if (holder is not null && IsOwn(holder, lease.Current))
                Win(new ControllerTerm(key, holder.Created, holder.Lease));
        }
    }

    /// <summary>Returns when the key is there, this node's or another's.</summary>
    private async ValueTask TryAsync(CancellationToken cancellation)
    {
        while (true)
        {
            LeaseId own = await lease.TakenAsync(cancellation);
            try
            {
                MetadataOutcome outcome = await store.CommitAsync(new MetadataTransaction
                {
                    Compares = [MetadataCompare.IsMissing(key)],
                    Puts = [new MetadataPut(key, name, own)],
                    ReadsOnFailure = [key],
                }, cancellation);
                // Where it is there already it may be by an earlier try whose outcome was not told.
                MetadataEntry? found = outcome.IsDone ? null : outcome.Found[0].Entries.FirstOrDefault(entry => entry.Key == key);
                if (outcome.IsDone)
                    Win(new ControllerTerm(key, outcome.Revision, own));
                else if (found is not null && IsOwn(found, own))
                    Win(new ControllerTerm(key, found.Created, own));
                return;
            }
            catch (Exception failure) when (failure is MetadataUnavailableException or MetadataLeaseEndedException)
            {
                await Task.Delay(_backoff.Next(), time, cancellation);
            }
        }
    }

    private void Win(ControllerTerm term)
    {
        _backoff.Reset();
        Volatile.Write(ref _term, term);
        listener.Elected(term);
    }

    private bool IsOwn(MetadataEntry entry, LeaseId own) => !own.IsNone && entry.Lease == own && entry.Value.Span.SequenceEqual(name.Span);
}

/// <summary>One node's time as the controller.</summary>
/// <param name="Key">Of the election.</param>
/// <param name="Revision">That made the key: later terms have greater ones.</param>
/// <param name="Lease">That the key goes with.</param>
public sealed record ControllerTerm(string Key, long Revision, LeaseId Lease)
{
    /// <summary>Holds as long as nobody else has been elected: each of the controller's transactions has it.</summary>
    public MetadataCompare Fence => new(Key, Revision);
}

/// <summary>What a node does as the controller. Neither call waits for anything.</summary>
public interface IElectionListener
{
    void Elected(ControllerTerm term);

    /// <summary>The key is gone or another's. The lease may have run out long before.</summary>
    void Deposed(ControllerTerm term);
}
