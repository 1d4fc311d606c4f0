namespace VecSQL.Catalog.Placement;

/// <summary>An entry of a shard's log: no two entries have the same, whichever nodes hold them. Of two logs, the one whose last is greater has more.</summary>
public readonly record struct LogPosition(Term Term, LogSequence Sequence) : IComparable<LogPosition>
{
    public static bool operator <(LogPosition left, LogPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(LogPosition left, LogPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(LogPosition left, LogPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LogPosition left, LogPosition right) => left.CompareTo(right) >= 0;

    public int CompareTo(LogPosition other) => Term == other.Term ? Sequence.CompareTo(other.Sequence) : Term.CompareTo(other.Term);

    public override string ToString() => $"{Term}.{Sequence}";
}
