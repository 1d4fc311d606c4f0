using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>A transaction that is to be prepared.</summary>
internal sealed class PrepareRequest(StorageState state, PreparedTransaction prepared, PayloadWriter payload) : CommitRequest
{
    public override bool IsDurable => true;

    // Names that it takes are seen by those who come later once it is there.
    public override bool IsAlone => prepared.CatalogChanges.Count > 0;

    public override LogEntry? Entry => new LogEntry(LogRecordKind.Prepare, prepared.Bound - 1, payload.Written);

    public override Exception? Refusal(CatalogSnapshot catalog) => state.Prepared.FindConflict(catalog, prepared.CatalogChanges);

    public override void Begin(long next)
    {
        prepared.Bound = next;
        state.Prepared.Add(prepared);
    }

    public override void Apply() => prepared.Payload = payload.Written;

    public override void GiveUp() => state.Prepared.Remove(prepared);
}
