using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>A transaction that is to be prepared.</summary>
internal sealed class PrepareRequest(StorageState state, PreparedTransaction prepared, Transaction transaction, PayloadWriter payload) : CommitRequest
{
    public override bool IsDurable => true;

    // Names that it takes are seen by those who come later once it is there.
    public override bool IsAlone => prepared.CatalogChanges.Count > 0;

    public override LogEntry? Entry => new LogEntry(LogRecordKind.Prepare, prepared.Bound - 1, payload.Written);

    public override IEnumerable<SegmentId> Segments => transaction.Spilled.Select(static segment => segment.Id);

    public override ReplicationMode? Acks => transaction.WriteAcks;

    public override bool IsCountedOn => true;

    /// <summary>Whether the log alone knows what becomes of it.</summary>
    public bool IsAbandoned { get; private set; }

    public override Exception? Refusal(CatalogSnapshot catalog) => transaction.Refusal ?? state.Prepared.FindConflict(catalog, prepared.CatalogChanges);

    public override void Begin(long next)
    {
        prepared.Bound = next;
        state.Prepared.Add(prepared);
    }

    public override void Apply() => prepared.SetRecord(payload.Written);

    public override void GiveUp() => state.Prepared.Remove(prepared);

    public override void LeaveUnconfirmed() => transaction.IsUnconfirmed = true;

    public override void Abandon()
    {
        IsAbandoned = true;
        state.Prepared.Remove(prepared);
        state.Prepared.Unclaim(prepared.GlobalId);
        transaction.Forsake();
        prepared.SetDecided();
    }
}
