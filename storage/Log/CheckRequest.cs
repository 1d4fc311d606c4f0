namespace VecSQL.Storage.Log;

/// <summary>A place in the log at which replicas compare what they hold.</summary>
internal sealed class CheckRequest : CommitRequest
{
    public override bool IsDurable => true;

    public override LogEntry? Entry => new LogEntry(LogRecordKind.Check, 0, default);
}
