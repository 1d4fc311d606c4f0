using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Cluster.Replication;

/// <summary>One shard on one node: keeps its log the same as the primary's, or is the primary.</summary>
/// <remarks>
/// Paper:   Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (Raft), without its elections: the controller says who is
///          primary at which term. Departures: how many replicas commit an entry is the shard's mode; an entry may be acknowledged, and applied on
///          the primary, on the word of fewer.
/// Handover: a primary that is asked to make way takes no entries until another voter has all that it has, ends its term for good, and says so: then the controller
///          names that one at the next term without asking anybody. A primary that is started again after that does not resume its term either.
/// Reads:   by lease. The primary's process holds a lease in the metadata store, and the controller names another primary only when that has ended there.
///          The process counts it from before it sent its last renewal, less a margin for the clocks' rates, so that it stops first. A
///          reader takes its snapshot and then asks <see cref="CanServe"/>: the answer yes is true of the moment at which the snapshot was taken.
///          Another replica asks the primary how far it is, and serves the read when it is as far (<see cref="BeginRead"/>).
/// Driving: after any calls, <see cref="Send()"/>; while <see cref="NeedsFlush"/>, <see cref="Flush"/>; <see cref="Tick"/> every few dozen milliseconds. What is
///          flushed is what was appended before, so that sending and flushing overlap.
/// Errors:  a failed write of the disk ends the replica's part until it is opened again (<see cref="IsStopped"/>): nothing is known of what is on the
///          disk. Only a primary's own new entry may fail alone.
/// Threads: one at a time.
/// </remarks>
public sealed class Replica
{
    private readonly ReplicaContext _context;
    private readonly SnapshotReceiver _receiver;
    private readonly ReplicaReads _reads;
    private readonly ClosedMoments _closed;
    private ShardState? _state;
    private PrimaryTerm? _primary;

    /// <summary>The last entry that is known to be the primary's of the term <see cref="_matchedTerm"/>.</summary>
    private LogSequence _matched;
    private Term _matchedTerm;
    private (NodeId Target, long Round)? _ackDue;
    private bool _needsSnapshot;
    private Term _reportedLoss;
    private NodeId _handoverSource;

    /// <summary>The term of which this was the primary until it made way, and for whom.</summary>
    private (Term Term, NodeId Target) _resigned;

    /// <param name="log">Of which this is the only user from now on.</param>
    public Replica(NodeId node, ShardLog log, IReplicaMachine machine, IMessageSink sink, IServingLease lease, TimeProvider time,
        IReplicaObserver observer, ReplicaOptions options)
    {
        _context = new ReplicaContext(node, log, machine, sink, lease, time, observer, options);
        _receiver = new SnapshotReceiver(_context);
        _reads = new ReplicaReads(_context);
        _closed = new ClosedMoments(_context);
        Open();
    }

    public NodeId Node => _context.Node;

    public ShardId Shard => Log.Shard;

    /// <summary>The greatest term that was accepted.</summary>
    public Term Fence => Log.Fence;

    public LogPosition Last => Log.Last;

    /// <summary>Entries up to this one are known to be committed.</summary>
    public LogSequence Committed => _context.Committed;

    public LogSequence Applied => Machine.Applied.Sequence;

    /// <summary>Whether this is the primary of the term of <see cref="Fence"/>, as far as it knows.</summary>
    public bool IsPrimary => _primary is not null;

    public bool IsStopped { get; private set; }

    /// <summary>Whether entries or answers wait for the disk.</summary>
    public bool NeedsFlush => !IsStopped && (Log.Durable < Log.Last.Sequence || _ackDue is not null);

    /// <summary>
    /// Whether what has been applied here is the newest that anybody was told of: a strong read is right if this holds after it has looked.
    /// </summary>
    public bool CanServe => _primary is { } primary && !IsStopped && primary.CanServe;

    /// <summary>Whether the machine may keep what it holds: nothing of it can be taken back, unless a failover loses entries.</summary>
    public bool CanCheckpoint => !IsStopped && !_needsSnapshot && Applied <= Committed && Applied <= Log.Durable;

    /// <summary>Whether this is the primary, and all that was committed before its term is applied.</summary>
    public bool IsReady => _primary is { IsReady: true } && !IsStopped;

    /// <summary>Whether the replica waits for a copy of what another holds, since its log does not lead to it.</summary>
    public bool NeedsSnapshot => _needsSnapshot;

    /// <summary>How far the others are; empty on a replica that is not the primary.</summary>
    public IReadOnlyList<ReplicaProgress> Progress => _primary?.Progress ?? [];

    /// <summary>Those whose word counts, as far as is known here.</summary>
    internal IReadOnlyList<NodeId> Voters => _state?.Current.Voters ?? [];

    private ShardLog Log => _context.Log;

    private IReplicaMachine Machine => _context.Machine;

    /// <summary>Whether its log leads to what all its entries make.</summary>
    private bool IsWhole => !_needsSnapshot && Log.Last.Sequence >= Machine.Held.Sequence;

    private PlantedBug Bug => _context.Options.Bug;

    /// <summary>Takes note of the shard's state; an older one than is known is passed over.</summary>
    public void Configure(ShardState state) => Guard(() =>
    {
        if (_state is { } known && (state.Term, state.Epoch).CompareTo((known.Term, known.Epoch)) < 0)
            return;
        _state = state;
        _context.State = state;
        if (!state.Replicas.Contains(Node))
            ReportLost(state); // nobody will ask this log to fit in any more
        if (state.Term < Fence)
            return;
        if (state.Term > Fence)
            Accept(state.Term);
        if (state.Primary != Node)
            StepDown();
        if (_primary is { } primary)
            primary.Configure(state);
        else
            TryBegin();
    });

    /// <summary>Puts entries at the end of the log, all or none.</summary>
    /// <returns>False where this is not the primary, or not yet ready: nothing was done, and nothing will be said.</returns>
    /// <exception cref="FileFaultException">Nothing was appended, and nothing will be said.</exception>
    public bool Propose(IReadOnlyList<ProposedEntry> entries)
    {
        if (_primary is not { } primary || IsStopped || !primary.IsReady || primary.IsClosed)
            return false;
        primary.Propose(entries);
        return true;
    }

    /// <summary>Begins a strong read at this replica, whichever its part is.</summary>
    /// <param name="done">Told once whether what is applied at that moment is the newest that anybody was told of before this call.</param>
    public void BeginRead(Action<bool> done)
    {
        if (IsStopped || _primary is not null)
            done(CanServe);
        else
            _reads.Begin(done);
    }

    /// <summary>Has the others know that they can be read at a moment, where this is the primary.</summary>
    /// <param name="moment">Which the source of timestamps has given, and at or before which nothing is committed any more but what is applied.</param>
    public void Close(long moment) => Guard(() => _primary?.CloseMoment(moment));

    public void Receive(NodeId source, ReplicaMessage message) => Guard(() =>
    {
        if (message is FenceMessage fence)
        {
            TakeFence(source, fence);
            return;
        }
        if (message is StatusMessage)
        {
            if (_primary is not null)
            {
                _primary.Verify(((StatusMessage)message).Verifies);
                Send(source, _primary.Status());
            }
            else if (_resigned.Term == Fence && message.Term == Fence && !_resigned.Target.IsNone)
                Send(source, new ResignedAnswer(Fence, _resigned.Target));
            return;
        }
        if (message is HandoverMessage handover)
        {
            if (message.Term == Fence)
                TakeHandover(source, handover);
            return;
        }
        if (message.Term < Fence && Bug != PlantedBug.SkipFence)
        {
            if (message is AppendMessage or SnapshotOffer or SnapshotChunk)
                Send(source, new AppendAnswer(Fence, false, default, Applied, false, 0)); // so that it steps down
            return;
        }
        if (message.Term > Fence)
            Accept(message.Term);
        switch (message)
        {
            case AppendMessage append when _primary is null:
                TakeAppend(source, append);
                break;
            case SnapshotOffer offer when _primary is null:
                TakeOffer(source, offer);
                break;
            case SnapshotChunk chunk when _primary is null:
                TakeChunk(source, chunk);
                break;
            case ChecksumMessage checksum when _primary is null:
                if (_context.LastCheck is { } check && check.Position == checksum.Position)
                    Send(source, new ChecksumMessage(Fence, check.Position, check.Checksum));
                break;
            case ReadMessage read when CanServe:
                Send(source, new ReadAnswer(Fence, Applied, read.Life, read.Round));
                break;
            case ReadAnswer answer:
                _reads.Take(answer);
                _reads.Serve();
                break;
            default:
                _primary?.Receive(source, message);
                ResignIfDue();
                break;
        }
    });

    /// <summary>Whether this is a primary that was asked to have a replica compared: then whoever drives it proposes a check.</summary>
    public bool TakeWantedCheck() => !IsStopped && _primary is { } primary && primary.TakeWantedCheck();

    /// <summary>Does what is due by the clock.</summary>
    public void Tick() => Guard(() =>
    {
        TryBegin(); // the lease may have been uncertain when the state came
        _primary?.Tick();
        _reads.Tick();
        ResignIfDue();
    });

    /// <summary>Applies what can be, if the machine has had to wait for something.</summary>
    public void Resume() => Guard(() =>
    {
        if (_primary is { } primary)
            primary.Advance();
        else
            Learn(Committed);
    });

    /// <summary>Sends the others what they lack.</summary>
    public void Send() => Guard(() =>
    {
        _primary?.Send();
        if (_state is { } state && state.Term == Fence && state.Primary != Node)
            _reads.Send(state.Primary, Fence);
    });

    /// <summary>Makes durable what was appended before, and says so.</summary>
    public void Flush() => Guard(() =>
    {
        Log.Flush();
        if (_ackDue is { } due)
        {
            _ackDue = null;
            Acknowledge(due.Target, due.Round);
        }
        _primary?.Advance();
        ResignIfDue();
    });

    /// <summary>Ends its part: what was proposed is abandoned, and nothing is done any more.</summary>
    public void End()
    {
        if (IsStopped)
            return;
        IsStopped = true;
        StepDown();
        _reads.Refuse();
    }

    /// <summary>Drops what the log has before the machine's durable place.</summary>
    public void DropLog() => Guard(() =>
    {
        LogSequence through = LogSequence.Least(Machine.Durable.Sequence, Committed);
        if (through <= Log.Base.Sequence)
            return;
        Log.Flush();
        Log.Rotate();
        Log.DropThrough(through);
    });

    /// <summary>Whether the machine's state and the log belong together, after whatever a crash has cut short.</summary>
    private void Open()
    {
        LogPosition machine = Machine.Applied;
        if (machine.Sequence < Log.Base.Sequence)
            _needsSnapshot = true; // it was discarded, as the last thing before the end
        else if (Log.TermAt(machine.Sequence) != machine.Term)
            Log.Reset(machine); // a copy came in, and the log was to begin after it
        _context.Committed = _needsSnapshot ? Log.Base.Sequence : Machine.Applied.Sequence;
        _matched = default;
    }

    /// <summary>Takes a greater term, durably, and is nobody's primary.</summary>
    private void Accept(Term term)
    {
        StepDown();
        Log.RaiseFence(term);
        _closed.Forget();
        _ackDue = null;
        _receiver.Cancel();
    }

    /// <summary>Becomes the primary if the state says so of this very process, which has not been it in this term.</summary>
    private void TryBegin()
    {
        if (_primary is not null || !IsWhole || _state is not { } state || state.Primary != Node || state.Term != Fence || _resigned.Term == Fence)
            return;
        bool isResumed = Bug == PlantedBug.ResumeTerm;
        if ((_context.Lease.Holds(state.PrimaryLease) && Log.Last.Term < state.Term) || isResumed)
            _primary = new PrimaryTerm(_context, state);
    }

    private void StepDown()
    {
        PrimaryTerm? primary = _primary;
        _primary = null;
        primary?.Abandon();
        Machine.Follow();
    }

    private void TakeHandover(NodeId source, HandoverMessage handover)
    {
        if (_primary is not { } primary)
            return;
        primary.Close(handover.Target);
        _handoverSource = source;
        ResignIfDue();
    }

    /// <summary>Makes way for another that has all of the log.</summary>
    private void ResignIfDue()
    {
        if (_primary is not { } primary || primary.Successor is not { IsNone: false } target)
            return;
        _resigned = (Fence, target);
        StepDown();
        Send(_handoverSource, new ResignedAnswer(Fence, target));
    }

    private void TakeFence(NodeId source, FenceMessage fence)
    {
        if (fence.Term > Fence)
        {
            if (Bug == PlantedBug.SkipFence)
            {
                Log.Flush();
                Send(source, new FenceAnswer(fence.Term, Log.Last, Committed, IsWhole));
                return;
            }
            Accept(fence.Term);
        }
        Log.Flush(); // what is told of as the last is on disk
        Send(source, new FenceAnswer(Fence, Log.Last, Committed, IsWhole));
    }

    private void TakeAppend(NodeId source, AppendMessage append)
    {
        BeginTerm(append.Term);
        LogSequence previous = append.Previous.Sequence;
        List<RawRecord> records;
        try
        {
            records = RawRecord.Split(append.Records);
        }
        catch (InvalidDataException)
        {
            return; // as good as lost
        }
        bool isBefore = previous < Log.Base.Sequence;
        if (isBefore || (previous == Log.Base.Sequence && !Matches(append.Previous)))
        {
            // What lies up to the base is committed: the primary has it too, unless a failover has lost it.
            if (StateOf(append.Term) is not { } state)
                return;
            if (_needsSnapshot || state.MayHaveLost(Log.Base))
            {
                _needsSnapshot = true;
                Refuse(source, append, Log.Base);
                return;
            }
            Invariant.Holds(isBefore);
            records.RemoveAll(record => record.Position.Sequence <= Log.Base.Sequence);
            previous = Log.Base.Sequence;
        }
        else if (!Matches(append.Previous))
        {
            LogSequence hint = previous > Log.Last.Sequence ? Log.Last.Sequence : Log.FirstOfTermAt(previous).Previous;
            Refuse(source, append, new LogPosition(Log.TermAt(hint) ?? default, hint));
            return;
        }
        if (!TakeRecords(append, previous, records))
            return;
        LogSequence matched = new(previous.Value + records.Count);
        if (matched > _matched)
            _matched = matched;
        _closed.Take(append.Committed, append.Closed);
        Learn(LogSequence.Least(append.Committed, matched));
        if (Log.Durable < _matched && Bug != PlantedBug.AckBeforeFlush)
            _ackDue = (source, append.Round);
        else
            Acknowledge(source, append.Round);
    }

    private bool Matches(LogPosition previous) =>
        Log.TermAt(previous.Sequence) is { } term && (term == previous.Term || Bug == PlantedBug.ForgetTermCheck);

    private void BeginTerm(Term term)
    {
        if (_matchedTerm == term)
            return;
        _matchedTerm = term;
        _matched = default;
    }

    /// <summary>Appends what is not there yet, after what must go is cut off.</summary>
    /// <returns>False where that cannot be done yet.</returns>
    private bool TakeRecords(AppendMessage append, LogSequence previous, List<RawRecord> records)
    {
        int first = 0;
        while (first < records.Count && Log.TermAt(records[first].Position.Sequence) == records[first].Position.Term)
            first++;
        if (first == records.Count)
            return true;
        Invariant.Holds(records[first].Position.Sequence.Value == previous.Value + first + 1);
        LogSequence last = records[first].Position.Sequence.Previous;
        if (last < Log.Last.Sequence && !Cut(append.Term, last))
            return false;
        Log.Append(records.GetRange(first, records.Count - first));
        return true;
    }

    /// <summary>Takes back all after an entry: it is not in the primary's log.</summary>
    private bool Cut(Term term, LogSequence last)
    {
        // What a failover has lost is in the shard's state of the primary's term.
        if (StateOf(term) is not { } state)
            return false;
        bool isLost = state.MayHaveLost(new LogPosition(Log.TermAt(last.Next) ?? default, last.Next));
        Invariant.Holds(last >= Committed || isLost);
        if (CountLost(state, last) is > 0 and long count)
            _context.Observer.EntriesLost(Shard, count);
        if (last < Applied || last < Machine.Held.Sequence)
            Rewind(last);
        Log.CutAfter(last);
        _context.Committed = LogSequence.Least(Committed, last);
        _context.LastCheckPosition = null;
        _closed.Forget();
        if (_ackDue is not null && _matched > last)
            _ackDue = null;
        return true;
    }

    private void Rewind(LogSequence last)
    {
        Machine.Rewind(); // first: what is durable moves no more
        if (Machine.Held.Sequence > last)
            Discard();
    }

    private void Discard()
    {
        Machine.Discard();
        _needsSnapshot = Log.Base.Sequence.Value > 0;
    }

    private void Refuse(NodeId source, AppendMessage append, LogPosition hint) =>
        Send(source, new AppendAnswer(Fence, false, hint, Applied, _needsSnapshot, append.Round));

    private void Acknowledge(NodeId target, long round)
    {
        LogSequence durable = Bug switch
        {
            PlantedBug.AckBeforeFlush => _matched,
            PlantedBug.AckUnmatched => Log.Durable,
            _ => LogSequence.Least(Log.Durable, _matched),
        };
        if (_matchedTerm == Fence || Bug == PlantedBug.SkipFence)
            Send(target, new AppendAnswer(_matchedTerm, true, new LogPosition(Log.TermAt(durable) ?? default, durable), Applied, _needsSnapshot, round));
    }

    private void Learn(LogSequence committed)
    {
        if (committed > Committed)
            _context.Committed = committed;
        // What is durable may have something of an entry in it that a failover has lost since: then that was taken back elsewhere, and is here too.
        if (!_needsSnapshot && Log.TermAt(Machine.Held.Sequence) is { } term && term != Machine.Held.Term)
            Discard();
        if (!_needsSnapshot)
            _context.ApplyThrough(Bug == PlantedBug.ApplyBeforeCommit ? Log.Last.Sequence : Committed, own: null);
        _closed.Tell();
        _reads.Serve();
    }

    private void TakeOffer(NodeId source, SnapshotOffer offer)
    {
        BeginTerm(offer.Term);
        if (IsPast(offer.Position))
        {
            Send(source, new SnapshotAnswer(Fence, offer.Position, offer.Length, true));
            return;
        }
        bool isHad = Log.TermAt(offer.Position.Sequence) == offer.Position.Term && !_needsSnapshot;
        if (isHad && (!offer.IsRepair || Machine.Durable.Sequence >= offer.Position.Sequence && _receiver.IsInstalled(offer)))
        {
            Send(source, new SnapshotAnswer(Fence, offer.Position, offer.Length, true));
            return;
        }
        if (!MayReplace(offer.Term, offer.Position))
            return;
        _receiver.Begin(offer);
        Continue(source, offer.Position);
    }

    private void TakeChunk(NodeId source, SnapshotChunk chunk)
    {
        if (!_receiver.Take(chunk))
            return;
        Continue(source, chunk.Position);
    }

    private void Continue(NodeId source, LogPosition position)
    {
        bool isInstalled = _receiver.IsWhole && Install(position);
        Send(source, new SnapshotAnswer(Fence, position, _receiver.Received, isInstalled));
    }

    private bool Install(LogPosition position)
    {
        if (IsPast(position))
        {
            _receiver.Cancel();
            return true;
        }
        bool isKept = Log.TermAt(position.Sequence) == position.Term;
        if (!isKept && _state is { } state)
            ReportLost(state); // first: a crash in the midst ends as the whole
        if (!_receiver.Complete())
            return false;
        _needsSnapshot = false;
        _context.LastCheckPosition = null;
        if (isKept)
        {
            // The log has the entry too: what follows it may count with somebody, and stays.
            Learn(position.Sequence);
            return true;
        }
        Log.Reset(position);
        _context.Committed = _matched = position.Sequence;
        return true;
    }

    /// <summary>The shard's state since a term has its primary, which tells what the term's failover has lost; null while it is not known here.</summary>
    private ShardState? StateOf(Term term) =>
        _state is { } state && (state.Term > term || (state.Term == term && !state.Primary.IsNone)) ? state : null;

    /// <summary>Whether a copy is of a time before this log begins: it came late, and what follows it here may count with somebody.</summary>
    private bool IsPast(LogPosition position) =>
        position.Sequence < Log.Base.Sequence && (_state is not { } state || !state.MayHaveLost(Log.Base));

    /// <summary>Whether it is known what a failover has lost, if what is here is to give way to a copy.</summary>
    private bool MayReplace(Term term, LogPosition position) =>
        Log.TermAt(position.Sequence) == position.Term || StateOf(term) is not null;

    /// <summary>Tells of entries that are here and were lost elsewhere, when all of this log goes, or stays behind.</summary>
    private void ReportLost(ShardState state)
    {
        if (state.Losses.Count == 0 || state.Losses[^1].Term <= _reportedLoss)
            return;
        long count = CountLost(state, Log.Base.Sequence);
        if (state.MayHaveLost(Log.Base))
            count += Log.Base.Sequence.Value; // how much before it is not known any more
        if (count == 0)
            return;
        _reportedLoss = state.Losses[^1].Term;
        _context.Observer.EntriesLost(Shard, count);
    }

    /// <summary>How many entries after one are here and were lost elsewhere, each at whichever failover.</summary>
    private long CountLost(ShardState state, LogSequence after)
    {
        long count = 0;
        for (LogSequence sequence = after.Next; state.Losses.Count > 0 && sequence <= Log.Last.Sequence; sequence = sequence.Next)
            count += state.MayHaveLost(new LogPosition(Log.TermAt(sequence) ?? default, sequence)) ? 1 : 0;
        return Bug == PlantedBug.CountOneLost ? Math.Min(count, 1) : count;
    }

    private void Send(NodeId target, ReplicaMessage message) => _context.Sink.Send(target, Shard, message);

    /// <summary>Ends the replica's part where the disk or the protocol fails: going on could only make it worse.</summary>
    private void Guard(Action act)
    {
        if (IsStopped)
            return;
        try
        {
            act();
        }
        catch (Exception cause) when (cause is FileFaultException or CorruptFileException or StorageException or InvariantException)
        {
            IsStopped = true;
            StepDown();
            _reads.Refuse();
            _context.Observer.Stopped(Shard, cause);
        }
    }
}
