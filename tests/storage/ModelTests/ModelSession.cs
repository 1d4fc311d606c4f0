using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.ModelTests;

/// <summary>A session: its transaction, and the operation that it is blocked in.</summary>
internal sealed class ModelSession(int number)
{
    public int Number { get; } = number;

    public Transaction? Transaction { get; set; }

    public long Snapshot { get; set; }

    public List<(int Savepoint, HashSet<ModelRow> Written, HashSet<ModelRow> Deleted)> Savepoints { get; } = [];

    /// <summary>What it waits for; null when it is not blocked.</summary>
    public PendingWrite? Pending { get; set; }

    public override string ToString() => $"session {Number}";
}

/// <summary>A prepared transaction, which has the rows that its session had.</summary>
/// <param name="Earliest">The earliest moment that it may commit at.</param>
internal sealed record ModelPrepared(string Id, ModelSession Holder, long Earliest);

/// <summary>An insert, a delete, or both as an update.</summary>
internal sealed record PendingWrite(ModelRow? Old, long? Key, string Value, Task<long?> Task)
{
    /// <summary>Whether its key was taken at some moment since it began, so that it may say so.</summary>
    public bool HasMetDuplicate { get; set; }
}
