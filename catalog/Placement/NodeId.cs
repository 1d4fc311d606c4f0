using System.Globalization;

namespace VecSQL.Catalog.Placement;

/// <summary>Names a node of a cluster for ever; given out at its first registration, from 1. 0 is no node.</summary>
public readonly record struct NodeId(int Value) : IComparable<NodeId>
{
    public bool IsNone => Value == 0;

    public static bool operator <(NodeId left, NodeId right) => left.Value < right.Value;

    public static bool operator >(NodeId left, NodeId right) => left.Value > right.Value;

    public static bool operator <=(NodeId left, NodeId right) => left.Value <= right.Value;

    public static bool operator >=(NodeId left, NodeId right) => left.Value >= right.Value;

    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
