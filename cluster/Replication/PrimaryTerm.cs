using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Cluster.Replication;

/// <summary>What a primary does in its term: numbers entries, sends them, counts answers, commits, acknowledges.</summary>
internal sealed class PrimaryTerm
{
    private readonly ReplicaContext _context;
    private readonly SortedDictionary<NodeId, Peer> _peers = [];
    private readonly Queue<Pending> _pending = new();
    private readonly List<Pending> _raised = []; // committed, and to be on more disks before they are acknowledged
    private readonly Dictionary<long, IProposal> _proposals = []; // looked up, never walked
    private readonly LogSequence _first; // the entry that the term began with
    private ShardState _state;
    private LogSequence _epochFirst; // the first entry under the present configuration
    private long _epochCommitted;
    private long[] _counts = [];
    private bool _leads; // and the machine has been told so
    private (NodeId Target, long Since)? _closing;
    private NodeId _verifies;
    private long? _lastCheck;

    public PrimaryTerm(ReplicaContext context, ShardState state)
    {
        _context = context;
        _state = state;
        context.Closed = default;
        _first = Append(new LogEntry(LogRecordKind.NoOp, 0, default));
        _epochFirst = _first;
        MeetPeers();
    }

    /// <summary>Whether all that was committed in earlier terms has been applied.</summary>
    public bool IsReady => _context.Options.Bug == PlantedBug.ReadBeforeNoOp
        || (_context.Committed >= _first && _context.Machine.Applied.Sequence >= _first);

    public bool CanServe => IsReady && HoldsLease;

    /// <summary>Whether it takes no entries, since another is to follow it.</summary>
    public bool IsClosed => _closing is not null;

    /// <summary>Who is to follow it and has all that is in the log, of which everybody has been told; none while there is none.</summary>
    public NodeId Successor
    {
        get
        {
            if (_closing is not { } closing)
                return default;
            bool hasAll = _pending.Count == 0 && _context.Committed == Log.Last.Sequence && _peers[closing.Target].Durable == Log.Last.Sequence;
            return hasAll || _context.Options.Bug == PlantedBug.HandOverEarly ? closing.Target : default;
        }
    }

    public IReadOnlyList<ReplicaProgress> Progress => [.. _peers.Values.Select(peer => peer.Progress)];

    private bool HoldsLease => _context.Lease.Holds(_state.PrimaryLease) || _context.Options.Bug is PlantedBug.ReadAfterLease or PlantedBug.ResumeTerm;

    private Term Term => _state.Term;

    private ShardLog Log => _context.Log;

    public void Configure(ShardState state)
    {
        Invariant.Holds(state.Term == Term);
        bool isChanged = state.Epoch != _state.Epoch;
        ForgetPeers(state);
        _state = state;
        MeetPeers();
        if (_closing is { } closing && !CanFollow(closing.Target))
            _closing = null;
        if (isChanged)
            _epochFirst = Append(new LogEntry(LogRecordKind.NoOp, 0, default));
        Advance();
    }

    /// <summary>Has a replica compare what it holds, unless it has.</summary>
    public void Verify(NodeId node) => _verifies = node;

    /// <summary>Whether an entry is wanted at which replicas compare what they hold; who asks has it proposed.</summary>
    public bool TakeWantedCheck()
    {
        bool isWanted = _peers.TryGetValue(_verifies, out Peer? peer) && peer.Verified == default && !peer.Progress.IsCopying && IsReady && !IsClosed
            && (_lastCheck is not { } last || _context.Time.GetElapsedTime(last) >= _context.Options.CheckPatience);
        if (isWanted)
            _lastCheck = _context.Time.GetTimestamp();
        return isWanted;
    }

    /// <summary>Takes no entries for a while, so that another comes to have all that there are.</summary>
    public void Close(NodeId target)
    {
        if (_closing is null && IsReady && CanFollow(target) && Log.Last.Sequence - _peers[target].Durable <= _context.Options.HandoverBehindMax)
            _closing = (target, _context.Time.GetTimestamp());
    }

    /// <summary>Nothing is committed at a moment or before from here on, but what is applied.</summary>
    public void CloseMoment(long moment)
    {
        LogSequence through = _context.Options.Bug == PlantedBug.CloseCommitted ? _context.Committed : _context.Machine.Applied.Sequence;
        if (moment > _context.Closed.Moment && CanServe)
            _context.Closed = (through, moment);
    }

    /// <summary>Puts entries at the end of the log, all or none.</summary>
    public void Propose(IReadOnlyList<ProposedEntry> entries)
    {
        LogSequence sequence = Log.Append([.. entries.Select(entry => entry.Entry with { Term = Term })]);
        for (int i = entries.Count - 1; i > 0; i--)
            sequence = sequence.Previous;
        foreach (ProposedEntry entry in entries)
        {
            _pending.Enqueue(new Pending(sequence, entry.Acks, entry.IsCountedOn));
            if (entry.Proposal is not null)
                _proposals.Add(sequence.Value, entry.Proposal);
            sequence = sequence.Next;
        }
    }

    public void Receive(NodeId source, ReplicaMessage message)
    {
        if (!_peers.TryGetValue(source, out Peer? peer))
            return;
        switch (message)
        {
            case AppendAnswer answer:
                peer.Take(answer);
                Advance();
                break;
            case SnapshotAnswer answer:
                peer.Take(answer);
                break;
            case ChecksumMessage checksum:
                Compare(peer, checksum);
                break;
        }
    }

    public void Tick()
    {
        if (_closing is { } closing && _context.Time.GetElapsedTime(closing.Since) >= _context.Options.HandoverPatience)
            _closing = null;
        Advance(); // the lease may be sure again
        foreach (Peer peer in _peers.Values)
            peer.Tick();
    }

    public void Send()
    {
        foreach (Peer peer in _peers.Values)
            peer.Send();
    }

    public StatusAnswer Status() => new(Term, _epochCommitted, Log.Last.Sequence, Progress);

    /// <summary>Commits, applies and acknowledges what the answers allow.</summary>
    public void Advance()
    {
        LogSequence committed = CountedBy(_state.Current.Acks);
        bool isOwn = Log.TermAt(committed) == Term || _context.Options.Bug == PlantedBug.CommitOlderTerms;
        if (committed > _context.Committed && isOwn)
            _context.Committed = committed;
        if (_context.Committed >= _epochFirst)
            _epochCommitted = _state.Epoch;
        if (!HoldsLease)
            return; // another may be primary: whoever is told now might be told wrong
        _context.ApplyThrough(_context.Committed, _proposals);
        if (!_leads && IsReady)
        {
            _leads = true;
            _context.Machine.Lead(Term);
        }
        while (_pending.TryPeek(out Pending pending) && (pending.Sequence <= _context.Committed || IsAcknowledgedEarly(pending)))
        {
            _context.ApplyThrough(pending.Sequence, _proposals);
            if (_context.Machine.Applied.Sequence < pending.Sequence)
                break; // the machine has to wait for something
            _pending.Dequeue();
            if (IsOnEnough(pending))
                Acknowledge(pending);
            else
                _raised.Add(pending);
        }
        for (int i = _raised.Count - 1; i >= 0; i--)
        {
            if (!IsOnEnough(_raised[i]))
                continue;
            Acknowledge(_raised[i]);
            _raised.RemoveAt(i);
        }
        foreach (Peer peer in _peers.Values)
            peer.AskChecksum();
    }

    /// <summary>The term is over for this node: what has not been acknowledged never is.</summary>
    public void Abandon()
    {
        while (_pending.TryDequeue(out Pending pending))
        {
            if (_proposals.Remove(pending.Sequence.Value, out IProposal? proposal))
                proposal.Abandoned();
        }
        foreach (Pending raised in _raised)
        {
            if (_proposals.Remove(raised.Sequence.Value, out IProposal? proposal))
                proposal.Unconfirmed();
        }
        _raised.Clear();
        foreach (Peer peer in _peers.Values)
            peer.Dispose();
    }

    private void Acknowledge(Pending pending)
    {
        if (_proposals.Remove(pending.Sequence.Value, out IProposal? proposal))
            proposal.Acknowledged(new LogPosition(Term, pending.Sequence));
    }

    /// <summary>Whether fewer replicas have it than commit it, and that is enough for who wants it.</summary>
    private bool IsAcknowledgedEarly(Pending pending) => AcksFor(pending) is var acks && acks < _state.Current.Acks && _context.Committed >= _first
        && CountedBy(acks) >= pending.Sequence;

    /// <remarks>What is committed may be on fewer of those whose word counts by now.</remarks>
    private bool IsOnEnough(Pending pending) =>
        pending.Acks is null || _context.Options.Bug == PlantedBug.AckBeforeAll || CountedBy(AcksFor(pending)) >= pending.Sequence;

    /// <summary>How many replicas are to have it before it is acknowledged.</summary>
    private int AcksFor(Pending pending)
    {
        int acks = pending.Acks is { } wanted ? wanted.AcksOf(_state.Current.Voters.Count) : _state.Current.Acks;
        return pending.IsCountedOn ? Math.Max(acks, _state.Current.Acks) : acks;
    }

    /// <summary>The last entry that so many of the voters have on disk.</summary>
    private LogSequence CountedBy(int acks)
    {
        int count = 0;
        bool countsLearners = _context.Options.Bug == PlantedBug.CountLearners;
        if (_counts.Length < _peers.Count + 1)
            _counts = new long[_peers.Count + 1];
        if (_state.Current.Contains(_context.Node))
            _counts[count++] = Log.Durable.Value;
        foreach (Peer peer in _peers.Values)
        {
            if (peer.IsVoter || countsLearners)
                _counts[count++] = peer.Durable.Value;
        }
        if (acks > count)
            return default;
        Array.Sort(_counts, 0, count);
        return new LogSequence(_counts[count - acks]);
    }

    private bool CanFollow(NodeId node) => _state.Previous is null && _state.Current.Contains(node) && _peers.ContainsKey(node);

    private LogSequence Append(LogEntry entry) => Log.Append([entry with { Term = Term }]);

    /// <summary>
    /// Forgets those who are replicas no more, and those who may not have been for a while between what was known and what is: what they had may have gone.
    /// </summary>
    private void ForgetPeers(ShardState next)
    {
        bool isNext = next.Epoch <= _state.Epoch + 1;
        foreach (NodeId node in _peers.Keys.ToList())
        {
            bool hasStayed = next.Replicas.Contains(node)
                && (next.Epoch == _state.Epoch || (isNext && (_state.Current.Contains(node) || _state.Learners.Contains(node))));
            if (hasStayed)
                continue;
            _peers[node].Dispose();
            _peers.Remove(node);
        }
    }

    private void MeetPeers()
    {
        foreach (NodeId node in _state.Replicas)
        {
            if (node == _context.Node)
                continue;
            if (!_peers.TryGetValue(node, out Peer? peer))
                _peers.Add(node, peer = new Peer(_context, node, Term, _state.Epoch));
            peer.IsVoter = _state.Current.Contains(node);
        }
    }

    private void Compare(Peer peer, ChecksumMessage checksum)
    {
        if (_context.LastCheck is not { } own || own.Position != checksum.Position)
            return;
        if (peer.Compare(own.Checksum, checksum))
            return;
        _context.Observer.Diverged(Log.Shard, peer.Node, checksum.Position);
    }

    /// <param name="Acks">On whose word it is acknowledged; null for the shard's mode.</param>
    /// <param name="IsCountedOn">Whether that is at least the mode's.</param>
    private readonly record struct Pending(LogSequence Sequence, ReplicationMode? Acks, bool IsCountedOn);
}
