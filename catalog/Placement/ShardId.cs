using System.Globalization;

namespace VecSQL.Catalog.Placement;

/// <summary>Names a shard: one storage engine with one log, kept by several nodes.</summary>
public readonly record struct ShardId(uint Value) : IComparable<ShardId>
{
    public static bool operator <(ShardId left, ShardId right) => left.Value < right.Value;

    public static bool operator >(ShardId left, ShardId right) => left.Value > right.Value;

    public static bool operator <=(ShardId left, ShardId right) => left.Value <= right.Value;

    public static bool operator >=(ShardId left, ShardId right) => left.Value >= right.Value;

    public int CompareTo(ShardId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
