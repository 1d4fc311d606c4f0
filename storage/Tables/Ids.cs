namespace VecSQL.Storage.Tables;

/// <summary>
/// A row version's permanent identity, unique in its table. Never reused, and not changed by flushes and compaction.
/// </summary>
/// <remarks>An update ends one row version and makes another with a new id.</remarks>
public readonly record struct RowId(long Value);

/// <summary>A moment in the order of commits. A snapshot at t sees all that committed at or before t.</summary>
public readonly record struct CommitTimestamp(long Value) : IComparable<CommitTimestamp>
{
    public int CompareTo(CommitTimestamp other) => Value.CompareTo(other.Value);

    public static bool operator <(CommitTimestamp left, CommitTimestamp right) => left.Value < right.Value;

    public static bool operator >(CommitTimestamp left, CommitTimestamp right) => left.Value > right.Value;

    public static bool operator <=(CommitTimestamp left, CommitTimestamp right) => left.Value <= right.Value;

    public static bool operator >=(CommitTimestamp left, CommitTimestamp right) => left.Value >= right.Value;
}

public readonly record struct TransactionId(long Value);
