using VecSQL.Executor.Operators.Keys;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Puts encoded keys in order.</summary>
/// <remarks>
/// Method: the eight bytes behind the common prefix of all keys are sorted by radix, byte by byte from the last, passing over bytes that
/// all keys share; runs of keys that agree in them are then sorted by comparing the rest.
/// Order:  stable for many keys; equal ones among few come as <see cref="SmallSort"/> leaves them.
/// </remarks>
internal static class KeySort
{
    private const int Small = 48; // up to it counting buckets costs more than comparing

    /// <summary>The numbers of the keys, in order.</summary>
    /// <param name="isStable">Of equal ones the earlier come first, few as there may be.</param>
    internal static int[] Sort(KeyBuffer keys, bool isStable = false)
    {
        int[] order = new int[keys.Count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        if (order.Length <= Small)
        {
            if (isStable)
                order.AsSpan().Sort((x, y) => Compare(keys, x, y, 0));
            else
                new SmallSort(keys, order).Sort(0, order.Length);
            return order;
        }
        int skip = CommonPrefix(keys);
        ulong[] prefixes = new ulong[order.Length];
        bool isWhole = true;
        for (int i = 0; i < prefixes.Length; i++)
        {
            ReadOnlySpan<byte> key = keys[i][skip..];
            prefixes[i] = Prefix(key);
            isWhole &= key.Length <= 8;
        }
        (prefixes, order) = SortByPrefix(prefixes, order);
        if (!isWhole)
            SortTies(keys, prefixes, order, skip);
        return order;
    }

    private static int Compare(KeyBuffer keys, int x, int y, int skip)
    {
        int order = keys[x][skip..].SequenceCompareTo(keys[y][skip..]);
        return order != 0 ? order : x.CompareTo(y);
    }

    // Keys are prefix-free, so a shorter one may be filled up with zeros without meeting another.
    private static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= 8)
            return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(key);
        ulong prefix = 0;
        for (int i = 0; i < key.Length; i++)
            prefix |= (ulong)key[i] << (56 - (8 * i));
        return prefix;
    }

    private static int CommonPrefix(KeyBuffer keys)
    {
        ReadOnlySpan<byte> first = keys[0];
        for (int i = 1; i < keys.Count && first.Length > 0; i++)
            first = first[..first.CommonPrefixLength(keys[i])];
        return first.Length;
    }

    private static (ulong[] Prefixes, int[] Order) SortByPrefix(ulong[] prefixes, int[] order)
    {
        int[] counts = new int[8 * 256];
        foreach (ulong prefix in prefixes)
        {
            for (int at = 0; at < 8; at++)
                counts[(at << 8) + (int)((prefix >> (8 * at)) & 0xFF)]++;
        }
        ulong[] otherPrefixes = new ulong[prefixes.Length];
        int[] otherOrder = new int[order.Length];
        for (int at = 0; at < 8; at++)
        {
            Span<int> places = counts.AsSpan(at << 8, 256);
            int shift = 8 * at;
            if (places[(int)((prefixes[0] >> shift) & 0xFF)] == prefixes.Length)
                continue;
            int sum = 0;
            for (int i = 0; i < 256; i++)
            {
                int count = places[i];
                places[i] = sum;
                sum += count;
            }
            for (int i = 0; i < prefixes.Length; i++)
            {
                int place = places[(int)((prefixes[i] >> shift) & 0xFF)]++;
                otherPrefixes[place] = prefixes[i];
                otherOrder[place] = order[i];
            }
            (prefixes, otherPrefixes) = (otherPrefixes, prefixes);
            (order, otherOrder) = (otherOrder, order);
        }
        return (prefixes, order);
    }

    private static void SortTies(KeyBuffer keys, ulong[] prefixes, int[] order, int skip)
    {
        Comparison<int> comparison = (x, y) => Compare(keys, x, y, skip);
        for (int start = 0; start < order.Length;)
        {
            int end = start + 1;
            while (end < order.Length && prefixes[end] == prefixes[start])
                end++;
            if (end - start > 1)
                order.AsSpan(start, end - start).Sort(comparison);
            start = end;
        }
    }
}
