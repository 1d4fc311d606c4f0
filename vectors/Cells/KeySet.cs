using System.Numerics;

namespace VecSQL.Vectors.Cells;

/// <summary>Numbers from one to another, both among them.</summary>
public readonly record struct KeyRange(long Least, long Most);

/// <summary>The numbers that a condition asks for, as ranges: few of a comparison, or as many as a list or a subquery has values.</summary>
/// <remarks>
/// Cost:    a number is looked up in the few ranges that share its leading bits, found by a directory.
/// Memory:  16 bytes a range, and four to eight for the directory, made when the first number is looked up.
/// Threads: immutable; any.
/// </remarks>
public sealed class KeySet
{
    /// <summary>With so many numbers or fewer a directory is not worth its making.</summary>
    private const int SearchedMax = 16;

    /// <summary>Values that lie as densely as one in so many are sorted by their bits.</summary>
    private const int SparseMax = 64;

    private readonly KeyRange[] _ranges; // ascending, and neither overlapping nor adjoining
    private Directory? _directory;

    private KeySet(KeyRange[] ranges) => _ranges = ranges;

    /// <summary>No number.</summary>
    public static KeySet None { get; } = new([]);

    public ReadOnlySpan<KeyRange> Ranges => _ranges;

    /// <param name="ranges">In any order; they may overlap, and be empty.</param>
    public static KeySet Of(IEnumerable<KeyRange> ranges)
    {
        List<KeyRange> sorted = [.. ranges];
        sorted.RemoveAll(static range => range.Least > range.Most);
        sorted.Sort(static (x, y) => x.Least.CompareTo(y.Least));
        List<KeyRange> apart = [];
        foreach (KeyRange range in sorted)
            Add(apart, range);
        return new KeySet([.. apart]);
    }

    /// <param name="values">In any order, and as often as they are; changes their order.</param>
    public static KeySet Of(Span<long> values)
    {
        if (values.IsEmpty)
            return None;
        long least = long.MaxValue, most = long.MinValue;
        bool isSorted = true;
        for (int i = 0; i < values.Length; i++)
        {
            isSorted &= i == 0 || values[i] >= values[i - 1];
            (least, most) = (Math.Min(least, values[i]), Math.Max(most, values[i]));
        }
        ulong width = (ulong)most - (ulong)least;
        if (!isSorted && width < (ulong)values.Length * SparseMax)
            return OfDense(values, least, (int)width + 1);
        if (!isSorted)
            values.Sort();
        List<KeyRange> ranges = [];
        foreach (long value in values)
            Add(ranges, new KeyRange(value, value));
        return new KeySet([.. ranges]);
    }

    /// <summary>All other numbers.</summary>
    public KeySet Not()
    {
        List<KeyRange> others = [];
        long first = long.MinValue;
        foreach (KeyRange range in _ranges)
        {
            if (range.Least > first)
                others.Add(new KeyRange(first, range.Least - 1));
            if (range.Most == long.MaxValue)
                return new KeySet([.. others]);
            first = range.Most + 1;
        }
        others.Add(new KeyRange(first, long.MaxValue));
        return new KeySet([.. others]);
    }

    /// <summary>The numbers of both.</summary>
    public KeySet And(KeySet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        List<KeyRange> both = [];
        for (int i = 0, j = 0; i < _ranges.Length && j < other._ranges.Length;)
        {
            KeyRange x = _ranges[i], y = other._ranges[j];
            if (Math.Max(x.Least, y.Least) is var least && Math.Min(x.Most, y.Most) is var most && least <= most)
                both.Add(new KeyRange(least, most));
            if (x.Most < y.Most)
                i++;
            else
                j++;
        }
        return new KeySet([.. both]);
    }

    public bool Contains(long number)
    {
        int low = 0, high = _ranges.Length;
        if (high == 0 || number < _ranges[0].Least || number > _ranges[^1].Most)
            return false;
        if (high > SearchedMax)
        {
            Directory directory = Volatile.Read(ref _directory) ?? MakeDirectory();
            int stretch = (int)(((ulong)number - (ulong)_ranges[0].Least) >> directory.Shift);
            (low, high) = (directory.Firsts[stretch], Math.Min(high, directory.Firsts[stretch + 1] + 1));
        }
        while (low < high) // the first that ends at the number or behind
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].Most < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low < _ranges.Length && _ranges[low].Least <= number;
    }

    private static void Add(List<KeyRange> ranges, KeyRange next)
    {
        if (ranges.Count > 0 && ranges[^1] is var last && (last.Most == long.MaxValue || next.Least <= last.Most + 1))
            ranges[^1] = last with { Most = Math.Max(last.Most, next.Most) };
        else
            ranges.Add(next);
    }

    private static KeySet OfDense(ReadOnlySpan<long> values, long least, int width)
    {
        ulong[] bits = new ulong[(width + 63) / 64];
        foreach (long value in values)
            bits[(value - least) >> 6] |= 1UL << (int)(value - least);
        List<KeyRange> ranges = [];
        for (int word = 0; word < bits.Length; word++)
        {
            for (ulong rest = bits[word]; rest != 0;)
            {
                int first = BitOperations.TrailingZeroCount(rest);
                int count = BitOperations.TrailingZeroCount(~(rest >> first));
                rest = first + count >= 64 ? 0 : rest & (ulong.MaxValue << (first + count));
                long number = least + ((long)word << 6) + first;
                Add(ranges, new KeyRange(number, number + count - 1));
            }
        }
        return new KeySet([.. ranges]);
    }

    // Stretches as many as ranges, about: each number falls where one range is, or few.
    private Directory MakeDirectory()
    {
        ulong least = (ulong)_ranges[0].Least, width = (ulong)_ranges[^1].Most - least;
        int bits = 64 - BitOperations.LeadingZeroCount(width), wanted = BitOperations.Log2((uint)_ranges.Length) + 1;
        int shift = Math.Max(0, bits - wanted);
        int[] firsts = new int[(int)(width >> shift) + 2];
        int range = 0;
        for (int stretch = 0; stretch < firsts.Length - 1; stretch++)
        {
            while ((ulong)_ranges[range].Most - least < (ulong)stretch << shift)
                range++;
            firsts[stretch] = range;
        }
        firsts[^1] = _ranges.Length - 1;
        Directory directory = new(firsts, shift); // two that make it at once make the same
        Volatile.Write(ref _directory, directory);
        return directory;
    }

    /// <param name="Firsts">The first range that ends in or behind each stretch of numbers.</param>
    private sealed record Directory(int[] Firsts, int Shift);
}
