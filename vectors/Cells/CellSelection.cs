namespace VecSQL.Vectors.Cells;

/// <summary>Picks the least of many distances, in order, without sorting all.</summary>
/// <remarks>A histogram finds where to cut; only what is below is sorted. No branch hangs on a distance until then.</remarks>
internal static class CellSelection
{
    private const int Buckets = 256;

    /// <summary>The numbers of the <paramref name="wanted"/> least distances, least first, equal ones by number.</summary>
    /// <param name="distances">Destroyed. None is NaN.</param>
    /// <param name="numbers">Room for one number a distance.</param>
    internal static ReadOnlySpan<int> Nearest(Span<float> distances, int wanted, int[] numbers)
    {
        if (wanted == 0)
            return [];
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        foreach (float distance in distances)
        {
            least = Math.Min(least, distance);
            most = Math.Max(most, distance);
        }
        float scale = most > least ? (Buckets - 1) / (most - least) : 0;
        Span<int> counts = stackalloc int[Buckets];
        counts.Clear();
        foreach (float distance in distances)
            counts[(int)((distance - least) * scale)]++;
        int cut = 0;
        for (int below = counts[0]; below < wanted; below += counts[cut])
            cut++;
        int kept = 0;
        for (int i = 0; i < distances.Length; i++)
        {
            float distance = distances[i];
            numbers[kept] = i;
            distances[kept] = distance; // kept is never above i
            kept += (int)((distance - least) * scale) <= cut ? 1 : 0;
        }
        distances[..kept].Sort(numbers.AsSpan(0, kept), static (x, y) => x.CompareTo(y));
        return numbers.AsSpan(0, wanted);
    }
}
