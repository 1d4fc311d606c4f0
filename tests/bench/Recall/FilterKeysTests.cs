using VecSQL.Bench.Recall.Data;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Tests.Recall;

public sealed class FilterKeysTests
{
    private static readonly ClusteredGenerator Generator = new(12, seed: 2, clusterCount: 20);
    private static readonly DataSet Data = new("", DistanceMetric.L2, Generator.Rows(4000, threads: 1), Generator.Queries(40, threads: 1));
    private static readonly FilterKeys Keys = new(Data, seed: 1);

    [Fact]
    public void Every_row_has_its_own_integers()
    {
        Assert.Equal(Enumerable.Range(0, 4000), Keys.Drawn.Order());
        Assert.Equal(Enumerable.Range(0, 4000), Keys.Ordered.Order());
        Assert.NotEqual(Keys.Drawn, new FilterKeys(Data, seed: 2).Drawn);
    }

    [Theory, InlineData(FilterKind.Independent), InlineData(FilterKind.Correlated), InlineData(FilterKind.AntiCorrelated)]
    internal void As_many_rows_pass_as_the_share_says(FilterKind kind)
    {
        for (int query = 0; query < 40; query++)
        {
            (int first, int end) = Keys.RangeFor(kind, 0.01, query);
            int[] keys = kind == FilterKind.Independent ? Keys.Drawn : Keys.Ordered;
            int[] rows = [.. Enumerable.Range(0, 4000).Where(row => keys[row] >= first && keys[row] < end)];
            Assert.Equal(40, rows.Length);
            Assert.Equal(rows, Keys.RowsOf(kind, (first, end)).ToArray().Order());
        }
    }

    [Fact]
    public void Correlated_rows_are_near_and_anti_correlated_ones_far()
    {
        double near = MeanDistance(FilterKind.Correlated), any = MeanDistance(FilterKind.Independent), far = MeanDistance(FilterKind.AntiCorrelated);
        Assert.True(near < 0.85 * any, $"{near} against {any}");
        Assert.True(far > any, $"{far} against {any}");
    }

    private static double MeanDistance(FilterKind kind) => Enumerable.Range(0, 40).Average(query =>
    {
        int[] rows = Keys.RowsOf(kind, Keys.RangeFor(kind, 0.02, query)).ToArray();
        return rows.Average(row => Distances.Between(Data.Metric, Data.Queries[query], Data.Rows[row]));
    });
}
