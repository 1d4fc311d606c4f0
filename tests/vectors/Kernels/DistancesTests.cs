using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class DistancesTests
{
    private static readonly DistanceMetric[] Metrics = Enum.GetValues<DistanceMetric>();

    // Around every lane, block and tail.
    private static readonly int[] Dimensions =
        [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 31, 32, 33, 47, 63, 64, 65, 80, 100, 127, 128, 129, 384, 768,
            1537];

    [Fact]
    public void Kernels_stay_within_the_error_bound_of_a_sum_in_double_precision()
    {
        foreach (int dimensions in Dimensions)
        {
            float[] x = Gaussian(dimensions, 1), y = Gaussian(dimensions, 2);
            foreach (DistanceMetric metric in Metrics)
                AssertClose(metric, x, y, Distances.Between(metric, x, y));
            Half[] hx = Halves(x), hy = Halves(y);
            float[] wx = [.. hx.Select(half => (float)half)], wy = [.. hy.Select(half => (float)half)];
            foreach (DistanceMetric metric in Metrics)
            {
                AssertClose(metric, wx, wy, Distances.Between(metric, hx, hy));
                Assert.Equal(Distances.Between(metric, wx, wy), Distances.Between(metric, hx, hy));
            }
        }
    }

    [Fact]
    public void Kernels_agree_with_their_scalar_twins()
    {
        foreach (int dimensions in Dimensions)
        {
            float[] x = [.. Gaussian(dimensions, 3).Select(value => MathF.Round(value * 8))];
            float[] y = [.. Gaussian(dimensions, 4).Select(value => MathF.Round(value * 8))];
            foreach (DistanceMetric metric in Metrics) // small whole numbers: every order of summing gives the same
                Assert.Equal(ScalarDistances.Between(metric, x, y), Distances.Between(metric, x, y));
        }
    }

    [Fact]
    public void A_scan_gives_what_single_distances_give_at_any_alignment_and_stride()
    {
        foreach (int dimensions in new[] { 3, 16, 37, 128 })
        {
            foreach (int gap in new[] { 0, 1, 5 })
            {
                int stride = dimensions + gap, count = 130;
                float[] memory = Gaussian(1 + (stride * count), 5), query = Gaussian(dimensions, 6);
                Half[] halves = Halves(memory), halfQuery = Halves(query);
                ReadOnlySpan<float> rows = memory.AsSpan(1); // off by one element from any alignment
                foreach (DistanceMetric metric in Metrics)
                {
                    double[] distances = new double[count], halfDistances = new double[count];
                    Distances.Scan(metric, query, rows, stride, count, distances);
                    Distances.Scan(metric, halfQuery, halves.AsSpan(1), stride, count, halfDistances);
                    for (int i = 0; i < count; i++)
                    {
                        Assert.Equal(
                            Distances.Between(metric, query, rows.Slice(i * stride, dimensions)), distances[i]);
                        Assert.Equal(Distances.Between(metric, halfQuery, halves.AsSpan(1 + (i * stride), dimensions)),
                            halfDistances[i]);
                    }
                }
            }
        }
    }

    [Fact]
    public void Rows_that_are_not_live_are_left_alone()
    {
        float[] rows = Gaussian(100 * 8, 1), query = Gaussian(8, 2);
        ulong[] live = [0xF0F0_1234_5678_9ABC, ulong.MaxValue];
        double[] all = new double[100], some = Enumerable.Repeat(-7.0, 100).ToArray();
        Distances.Scan(DistanceMetric.L2, query, rows, 8, 100, all);
        Distances.Scan(DistanceMetric.L2, query, rows, 8, 100, some, live);
        for (int i = 0; i < 100; i++)
            Assert.Equal(((live[i >> 6] >> (i & 63)) & 1) != 0 ? all[i] : -7.0, some[i]);
    }

    [Fact]
    public void Distances_are_symmetric_and_a_vector_is_at_no_distance_from_itself()
    {
        foreach (int dimensions in Dimensions)
        {
            float[] x = Gaussian(dimensions, 8), y = Gaussian(dimensions, 9);
            foreach (DistanceMetric metric in Metrics)
                Assert.Equal(Distances.Between(metric, x, y), Distances.Between(metric, y, x));
            Assert.Equal(0, Distances.Between(DistanceMetric.L2, x, x));
            Assert.Equal(0, Distances.Between(DistanceMetric.L1, x, x));
            Assert.InRange(Distances.Between(DistanceMetric.Cosine, x, x), 0, 1e-6);
        }
    }

    [Fact]
    public void Nan_infinity_and_denormals_come_out_as_arithmetic_has_them()
    {
        foreach (int dimensions in Dimensions)
        {
            for (int place = 0; place < dimensions; place += Math.Max(1, dimensions / 5))
            {
                float[] x = Gaussian(dimensions, 8), y = Gaussian(dimensions, 9);
                x[place] = float.NaN;
                foreach (DistanceMetric metric in Metrics)
                    Assert.True(double.IsNaN(Distances.Between(metric, x, y)));
                x[place] = float.PositiveInfinity;
                Assert.Equal(double.PositiveInfinity, Distances.Between(DistanceMetric.L2, x, y));
                Assert.Equal(double.PositiveInfinity, Distances.Between(DistanceMetric.L1, x, y));
                y[place] = float.PositiveInfinity;
                Assert.True(double.IsNaN(Distances.Between(DistanceMetric.L2, x, y)));
            }
            float[] tiny = Enumerable.Repeat(float.Epsilon, dimensions).ToArray(), zero = new float[dimensions];
            Assert.Equal(dimensions * (double)float.Epsilon, Distances.Between(DistanceMetric.L1, tiny, zero));
            Assert.True(double.IsNaN(Distances.Between(DistanceMetric.Cosine, tiny, zero)));
            Half[] least = Enumerable.Repeat(Half.Epsilon, dimensions).ToArray();
            Assert.Equal(
                dimensions * Math.Pow(2, -24), Distances.Between(DistanceMetric.L1, least, new Half[dimensions]));
        }
    }

    [Fact]
    public void Every_finite_half_is_read_exactly()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half value = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsFinite(value))
                Assert.Equal(Math.Abs((double)value), Distances.Between(DistanceMetric.L1, [value], [(Half)0]));
        }
    }

    [Fact]
    public void An_inner_product_of_nothing_is_negative_zero_as_in_pgvector()
    {
        Assert.Equal(1 / -0.0, 1 / Distances.Between(DistanceMetric.NegativeInnerProduct, [0f], [0f]));
        Assert.Equal(0, Distances.Between(DistanceMetric.L2, Array.Empty<float>(), []));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_before_anything_is_read()
    {
        Assert.Throws<ArgumentException>(() => Distances.Between(DistanceMetric.L2, new float[3], new float[4]));
        Assert.Throws<ArgumentException>(
            () => Distances.Scan(DistanceMetric.L2, new float[4], new float[8], 4, 3, new double[3]));
        Assert.Throws<ArgumentException>(
            () => Distances.Scan(DistanceMetric.L2, new float[4], new float[8], 3, 2, new double[3]));
        Assert.Throws<ArgumentException>(
            () => Distances.Scan(DistanceMetric.L2, new float[4], new float[8], 4, 2, new double[1]));
        Assert.Throws<ArgumentException>(
            () => Distances.Scan(DistanceMetric.L2, new float[1], new float[80], 1, 80, new double[80], [1UL]));
        Assert.Throws<ArgumentException>(
            () => Distances.Scan(DistanceMetric.L2, new float[4], new float[8], int.MaxValue, 3, new double[3]));
    }

    internal static float[] Gaussian(int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(
                Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    private static Half[] Halves(float[] values) => [.. values.Select(value => (Half)value)];

    private static void AssertClose(DistanceMetric metric, float[] x, float[] y, double actual)
    {
        double dot = 0, xx = 0, yy = 0, squares = 0, differences = 0, magnitudes = 0;
        for (int i = 0; i < x.Length; i++)
        {
            dot += (double)x[i] * y[i];
            magnitudes += Math.Abs((double)x[i] * y[i]);
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
            squares += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
            differences += Math.Abs((double)x[i] - y[i]);
        }
        double unit = (x.Length + 2) * Math.Pow(2, -24);
        (double exact, double bound) = metric switch
        {
            DistanceMetric.L2 => (Math.Sqrt(squares), unit * Math.Sqrt(squares)),
            DistanceMetric.NegativeInnerProduct => (-dot, unit * magnitudes),
            DistanceMetric.L1 => (differences, unit * differences),
            _ => (1 - (dot / Math.Sqrt(xx * yy)), 3 * unit),
        };
        Assert.InRange(actual, exact - bound, exact + bound);
    }
}
