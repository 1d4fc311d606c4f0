using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Codes;

public sealed class VectorCodesTests
{
    private static readonly DistanceMetric[] Metrics =
        [DistanceMetric.L2, DistanceMetric.NegativeInnerProduct, DistanceMetric.Cosine];

    private static readonly int[] Dimensions = [1, 2, 3, 7, 16, 31, 64, 127, 128, 384, 1537, 16_000];

    /// <summary>How the samples look: the last ones try the bounds where float32 rounds worst.</summary>
    public enum Shape
    {
        Gaussian,
        Clustered,
        Spiky,
        Near,
        Tiny,
        Huge,
    }

    public static TheoryData<Shape> Shapes => new(Enum.GetValues<Shape>());

    [Theory, MemberData(nameof(Shapes))]
    public void No_row_within_the_threshold_is_ruled_out(Shape shape)
    {
        foreach (int dimensions in Dimensions)
        {
            int count = dimensions > 1000 ? 70 : 200;
            float[] rows = Sample(shape, count * dimensions, seed: dimensions);
            float[] query = shape == Shape.Near ? rows[..dimensions] : Sample(shape, dimensions, seed: dimensions + 1);
            VectorCodes codes = VectorCodes.Encode(rows, dimensions, dimensions, count);
            foreach (DistanceMetric metric in Metrics)
            {
                if (CodeQuery.Encode(metric, query) is not { } coded)
                {
                    Assert.True(shape is Shape.Tiny or Shape.Huge); // else the query must be usable
                    continue;
                }
                double[] distances = new double[count];
                Distances.Scan(metric, query, rows, dimensions, count, distances);
                foreach (double threshold in distances)
                    AssertKept(coded, codes, distances, threshold);
            }
        }
    }

    [Fact]
    public void Nearly_all_rows_that_are_farther_are_ruled_out()
    {
        const int count = 4096, dimensions = 128, k = 10;
        float[] rows = Sample(Shape.Gaussian, count * dimensions, 1), query = Sample(Shape.Gaussian, dimensions, 2);
        VectorCodes codes = VectorCodes.Encode(rows, dimensions, dimensions, count);
        foreach (DistanceMetric metric in Metrics)
        {
            double[] distances = new double[count];
            Distances.Scan(metric, query, rows, dimensions, count, distances);
            ulong[] live = Ones(count);
            Encode(metric, query).RuleOut(codes, 0, count, distances.Order().ElementAt(k - 1), live);
            int left = live.Sum(word => System.Numerics.BitOperations.PopCount(word));
            Assert.InRange(left, k, 8 * k);
        }
    }

    [Fact]
    public void Rows_that_were_not_live_stay_so_and_rows_outside_are_not_touched()
    {
        const int count = 100, dimensions = 20;
        float[] rows = Sample(Shape.Gaussian, 164 * dimensions, 3), query = Sample(Shape.Gaussian, dimensions, 4);
        VectorCodes codes = VectorCodes.Encode(rows, dimensions, dimensions, 164);
        CodeQuery coded = Encode(DistanceMetric.L2, query);
        ulong[] all = Ones(count), some = Ones(count);
        some[0] &= 0x5555;
        coded.RuleOut(codes, 64, count, 5.5, all);
        coded.RuleOut(codes, 64, count, 5.5, some);
        Assert.Equal(all[0] & 0x5555, some[0]);
        Assert.Equal(all[1], some[1]);
        double[] distances = new double[164];
        Distances.Scan(DistanceMetric.L2, query, rows, dimensions, 164, distances);
        for (int i = 0; i < count; i++)
            Assert.True(((all[i / 64] >> (i % 64)) & 1) == 1 || distances[64 + i] > 5.5);
    }

    [Fact]
    public void A_threshold_that_is_not_finite_rules_nothing_out()
    {
        float[] rows = Sample(Shape.Gaussian, 64 * 8, 5);
        VectorCodes codes = VectorCodes.Encode(rows, 8, 8, 64);
        foreach (double threshold in new[] { double.PositiveInfinity, double.NaN })
        {
            ulong[] live = Ones(64);
            Encode(DistanceMetric.L2, rows.AsSpan(0, 8)).RuleOut(codes, 0, 64, threshold, live);
            Assert.Equal(ulong.MaxValue, live[0]);
        }
    }

    [Fact]
    public void Products_of_codes_are_the_same_in_every_width()
    {
        Random random = new(6);
        foreach (int dimensions in new[] { 2, 4, 6, 30, 128, 1538 })
        {
            sbyte[] block = new sbyte[dimensions * VectorCodes.BlockRows];
            for (int i = 0; i < block.Length; i++)
                block[i] = (sbyte)random.Next(-127, 128);
            int codeMax = (int)Math.Min(short.MaxValue, int.MaxValue / (127L * dimensions));
            short[] query = new short[dimensions];
            for (int i = 0; i < query.Length; i++)
                query[i] = (short)(random.Next(2) == 0 ? codeMax : random.Next(-codeMax, codeMax + 1));
            int[] dots = new int[VectorCodes.BlockRows], plain = new int[VectorCodes.BlockRows];
            CodeDots.OfBlock(query, block, dots);
            CodeDots.OfBlockPlain(query, block, plain);
            Assert.Equal(plain, dots);
            for (int row = 0; row < plain.Length; row++)
            {
                long sum = 0;
                for (int i = 0; i < dimensions; i++)
                    sum += (long)query[i] * block[(i / 2 * 2 * VectorCodes.BlockRows) + (row * 2) + (i & 1)];
                Assert.Equal(sum, plain[row]);
            }
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => VectorCodes.Encode(new float[9], 5, 5, 2));
        VectorCodes codes = VectorCodes.Encode(new float[640], 10, 10, 64);
        CodeQuery query = Encode(DistanceMetric.L2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        Assert.Throws<ArgumentException>(() => query.RuleOut(codes, 0, 65, 1, new ulong[2]));
        Assert.Throws<ArgumentException>(() => query.RuleOut(codes, 3, 60, 1, new ulong[2]));
        Assert.Throws<ArgumentException>(() => Encode(DistanceMetric.L2, [1, 2]).RuleOut(codes, 0, 64, 1, new ulong[2]));
    }

    private static CodeQuery Encode(DistanceMetric metric, ReadOnlySpan<float> query) =>
        CodeQuery.Encode(metric, query) ?? throw new InvalidOperationException("the query cannot be coded");

    private static void AssertKept(CodeQuery query, VectorCodes codes, double[] distances, double threshold)
    {
        ulong[] live = Ones(distances.Length);
        query.RuleOut(codes, 0, distances.Length, threshold, live);
        for (int i = 0; i < distances.Length; i++)
        {
            bool isKept = ((live[i / 64] >> (i % 64)) & 1) == 1;
            Assert.True(isKept || distances[i] > threshold, $"row {i}: {distances[i]} within {threshold} was ruled out");
        }
    }

    private static ulong[] Ones(int count)
    {
        ulong[] words = new ulong[(count + 63) / 64];
        for (int i = 0; i < count; i++)
            words[i / 64] |= 1UL << (i % 64);
        return words;
    }

    private static float[] Sample(Shape shape, int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = (float)(shape switch
            {
                Shape.Gaussian => normal,
                Shape.Clustered => 100 + (normal * 1e-3),
                Shape.Spiky => random.Next(20) == 0 ? 1000 * normal : normal * 0.01,
                Shape.Near => 1 + (normal * 1e-6),
                Shape.Tiny => normal * Math.Pow(10, -10 - random.Next(25)),
                _ => normal * Math.Pow(10, 10 + random.Next(9)),
            });
        }
        return values;
    }

    [Fact]
    public void Decoded_rows_are_as_near_as_their_error_says()
    {
        const int count = 20, dimensions = 33;
        float[] rows = Samples.Gaussian(count * dimensions, 5), decoded = new float[dimensions];
        VectorCodes codes = VectorCodes.Encode(rows, dimensions, dimensions, count);
        for (int row = 0; row < count; row++)
        {
            codes.Decode(row, decoded);
            double distance = Distances.Between(DistanceMetric.L2, rows.AsSpan(row * dimensions, dimensions), decoded);
            Assert.InRange(distance, 1e-6, codes.Errors[row]);
        }
    }
}
