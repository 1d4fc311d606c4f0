using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class MaxSimQueryTests
{
    // Around tiles of eight vectors of a row, and panels of 32 of a query.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 2, 7, 31 }, { 3, 8, 32 }, { 16, 9, 33 }, { 33, 15, 64 }, { 128, 16, 16 }, { 128, 33, 65 }, { 300, 4, 5 }, { 769, 23, 3 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void The_distance_is_what_pairs_of_vectors_add_up_to(int dimensions, int rowVectors, int queryVectors)
    {
        float[] row = Samples.Gaussian(rowVectors * dimensions, dimensions), query = Samples.Gaussian(queryVectors * dimensions, dimensions + 1);
        MaxSimQuery packed = new(query, dimensions);
        Assert.Equal((queryVectors, dimensions), (packed.Count, packed.Dimensions));
        double expected = Naive(row, query, dimensions, out double magnitude);
        Assert.Equal(expected, packed.Distance(row), magnitude * (dimensions + 4) * Math.Pow(2, -24));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_order_of_a_rows_vectors_and_their_repetition_change_nothing(int dimensions, int rowVectors, int queryVectors)
    {
        float[] row = Samples.Gaussian(rowVectors * dimensions, dimensions), query = Samples.Gaussian(queryVectors * dimensions, dimensions + 1);
        MaxSimQuery packed = new(query, dimensions);
        float[] turned = [.. row.Chunk(dimensions).Reverse().SelectMany(static vector => vector)];
        Assert.Equal(packed.Distance(row), packed.Distance(turned));
        Assert.Equal(packed.Distance(row), packed.Distance([.. row, .. turned, .. row]));
    }

    [Fact]
    public void Several_queries_at_once_have_the_distances_that_each_has_alone()
    {
        const int dimensions = 20;
        int[] counts = [1, 31, 2, 40, 16, 16];
        float[] row = Samples.Gaussian(11 * dimensions, 1), queries = Samples.Gaussian(counts.Sum() * dimensions, 2);
        int[] ends = new int[counts.Length];
        for (int i = 0; i < ends.Length; i++)
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + counts[i];
        float[] together = new float[ends.Length];
        new MaxSimQuery(queries, dimensions).Distances(row, ends, together);
        for (int i = 0; i < ends.Length; i++)
        {
            float[] alone = queries[((ends[i] - counts[i]) * dimensions)..(ends[i] * dimensions)];
            Assert.Equal(new MaxSimQuery(alone, dimensions).Distance(row), together[i]);
        }
    }

    [Fact]
    public void A_row_without_vectors_is_infinitely_far_and_a_query_without_is_as_near_to_all()
    {
        Assert.Equal(float.PositiveInfinity, new MaxSimQuery([1, 2], 2).Distance([]));
        Assert.Equal(0, new MaxSimQuery([], 0).Distance([1, 2]));
        Assert.Equal(0, new MaxSimQuery([], 0).Distance([]));
    }

    [Fact]
    public void A_product_that_is_not_a_number_is_never_the_greatest()
    {
        MaxSimQuery query = new([3e38f, 3e38f], 2);
        Assert.Equal(float.PositiveInfinity, query.Distance([float.NaN, 1]));
        Assert.Equal(-3e38f, query.Distance([float.NaN, 1, 1, 0]));
    }

    [Fact]
    public void A_vector_comes_out_as_it_went_in()
    {
        const int dimensions = 5;
        float[] vectors = Samples.Gaussian(70 * dimensions, 3), read = new float[dimensions];
        MaxSimQuery query = new(vectors, dimensions);
        for (int i = 0; i < 70; i++)
        {
            query.Read(i, read);
            Assert.Equal(vectors[(i * dimensions)..((i + 1) * dimensions)], read);
        }
    }

    [Fact]
    public void Broken_vectors_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MaxSimQuery([1, 2, 3], 2));
        Assert.Throws<ArgumentException>(() => new MaxSimQuery([1], 0));
        Assert.Throws<ArgumentException>(() => new MaxSimQuery([1, 2], 2).Distance([1, 2, 3]));
    }

    private static double Naive(float[] row, float[] query, int dimensions, out double magnitude)
    {
        double sum = 0;
        magnitude = 0;
        foreach (float[] vector in query.Chunk(dimensions))
        {
            double greatest = double.NegativeInfinity, most = 0;
            foreach (float[] other in row.Chunk(dimensions))
            {
                double product = 0, terms = 0;
                for (int j = 0; j < dimensions; j++)
                {
                    product += (double)vector[j] * other[j];
                    terms += Math.Abs((double)vector[j] * other[j]);
                }
                greatest = Math.Max(greatest, product);
                most = Math.Max(most, terms);
            }
            sum += greatest;
            magnitude += most;
        }
        return -sum;
    }
}
