namespace VecSQL.Storage.Log;

/// <summary>What a record of the log is. <see cref="NoOp"/> and <see cref="Check"/> change nothing of what is stored.</summary>
public enum LogRecordKind : byte
{
    /// <summary>A transaction: see <see cref="TransactionRecord"/>.</summary>
    Transaction = 1,

    /// <summary>Positions of sequences: see <see cref="SequenceRecord"/>.</summary>
    Sequences = 2,

    /// <summary>Nothing: a primary begins its term with it, so that what is before it can be committed.</summary>
    NoOp = 3,

    /// <summary>Nothing: where it stands in the log, replicas compare the checksums of what they hold.</summary>
    Check = 4,

    /// <summary>A transaction that waits for its coordinator: see <see cref="PrepareRecord"/>.</summary>
    Prepare = 5,

    /// <summary>What became of one: see <see cref="DecisionRecord"/>.</summary>
    Decision = 6,

    /// <summary>The version of the catalog under which the records after it were written, where the catalog is kept elsewhere: eight bytes.</summary>
    CatalogVersion = 7,

    /// <summary>A part of a segment's file that a later record names: see <see cref="Replication.FilePart"/>.</summary>
    FilePart = 8,
}
