using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Cells;

/// <summary>Picks the least of many distances without sorting them.</summary>
/// <remarks>Halving finds a value below which there are so many; of these only the first few are put in order.</remarks>
internal static class CellSelection
{
    /// <summary>So many of the least come in order.</summary>
    internal const int InOrder = 16;

    private const int Halvings = 24;

    /// <summary>The numbers of the least distances: the <see cref="InOrder"/> least in order, equal ones by number, then the
    /// others by number.</summary>
    /// <param name="distances">None is NaN.</param>
    /// <param name="wanted">How many; where that is beyond <see cref="InOrder"/>, a few more may come.</param>
    /// <param name="numbers">Room for one number a distance.</param>
    internal static ReadOnlySpan<int> Nearest(ReadOnlySpan<float> distances, int wanted, int[] numbers)
    {
        if (wanted == 0 || distances.IsEmpty)
            return [];
        (float low, float high) = Range(distances);
        int first = Math.Min(wanted, InOrder);
        float cut = wanted < distances.Length ? FindCut(distances, wanted, wanted / InOrder, low, high) : high;
        float near = FindCut(distances, first, InOrder, low, cut);
        Span<ulong> keys = stackalloc ulong[4 * InOrder];
        int kept = GatherKeys(distances, near, keys);
        keys[..kept].Sort();
        first = wanted <= InOrder ? first : Math.Min(kept, keys.Length);
        for (int i = 0; i < first; i++)
            numbers[i] = (int)(uint)keys[i];
        return wanted <= InOrder ? numbers.AsSpan(0, first)
            : numbers.AsSpan(0, GatherRest(distances, keys[first - 1], cut, numbers, first));
    }

    /// <summary>The numbers of at least the wanted least distances beyond some: in order where few are wanted, else by number.</summary>
    /// <param name="distances">None is NaN, and infinite ones do not count; there are at least the wanted beyond.</param>
    /// <param name="reached">Distances up to this do not count; afterwards the last that came.</param>
    /// <param name="taken">How many distances up to that there are.</param>
    /// <param name="keys">Room for one key a distance.</param>
    internal static ReadOnlySpan<int> Beyond(
        ReadOnlySpan<float> distances, ref float reached, int taken, int wanted, int[] numbers, ulong[] keys)
    {
        if (wanted <= 0)
            return [];
        (float low, float high) = Range(distances);
        float cut = FindCut(distances, taken + wanted, wanted / 2, Math.Max(low, reached), high);
        int kept = GatherKeys(distances, reached, cut, keys);
        if (wanted <= InOrder)
            keys.AsSpan(0, kept).Sort();
        for (int i = 0; i < kept; i++)
            numbers[i] = (int)(uint)keys[i];
        reached = cut;
        return numbers.AsSpan(0, kept);
    }

    /// <summary>A value up to which there are at least the wanted distances, and not many more.</summary>
    internal static float Cut(ReadOnlySpan<float> distances, int wanted)
    {
        (float low, float high) = Range(distances);
        return wanted < distances.Length ? FindCut(distances, wanted, wanted / 4, low, high) : high;
    }

    private static int GatherKeys(ReadOnlySpan<float> distances, float above, float most, Span<ulong> keys)
    {
        int kept = 0;
        for (int i = 0; i < distances.Length; i += 16)
        {
            for (ulong near = UpTo(distances, i, most); near != 0; near &= near - 1)
            {
                int number = i + BitOperations.TrailingZeroCount(near);
                if (distances[number] > above)
                    keys[kept++] = Key(distances[number], number);
            }
        }
        return kept;
    }

    // Of the finite ones.
    private static (float Low, float High) Range(ReadOnlySpan<float> distances)
    {
        ref float first = ref MemoryMarshal.GetReference(distances);
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        int whole = distances.Length & ~15;
        if (whole > 0)
        {
            Vector512<float> least = Vector512.Create(low), most = Vector512.Create(high);
            for (int i = 0; i < whole; i += 16)
            {
                Vector512<float> value = Vector512.LoadUnsafe(ref first, (nuint)i);
                least = Vector512.ConditionalSelect(Vector512.LessThan(value, least), value, least);
                most = Vector512.ConditionalSelect(
                    Vector512.GreaterThan(value, most) & Vector512.LessThan(value, Vector512.Create(float.PositiveInfinity)), value, most);
            }
            for (int i = 0; i < 16; i++)
                (low, high) = (Math.Min(low, least[i]), Math.Max(high, most[i]));
        }
        for (int i = whole; i < distances.Length; i++)
            (low, high) = (Math.Min(low, distances[i]), distances[i] < float.PositiveInfinity ? Math.Max(high, distances[i]) : high);
        return (low, high);
    }

    /// <summary>A value up to which there are the wanted, and hardly more than the spare beyond.</summary>
    private static float FindCut(ReadOnlySpan<float> distances, int wanted, int spare, float low, float high)
    {
        for (int i = 0; i < Halvings; i++)
        {
            float middle = low + ((high - low) / 2);
            int count = CountUpTo(distances, middle);
            if (count < wanted)
            {
                low = middle;
                continue;
            }
            high = middle;
            if (count <= wanted + spare)
                break;
        }
        return high;
    }

    internal static int CountUpTo(ReadOnlySpan<float> distances, float most)
    {
        ref float first = ref MemoryMarshal.GetReference(distances);
        int i = 0, whole = distances.Length & ~15;
        Vector512<int> counts = default;
        Vector512<float> limit = Vector512.Create(most);
        for (; i < whole; i += 16)
            counts -= Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)i), limit).AsInt32();
        int count = Vector512.Sum(counts);
        for (; i < distances.Length; i++)
            count += distances[i] <= most ? 1 : 0;
        return count;
    }

    // Distance above and number below, so that keys sort as both do. Beyond the room, which only many equal distances reach,
    // those with the greatest numbers are left to the rest.
    private static int GatherKeys(ReadOnlySpan<float> distances, float most, Span<ulong> keys)
    {
        int kept = 0;
        for (int i = 0; i < distances.Length; i += 16)
        {
            for (ulong near = UpTo(distances, i, most); near != 0; near &= near - 1)
            {
                int number = i + BitOperations.TrailingZeroCount(near);
                ulong key = Key(distances[number], number);
                if (kept < keys.Length)
                    keys[kept++] = key;
                else if (key < keys[IndexOfGreatest(keys)])
                    keys[IndexOfGreatest(keys)] = key;
            }
        }
        return kept;
    }

    private static int IndexOfGreatest(ReadOnlySpan<ulong> keys)
    {
        int greatest = 0;
        for (int i = 1; i < keys.Length; i++)
            greatest = keys[i] > keys[greatest] ? i : greatest;
        return greatest;
    }

    private static int GatherRest(ReadOnlySpan<float> distances, ulong last, float most, int[] numbers, int count)
    {
        for (int i = 0; i < distances.Length; i += 16)
        {
            for (ulong near = UpTo(distances, i, most); near != 0; near &= near - 1)
            {
                int number = i + BitOperations.TrailingZeroCount(near);
                if (Key(distances[number], number) > last)
                    numbers[count++] = number;
            }
        }
        return count;
    }

    internal static ulong UpTo(ReadOnlySpan<float> distances, int from, float most)
    {
        if (distances.Length - from >= 16)
        {
            return Vector512.LessThanOrEqual(
                Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(distances), (nuint)from), Vector512.Create(most))
                .ExtractMostSignificantBits();
        }
        ulong bits = 0;
        for (int i = from; i < distances.Length; i++)
            bits |= (distances[i] <= most ? 1UL : 0) << (i - from);
        return bits;
    }

    private static ulong Key(float distance, int number)
    {
        int bits = BitConverter.SingleToInt32Bits(distance + 0f); // −0 becomes 0
        uint ordered = (uint)(bits < 0 ? ~bits : bits ^ int.MinValue);
        return ((ulong)ordered << 32) | (uint)number;
    }
}
