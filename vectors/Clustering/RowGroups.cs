namespace VecSQL.Vectors.Clustering;

/// <summary>Puts rows in the order of their groups.</summary>
internal static class RowGroups
{
    /// <returns>Rows, group by group and ascending in each; and where each group begins, with the count of rows behind.</returns>
    internal static (int[] Order, int[] Offsets) Sort(int[] groupOf, int groups)
    {
        int[] offsets = new int[groups + 1], order = new int[groupOf.Length];
        foreach (int group in groupOf)
            offsets[group + 1]++;
        for (int group = 0; group < groups; group++)
            offsets[group + 1] += offsets[group];
        int[] next = offsets[..^1];
        for (int row = 0; row < groupOf.Length; row++)
            order[next[groupOf[row]]++] = row;
        return (order, offsets);
    }
}
