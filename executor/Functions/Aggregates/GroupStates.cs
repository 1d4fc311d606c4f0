namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>Arrays with a state a group.</summary>
internal static class GroupStates
{
    /// <summary>Makes the array long enough for the groups, doubling so that growing by one stays cheap.</summary>
    public static void Grow<T>(ref T[] states, int groupCount)
    {
        if (groupCount > states.Length)
            Array.Resize(ref states, Math.Max(groupCount, states.Length * 2));
    }

    public static int GroupOf(ReadOnlySpan<int> groups, int row) => groups.IsEmpty ? 0 : groups[row];
}
