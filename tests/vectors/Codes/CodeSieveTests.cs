using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Codes;

public sealed class CodeSieveTests
{
    public static TheoryData<DistanceMetric> Metrics =>
        [DistanceMetric.L2, DistanceMetric.NegativeInnerProduct, DistanceMetric.Cosine];

    // Around blocks of 16 rows, tiles of two of them and of eight queries, and odd dimensions.
    private static readonly (int Dimensions, int Queries, int Rows)[] Shapes =
        [(1, 1, 1), (2, 7, 15), (7, 8, 16), (16, 9, 17), (33, 16, 32), (128, 65, 64), (300, 5, 113), (769, 17, 130)];

    [Theory, MemberData(nameof(Metrics))]
    public void Each_query_of_a_batch_is_left_the_rows_that_it_is_left_alone(DistanceMetric metric)
    {
        foreach ((int dimensions, int queries, int rows) in Shapes)
        {
            float[] x = Samples.Gaussian(rows * dimensions, dimensions), q = Samples.Gaussian(queries * dimensions, dimensions + 1);
            q.AsSpan(0, dimensions).CopyTo(x); // a row that is a query
            VectorCodes codes = VectorCodes.Encode(x, dimensions, dimensions, rows);
            CodeSieve sieve = new(CodeQueries.Encode(metric, q, dimensions));
            double[] thresholds = [.. Enumerable.Range(0, queries).Select(query =>
                Distances.Between(metric, q.AsSpan(query * dimensions, dimensions), x.AsSpan(query % rows * dimensions, dimensions)))];
            for (int query = 1; query < queries; query++)
                sieve.SetThreshold(query, thresholds[query]);

            for (int first = 0; first < rows; first += CodeSieve.RowsAtOnce)
            {
                int count = Math.Min(CodeSieve.RowsAtOnce, rows - first);
                ulong all = ulong.MaxValue >> (CodeSieve.RowsAtOnce - count);
                ulong[] kept = new ulong[queries];
                sieve.Sift(codes, first, kept);
                Assert.Equal(all, kept[0]); // nothing is known of it
                for (int query = 1; query < queries; query++)
                {
                    ulong[] alone = [all];
                    CodeQuery.Encode(metric, q.AsSpan(query * dimensions, dimensions))?
                        .RuleOut(codes, first, count, thresholds[query], alone);
                    Assert.Equal(alone[0], kept[query]);
                }
            }
        }
    }

    [Fact]
    public void A_query_of_which_codes_say_nothing_is_left_all_rows()
    {
        float[] queries = [.. Samples.Gaussian(8, 1), 0, 0, 0, 0, 0, 0, 0, 0, float.NaN, 0, 0, 0, 0, 0, 0, 0];
        VectorCodes codes = VectorCodes.Encode(Samples.Gaussian(40 * 8, 2), 8, 8, 40);
        CodeSieve sieve = new(CodeQueries.Encode(DistanceMetric.L2, queries, 8));
        for (int query = 0; query < 3; query++)
            sieve.SetThreshold(query, 1e-3);
        ulong[] kept = new ulong[3];
        sieve.Sift(codes, 0, kept);
        Assert.Equal(0UL, kept[0]);
        Assert.Equal((1UL << 40) - 1, kept[1]);
        Assert.Equal((1UL << 40) - 1, kept[2]);
        sieve.SetThreshold(0, double.PositiveInfinity);
        sieve.Sift(codes, 0, kept);
        Assert.Equal((1UL << 40) - 1, kept[0]);
    }

    [Fact]
    public void Tiles_are_multiplied_alike_by_all_instructions()
    {
        Random random = new(3);
        foreach (int pairs in new[] { 1, 2, 9, 64, 385 })
        {
            short[] queries = [.. Enumerable.Range(0, pairs * CodeTiles.Queries * 2).Select(_ => (short)random.Next(-20_000, 20_000))];
            sbyte[] blocks = [.. Enumerable.Range(0, pairs * 32 * CodeTiles.Blocks).Select(_ => (sbyte)random.Next(-127, 128))];
            int[] fast = new int[CodeTiles.Dots], plain = new int[CodeTiles.Dots];
            CodeTiles.Multiply(queries, blocks, fast);
            CodeTiles.MultiplyPlain(queries, blocks, plain);
            Assert.Equal(plain, fast);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        VectorCodes codes = VectorCodes.Encode(new float[80 * 4], 4, 4, 80);
        CodeSieve sieve = new(CodeQueries.Encode(DistanceMetric.L2, new float[12], 4));
        Assert.Throws<ArgumentException>(() => sieve.Sift(codes, 1, new ulong[3]));
        Assert.Throws<ArgumentException>(() => sieve.Sift(codes, 128, new ulong[3]));
        Assert.Throws<ArgumentException>(() => sieve.Sift(codes, 0, new ulong[2]));
        Assert.Throws<ArgumentException>(() => CodeQueries.Encode(DistanceMetric.L2, new float[7], 4));
        Assert.Throws<ArgumentException>(() => CodeTiles.Multiply(new short[16], new sbyte[64], new int[1]));
    }
}
