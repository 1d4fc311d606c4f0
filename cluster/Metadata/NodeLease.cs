using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Metadata;

/// <summary>A node's lease: takes one, keeps it alive, takes another when it is lost, and knows by the clock until when nobody can have let it go.</summary>
/// <remarks>
/// Certain: for the lease's time, counted from the moment before the last keep-alive that succeeded was sent, less a margin for clocks that run
///          differently. What a node does because of its lease it does only while that holds, asked of <see cref="Holds"/> each time.
/// Roles:   belong to the lease under which they were got: after it is lost and another taken, none of them counts, and each must be got again.
/// Threads: <see cref="RunAsync"/> is one; the rest can be asked by any.
/// </remarks>
public sealed class NodeLease(IMetadataStore store, INodeLeaseHolder holder, TimeSpan timeToLive, TimeProvider time, Random random) : IServingLease
{
    /// <summary>Of its time a lease is kept alive each third, and counts for nine tenths: clocks may differ in speed by a tenth.</summary>
    private const double KeepAliveShare = 1.0 / 3, CertainShare = 0.9;

    private readonly Backoff _backoff = new(timeToLive / 20, timeToLive / 10, random);
    private TaskCompletionSource<LeaseId> _taken = new();
    private Certainty? _certainty;
    private long _slowest; // ticks
    private long _certainUntil; // the timestamp at which the last certainty ended, or will
    private volatile bool _isForgotten;

    /// <summary>The lease that the node has, certain or not; 0 for none.</summary>
    public LeaseId Current => Volatile.Read(ref _certainty)?.Lease ?? default;

    /// <inheritdoc/>
    public bool Holds(LeaseId lease) => !lease.IsNone && !_isForgotten && Volatile.Read(ref _certainty) is { } known && known.Lease == lease && time.GetTimestamp() < known.Until;

    /// <summary>For how long the node has been without a lease that it can be certain of.</summary>
    public TimeSpan Lacking => Volatile.Read(ref _certainUntil) is var until && time.GetTimestamp() is var now && now > until ? time.GetElapsedTime(until, now) : default;

    /// <summary>The lease that the node has, once it has one.</summary>
    public async ValueTask<LeaseId> TakenAsync(CancellationToken cancellation) => await Volatile.Read(ref _taken).Task.WaitAsync(cancellation);

    /// <summary>The longest time between two successful renewals since this was asked before.</summary>
    public TimeSpan TakeSlowestRenewal() => TimeSpan.FromTicks(Interlocked.Exchange(ref _slowest, 0));

    /// <summary>The node acts under no lease any more, from now on.</summary>
    public void Forget() => _isForgotten = true;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (await TakeAsync(cancellation) is not { } lease)
            {
                await Task.Delay(_backoff.Next(), time, cancellation);
                continue;
            }
            _backoff.Reset();
            _taken.TrySetResult(lease);
            await KeepAsync(lease, cancellation);
            Volatile.Write(ref _taken, new TaskCompletionSource<LeaseId>());
            Volatile.Write(ref _certainty, null);
            holder.Lost(lease);
        }
    }

    /// <summary>Gives the lease up, and all that is on it: the end of a node that stops. <see cref="RunAsync"/> has been cancelled.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellation)
    {
        LeaseId lease = Current;
        Forget();
        if (!lease.IsNone)
            await store.RevokeAsync(lease, cancellation);
    }

    /// <summary>A lease with the node's keys on it; null where that did not succeed.</summary>
    private async ValueTask<LeaseId?> TakeAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = new(timeToLive, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            long sent = time.GetTimestamp();
            LeaseId lease = await store.GrantAsync(timeToLive, either.Token);
            await holder.TakenAsync(lease, either.Token);
            Volatile.Write(ref _certainty, CertainFrom(lease, sent));
            return lease;
        }
        catch (Exception failure) when (IsPassing(failure, cancellation))
        {
            return null;
        }
    }

    /// <summary>Returns when the lease is lost.</summary>
    private async ValueTask KeepAsync(LeaseId lease, CancellationToken cancellation)
    {
        TimeSpan wait = timeToLive * KeepAliveShare;
        long renewed = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(wait, time, cancellation);
            long sent = time.GetTimestamp();
            using CancellationTokenSource limit = new(timeToLive / 2, time); // time enough to ask a second of the store's servers
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            try
            {
                if (!await store.KeepAliveAsync(lease, either.Token))
                    return;
                Volatile.Write(ref _certainty, CertainFrom(lease, sent));
                _slowest = Math.Max(Volatile.Read(ref _slowest), time.GetElapsedTime(renewed).Ticks);
                renewed = time.GetTimestamp();
                _backoff.Reset();
                wait = Max((timeToLive * KeepAliveShare) - time.GetElapsedTime(sent), timeToLive / 20);
            }
            catch (Exception failure) when (IsPassing(failure, cancellation))
            {
                wait = _backoff.Next(); // the lease may be alive all the same: a later success says so
            }
        }
    }

    private Certainty CertainFrom(LeaseId lease, long sent)
    {
        long until = sent + (long)(timeToLive.TotalSeconds * CertainShare * time.TimestampFrequency);
        Volatile.Write(ref _certainUntil, until);
        return new Certainty(lease, until);
    }

    private static bool IsPassing(Exception failure, CancellationToken cancellation) =>
        failure is MetadataUnavailableException or MetadataLeaseEndedException
        || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    /// <param name="Until">A timestamp.</param>
    private sealed record Certainty(LeaseId Lease, long Until);
}

/// <summary>What a node does with its lease.</summary>
public interface INodeLeaseHolder
{
    /// <summary>Puts the node's keys on its lease, over those that an earlier one may have left; the node counts as alive after that.</summary>
    /// <remarks>May fail as the store does: then another lease is taken.</remarks>
    ValueTask TakenAsync(LeaseId lease, CancellationToken cancellation);

    /// <summary>The lease has ended, and its keys are gone: others may have taken over all that the node did.</summary>
    void Lost(LeaseId lease);
}
