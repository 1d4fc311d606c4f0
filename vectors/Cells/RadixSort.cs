namespace VecSQL.Vectors.Cells;

/// <summary>Sorts many numbers with what belongs to them, keeping the order of equal ones.</summary>
/// <remarks>Cost: a pass over all for each byte in which numbers differ.</remarks>
internal static class RadixSort
{
    private const int Digits = sizeof(long);

    internal static void Sort(Span<long> keys, Span<int> items)
    {
        if (keys.Length != items.Length)
            throw new ArgumentException($"{keys.Length} keys for {items.Length} items");
        int[][] counts = Count(keys);
        Span<long> spareKeys = new long[keys.Length], fromKeys = keys;
        Span<int> spareItems = new int[items.Length], fromItems = items;
        for (int digit = 0; digit < Digits; digit++)
        {
            if (Array.IndexOf(counts[digit], keys.Length) >= 0)
                continue; // the same in all
            int[] next = Starts(counts[digit]);
            for (int i = 0; i < fromKeys.Length; i++)
            {
                int at = next[DigitOf(fromKeys[i], digit)]++;
                (spareKeys[at], spareItems[at]) = (fromKeys[i], fromItems[i]);
            }
            Span<long> sortedKeys = spareKeys;
            Span<int> sortedItems = spareItems;
            spareKeys = fromKeys;
            spareItems = fromItems;
            fromKeys = sortedKeys;
            fromItems = sortedItems;
        }
        fromKeys.CopyTo(keys); // on itself where the passes were even
        fromItems.CopyTo(items);
    }

    private static int[][] Count(ReadOnlySpan<long> keys)
    {
        int[][] counts = new int[Digits][];
        for (int digit = 0; digit < Digits; digit++)
            counts[digit] = new int[256];
        foreach (long key in keys)
        {
            for (int digit = 0; digit < Digits; digit++)
                counts[digit][DigitOf(key, digit)]++;
        }
        return counts;
    }

    private static int[] Starts(int[] counts)
    {
        int[] starts = new int[counts.Length];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + counts[i - 1];
        return starts;
    }

    // Negative numbers come before others.
    private static byte DigitOf(long key, int digit) => (byte)((ulong)(key ^ long.MinValue) >> (8 * digit));
}
