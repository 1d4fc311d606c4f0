using VecSQL.Bench.Recall.Data;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Tests.Recall;

public sealed class GroundTruthTests
{
    private static readonly ClusteredGenerator Generator = new(20, seed: 5, clusterCount: 30);

    [Theory, InlineData(DistanceMetric.L2), InlineData(DistanceMetric.Cosine), InlineData(DistanceMetric.NegativeInnerProduct)]
    public void It_is_what_a_plain_loop_finds(DistanceMetric metric)
    {
        DataSet data = new("", metric, Generator.Rows(1700, threads: 1), Generator.Queries(70, threads: 1));
        GroundTruth truth = GroundTruth.Find(data, 10, threads: 2);
        for (int query = 0; query < 70; query++)
        {
            int[] plain = [.. Enumerable.Range(0, 1700).OrderBy(row => Plain(data, query, row)).Take(10)];
            Assert.Equal(plain, truth.Nearest[query]);
        }
    }

    [Fact]
    public void Among_some_rows_only_those_are_found()
    {
        DataSet data = new("", DistanceMetric.L2, Generator.Rows(500, threads: 1), Generator.Queries(5, threads: 1));
        int[] even = [.. Enumerable.Range(0, 250).Select(i => 2 * i)];
        GroundTruth truth = GroundTruth.FindAmong(data, 10, threads: 2, query => query == 4 ? even.AsMemory(0, 3) : even);
        int[] plain = [.. even.OrderBy(row => Plain(data, 0, row)).Take(10)];
        Assert.Equal(plain, truth.Nearest[0]);
        Assert.Equal([0, 2, 4], truth.Nearest[4].Order());
    }

    [Fact]
    public void Equally_near_rows_count_and_rows_named_twice_count_once()
    {
        VectorSet rows = new(1, [0, 1, 1, 1, 5]);
        DataSet data = new("", DistanceMetric.L2, rows, new VectorSet(1, [0]));
        GroundTruth truth = GroundTruth.Find(data, 2, threads: 1);
        Assert.Equal([0, 1], truth.Nearest[0]);
        Assert.Equal(1, truth.RecallOf(0, [3, 0]));
        Assert.Equal(1, truth.RecallOf(0, [1, 2]));
        Assert.Equal(0.5, truth.RecallOf(0, [3, 3]));
        Assert.Equal(0.5, truth.RecallOf(0, [0, 4]));
        Assert.Equal(0, truth.RecallOf(0, []));
    }

    private static double Plain(DataSet data, int query, int row)
    {
        double square = 0, dot = 0, length = 0;
        for (int i = 0; i < data.Dimensions; i++)
        {
            double x = data.Queries[query][i], y = data.Rows[row][i];
            square += (x - y) * (x - y);
            dot += x * y;
            length += y * y;
        }
        return data.Metric switch
        {
            DistanceMetric.L2 => square,
            DistanceMetric.Cosine => -dot / Math.Sqrt(length),
            _ => -dot,
        };
    }
}
