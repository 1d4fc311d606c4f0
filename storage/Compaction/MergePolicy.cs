namespace VecSQL.Storage.Compaction;

/// <summary>A segment, as far as it matters whether it is to be merged.</summary>
/// <param name="DeadRows">Rows that no snapshot sees.</param>
/// <param name="IsIndexDue">Whether it lacks an index that it should have.</param>
internal readonly record struct MergeCandidate(long Bytes, int Rows, int DeadRows, bool IsIndexDue)
{
    internal int LiveRows => Rows - DeadRows;

    /// <summary>What its rows will take in a merged segment, about.</summary>
    internal long LiveBytes => Rows == 0 ? 0 : (long)((double)Bytes * LiveRows / Rows);
}

/// <summary>Which segments of a table to merge: pure, so that it can be tried on any history.</summary>
/// <remarks>
/// While rows come, segments of similar size are merged four at a time, so that a row is rewritten about log4(size) times in its
/// life. A segment of which a fifth is dead is rewritten, with all that are smaller.
/// Searches by an index cost about as much in a small segment as in a large one. So a table with such indexes has its smaller
/// segments taken along in every merge, those that lack an index merged before it is built, and everything made one when it has been
/// left alone for twice as long as that takes: a table that is changed again and again costs a third of the time at most.
/// </remarks>
internal static class MergePolicy
{
    /// <summary>Segments of one size class that are merged together.</summary>
    internal const int MergeWidth = 4;

    /// <summary>Of a segment, from which on it is rewritten whatever else goes on.</summary>
    internal const double DeadShareMax = 0.2;

    /// <summary>Larger segments are merged no further: merging them gains little and costs their size. Less than that of
    /// <see cref="SegmentBuilder"/>, so that what is merged into one segment is one.</summary>
    internal const long MergedBytesMax = SegmentBuilder.SegmentBytesMax / 10 * 9;

    /// <summary>Without commits for so long, a table counts as left alone.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>What can be merged and indexed in half the time: so much is done for each second that a table was left alone.</summary>
    internal const long BytesPerQuietSecond = 32L << 20;

    /// <summary>What is won, as a share of what is rewritten for it, at least.</summary>
    internal const double ShareMin = 1.0 / 128;

    /// <summary>What it costs to search one segment more, in rows.</summary>
    internal const int SegmentRows = 4096;

    /// <summary>The size class of the smallest segments; all below it are alike.</summary>
    private const long SmallestClassBytes = 1L << 20;

    /// <returns>Numbers of the segments to merge into one; empty where all is well.</returns>
    /// <param name="isSearched">Whether the table has an index that is kept segment by segment.</param>
    /// <param name="quiet">How long the table has been left alone.</param>
    internal static List<int> Choose(IReadOnlyList<MergeCandidate> segments, bool isSearched, TimeSpan quiet)
    {
        if (!isSearched)
        {
            List<int> dead = ChooseDead(segments);
            return dead.Count > 0 ? dead : ChooseAlike(segments);
        }
        List<int> chosen = ChooseUnindexed(segments);
        if (chosen.Count == 0)
            chosen = ChooseDead(segments);
        if (chosen.Count == 0)
            chosen = ChooseAlike(segments);
        return chosen.Count > 0 ? WithSmaller(segments, chosen) : ChooseAll(segments, quiet);
    }

    /// <summary>All that fit into one, smallest first.</summary>
    internal static List<int> ChooseWhatFits(IReadOnlyList<MergeCandidate> segments)
    {
        List<int> chosen = [];
        long bytes = 0;
        foreach (int number in BySize(segments))
        {
            bytes += segments[number].LiveBytes;
            if (bytes <= MergedBytesMax)
                chosen.Add(number);
        }
        return chosen.Count > 1 ? chosen : [];
    }

    private static List<int> ChooseUnindexed(IReadOnlyList<MergeCandidate> segments)
    {
        List<int> chosen = [];
        long bytes = 0;
        foreach (int number in BySize(segments))
        {
            if (!segments[number].IsIndexDue || bytes + segments[number].LiveBytes > MergedBytesMax)
                continue;
            bytes += segments[number].LiveBytes;
            chosen.Add(number);
        }
        return chosen.Count > 1 ? chosen : [];
    }

    private static List<int> ChooseDead(IReadOnlyList<MergeCandidate> segments)
    {
        for (int i = 0; i < segments.Count; i++)
        {
            if (segments[i].DeadRows > segments[i].Rows * DeadShareMax)
                return [i];
        }
        return [];
    }

    private static List<int> ChooseAlike(IReadOnlyList<MergeCandidate> segments)
    {
        Dictionary<int, List<int>> classes = [];
        for (int i = 0; i < segments.Count; i++)
        {
            if (segments[i].Bytes > MergedBytesMax / MergeWidth)
                continue;
            int sizeClass = SizeClass(segments[i].Bytes);
            if (!classes.TryGetValue(sizeClass, out List<int>? alike))
                classes.Add(sizeClass, alike = []);
            alike.Add(i);
            if (alike.Count == MergeWidth)
                return alike;
        }
        return [];
    }

    /// <summary>Those chosen, and the smaller ones, as far as they fit.</summary>
    private static List<int> WithSmaller(IReadOnlyList<MergeCandidate> segments, List<int> chosen)
    {
        long bytes = 0;
        foreach (int number in chosen)
            bytes += segments[number].LiveBytes;
        foreach (int number in BySize(segments))
        {
            long more = segments[number].LiveBytes;
            if (chosen.Contains(number) || more > bytes || bytes + more > MergedBytesMax)
                continue;
            bytes += more;
            chosen.Add(number);
        }
        return chosen;
    }

    private static List<int> ChooseAll(IReadOnlyList<MergeCandidate> segments, TimeSpan quiet)
    {
        if (quiet < Quiet)
            return [];
        long bytesMax = (long)Math.Min(MergedBytesMax, quiet.TotalSeconds * BytesPerQuietSecond);
        int[] bySize = BySize(segments);
        for (int count = bySize.Length; count > 0; count--)
        {
            long bytes = 0, live = 0, dead = 0;
            foreach (int number in bySize.AsSpan(0, count))
            {
                bytes += segments[number].LiveBytes;
                live += segments[number].LiveRows;
                dead += segments[number].DeadRows;
            }
            int largest = segments[bySize[count - 1]].LiveRows;
            long won = dead + (live - largest) + ((count - 1L) * SegmentRows);
            if (bytes <= bytesMax && won > 0 && won >= live * ShareMin)
                return [.. bySize.AsSpan(0, count)];
        }
        return [];
    }

    private static int[] BySize(IReadOnlyList<MergeCandidate> segments)
    {
        int[] numbers = new int[segments.Count];
        long[] bytes = new long[segments.Count];
        for (int i = 0; i < numbers.Length; i++)
            (numbers[i], bytes[i]) = (i, segments[i].LiveBytes);
        Array.Sort(bytes, numbers);
        return numbers;
    }

    private static int SizeClass(long bytes)
    {
        int sizeClass = 0;
        for (long limit = SmallestClassBytes; bytes > limit; limit *= MergeWidth)
            sizeClass++;
        return sizeClass;
    }
}
