using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Storage.Shards.Methods;

/// <summary>Keys are between the bounds that they lie between in the order of their types, nulls last.</summary>
internal sealed class RangePlaces(ShardGroupEntry group, SqlType[] types) : IKeyPlaces
{
    /// <summary>The bytes of keys, or of the first columns of keys, that are in the order of keys.</summary>
    internal static KeyBuffer Encode(ReadOnlySpan<SqlType> types, ReadOnlySpan<Column> columns, int rowCount)
    {
        var orders = new KeyOrder[columns.Length];
        for (int i = 0; i < orders.Length; i++)
        {
            KeyKind kind = KeyKinds.Of(types[i]);
            orders[i] = new KeyOrder(kind is KeyKind.Int16 or KeyKind.Int32 ? KeyKind.Int64 : kind); // dates come widened, too
        }
        KeyBuffer keys = new();
        new OrderedKeyEncoder(orders).Append(columns, rowCount, keys);
        return keys;
    }

    public void Find(ReadOnlySpan<Column> keys, Span<int> places)
    {
        KeyBuffer encoded = Encode(types, keys, places.Length);
        for (int row = 0; row < places.Length; row++)
            places[row] = CountUpTo(encoded[row]);
    }

    public Range? Within(ReadOnlySpan<Column> prefix, KeyLimit low, KeyLimit high)
    {
        int first = Begin(prefix, low), last = End(prefix, high);
        return first..(Math.Max(first, last) + 1); // limits that nothing is within are somewhere, too
    }

    private int Begin(ReadOnlySpan<Column> prefix, KeyLimit low)
    {
        byte[] from = Encode(prefix, low);
        // A bound that continues the first values may lie behind all keys that begin with them, but not where these keys are not wanted.
        return low is { Value: not null, IsInclusive: false } ? CountContinued(from) : CountUpTo(from);
    }

    private int End(ReadOnlySpan<Column> prefix, KeyLimit high)
    {
        byte[] to = Encode(prefix, high);
        return high is { Value: not null, IsInclusive: false } ? CountBefore(to) : CountContinued(to);
    }

    private byte[] Encode(ReadOnlySpan<Column> prefix, KeyLimit limit)
    {
        Column[] columns = limit.Value is { } value ? [.. prefix, value] : prefix.ToArray();
        return columns.Length == 0 ? [] : Encode(types, columns, rowCount: 1)[0].ToArray();
    }

    /// <summary>How many bounds are not after a key.</summary>
    private int CountUpTo(ReadOnlySpan<byte> key)
    {
        int low = 0, high = group.Bounds.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (group.Bounds[middle].Key.AsSpan().SequenceCompareTo(key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private int CountBefore(ReadOnlySpan<byte> key)
    {
        int count = CountUpTo(key);
        return count > 0 && group.Bounds[count - 1].Key.AsSpan().SequenceEqual(key) ? count - 1 : count;
    }

    /// <summary>How many bounds are not after all keys that begin with some values.</summary>
    private int CountContinued(ReadOnlySpan<byte> values)
    {
        int count = CountUpTo(values);
        while (count < group.Bounds.Length && group.Bounds[count].Key.AsSpan().StartsWith(values))
            count++;
        return count;
    }
}
