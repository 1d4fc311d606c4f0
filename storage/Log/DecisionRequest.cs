using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>The end of a prepared transaction.</summary>
internal sealed class DecisionRequest : CommitRequest
{
    private readonly StorageState _state;
    private readonly PreparedTransaction _prepared;
    private readonly bool _isCommit;

    /// <param name="commitAt">The timestamp to commit at; null to roll back.</param>
    public DecisionRequest(StorageState state, PreparedTransaction prepared, CommitTimestamp? commitAt)
    {
        _state = state;
        _prepared = prepared;
        _isCommit = commitAt is not null;
        Timestamp = commitAt?.Value ?? prepared.Bound - 1;
    }

    public override bool IsDurable => true;

    public override IReadOnlyList<CatalogChange> CatalogChanges => _isCommit ? _prepared.CatalogChanges : [];

    public override LogEntry? Entry =>
        new LogEntry(LogRecordKind.Decision, Timestamp, new DecisionRecord(_prepared.GlobalId, _isCommit).Encode().Written);

    public override void Apply()
    {
        if (_isCommit && _prepared.Transaction is { } transaction)
            CommitApplication.Apply(_state, transaction, Timestamp);
    }

    /// <summary>Lets readers go on who want what is newest: not before that is what a new snapshot sees.</summary>
    public override void Published() => _state.Prepared.Remove(_prepared);
}
