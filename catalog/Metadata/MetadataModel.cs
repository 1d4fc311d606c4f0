using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Metadata;

/// <summary>What a store of metadata is, without disk, network or clock: etcd's semantics as a data structure.</summary>
/// <remarks>
/// Steps:   what is asked for is first decided (<see cref="Decide"/>, <see cref="Grant"/>, <see cref="End"/>), which changes nothing, and then
///          applied; between the two a store can make the step durable. Equal steps applied to equal models give equal models.
/// Time:    is passed in, counted from any fixed moment; it may not go back.
/// History: what each revision changed is kept for watches, the newest <see cref="HistoryBytesMax"/> of it.
/// Source:  etcd's documentation, "Data model", "KV API guarantees", "Interacting with etcd".
/// Threads: one at a time.
/// </remarks>
public sealed class MetadataModel
{
    /// <summary>The revision of an empty store, as in etcd.</summary>
    public const long FirstRevision = 1;

    private static readonly IComparer<MetadataEntry> ByKey =
        Comparer<MetadataEntry>.Create((left, right) => KeyOrder.Instance.Compare(left.Key, right.Key));

    private readonly SortedSet<MetadataEntry> _entries = new(ByKey);
    private readonly SortedDictionary<LeaseId, Lease> _leases = new(Comparer<LeaseId>.Create((left, right) => left.Value.CompareTo(right.Value)));
    private readonly List<MetadataChanges> _history = []; // from OldestKept on, which lies behind those that are forgotten
    private int _forgotten;
    private long _historyBytes, _lastLease;

    public MetadataModel()
    {
    }

    /// <summary>Goes on from a captured state; every lease has its whole time again, since nobody could keep it alive meanwhile.</summary>
    public MetadataModel(MetadataState state, TimeSpan now)
    {
        Revision = state.Revision;
        OldestKept = state.Revision + 1;
        _lastLease = state.LastLease;
        foreach (MetadataLease lease in state.Leases)
            _leases.Add(lease.Id, new Lease(lease.TimeToLive, now + lease.TimeToLive));
        foreach (MetadataEntry entry in state.Entries)
        {
            _entries.Add(entry);
            if (!entry.Lease.IsNone)
                _leases[entry.Lease].Keys.Add(entry.Key);
        }
    }

    /// <summary>Bytes of history that are kept; more cost memory, and spare a watch that is behind from reading anew.</summary>
    public long HistoryBytesMax { get; init; } = 16 << 20;

    public long Revision { get; private set; } = FirstRevision;

    /// <summary>What changed in this revision and later is known.</summary>
    public long OldestKept { get; private set; } = FirstRevision + 1;

    /// <summary>When the next lease ends; null where there is none.</summary>
    public TimeSpan? NextEnd
    {
        get
        {
            TimeSpan? next = null;
            foreach (Lease lease in _leases.Values)
                next = next is { } known && known <= lease.Deadline ? known : lease.Deadline;
            return next;
        }
    }

    public MetadataRange Read(string prefix)
    {
        List<MetadataEntry> found = [];
        if (_entries.Max is { } last && KeyOrder.Instance.Compare(prefix, last.Key) <= 0)
        {
            foreach (MetadataEntry entry in _entries.GetViewBetween(Probe(prefix), last))
            {
                if (!entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                    break;
                found.Add(entry);
            }
        }
        return new MetadataRange(Revision, found);
    }

    /// <summary>What becomes of a transaction, and the step that does it; null where nothing changes.</summary>
    /// <exception cref="MetadataLeaseEndedException">A key was to be put on a lease that is none.</exception>
    /// <exception cref="MetadataLimitException">It is larger than one may be.</exception>
    public (MetadataOutcome Outcome, MetadataStep? Step) Decide(MetadataTransaction transaction)
    {
        transaction.Check();
        foreach (MetadataCompare compare in transaction.Compares)
        {
            if ((Find(compare.Key)?.Modified ?? 0) != compare.Modified)
                return (new MetadataOutcome(false, Revision, [.. transaction.ReadsOnFailure.Select(Read)]), null);
        }
        foreach (MetadataPut put in transaction.Puts)
        {
            if (!put.Lease.IsNone && !_leases.ContainsKey(put.Lease))
                throw new MetadataLeaseEndedException();
        }
        string[] deletes = [.. transaction.Deletes.Where(key => Find(key) is not null)];
        if (transaction.Puts.Count + deletes.Length == 0)
            return (new MetadataOutcome(true, Revision, []), null);
        // Values are the caller's memory: they are copied, so that nothing changes what was agreed.
        MetadataPut[] puts = [.. transaction.Puts.Select(put => put with { Value = put.Value.ToArray() })];
        return (new MetadataOutcome(true, Revision + 1, []), new MetadataStep { Puts = puts, Deletes = deletes });
    }

    /// <summary>The step that makes another lease.</summary>
    public MetadataStep Grant(TimeSpan timeToLive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        return new MetadataStep { Granted = new LeaseId(_lastLease + 1), TimeToLive = timeToLive };
    }

    /// <summary>The step that ends a lease, and what is on it; null where there is none.</summary>
    public MetadataStep? End(LeaseId lease) => _leases.TryGetValue(lease, out Lease? found)
        ? new MetadataStep { Ended = lease, Deletes = [.. found.Keys] } : null;

    /// <returns>False where there is no such lease, or its time was over.</returns>
    public bool KeepAlive(LeaseId lease, TimeSpan now)
    {
        if (!_leases.TryGetValue(lease, out Lease? found) || found.Deadline <= now)
            return false;
        found.Deadline = now + found.TimeToLive;
        return true;
    }

    /// <summary>A lease whose time is over: the first by time; null where there is none. It is for the caller to <see cref="End"/> it.</summary>
    public LeaseId? FindOverdue(TimeSpan now)
    {
        LeaseId? first = null;
        TimeSpan earliest = now;
        foreach ((LeaseId id, Lease lease) in _leases)
        {
            if (first is null ? lease.Deadline <= earliest : lease.Deadline < earliest)
                (first, earliest) = (id, lease.Deadline);
        }
        return first;
    }

    /// <summary>Makes a decided step true.</summary>
    /// <exception cref="InvariantException">It was not decided on this state.</exception>
    public void Apply(MetadataStep step, TimeSpan now)
    {
        if (!step.Granted.IsNone)
        {
            Invariant.Holds(step.Granted.Value > _lastLease);
            _lastLease = step.Granted.Value;
            _leases.Add(step.Granted, new Lease(step.TimeToLive, now + step.TimeToLive));
        }
        if (step.Puts.Count + step.Deletes.Count > 0)
            Change(step);
        if (!step.Ended.IsNone)
        {
            Invariant.Holds(_leases.TryGetValue(step.Ended, out Lease? ended) && ended.Keys.Count == 0);
            _leases.Remove(step.Ended);
        }
    }

    /// <summary>Forgets what changed in revisions up to this one; the keys stay as they are.</summary>
    public void Compact(long revision)
    {
        while (OldestKept <= Math.Min(revision, Revision))
            Forget();
    }

    /// <summary>What changed in keys that begin with the prefix after a revision, revision by revision.</summary>
    /// <param name="countMax">At most so many revisions.</param>
    /// <exception cref="MetadataCompactedException">Some of it is not kept any more.</exception>
    public IReadOnlyList<MetadataChanges> ChangesAfter(string prefix, long revision, int countMax)
    {
        if (revision + 1 < OldestKept)
            throw new MetadataCompactedException(OldestKept);
        List<MetadataChanges> found = [];
        for (long next = revision + 1; next <= Revision && found.Count < countMax; next++)
        {
            MetadataChanges changes = _history[_forgotten + (int)(next - OldestKept)];
            MetadataChange[] watched = [.. changes.Changes.Where(change => change.Key.StartsWith(prefix, StringComparison.Ordinal))];
            if (watched.Length > 0)
                found.Add(new MetadataChanges(next, watched));
        }
        return found;
    }

    /// <summary>All but the history, to go on from later.</summary>
    public MetadataState Capture() => new(Revision, _lastLease, [.. _entries],
        [.. _leases.Select(lease => new MetadataLease(lease.Key, lease.Value.TimeToLive))]);

    private void Change(MetadataStep step)
    {
        Revision++;
        SortedDictionary<string, MetadataChange> changes = new(KeyOrder.Instance);
        foreach (string key in step.Deletes)
        {
            MetadataEntry? gone = Find(key);
            Invariant.Holds(gone is not null);
            Remove(gone);
            changes.Add(key, new MetadataChange(key, null));
        }
        foreach (MetadataPut put in step.Puts)
        {
            MetadataEntry? before = Find(put.Key);
            if (before is not null)
                Remove(before);
            MetadataEntry entry = new(put.Key, put.Value, before?.Created ?? Revision, Revision, put.Lease);
            _entries.Add(entry);
            if (!put.Lease.IsNone)
            {
                Invariant.Holds(_leases.TryGetValue(put.Lease, out Lease? lease));
                lease.Keys.Add(put.Key);
            }
            changes.Add(put.Key, new MetadataChange(put.Key, entry));
        }
        MetadataChanges made = new(Revision, [.. changes.Values]);
        _history.Add(made);
        _historyBytes += Bytes(made);
        while (_historyBytes > HistoryBytesMax)
            Forget();
    }

    private void Forget()
    {
        _historyBytes -= Bytes(_history[_forgotten]);
        OldestKept++;
        if (++_forgotten > 64 && _forgotten > _history.Count / 2)
        {
            _history.RemoveRange(0, _forgotten);
            _forgotten = 0;
        }
    }

    private void Remove(MetadataEntry entry)
    {
        _entries.Remove(entry);
        if (!entry.Lease.IsNone)
            _leases[entry.Lease].Keys.Remove(entry.Key);
    }

    private MetadataEntry? Find(string key) => _entries.TryGetValue(Probe(key), out MetadataEntry? entry) ? entry : null;

    private static MetadataEntry Probe(string key) => new(key, default, 0, 0, default);

    /// <summary>About what a revision's changes take in memory.</summary>
    private static long Bytes(MetadataChanges changes) =>
        changes.Changes.Sum(change => 128L + (change.Key.Length * sizeof(char)) + (change.Entry?.Value.Length ?? 0));

    private sealed class Lease(TimeSpan timeToLive, TimeSpan deadline)
    {
        public TimeSpan TimeToLive => timeToLive;

        public TimeSpan Deadline { get; set; } = deadline;

        public SortedSet<string> Keys { get; } = new(KeyOrder.Instance);
    }
}
