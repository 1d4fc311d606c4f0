namespace VecSQL.Executor.Operators.Scans;

/// <summary>Which unit of a segment a row is of.</summary>
internal static class UnitStarts
{
    /// <param name="units">Numbers of units, and where in the segment each begins, ascending.</param>
    /// <param name="position">In the segment.</param>
    internal static (int Unit, int Place) Find(ReadOnlySpan<(int Unit, int Start)> units, int position)
    {
        int low = 0, high = units.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (units[middle].Start <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return (units[low].Unit, position - units[low].Start);
    }
}
