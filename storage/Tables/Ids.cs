namespace VecSQL.Storage.Tables;

/// <summary>
/// A row version's permanent identity, unique in its table. Never reused, and not changed by flushes and compaction.
/// </summary>
/// <remarks>An update ends one row version and makes another with a new id.</remarks>
public readonly record struct RowId(long Value);

/// <summary>A moment in the order of commits. A snapshot at t sees all that committed at or before t.</summary>
/// <remarks>Units: microseconds since 1970 in UTC, as the clock of those who gave it out had it; more where that stood still or went back.</remarks>
public readonly record struct CommitTimestamp(long Value) : IComparable<CommitTimestamp>
{
    /// <summary>When it was given out, about.</summary>
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(Value * TimeSpan.TicksPerMicrosecond);

    /// <summary>The last moment that is not later than the time.</summary>
    public static CommitTimestamp At(DateTimeOffset time) =>
        new((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    public int CompareTo(CommitTimestamp other) => Value.CompareTo(other.Value);

    public static bool operator <(CommitTimestamp left, CommitTimestamp right) => left.Value < right.Value;

    public static bool operator >(CommitTimestamp left, CommitTimestamp right) => left.Value > right.Value;

    public static bool operator <=(CommitTimestamp left, CommitTimestamp right) => left.Value <= right.Value;

    public static bool operator >=(CommitTimestamp left, CommitTimestamp right) => left.Value >= right.Value;
}

public readonly record struct TransactionId(long Value);

/// <summary>The ids of a batch's rows, in the order of the rows.</summary>
public readonly record struct RowIds(long[] Values);

/// <param name="IsInserted">True: <paramref name="Row"/> is the new row. False: it is the row in the way.</param>
/// <param name="IsOwnStatement">The row in the way was inserted by this same statement (21000 for DO UPDATE).</param>
public readonly record struct InsertOutcome(RowId Row, bool IsInserted, bool IsOwnStatement);
