using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.MultiVectors;

namespace VecSQL.Vectors.Tests.MultiVectors;

public sealed class MaxSimIndexTests
{
    private const int Dimensions = 24, Rows = 2000;

    private static readonly (float[] Vectors, int[] Positions) Data = Make(Rows, seed: 11);

    private static readonly Lazy<MaxSimIndex> Built = new(() => Build(threads: 2));

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.97)]
    public void A_search_finds_as_much_as_was_measured(double recall)
    {
        MaxSimIndex index = Built.Value;
        MaxSimEffort effort = index.Efforts.For(recall, 10, 10) ?? throw new InvalidOperationException("nothing was measured");
        MaxSimSearch search = new();
        (float[] queries, int[] owners) = Make(60, seed: 12);
        int hits = 0, wanted = 0;
        foreach (float[] query in ByRow(queries, owners))
        {
            int[] exact = Exact(query, 10, _ => true);
            HashSet<int> found = [.. search.Run(index, Coded(index, query), effort, default)];
            hits += exact.Count(found.Contains);
            wanted += exact.Length;
        }
        Assert.InRange(hits / (double)wanted, recall - 0.02, 1); // 600 neighbours, which are no sample of the index's own
        Assert.True(effort.Candidates < Rows / 4);
    }

    [Fact]
    public void Rows_that_do_not_count_are_not_found_and_the_others_still_are()
    {
        MaxSimIndex index = Built.Value;
        ulong[] visible = new ulong[(Rows + 63) / 64];
        for (int row = 0; row < Rows; row++)
            visible[row >> 6] |= row % 3 == 0 ? 1UL << (row & 63) : 0;
        MaxSimEffort effort = index.Efforts.For(0.95, 30, 10) ?? throw new InvalidOperationException("nothing was measured");
        MaxSimSearch search = new();
        (float[] queries, int[] owners) = Make(40, seed: 13);
        int hits = 0, wanted = 0;
        foreach (float[] query in ByRow(queries, owners))
        {
            int[] found = search.Run(index, Coded(index, query), effort, visible).ToArray();
            Assert.All(found, static row => Assert.Equal(0, row % 3));
            int[] exact = Exact(query, 10, static row => row % 3 == 0);
            hits += exact.Count(found.Contains);
            wanted += exact.Length;
        }
        Assert.InRange(hits / (double)wanted, 0.93, 1);
    }

    [Fact]
    public void With_all_cells_and_candidates_nothing_is_missed()
    {
        MaxSimIndex index = Built.Value;
        int[] found = new MaxSimSearch().Run(
            index, Coded(index, Data.Vectors.AsSpan(0, 4 * Dimensions)), new MaxSimEffort(index.CellCount, Rows), default).ToArray();
        Assert.Equal(found.Length, found.Distinct().Count());
        Assert.Equal(Rows - index.Missing(Rows).Length, index.RowCount);
        Assert.InRange(found.Length, index.RowCount * 9 / 10, index.RowCount); // but rows that are worse than all centroids
    }

    [Fact]
    public void Rows_without_vectors_are_missing()
    {
        int[] expected = [.. Enumerable.Range(0, Rows).Except(Data.Positions)];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Built.Value.Missing(Rows).ToArray());
    }

    [Fact]
    public void The_same_rows_give_the_same_index_with_any_number_of_threads()
    {
        MaxSimIndex other = Build(threads: 1);
        Assert.Equal(Built.Value.Efforts.Points.ToArray(), other.Efforts.Points.ToArray());
        Assert.NotEqual(0, other.Efforts.Points.Length);
    }

    [Fact]
    public void A_higher_recall_or_more_neighbours_never_cost_less()
    {
        MaxSimEfforts efforts = Built.Value.Efforts;
        double last = 0;
        foreach (double recall in (double[])[0.8, 0.9, 0.95, 0.98, 0.99])
        {
            double cost = efforts.For(recall, 10, 10) is { } effort ? efforts.CostOf(effort) : double.PositiveInfinity;
            Assert.True(cost >= last);
            last = cost;
        }
        Assert.Null(efforts.For(1, 10, 10));
        Assert.True(efforts.CostOf(efforts.For(0.9, 100, 100) ?? default) >= efforts.CostOf(efforts.For(0.9, 10, 10) ?? default));
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        (CellIndexImage image, MaxSimPoint[] points) = MaxSimIndexBuilder.Build(
            new Samples.Source([], Dimensions), [], rowsOfSegment: 5, seed: 1, cellCount: 0, threads: 1, default);
        MaxSimIndex index = new(image, points, 5);
        Assert.Equal((0, 5), (index.RowCount, index.Missing(5).Length));
        Assert.True(new MaxSimSearch().Run(index, Coded(Built.Value, Data.Vectors.AsSpan(0, Dimensions)), new MaxSimEffort(4, 4), default).IsEmpty);
        Assert.Null(index.Efforts.For(0.9, 10, 10));
    }

    [Fact]
    public void What_is_impossible_is_refused()
    {
        (CellIndexImage image, MaxSimPoint[] points) = MaxSimIndexBuilder.Build(
            new Samples.Source(Data.Vectors, Dimensions), Data.Positions, Rows, seed: 3, cellCount: 0, threads: 2, default);
        Assert.Throws<ArgumentException>(() => new MaxSimIndex(image, points, Data.Positions[^1]));
        Assert.Throws<ArgumentException>(() => new MaxSimIndex(image, [points[1], points[0]], Rows));
        Assert.Throws<ArgumentException>(() => new MaxSimIndex(image, [points[0] with { Recall = 2 }], Rows));
        Assert.Throws<ArgumentException>(() => new MaxSimIndex(image, [points[0] with { Candidates = 0 }], Rows));
    }

    private static MaxSimIndex Build(int threads)
    {
        (CellIndexImage image, MaxSimPoint[] points) = MaxSimIndexBuilder.Build(
            new Samples.Source(Data.Vectors, Dimensions), Data.Positions, Rows, seed: 3, cellCount: 0, threads, default);
        return new MaxSimIndex(image, points, Rows);
    }

    // Rows of a topic have vectors of the same few kinds; some rows have none.
    private static (float[] Vectors, int[] Positions) Make(int rows, int seed)
    {
        const int kinds = 400, topics = 60;
        Random random = new(seed), fixedly = new(7);
        float[] centres = Samples.Gaussian(kinds * Dimensions, 8);
        int[] kindOf = [.. Enumerable.Range(0, topics * 12).Select(_ => fixedly.Next(kinds))];
        List<float> vectors = [];
        List<int> positions = [];
        float[] noise = Samples.Gaussian(rows * 16 * Dimensions, seed);
        for (int row = 0; row < rows; row++)
        {
            int topic = random.Next(topics), count = row % 50 == 7 ? 0 : 1 + random.Next(16);
            for (int i = 0; i < count; i++)
            {
                int kind = kindOf[(topic * 12) + random.Next(12)];
                for (int j = 0; j < Dimensions; j++)
                    vectors.Add(centres[(kind * Dimensions) + j] + (0.6f * noise[(((row * 16) + i) * Dimensions) + j]));
                positions.Add(row);
            }
        }
        return ([.. vectors], [.. positions]);
    }

    private static IEnumerable<float[]> ByRow(float[] vectors, int[] owners) =>
        owners.Select(static (owner, i) => (owner, i)).GroupBy(static pair => pair.owner)
            .Select(group => vectors[(group.First().i * Dimensions)..((group.Last().i + 1) * Dimensions)]);

    private static CellQuery[] Coded(MaxSimIndex index, ReadOnlySpan<float> query)
    {
        var coded = new CellQuery[query.Length / Dimensions];
        for (int i = 0; i < coded.Length; i++)
            coded[i] = new CellQuery(index.Cells, query.Slice(i * Dimensions, Dimensions));
        return coded;
    }

    private static int[] Exact(float[] query, int count, Func<int, bool> counts)
    {
        MaxSimQuery packed = new(query, Dimensions);
        TopK nearest = new(count);
        int[] rows = [.. Data.Positions.Distinct()];
        foreach ((int row, float[] vectors) in rows.Zip(ByRow(Data.Vectors, Data.Positions)))
        {
            if (counts(row))
                nearest.Offer(packed.Distance(vectors), row);
        }
        return [.. nearest.Sorted().ToArray().Select(static found => (int)found.Row)];
    }
}
