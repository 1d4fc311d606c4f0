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

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(65)]
    public void A_few_bound_others_with_each_row_and_all_their_ties_are_kept(int k)
    {
        TopK top = new(k, keepsTies: true);
        for (int i = 0; i < k; i++)
            top.Offer(k - i, i);
        Assert.Equal(k <= 64 ? k : double.PositiveInfinity, top.Threshold);
        for (int i = 0; i < 5000; i++)
            top.Offer(0.5, 10_000 - i);
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => 5001L + i), Rows(top));
        Assert.Equal(0.5, top.Threshold);
        top.Offer(0.25, 1);
        Assert.Equal(k == 1 ? [1L] : [1L, 5001, 5002], Rows(top).Take(3));
    }

    [Fact]
    public void Nan_is_nearest_where_asked_for()
    {
        TopK top = new(3, nanIsNearest: true);
        double[] distances = [.. Enumerable.Range(0, 500).Select(i => i % 200 == 150 ? double.NaN : i % 90 == 7 ? double.NegativeInfinity : i)];
        top.OfferRun(distances, 0);
        Assert.Equal([150L, 350, 7], Rows(top));
        top.OfferRun(distances, 1000);
        Assert.Equal([150L, 350, 1150], Rows(top));
        top.OfferRun([double.NaN, double.NegativeInfinity], 500);
        Assert.Equal([150L, 350, 500], Rows(top));
    }

    [Fact]
    public void A_threshold_from_elsewhere_keeps_farther_rows_out_and_never_rises()
    {
        TopK top = new(3);
        top.Tighten(5);
        top.Tighten(8);
        top.OfferRun([9, 5, 7, 1, 6, 2, 8, 5, 7], 0);
        Assert.Equal([3L, 5, 1], Rows(top));
        Assert.Equal(5, top.Threshold);
    }

    [Fact]
    public void Ties_with_the_last_row_are_kept_where_asked_for()
    {
        TopK top = new(2, keepsTies: true), other = new(2, keepsTies: true);
        for (int row = 0; row < 1000; row++)
            (row % 2 == 0 ? top : other).Offer(row % 10 == 3 ? 1 : row == 500 ? 0 : 2 + row, row);
        top.Merge(other);
        Assert.Equal([500L, .. Enumerable.Range(0, 100).Select(i => (10L * i) + 3)], Rows(top));
    }

    private static long[] Rows(TopK top)
    {
        List<long> rows = [];
        foreach ((_, long row) in top.Sorted())
            rows.Add(row);
        return [.. rows];
    }
}
