using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class TopKTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 1000)]
    [InlineData(10, 5000)]
    [InlineData(100, 50)]
    [InlineData(700, 9000)]
    [InlineData(5000, 5000)]
    public void The_nearest_are_kept_in_order_with_ties_by_row_and_nan_last(int k, int rowCount)
    {
        Random random = new(k);
        double[] distances = [.. Enumerable.Range(0, rowCount).Select(_ =>
            random.Next(20) == 0 ? double.NaN : random.Next(30) == 0 ? double.PositiveInfinity
                : random.Next(rowCount / 3) / 7.0)];
        ulong[] live = new ulong[(rowCount + 63) / 64];
        for (int i = 0; i < live.Length; i++)
            live[i] = (ulong)random.NextInt64() | (ulong)random.NextInt64() << 1;
        long[] order = [.. Enumerable.Range(0, rowCount)
            .OrderBy(i => double.IsNaN(distances[i])).ThenBy(i => distances[i]).ThenBy(i => i).Select(i => (long)i)];
        long[] visible = [.. order.Where(i => ((live[i >> 6] >> (int)(i & 63)) & 1) != 0)];

        TopK all = new(k), some = new(k), backwards = new(k), merged = new(k);
        all.OfferRun(distances, 0);
        some.OfferRun(distances, 0, live);
        for (int i = rowCount - 1; i >= 0; i--)
            backwards.Offer(distances[i], i);
        TopK half = new(k);
        half.OfferRun(distances.AsSpan(rowCount / 2), rowCount / 2);
        merged.OfferRun(distances.AsSpan(0, rowCount / 2), 0);
        merged.Merge(half);

        Assert.Equal(order.Take(k), Rows(all));
        Assert.Equal(visible.Take(k), Rows(some));
        Assert.Equal(order.Take(k), Rows(backwards));
        Assert.Equal(order.Take(k), Rows(merged));
    }

    [Fact]
    public void The_threshold_falls_to_the_farthest_kept_and_a_collector_can_be_used_again()
    {
        TopK top = new(2);
        Assert.Equal(double.PositiveInfinity, top.Threshold);
        foreach (double distance in new[] { 5.0, 3, 4, 9 })
            top.Offer(distance, (long)distance);
        Assert.Equal([3L, 4L], Rows(top));
        Assert.Equal(4, top.Threshold);
        top.Clear();
        top.Offer(7, 7);
        Assert.Equal([7L], Rows(top));
    }

    private static long[] Rows(TopK top)
    {
        List<long> rows = [];
        foreach ((_, long row) in top.Sorted())
            rows.Add(row);
        return [.. rows];
    }
}
