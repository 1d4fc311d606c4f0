using System.Globalization;

namespace VecSQL.Catalog.Placement;

/// <summary>An entry's number in a shard's log, from 1; 0 is before the first.</summary>
public readonly record struct LogSequence(long Value) : IComparable<LogSequence>
{
    public LogSequence Next => new(Value + 1);

    public LogSequence Previous => new(Value - 1);

    public static bool operator <(LogSequence left, LogSequence right) => left.Value < right.Value;

    public static bool operator >(LogSequence left, LogSequence right) => left.Value > right.Value;

    public static bool operator <=(LogSequence left, LogSequence right) => left.Value <= right.Value;

    public static bool operator >=(LogSequence left, LogSequence right) => left.Value >= right.Value;

    /// <summary>How many entries lie between the two.</summary>
    public static long operator -(LogSequence left, LogSequence right) => left.Value - right.Value;

    public static LogSequence Least(LogSequence left, LogSequence right) => left < right ? left : right;

    public int CompareTo(LogSequence other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
