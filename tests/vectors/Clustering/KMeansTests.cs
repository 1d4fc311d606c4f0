using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Clustering;

public sealed class KMeansTests
{
    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(7, 33, 40)]
    [InlineData(128, 100, 50)]
    [InlineData(130, 32, 9)]
    public void The_nearest_centroid_is_that_of_a_plain_search(int dimensions, int centroids, int rows)
    {
        float[] cells = Samples.Gaussian(centroids * dimensions, 1), values = Samples.Gaussian(rows * dimensions, 2);
        int[] nearest = new int[rows];
        new VectorPanels(cells, dimensions).FindNearest(values, nearest);
        for (int row = 0; row < rows; row++)
        {
            double[] distances = new double[centroids];
            Distances.Scan(DistanceMetric.L2, values.AsSpan(row * dimensions, dimensions), cells, dimensions, centroids, distances);
            Assert.InRange(distances[nearest[row]], 0, distances.Min() + 1e-4); // of two that are equally near, either
        }
    }

    [Fact]
    public void Centroids_are_the_same_with_any_number_of_threads()
    {
        Samples.Source source = new(Samples.Clustered(5000, 24, 30, seed: 3), 24);
        ClusterOptions options = new(40, Seed: 11);
        float[] one = KMeans.Train(source, options, threads: 1, default);
        Assert.Equal(one, KMeans.Train(source, options, threads: 4, default));
        Assert.NotEqual(one, KMeans.Train(source, options with { Seed = 12 }, threads: 4, default));
    }

    [Fact]
    public void Separate_clusters_are_found()
    {
        const int dimensions = 8;
        float[] rows = Samples.Gaussian(4000 * dimensions, 4);
        for (int row = 0; row < 4000; row++)
            rows[(row * dimensions) + (row % 4)] += 100; // four far corners
        float[] centroids = KMeans.Train(new Samples.Source(rows, dimensions), new ClusterOptions(16, 1), 2, default);
        HashSet<int> corners = [];
        for (int cell = 0; cell < 16; cell++)
        {
            ReadOnlySpan<float> centroid = centroids.AsSpan(cell * dimensions, dimensions);
            int corner = Enumerable.Range(0, 4).MaxBy(j => centroids[(cell * dimensions) + j]);
            Assert.InRange(centroid[corner], 97, 103); // no cell lies between two corners
            corners.Add(corner);
        }
        Assert.Equal(4, corners.Count);
    }

    [Fact]
    public void Equal_rows_leave_no_cell_without_a_number()
    {
        float[] centroids = KMeans.Train(new Samples.Source([.. Enumerable.Repeat(1f, 400)], 4), new ClusterOptions(10, 1), 1, default);
        Assert.Equal(40, centroids.Length);
        Assert.All(centroids, value => Assert.InRange(value, 0.9f, 1.1f));
    }

    [Fact]
    public void There_are_no_more_cells_than_rows()
    {
        Assert.Empty(KMeans.Train(new Samples.Source([], 4), new ClusterOptions(10, 1), 1, default));
        Assert.Equal(12, KMeans.Train(new Samples.Source(Samples.Gaussian(12, 1), 4), new ClusterOptions(10, 1), 1, default).Length);
    }

    [Fact]
    public void Of_many_centroids_nearly_every_row_gets_the_nearest_and_none_a_far_one()
    {
        const int dimensions = 32, rows = 4000, cells = 1500;
        float[] centroids = Samples.Clustered(cells, dimensions, 40, seed: 8);
        Samples.Source source = new(Samples.Clustered(rows, dimensions, 40, seed: 9), dimensions);
        int[] found = KMeans.Assign(source, centroids, threads: 2, default);
        Assert.Equal(found, KMeans.Assign(source, centroids, threads: 1, default));
        float[] row = new float[dimensions];
        double[] distances = new double[cells];
        int hits = 0;
        double sum = 0, least = 0;
        for (int i = 0; i < rows; i++)
        {
            source.Read(i, row);
            Distances.Scan(DistanceMetric.L2, row, centroids, dimensions, cells, distances);
            hits += distances[found[i]] <= distances.Min() + 1e-4 ? 1 : 0;
            sum += distances[found[i]];
            least += distances.Min();
        }
        Assert.InRange(hits, rows * 0.97, rows);
        Assert.InRange(sum / least, 1, 1.005);
    }
}
