using System.Buffers.Binary;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Replication;

/// <summary>Commits to a log that replicas keep: a group goes there, and is applied entry by entry when the log's keeper says so.</summary>
/// <remarks>
/// Pipeline: groups follow each other there without waiting for what becomes of those before.
/// Ends:     an entry that was abandoned may be in the log all the same: its transaction lets go of all that it holds before any entry of another term is
///           applied, and the log says what becomes of its changes.
/// Catalog:  the log has the catalog's version before the first record that was written under it; nobody applies what follows before his own catalog has it.
/// Threads:  whoever applies is one at a time; checkpoints take their points between two entries.
/// </remarks>
internal sealed class ReplicatedCommits(StorageState state, ILogReplicator replicator, LogReplay replay, Manifest manifest, ITimestampSource timestamps)
    : CommitQueue(state, timestamps)
{
    /// <summary>For so long a checkpoint waits for other replicas: those of other engines wait for their turns meanwhile.</summary>
    private static readonly TimeSpan SettlingMax = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new(); // of what is applied
    private readonly Lock _counts = new();
    private readonly List<(long Begun, TaskCompletionSource Ended)> _barriers = [];
    private long _begun, _ended; // requests
    private long _writtenBytes, _catalogVersion = manifest.CatalogVersion;
    private LogPosition _applied = manifest.Position;
    private Term _term;

    public override long WrittenBytes => Volatile.Read(ref _writtenBytes);

    public override bool IsBroken => false;

    /// <summary>The last entry that was applied. For whoever applies.</summary>
    public LogPosition Applied => _applied;

    public override long CatalogVersion => Volatile.Read(ref _catalogVersion);

    public override ValueTask RunExclusivelyAsync(Action action)
    {
        lock (_gate)
            action();
        return ValueTask.CompletedTask;
    }

    public override LogPosition TakePoint() => _applied;

    public override async ValueTask<LogPosition> HoldAsync(CancellationToken cancellation)
    {
        LogPosition applied;
        lock (_gate)
            applied = _applied;
        using CancellationTokenSource patience = new(SettlingMax, State.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await replicator.SettledAsync(applied, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new SqlException(SqlState.CannotConnectNow, "the shard's replicas do not answer", cause: late) { IsPassing = true };
        }
        return applied;
    }

    public override void DropLogBefore(LogPosition position) => replicator.Wake();

    /// <summary>Does what an entry says.</summary>
    /// <param name="own">The proposal that it comes from, if it was made here.</param>
    /// <returns>False where that must wait, for the catalog or for room: nothing was done.</returns>
    /// <exception cref="InvalidDataException">It makes no sense here.</exception>
    /// <exception cref="StorageException">A file that it names is missing or damaged.</exception>
    public bool TryApply(RawRecord entry, IProposal? own)
    {
        lock (_gate)
        {
            if (own is Proposed proposed)
                proposed.Apply();
            else if (!TryReplay(entry))
                return false;
            _applied = entry.Position;
            Volatile.Write(ref _writtenBytes, _writtenBytes + entry.Length);
            Pass(entry.Timestamp);
            State.Snapshots.Publish(entry.Timestamp);
            (own as Proposed)?.Request?.Published();
            return true;
        }
    }

    /// <summary>Nothing that comes is committed at a moment, or before.</summary>
    public void Close(long moment)
    {
        lock (_gate)
        {
            Pass(moment);
            State.Snapshots.Publish(moment);
        }
    }

    /// <summary>From here on transactions change what is stored, by entries of this term.</summary>
    public void Lead(Term term)
    {
        lock (_gate)
        {
            _term = term;
            State.Lead(replay.Open);
        }
    }

    /// <summary>From here on entries are those of others.</summary>
    public void Follow()
    {
        lock (_gate)
            State.Follow();
    }

    /// <summary>Has the files of segments go to the replicas, before the record that names them.</summary>
    /// <exception cref="SqlException">They cannot.</exception>
    public override async ValueTask ShipAsync(Transaction transaction)
    {
        List<SegmentInfo> spilled = transaction.Spilled;
        if (spilled.Count == 0)
            return;
        Term term = _term;
        Shipment shipment = new();
        try
        {
            foreach (SegmentInfo segment in spilled)
            {
                State.Arriving.Add(segment.Id, term);
                await ShipAsync(segment.Id, isSidecar: false, term, shipment).ConfigureAwait(false);
                await ShipAsync(segment.Id, isSidecar: true, term, shipment).ConfigureAwait(false);
            }
        }
        catch (FileFaultException fault)
        {
            throw new SqlException(fault.State, fault.Message, cause: fault);
        }
        await shipment.LastAsync().ConfigureAwait(false);
    }

    public override void Dispose()
    {
    }

    protected override void NoteBegun(List<CommitRequest> group)
    {
        Pass(group.Max(static request => request.Timestamp));
        lock (_counts)
            _begun += group.Count;
    }

    protected override Task EndBegunAsync()
    {
        lock (_counts)
        {
            if (_ended >= _begun)
                return Task.CompletedTask;
            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _barriers.Add((_begun, ended));
            return ended.Task;
        }
    }

    protected override async ValueTask FinishAsync(List<CommitRequest> group, CatalogSnapshot catalog)
    {
        Invariant.Holds(ReferenceEquals(catalog, State.Catalog) || group.TrueForAll(static request => request.CatalogChanges.Count == 0));
        List<ProposedEntry> entries = new(group.Count + 2);
        long version = State.Catalog.Version;
        if (version > CatalogVersion)
            entries.Add(AsFirst(Version(version))); // until it is applied: it might be refused
        SequenceMark[] sequences = State.Sequences.TakeUnlogged();
        if (sequences.Length > 0)
            entries.Add(AsFirst(Positions(sequences)));
        foreach (CommitRequest request in group)
        {
            LogEntry entry = request.Entry ?? new LogEntry(LogRecordKind.NoOp, request.Timestamp, default); // its place in the order
            entries.Add(new ProposedEntry(entry, request.Acks, new Proposed(this) { Request = request }) { IsCountedOn = request.IsCountedOn });
        }
        try
        {
            await replicator.ProposeAsync(entries, _term).ConfigureAwait(false);
        }
        catch (SqlException error)
        {
            State.Sequences.PutBack(sequences);
            GiveUp(group, error);
            NoteEnded(group.Count);
        }

        // What goes before a commit that does not wait for the mode's replicas must not wait for them either.
        ProposedEntry AsFirst(ProposedEntry entry) => entry with { Acks = group[0].Acks, IsCountedOn = group[0].IsCountedOn };
    }

    private ProposedEntry Version(long version)
    {
        byte[] payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, version);
        return new ProposedEntry(new LogEntry(LogRecordKind.CatalogVersion, 0, payload), null, new Proposed(this) { Version = version });
    }

    private ProposedEntry Positions(SequenceMark[] sequences)
    {
        PayloadWriter payload = new();
        SequenceRecord.Write(payload, sequences);
        return new ProposedEntry(new LogEntry(LogRecordKind.Sequences, 0, payload.Written), null, new Proposed(this) { Sequences = sequences });
    }

    private bool TryReplay(RawRecord entry)
    {
        if (!State.HasCatalog && entry.Kind != LogRecordKind.CatalogVersion)
            return false; // right after a start
        switch (entry.Kind)
        {
            case LogRecordKind.NoOp:
                // A primary begins its term with one: what others have left on its way never arrives.
                State.Checkpoints.Retire(State.Arriving.TakeBefore(entry.Position.Term));
                return true;
            case LogRecordKind.CatalogVersion:
                long version = BinaryPrimitives.ReadInt64LittleEndian(entry.Payload.Span);
                if (State.Catalog.Version < version)
                    return false;
                Volatile.Write(ref _catalogVersion, version);
                return true;
            case LogRecordKind.FilePart:
                State.Arriving.Write(FilePart.Decode(entry.Payload), entry.Position.Term);
                return true;
            default:
                return State.HasRoomToApply() && Replay(entry);
        }
    }

    private bool Replay(RawRecord entry)
    {
        ReplayedRecord work = LogReplay.Decode(entry.Kind, entry.Payload);
        if (replay.Refusal(work) is { } refusal)
            throw refusal;
        replay.Apply(work, entry.Timestamp, entry.Payload);
        foreach (SegmentInfo segment in work.Segments)
            State.Arriving.Remove(segment.Id);
        return true;
    }

    private async ValueTask ShipAsync(SegmentId segment, bool isSidecar, Term term, Shipment shipment)
    {
        string path = Path.Combine(State.Segments.Directory, isSidecar ? segment.SidecarName : segment.ArrowName);
        using IFile file = State.Files.Open(path, FileOpening.Read);
        for (long offset = 0, length = file.Length; offset < length; offset += FilePart.BytesMax)
        {
            byte[] bytes = new byte[Math.Min(FilePart.BytesMax, length - offset)];
            file.ReadExactly(offset, bytes);
            FilePart part = new(segment, isSidecar, offset + bytes.Length == length, offset, bytes);
            shipment.Add();
            await replicator.ProposeAsync(
                [new ProposedEntry(new LogEntry(LogRecordKind.FilePart, 0, part.Encode().Written), null, shipment.Proposal(this))], term).ConfigureAwait(false);
            shipment.ThrowIfFailed();
        }
    }

    private void NoteEnded(int count)
    {
        lock (_counts)
        {
            _ended += count;
            for (int i = _barriers.Count - 1; i >= 0; i--)
            {
                if (_barriers[i].Begun > _ended)
                    continue;
                _barriers[i].Ended.SetResult();
                _barriers.RemoveAt(i);
            }
        }
    }

    /// <summary>An entry that comes from here.</summary>
    private sealed class Proposed(ReplicatedCommits commits) : IProposal
    {
        internal CommitRequest? Request { get; init; }

        internal SequenceMark[]? Sequences { get; init; }

        internal long Version { get; init; }

        internal Shipment? Shipment { get; init; }

        internal void Apply()
        {
            if (Version > 0)
                Volatile.Write(ref commits._catalogVersion, Version);
            if (Sequences is not null)
                commits.State.Sequences.NoteLogged(Sequences);
            if (Request is null)
                return;
            Request.Apply();
            foreach (SegmentId segment in Request.Segments)
                commits.State.Arriving.Remove(segment);
        }

        public void Acknowledged(LogPosition position)
        {
            Shipment?.End(null);
            Tell(null);
        }

        public void Unconfirmed()
        {
            Request?.LeaveUnconfirmed();
            Tell(null);
        }

        public void Abandoned()
        {
            SqlException unknown = new(SqlState.TransactionResolutionUnknown, "the shard's primary has moved while the transaction was being committed",
                hint: "Whether it has committed is not known here: look for what it has done.");
            Shipment?.End(unknown);
            Request?.Abandon();
            Tell(unknown);
        }

        public void Refused(SqlException error)
        {
            Shipment?.End(error);
            if (Sequences is not null)
                commits.State.Sequences.PutBack(Sequences);
            Request?.GiveUp();
            Tell(error);
        }

        private void Tell(SqlException? error)
        {
            if (Request is not { } request)
                return;
            request.Error = error;
            commits.NoteEnded(1);
            request.Served.Set();
        }
    }

    /// <summary>The parts of a transaction's files.</summary>
    private sealed class Shipment
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private int _underWay = 1; // until all have been sent
        private SqlException? _error;

        internal void Add()
        {
            lock (_lock)
                _underWay++;
        }

        internal Proposed Proposal(ReplicatedCommits commits) => new(commits) { Shipment = this };

        internal void ThrowIfFailed()
        {
            lock (_lock)
            {
                if (_error is { } error)
                    throw new SqlException(SqlState.SerializationFailure, error.Message, cause: error) { IsPassing = true }; // its record was not written
            }
        }

        internal void End(SqlException? error)
        {
            bool isLast;
            lock (_lock)
            {
                _error ??= error;
                isLast = --_underWay == 0;
            }
            if (isLast)
                _ended.TrySetResult();
        }

        internal async ValueTask LastAsync()
        {
            End(null);
            await _ended.Task.ConfigureAwait(false);
            ThrowIfFailed();
        }
    }
}
