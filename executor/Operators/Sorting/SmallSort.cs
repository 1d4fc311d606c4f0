using VecSQL.Executor.Operators.Keys;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Puts few keys in order, and equal ones as PostgreSQL's users see them.</summary>
/// <remarks>
/// Method: quicksort by a pivot that parts into less, equal and greater; insertion below seven keys; nothing where all are in order already.
/// Order:  not stable, but a function of the keys' order alone.
/// Paper:  Bentley and McIlroy, "Engineering a Sort Function", Software: Practice and Experience 23 (1993).
/// </remarks>
internal readonly ref struct SmallSort(KeyBuffer keys, Span<int> order)
{
    /// <summary>Below it keys are inserted one by one.</summary>
    private const int InsertMax = 7;

    /// <summary>Above it the pivot is the median of three medians.</summary>
    private const int NintherMin = 40;

    private readonly Span<int> _order = order;

    /// <summary>Orders the numbers from <paramref name="start"/> on.</summary>
    internal void Sort(int start, int count)
    {
        while (count >= InsertMax && !IsOrdered(start, count))
        {
            int end = start + count;
            Swap(start, Pivot(start, count));
            (int less, int greater) = Part(start, end);
            // The shorter part first, so that the stack stays low.
            if (less <= greater)
            {
                Sort(start, less);
                (start, count) = (end - greater, greater);
            }
            else
            {
                Sort(end - greater, greater);
                count = less;
            }
        }
        if (count < InsertMax)
            Insert(start, count);
    }

    private int Compare(int x, int y) => keys[_order[x]].SequenceCompareTo(keys[_order[y]]);

    private bool IsOrdered(int start, int count)
    {
        for (int i = start + 1; i < start + count; i++)
        {
            if (Compare(i - 1, i) > 0)
                return false;
        }
        return true;
    }

    private void Insert(int start, int count)
    {
        for (int i = start + 1; i < start + count; i++)
        {
            for (int at = i; at > start && Compare(at - 1, at) > 0; at--)
                (_order[at - 1], _order[at]) = (_order[at], _order[at - 1]);
        }
    }

    private int Pivot(int start, int count)
    {
        int middle = start + (count / 2);
        if (count == InsertMax)
            return middle;
        int last = start + count - 1;
        if (count <= NintherMin)
            return Median(start, middle, last);
        int step = count / 8;
        return Median(
            Median(start, start + step, start + (2 * step)),
            Median(middle - step, middle, middle + step),
            Median(last - (2 * step), last - step, last));
    }

    private int Median(int x, int y, int z)
    {
        if (Compare(x, y) < 0)
            return Compare(y, z) < 0 ? y : Compare(x, z) < 0 ? z : x;
        return Compare(y, z) > 0 ? y : Compare(x, z) < 0 ? x : z;
    }

    /// <summary>Puts what is less than the first key before those equal to it, and what is greater behind.</summary>
    /// <remarks>Equal keys gather at both ends, and go to the middle at last.</remarks>
    private (int Less, int Greater) Part(int start, int end)
    {
        int low = start + 1, lowEqual = low, high = end - 1, highEqual = high;
        while (true)
        {
            for (int sign; low <= high && (sign = Compare(low, start)) <= 0; low++)
            {
                if (sign == 0)
                    Swap(lowEqual++, low);
            }
            for (int sign; low <= high && (sign = Compare(high, start)) >= 0; high--)
            {
                if (sign == 0)
                    Swap(high, highEqual--);
            }
            if (low > high)
                break;
            Swap(low++, high--);
        }
        int less = low - lowEqual, greater = highEqual - high;
        SwapRange(start, low, Math.Min(lowEqual - start, less));
        SwapRange(low, end, Math.Min(greater, end - highEqual - 1));
        return (less, greater);
    }

    /// <summary>Exchanges the first so many from <paramref name="start"/> on with the last so many before <paramref name="end"/>.</summary>
    private void SwapRange(int start, int end, int count)
    {
        for (int i = 0; i < count; i++)
            Swap(start + i, end - count + i);
    }

    private void Swap(int x, int y) => (_order[x], _order[y]) = (_order[y], _order[x]);
}
