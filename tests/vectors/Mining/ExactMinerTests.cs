using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Mining;

namespace VecSQL.Vectors.Tests.Mining;

/// <summary>What is found are the nearest allowed rows, as a loop over all pairs finds them.</summary>
public sealed class ExactMinerTests
{
    public static TheoryData<DistanceMetric, int, int, int, int> Shapes => new()
    {
        { DistanceMetric.L2, 8, 1000, 70, 1 },
        { DistanceMetric.Cosine, 33, 300, 257, 1 },
        { DistanceMetric.NegativeInnerProduct, 128, 129, 32, 3 },
        { DistanceMetric.L1, 5, 200, 9, 2 },
        { DistanceMetric.Cosine, 1, 64, 1, 1 },
        { DistanceMetric.L2, 3, 0, 5, 1 },
        { DistanceMetric.L2, 3, 5, 0, 1 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Finds_what_a_loop_over_all_pairs_finds(DistanceMetric metric, int dimensions, int rowCount, int queryCount, int perQuery)
    {
        float[] rows = Samples.Gaussian(rowCount * dimensions, seed: 1), queries = Samples.Gaussian(queryCount * dimensions, seed: 2);
        if (rowCount > 50)
        {
            rows.AsSpan(7 * dimensions, dimensions).Clear(); // no angle to it
            rows[20 * dimensions] = float.NaN;
            rows.AsSpan(30 * dimensions, dimensions).CopyTo(rows.AsSpan(31 * dimensions)); // a tie
        }
        var rule = new EveryThird(perQuery);
        TopK[] found = Collectors(queryCount * perQuery), expected = Collectors(queryCount * perQuery);

        ExactMiner.Find(metric, dimensions, rows, queries, rule, found, CancellationToken.None);

        for (int query = 0; query < queryCount; query++)
        {
            for (int row = 0; row < rowCount; row++)
            {
                double distance = Distances.Between(
                    metric, rows.AsSpan(row * dimensions, dimensions), queries.AsSpan(query * dimensions, dimensions));
                for (int i = query * perQuery; i < (query + 1) * perQuery; i++)
                {
                    if (rule.Allows(query, row) && distance >= rule.LeastOf(i))
                        expected[i].Offer(distance, row);
                }
            }
        }
        for (int i = 0; i < found.Length; i++)
            Assert.Equal(expected[i].Sorted().ToArray(), found[i].Sorted().ToArray());
    }

    [Fact]
    public void Stops_when_it_is_told_to()
    {
        float[] rows = Samples.Gaussian(100, seed: 1);
        Assert.Throws<OperationCanceledException>(() => ExactMiner.Find(
            DistanceMetric.L2, 2, rows, rows, new EveryThird(1), Collectors(50), new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        float[] rows = new float[10];
        Assert.Throws<ArgumentException>(() => ExactMiner.Find(
            DistanceMetric.L2, 3, rows, new float[3], new EveryThird(1), Collectors(1), CancellationToken.None));
        Assert.Throws<ArgumentException>(() => ExactMiner.Find(
            DistanceMetric.L2, 2, rows, new float[4], new EveryThird(1), Collectors(3), CancellationToken.None));
    }

    private static TopK[] Collectors(int count) => [.. Enumerable.Range(0, count).Select(static i => new TopK(1 + (i % 7)))];

    private sealed class EveryThird(int perQuery) : IMiningRule
    {
        public double LeastOf(int collector) => (collector % perQuery) switch
        {
            0 => double.NegativeInfinity,
            1 => 0.5,
            _ => 2,
        };

        public bool Allows(int query, int row) => (query + row) % 3 != 0;
    }
}
