using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>A record of another engine's log, which this one follows.</summary>
internal sealed class FollowedRecord : CommitRequest
{
    private readonly LogReplay _replay;
    private readonly LogRecordKind _kind;
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly ReplayedRecord _record;

    /// <exception cref="InvalidDataException">The payload makes no sense.</exception>
    public FollowedRecord(LogReplay replay, LogRecordKind kind, long timestamp, ReadOnlyMemory<byte> payload)
    {
        _replay = replay;
        _kind = kind;
        _payload = payload;
        _record = LogReplay.Decode(kind, payload);
        Timestamp = timestamp;
    }

    public override bool IsDurable => true;

    // A decision changes what the record that prepared it says, which must be there by then.
    public override bool IsAlone => _kind is LogRecordKind.Prepare or LogRecordKind.Decision;

    public override IReadOnlyList<CatalogChange> CatalogChanges => _replay.CatalogChangesOf(_record);

    public override Exception? Refusal(CatalogSnapshot catalog) => _replay.Refusal(_record);

    public override LogEntry? Entry => new LogEntry(_kind, Timestamp, _payload);

    public override void Apply() => _replay.Apply(_record, Timestamp, _payload);
}
