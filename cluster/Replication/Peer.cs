using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Cluster.Replication;

/// <summary>Another replica as its primary sees it: what it has, and what is on its way there.</summary>
/// <remarks>
/// Finding: until the entry is found from which the logs differ, one message goes at a time. From then on entries follow each other without waiting, up to
///          <see cref="ReplicaOptions.InFlightBytesMax"/>: a slow replica costs no more memory than that, and holds up nobody.
/// Lost:    a replica that denies twice what it has said to have on its disk has lost it, and gets it again; until then its word does not count for it.
/// Rounds:  begin where those of no earlier peer of the term can come to: what the same node has said as another replica, which may be gone, counts no more.
/// </remarks>
/// <param name="epoch">With which it was met: the first, or one in which it was chosen anew.</param>
internal sealed class Peer(ReplicaContext context, NodeId node, Term term, long epoch) : IDisposable
{
    private readonly long _firstRound = epoch << 32;
    private readonly Queue<(LogSequence Last, int Bytes)> _inFlight = new();
    private LogSequence _next = context.Log.Last.Sequence; // the term's first entry, which it lacks
    private LogSequence _applied;
    private LogPosition? _asked, _compared;
    private long _lastAsked;
    private bool _isFinding = true, _isAwaited;
    private long _inFlightBytes, _round = epoch << 32, _refusedRound;
    private long _lastSent = context.Time.GetTimestamp() - context.Time.TimestampFrequency * 3600, _lastHeard = context.Time.GetTimestamp();
    private long _lastProgress = context.Time.GetTimestamp();
    private IMachineSnapshot? _snapshot;
    private bool _isRepair;
    private readonly LogSequence _met = context.Log.Last.Sequence; // what comes after is not catching up
    private long _snapshotSent, _copied, _logCopied;
    private bool _isHeld; // a chunk, until it may be sent

    public NodeId Node => node;

    public bool IsVoter { get; set; }

    /// <summary>Entries up to this one are on its disk, as they are in the primary's log.</summary>
    public LogSequence Durable { get; private set; }

    /// <summary>The entry at which it held the same as the primary, when that was compared last; 0 if it did not, or has not been compared.</summary>
    public LogSequence Verified { get; private set; }

    public ReplicaProgress Progress => new(node, Durable, _applied, Since(_lastHeard), _snapshot is not null)
    {
        Verified = Verified,
        CopiedBytes = _copied + _snapshotSent + _logCopied,
        CopyBytes = _copied + (_snapshot?.Length ?? 0) + _logCopied,
    };

    public void Take(AppendAnswer answer)
    {
        if (answer.Round <= _firstRound)
            return; // to an earlier peer
        _lastHeard = context.Time.GetTimestamp();
        if (answer.Applied > _applied)
            _applied = answer.Applied;
        if (answer.IsMatched)
        {
            if (answer.Position.Sequence > Durable)
            {
                Durable = answer.Position.Sequence;
                _lastProgress = _lastHeard;
            }
            while (_inFlight.TryPeek(out (LogSequence Last, int Bytes) sent) && sent.Last <= Durable)
            {
                _inFlightBytes -= sent.Bytes;
                _inFlight.Dequeue();
            }
            if (_isFinding && answer.Round >= _refusedRound)
                _isFinding = _isAwaited = false;
            if (_next <= Durable)
                _next = Durable.Next;
            if (answer.NeedsSnapshot)
                BeginSnapshot(isRepair: false);
            return;
        }
        if (answer.Round < _refusedRound)
            return; // an answer to what was said before
        _refusedRound = _round + 1;
        LogSequence next = LogSequence.Least(answer.Position.Sequence.Next, _next);
        bool hasLost = _isFinding && _next == Durable.Next && next <= Durable; // it was asked again, after it had said that it has this entry
        if (hasLost)
            (Durable, Verified) = (next.Previous, default);
        _next = next > Durable ? next : Durable.Next;
        Find();
        if (answer.NeedsSnapshot || _next <= context.Log.Base.Sequence)
            BeginSnapshot(isRepair: false);
    }

    public void Take(SnapshotAnswer answer)
    {
        _lastHeard = context.Time.GetTimestamp();
        if (_snapshot is not { } snapshot || snapshot.Position != answer.Position)
            return;
        if (answer.IsInstalled)
        {
            _next = snapshot.Position.Sequence.Next;
            EndSnapshot();
            Find();
            return;
        }
        if (answer.Received >= snapshot.Length || answer.Received < 0)
        {
            Offer(snapshot); // it was damaged on its way
            return;
        }
        _snapshotSent = answer.Received;
        _lastProgress = _lastSent = _lastHeard;
        SendChunk(snapshot);
    }

    public void Tick()
    {
        bool isDue = Since(_lastSent) >= context.Options.ResendAfter || (_inFlight.Count > 0 && Since(_lastProgress) >= context.Options.ResendAfter);
        if (_snapshot is { } snapshot)
        {
            if (_isHeld)
                SendChunk(snapshot);
            else if (isDue)
                Offer(snapshot);
            return;
        }
        if (isDue && (_isAwaited || _inFlight.Count > 0))
        {
            _next = Durable.Next;
            Find();
        }
        if (Since(_lastSent) >= context.Options.HeartbeatInterval)
        {
            if (_isAwaited || _next <= context.Log.Base.Sequence)
                SendOne(); // the question again, or a copy of what the log has no more
            else
                Append(default, 0);
        }
        Send();
    }

    /// <summary>Sends entries as far as the bytes on their way allow.</summary>
    public void Send()
    {
        if (_snapshot is not null)
            return;
        if (_isFinding)
        {
            if (!_isAwaited)
                SendOne();
            return;
        }
        while (_next <= context.Log.Last.Sequence && _inFlightBytes < context.Options.InFlightBytesMax && MaySend() && SendOne())
        {
        }
    }

    /// <summary>Asks for its checksum, once it has applied the entry at which the primary took its own.</summary>
    public void AskChecksum()
    {
        if (context.LastCheckPosition is not { } last || _compared == last || _applied < last.Sequence || context.LastCheck is not { } check)
            return;
        if (_asked == last && Since(_lastAsked) < context.Options.ResendAfter)
            return;
        _asked = last;
        _lastAsked = context.Time.GetTimestamp();
        context.Sink.Send(node, context.Log.Shard, new ChecksumMessage(term, check.Position, check.Checksum));
    }

    /// <returns>False where it holds something else.</returns>
    public bool Compare(ulong own, ChecksumMessage checksum)
    {
        if (_compared == checksum.Position)
            return true;
        _compared = checksum.Position;
        bool isEqual = own == checksum.Checksum;
        Verified = isEqual ? checksum.Position.Sequence : default;
        if (isEqual)
            return true;
        BeginSnapshot(isRepair: true);
        return false;
    }

    public void Dispose() => EndSnapshot();

    private bool SendOne()
    {
        if (_next <= context.Log.Base.Sequence)
        {
            BeginSnapshot(isRepair: false);
            return false;
        }
        ReadOnlyMemory<byte> records = context.Log.ReadRaw(_next, context.Options.MessageBytesMax);
        int count = records.IsEmpty ? 0 : RawRecord.Split(records).Count;
        Invariant.Holds(count > 0 || _next > context.Log.Last.Sequence);
        _isAwaited = _isFinding;
        Append(records, count);
        return true;
    }

    private void Append(ReadOnlyMemory<byte> records, int count)
    {
        LogSequence previous = _next.Previous;
        Term? previousTerm = context.Log.TermAt(previous);
        Invariant.Holds(previousTerm is not null);
        if (_next <= _met)
            _logCopied += records.Length;
        if (count > 0 && !_isFinding)
        {
            if (_inFlight.Count == 0)
                _lastProgress = context.Time.GetTimestamp();
            _next = new LogSequence(_next.Value + count);
            _inFlight.Enqueue((_next.Previous, records.Length));
            _inFlightBytes += records.Length;
        }
        _lastSent = context.Time.GetTimestamp();
        LogSequence told = Told;
        context.Sink.Send(node, context.Log.Shard, new AppendMessage(
            term, new LogPosition(previousTerm.Value, previous), records, told, ++_round, told >= context.Closed.Through ? context.Closed.Moment : 0));
    }

    /// <summary>What the replica may take for committed: not more than is applied here, so that nobody reads there what a read here does not see yet.</summary>
    private LogSequence Told => LogSequence.Least(context.Committed, context.Machine.Applied.Sequence);

    private void Find()
    {
        _isFinding = true;
        _isAwaited = false;
        _inFlight.Clear();
        _inFlightBytes = 0;
    }

    private void BeginSnapshot(bool isRepair)
    {
        if (_snapshot is not null)
            return;
        _isRepair = isRepair;
        Verified = default;
        _snapshot = context.Machine.OpenSnapshot();
        Offer(_snapshot);
    }

    private void Offer(IMachineSnapshot snapshot)
    {
        _lastSent = _lastProgress = context.Time.GetTimestamp();
        context.Sink.Send(node, context.Log.Shard, new SnapshotOffer(term, snapshot.Position, snapshot.Length, snapshot.Checksum, _isRepair));
    }

    private void EndSnapshot()
    {
        _copied += _snapshot?.Length ?? 0;
        _snapshot?.Dispose();
        _snapshot = null;
        _snapshotSent = 0;
        _isHeld = false;
    }

    private void SendChunk(IMachineSnapshot snapshot)
    {
        int length = (int)Math.Min(context.Options.SnapshotChunkBytes, snapshot.Length - _snapshotSent);
        _isHeld = !MayCopy(length);
        if (_isHeld)
            return;
        _lastSent = context.Time.GetTimestamp();
        context.Sink.Send(node, context.Log.Shard, new SnapshotChunk(term, snapshot.Position, _snapshotSent, snapshot.Read(_snapshotSent, length)));
    }

    /// <summary>Whether entries may go: those that a learner needs to catch up are counted as a copy.</summary>
    private bool MaySend() => IsVoter || _next > _met || MayCopy(context.Options.MessageBytesMax);

    private bool MayCopy(int bytes) => context.Options.MayCopy is not { } may || may(context.Log.Shard, node, bytes);

    private TimeSpan Since(long timestamp) => context.Time.GetElapsedTime(timestamp);
}
