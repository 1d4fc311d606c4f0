using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class QuerySieveTests
{
    public static TheoryData<DistanceMetric> Metrics =>
        [DistanceMetric.L2, DistanceMetric.NegativeInnerProduct, DistanceMetric.Cosine];

    // Around lanes, tiles of eight rows and panels of 32 queries.
    private static readonly (int Dimensions, int Queries, int Rows)[] Shapes =
        [(1, 1, 1), (2, 31, 7), (7, 32, 8), (16, 33, 9), (33, 64, 16), (128, 65, 64), (300, 5, 63), (768, 40, 17), (1537, 3, 33)];

    [Theory, MemberData(nameof(Metrics))]
    public void Nothing_is_ruled_out_that_is_not_farther(DistanceMetric metric)
    {
        foreach ((int dimensions, int queries, int rows) in Shapes)
        {
            float[] x = Samples.Gaussian(rows * dimensions, dimensions), q = Samples.Gaussian(queries * dimensions, dimensions + 1);
            Check(metric, dimensions, x, q);
            Check(metric, dimensions, Near(x, q, dimensions), q); // rows that are nearly, or just, the queries
            Check(metric, dimensions, [.. x.Select(static value => value + 1000)], [.. q.Select(static value => value + 1000)]);
            Check(metric, dimensions, [.. x.Select(static value => MathF.Round(value))], [.. q.Select(static value => MathF.Round(value))]);
        }
    }

    [Theory, MemberData(nameof(Metrics))]
    public void Neither_are_numbers_near_the_ends_of_float32(DistanceMetric metric)
    {
        const int dimensions = 19, queries = 40, rows = 64;
        float[] scales = [0, 1e-38f, 1e-23f, 1e-15f, 1e-8f, 1, 1e8f, 1e15f, 1e19f, 1e30f, float.PositiveInfinity, float.NaN];
        float[] x = Samples.Gaussian(rows * dimensions, 5), q = Samples.Gaussian(queries * dimensions, 6);
        for (int i = 0; i < x.Length; i++)
            x[i] *= scales[i / dimensions % scales.Length];
        for (int i = 0; i < q.Length; i++)
            q[i] *= scales[i / dimensions % scales.Length];
        Check(metric, dimensions, x, q);
    }

    [Theory, MemberData(nameof(Metrics))]
    public void What_is_clearly_farther_is_ruled_out(DistanceMetric metric)
    {
        const int dimensions = 64, queries = 37, rows = 60;
        float[] x = Samples.Gaussian(rows * dimensions, 7), q = Samples.Gaussian(queries * dimensions, 8);
        QueryPanels panels = new(metric, q, dimensions);
        QuerySieve sieve = new(panels);
        uint[] kept = new uint[rows * panels.PanelCount];
        for (int query = 0; query < queries; query++)
            sieve.SetThreshold(query, Between(metric, x, q, dimensions, 0, query));
        sieve.Sift(x, kept);
        for (int query = 0; query < queries; query++)
        {
            double threshold = Between(metric, x, q, dimensions, 0, query);
            for (int row = 0; row < rows; row++)
                Assert.True(!IsKept(kept, rows, row, query) || Between(metric, x, q, dimensions, row, query) < threshold + 0.01);
        }
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused()
    {
        QuerySieve sieve = new(new QueryPanels(DistanceMetric.L2, new float[8], 4));
        Assert.Throws<ArgumentException>(() => sieve.Sift(new float[7], new uint[1]));
        Assert.Throws<ArgumentException>(() => sieve.Sift(new float[8], new uint[1]));
        Assert.Throws<ArgumentException>(() => sieve.Sift(new float[4 * 65], new uint[65]));
        Assert.Throws<ArgumentException>(() => new QueryPanels(DistanceMetric.L2, new float[7], 4));
        Assert.Throws<ArgumentException>(() => new QueryPanels(DistanceMetric.L1, new float[8], 4));
    }

    [Fact]
    public void Halves_are_widened_exactly()
    {
        Half[] all = [.. Enumerable.Range(0, 65536).Select(static bits => BitConverter.UInt16BitsToHalf((ushort)bits))
            .Where(Half.IsFinite)];
        foreach (int count in new[] { 0, 1, 3, 4, 5, 15, 16, 17, 21, all.Length })
        {
            float[] wide = new float[count];
            Halves.Widen(all.AsSpan(0, count), wide);
            Assert.Equal(all.Take(count).Select(static half => (float)half), wide);
        }
        Assert.Throws<ArgumentException>(() => Halves.Widen(all.AsSpan(0, 2), new float[1]));
    }

    // Each query's threshold is its distance from one of the rows: that row must be kept, and all that are as near.
    private static void Check(DistanceMetric metric, int dimensions, float[] x, float[] q)
    {
        int rows = x.Length / dimensions, queries = q.Length / dimensions;
        QueryPanels panels = new(metric, q, dimensions);
        QuerySieve sieve = new(panels);
        uint[] kept = new uint[rows * panels.PanelCount];
        sieve.Sift(x, kept);
        for (int row = 0; row < rows; row++)
        {
            for (int query = 0; query < panels.PanelCount * QueryPanels.Lanes; query++)
                Assert.Equal(query < queries, IsKept(kept, rows, row, query)); // nothing is known of any query yet
        }
        for (int query = 0; query < queries; query++)
            sieve.SetThreshold(query, Between(metric, x, q, dimensions, query % rows, query));
        sieve.Sift(x, kept);
        for (int query = 0; query < queries; query++)
        {
            double threshold = Between(metric, x, q, dimensions, query % rows, query);
            for (int row = 0; row < rows; row++)
            {
                double distance = Between(metric, x, q, dimensions, row, query);
                Assert.True(distance > threshold || IsKept(kept, rows, row, query),
                    $"{metric}, {dimensions} dimensions: row {row} is {distance} from query {query}, and {threshold} was asked for");
            }
        }
    }

    private static bool IsKept(uint[] kept, int rows, int row, int query) =>
        (kept[(query / QueryPanels.Lanes * rows) + row] >> (query % QueryPanels.Lanes) & 1) != 0;

    private static double Between(DistanceMetric metric, float[] x, float[] q, int dimensions, int row, int query) =>
        Distances.Between(metric, q.AsSpan(query * dimensions, dimensions), x.AsSpan(row * dimensions, dimensions));

    private static float[] Near(float[] x, float[] q, int dimensions)
    {
        float[] near = new float[x.Length];
        for (int i = 0; i < near.Length; i++)
            near[i] = q[i % q.Length] + (i / dimensions % 3 * 1e-6f * x[i]);
        return near;
    }
}
