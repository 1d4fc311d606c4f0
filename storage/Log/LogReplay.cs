using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>Does again what records of a log say was done: at a start, or of a log that another engine writes.</summary>
/// <remarks>Threads: one at a time changes what is stored; readers at snapshots may be there.</remarks>
/// <param name="open">Opens a segment that a record names.</param>
internal sealed class LogReplay(StorageState state, Func<SegmentInfo, SegmentSlot> open)
{
    /// <summary>Opens a segment that a record names.</summary>
    public Func<SegmentInfo, SegmentSlot> Open => open;

    /// <exception cref="InvalidDataException">The payload is not what its kind says.</exception>
    public static ReplayedRecord Decode(LogRecordKind kind, ReadOnlyMemory<byte> payload)
    {
        switch (kind)
        {
            case LogRecordKind.Transaction:
                return new ReplayedRecord(Transaction: TransactionRecord.Decode(payload.Span));
            case LogRecordKind.Sequences:
                PayloadReader source = new(payload.Span);
                return new ReplayedRecord(Sequences: SequenceRecord.Read(ref source));
            case LogRecordKind.Prepare:
                return new ReplayedRecord(Prepare: PrepareRecord.Decode(payload.Span));
            case LogRecordKind.Decision:
                return new ReplayedRecord(Decision: DecisionRecord.Decode(payload.Span));
            case LogRecordKind.NoOp or LogRecordKind.Check or LogRecordKind.CatalogVersion or LogRecordKind.FilePart:
                return default;
            default:
                throw new InvalidDataException($"a record of kind {(int)kind}, which a newer program may have written");
        }
    }

    /// <summary>Why a record cannot follow what was there before; null if it can.</summary>
    public Exception? Refusal(ReplayedRecord record)
    {
        if (record.Prepare is { } prepare && state.Prepared.TryFind(prepare.GlobalId, out _))
            return new InvalidDataException($"transaction \"{prepare.GlobalId}\" is prepared twice");
        if (record.Decision is { } decision && !state.Prepared.TryFind(decision.GlobalId, out _))
            return new InvalidDataException($"transaction \"{decision.GlobalId}\" is decided and was never prepared");
        foreach (SegmentInfo segment in record.Segments)
        {
            if (!state.Segments.Has(segment.Id))
                return new StorageException($"segment {segment.Id}, which a record of the followed log names, is missing");
        }
        return null;
    }

    /// <summary>What a record changes in the catalog.</summary>
    public IReadOnlyList<CatalogChange> CatalogChangesOf(ReplayedRecord record) => record switch
    {
        { Transaction: { } transaction } => transaction.Changes,
        { Decision: { IsCommit: true } decision } when state.Prepared.TryFind(decision.GlobalId, out PreparedTransaction? prepared) => prepared.CatalogChanges,
        _ => [],
    };

    /// <summary>Does everything but the change of the catalog, which comes first.</summary>
    public void Apply(ReplayedRecord record, long timestamp, ReadOnlyMemory<byte> payload)
    {
        if (record.Transaction is { } transaction)
            CommitApplication.Apply(state, transaction, timestamp, open);
        foreach (SequenceMark position in record.Sequences ?? [])
            state.Sequences.Restore(position);
        if (record.Prepare is { } prepare)
            Keep(new PreparedTransaction(prepare, timestamp + 1, payload.ToArray(), file: 0));
        if (record.Decision is { } decision)
            Decide(decision, timestamp);
    }

    /// <summary>Keeps a prepared transaction aside, until it is decided or taken over.</summary>
    public void Keep(PreparedTransaction prepared)
    {
        state.RaiseNextOid(prepared.Record.Work.NextOid);
        foreach (TableRecord table in prepared.Record.Work.Tables)
            state.Store(table.Table).RaiseNextRowId(table.NextRowId);
        state.Prepared.Add(prepared);
    }

    private void Decide(DecisionRecord decision, long timestamp)
    {
        if (!state.Prepared.TryFind(decision.GlobalId, out PreparedTransaction? prepared))
            throw new InvalidOperationException($"transaction \"{decision.GlobalId}\" is not there");
        if (decision.IsCommit)
            CommitApplication.Apply(state, prepared.Record.Work, timestamp, open);
        else
            state.Checkpoints.Retire(prepared.Record.Work.Tables.SelectMany(static table => table.Segments).Select(static segment => segment.Id));
        state.Prepared.Remove(prepared);
        state.Prepared.Unclaim(prepared.GlobalId);
        prepared.SetDecided();
    }
}

/// <summary>What a record says: one of these.</summary>
internal readonly record struct ReplayedRecord(
    TransactionRecord? Transaction = null, SequenceMark[]? Sequences = null, PrepareRecord? Prepare = null, DecisionRecord? Decision = null)
{
    /// <summary>The segments that it names.</summary>
    public IEnumerable<SegmentInfo> Segments => (Transaction ?? Prepare?.Work)?.Tables.SelectMany(static table => table.Segments) ?? [];
}
