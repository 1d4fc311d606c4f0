using System.Globalization;

namespace VecSQL.Catalog.Placement;

/// <summary>A time of a shard in which at most one node is its primary; it only grows. 0 is before the first.</summary>
public readonly record struct Term(uint Value) : IComparable<Term>
{
    public Term Next => new(checked(Value + 1));

    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
