using System.Runtime.InteropServices;
using System.Security.Cryptography;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Tests.Recall;

public sealed class ClusteredGeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_rows_with_any_number_of_threads_and_on_every_machine()
    {
        VectorSet alone = new ClusteredGenerator(19, seed: 7).Rows(3000, threads: 1);
        VectorSet together = new ClusteredGenerator(19, seed: 7).Rows(3000, threads: 3);
        Assert.Equal(alone.Values, together.Values);
        Assert.Equal("5c4420c4b197cf96", Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(alone.Values.AsSpan())).AsSpan(0, 8)));
    }

    [Fact]
    public void Fewer_rows_are_the_first_of_more()
    {
        ClusteredGenerator generator = new(16, seed: 3);
        Assert.Equal(generator.Rows(100, threads: 2).Values, generator.Rows(2500, threads: 2).First(100).Values);
    }

    [Fact]
    public void Seeds_and_queries_differ_from_rows_and_each_other()
    {
        ClusteredGenerator generator = new(16, seed: 3);
        VectorSet rows = generator.Rows(50, threads: 1), queries = generator.Queries(50, threads: 1);
        VectorSet others = new ClusteredGenerator(16, seed: 4).Rows(50, threads: 1);
        Assert.Equal(150, rows.Values.Concat(queries.Values).Concat(others.Values).Chunk(16).DistinctBy(row => row[0]).Count());
    }

    /// <summary>Uniform noise has all pairs about equally far apart, which no model's vectors have.</summary>
    [Fact]
    public void Rows_have_neighbours_much_nearer_than_most_rows()
    {
        VectorSet rows = new ClusteredGenerator(64, seed: 1, clusterCount: 50).Rows(2000, threads: 2);
        DataSet data = new("", Vectors.Kernels.DistanceMetric.L2, rows, rows.First(20));
        GroundTruth all = GroundTruth.Find(data, 2000, threads: 1);
        for (int query = 0; query < 20; query++)
        {
            double tenth = Distance(data, query, all.Nearest[query][10]), middle = Distance(data, query, all.Nearest[query][1000]);
            Assert.InRange(tenth, 0.05 * middle, 0.8 * middle);
        }
    }

    private static double Distance(DataSet data, int query, int row)
    {
        double sum = 0;
        for (int i = 0; i < data.Dimensions; i++)
            sum += Math.Pow(data.Queries[query][i] - data.Rows[row][i], 2);
        return Math.Sqrt(sum);
    }
}
