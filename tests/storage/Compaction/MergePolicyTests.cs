using VecSQL.Storage.Compaction;

namespace VecSQL.Storage.Tests.Compaction;

public sealed class MergePolicyTests
{
    private const int RowBytes = 500;

    [Fact]
    public void Segments_of_similar_size_are_merged_four_at_a_time()
    {
        Assert.Empty(MergePolicy.Choose([Of(1000), Of(1000), Of(1000)], isSearched: false, TimeSpan.Zero));
        Assert.Equal([0, 1, 2, 3], MergePolicy.Choose([Of(1000), Of(1000), Of(1000), Of(1000)], isSearched: false, TimeSpan.Zero));
        Assert.Empty(MergePolicy.Choose([Of(1000), Of(1000), Of(1000), Of(100_000)], isSearched: false, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_segment_of_which_a_fifth_is_dead_is_rewritten()
    {
        Assert.Empty(MergePolicy.Choose([Of(100_000, dead: 20_000)], isSearched: true, TimeSpan.Zero));
        Assert.Equal([0], MergePolicy.Choose([Of(100_000, dead: 20_001)], isSearched: true, TimeSpan.Zero));
    }

    [Fact]
    public void A_merge_of_a_searched_table_takes_smaller_segments_along()
    {
        MergeCandidate[] segments = [Of(5000), Of(100_000, dead: 30_000), Of(200_000), Of(6000)];
        Assert.Equal([1], MergePolicy.Choose(segments, isSearched: false, TimeSpan.Zero));
        Assert.Equal([0, 1, 3], MergePolicy.Choose(segments, isSearched: true, TimeSpan.Zero).Order());
    }

    [Fact]
    public void Segments_without_their_index_are_merged_before_it_is_built()
    {
        MergeCandidate[] segments = [Of(70_000) with { IsIndexDue = true }, Of(900_000), Of(70_000) with { IsIndexDue = true }];
        Assert.Equal([0, 2], MergePolicy.Choose(segments, isSearched: true, TimeSpan.Zero).Order());
        segments[0] = Of(70_000);
        Assert.Empty(MergePolicy.Choose(segments, isSearched: true, TimeSpan.Zero));
    }

    [Fact]
    public void A_searched_table_that_is_left_alone_becomes_one_segment_the_sooner_the_less_it_takes()
    {
        MergeCandidate[] segments = [Of(400_000), Of(3000)];
        Assert.Empty(MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromSeconds(3)));
        Assert.Equal(2, MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromSeconds(8)).Count);
        segments = [Of(400_000), Of(3000), Of(2000)];
        Assert.Equal([2, 1], MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromSeconds(1)));
        Assert.Empty(MergePolicy.Choose(segments, isSearched: false, TimeSpan.FromHours(1)));
        segments = [Of(1_000_000), Of(1000)]; // never worth it: a little later there may be the next thousand
        Assert.Empty(MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromHours(1)));
        Assert.Empty(MergePolicy.Choose([Of(1000, dead: 5)], isSearched: true, TimeSpan.FromHours(1)));
        Assert.Equal([0], MergePolicy.Choose([Of(1000, dead: 10)], isSearched: true, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void No_merge_makes_more_than_one_segment_takes()
    {
        int rows = (int)(MergePolicy.MergedBytesMax / RowBytes / 2) + 1;
        MergeCandidate[] segments = [Of(rows), Of(rows), Of(rows), Of(rows), Of(1000), Of(1000)];
        Assert.Equal([4, 5], MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromHours(1)).Take(2));
        Assert.Equal(3, MergePolicy.Choose(segments, isSearched: true, TimeSpan.FromHours(1)).Count);
        for (int i = 0; i < segments.Length; i++)
            segments[i] = segments[i] with { IsIndexDue = true };
        Assert.Equal([4, 5, 0], MergePolicy.ChooseWhatFits(segments));
        Assert.Equal(3, MergePolicy.Choose(segments, isSearched: true, TimeSpan.Zero).Count);
    }

    /// <summary>Rows come a few thousand at a time and replace others, with pauses; what the policy chooses is done at once.</summary>
    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(1_000_000, 2)]
    [InlineData(1_000_000, 3)]
    public void Whatever_comes_a_row_is_rewritten_a_few_times_only_and_a_table_left_alone_becomes_one_segment(int tableRows, int seed)
    {
        Random random = new(seed);
        List<MergeCandidate> segments = [Of(tableRows)];
        long written = 0, rewritten = 0;
        int most = 0;
        while (written < 3L * tableRows)
        {
            int rows = random.Next(1000, SegmentIndexer.RowsWaitingMax);
            Kill(segments, rows, random);
            segments.Add(Of(rows) with { IsIndexDue = true });
            written += rows;
            rewritten += Settle(segments, TimeSpan.FromSeconds(random.Next(10) == 0 ? 3 : 0));
            most = Math.Max(most, segments.Count);
        }
        Assert.InRange(most, 1, 16);
        Assert.InRange((double)rewritten / written, 0, 14);
        Settle(segments, TimeSpan.FromMinutes(1));
        Assert.Single(segments);
        Assert.InRange(segments[0].DeadRows, 0, tableRows / 100);
    }

    private static MergeCandidate Of(int rows, int dead = 0) => new((long)rows * RowBytes, rows, dead, IsIndexDue: false);

    /// <summary>Lets as many rows die as there are new ones, anywhere.</summary>
    private static void Kill(List<MergeCandidate> segments, int rows, Random random)
    {
        for (int total = segments.Sum(segment => segment.LiveRows), left = rows; left > 0;)
        {
            int number = random.Next(segments.Count);
            MergeCandidate segment = segments[number];
            int dead = Math.Min(left, Math.Min(segment.LiveRows, (int)((long)rows * segment.LiveRows / total) + 1));
            segments[number] = segment with { DeadRows = segment.DeadRows + dead };
            left -= dead;
        }
    }

    /// <returns>How many rows were rewritten.</returns>
    private static long Settle(List<MergeCandidate> segments, TimeSpan quiet)
    {
        long rewritten = 0;
        while (MergePolicy.Choose(segments, isSearched: true, quiet) is { Count: > 0 } chosen)
        {
            int live = chosen.Sum(number => segments[number].LiveRows);
            rewritten += live;
            foreach (int number in chosen.OrderDescending())
                segments.RemoveAt(number);
            segments.Add(Of(live));
        }
        for (int i = 0; i < segments.Count; i++)
            segments[i] = segments[i] with { IsIndexDue = false };
        return rewritten;
    }
}
