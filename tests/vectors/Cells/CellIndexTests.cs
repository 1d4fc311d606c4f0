using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Cells;

public sealed class CellIndexTests
{
    private const int Dimensions = 64, Rows = 6000, Queries = 40, K = 10;

    private static readonly float[] Values = Samples.Clustered(Rows, Dimensions, 60, seed: 1);

    private static readonly float[] Asked = Samples.Clustered(Queries, Dimensions, 60, seed: 2);

    public static TheoryData<DistanceMetric> Metrics =>
        [DistanceMetric.L2, DistanceMetric.Cosine, DistanceMetric.NegativeInnerProduct];

    [Theory, MemberData(nameof(Metrics))]
    public void Nearly_all_of_the_nearest_are_found_in_a_few_cells(DistanceMetric metric)
    {
        CellIndex index = Build(metric);
        Assert.InRange(Recall(index, new SearchEffort(index.CellCount / 8, 1, 30)), 0.95, 1);
    }

    [Theory, MemberData(nameof(Metrics))]
    public void All_are_found_with_all_cells_and_many_candidates(DistanceMetric metric)
    {
        CellIndex index = Build(metric);
        Assert.InRange(Recall(index, new SearchEffort(index.CellCount, 3, 200)), 0.999, 1);
    }

    [Fact]
    public void With_no_limit_of_candidates_every_row_is_reached_once()
    {
        CellIndex index = Build(DistanceMetric.L2);
        int[] found = [.. new CellSearch().Run(
            index, new CellQuery(index, Query(0)), new SearchEffort(index.CellCount, 1, Rows), default)];
        Assert.Equal(Samples.Ascending(Rows), found.Order());
    }

    [Fact]
    public void Rows_that_are_not_visible_are_not_found()
    {
        CellIndex index = Build(DistanceMetric.L2);
        ulong[] visible = new ulong[(Rows + 63) / 64];
        for (int i = 0; i < Rows; i += 3)
            visible[i >> 6] |= 1UL << (i & 63);
        int[] found = [.. new CellSearch().Run(
            index, new CellQuery(index, Query(1)), Everything, new CellFilter([], visible))];
        Assert.Equal(Enumerable.Range(0, Rows).Where(i => i % 3 == 0), found.Order());
    }

    [Theory, MemberData(nameof(Metrics))]
    public void The_bytes_are_the_same_with_any_number_of_threads(DistanceMetric metric)
    {
        CellIndexImage one = Image(metric, threads: 1), many = Image(metric, threads: 4);
        foreach (CellIndexPart part in Enum.GetValues<CellIndexPart>())
            Assert.True(one.Parts[part].Span.SequenceEqual(many.Parts[part].Span), part.ToString());
    }

    [Fact]
    public void Few_rows_make_few_cells_and_none_make_none()
    {
        foreach (int rows in new[] { 0, 1, 5, 63, 64, 65 })
        {
            CellIndex index = new(CellIndexBuilder.Build(new Samples.Source(Values[..(rows * Dimensions)], Dimensions),
                Samples.Ascending(rows), new CellIndexOptions(DistanceMetric.L2, 1), 1, default));
            int[] found = [.. new CellSearch().Run(
                index, new CellQuery(index, Query(2)), new SearchEffort(10, 1, 100), default)];
            Assert.Equal(Samples.Ascending(rows), found.Order());
        }
    }

    [Fact]
    public void Products_beyond_a_float_do_not_keep_an_index_from_being_built()
    {
        float[] values = [.. Enumerable.Range(0, 3000).Select(static i => i % 5 == 0 ? (i - 1500) * 3e16f : i % 97 - 48)];
        CellIndex index = new(CellIndexBuilder.Build(new Samples.Source(values, 1), Samples.Ascending(values.Length),
            new CellIndexOptions(DistanceMetric.NegativeInnerProduct, 1), 1, default));
        int[] found = [.. new CellSearch().Run(
            index, new CellQuery(index, [1]), new SearchEffort(index.CellCount, 1, values.Length), default)];
        Assert.Equal(Samples.Ascending(values.Length), found.Order());
    }

    [Fact]
    public void Positions_are_those_the_caller_named()
    {
        int[] positions = [.. Enumerable.Range(0, 100).Select(i => 7 * i)];
        CellIndex index = new(CellIndexBuilder.Build(new Samples.Source(Values[..(100 * Dimensions)], Dimensions), positions,
            new CellIndexOptions(DistanceMetric.L2, 1), 1, default));
        int[] found = [.. new CellSearch().Run(
            index, new CellQuery(index, Values.AsSpan(50 * Dimensions, Dimensions)), new SearchEffort(99, 1, 1), default)];
        Assert.Equal([350], found);
    }

    [Fact]
    public void The_least_distances_are_picked_and_the_first_of_them_in_order()
    {
        foreach (int count in new[] { 1, 2, 15, 16, 17, 100, 5000 })
        {
            float[] distances = Samples.Gaussian(count, count), equal = new float[count];
            foreach (float[] values in new[] { distances, equal })
            {
                foreach (int wanted in new[] { 0, 1, 15, 16, 17, count / 2, count })
                {
                    int[] sorted = [.. Samples.Ascending(count).OrderBy(i => values[i])];
                    int[] found = CellSelection.Nearest(values, Math.Min(wanted, count), new int[count]).ToArray();
                    int inOrder = Math.Min(Math.Min(wanted, count), CellSelection.InOrder);
                    Assert.Equal(sorted[..inOrder], found[..inOrder]);
                    Assert.InRange(found.Length, Math.Min(wanted, count), values == equal ? count : wanted + (wanted / 16));
                    Assert.Equal(sorted[..found.Length].Order(), found.Order());
                }
            }
        }
    }

    private static SearchEffort Everything => new(1, 1, Rows) { Wanted = Rows, Margin = new SearchMargin(double.PositiveInfinity, 0) };

    private static CellIndexImage Image(DistanceMetric metric, int threads) => CellIndexBuilder.Build(
        new Samples.Source(Values, Dimensions), Samples.Ascending(Rows), new CellIndexOptions(metric, Seed: 5), threads, default);

    private static CellIndex Build(DistanceMetric metric) => new(Image(metric, threads: 2));

    private static ReadOnlySpan<float> Query(int number) => Asked.AsSpan(number * Dimensions, Dimensions);

    private static double Recall(CellIndex index, SearchEffort effort)
    {
        CellSearch search = new();
        double[] distances = new double[Rows];
        int hits = 0;
        for (int i = 0; i < Queries; i++)
        {
            Distances.Scan(index.Metric, Query(i), Values, Dimensions, Rows, distances);
            TopK exact = new(K), found = new(K);
            exact.OfferRun(distances, 0);
            foreach (int position in search.Run(index, new CellQuery(index, Query(i)), effort, filter: null))
                found.Offer(distances[position], position);
            HashSet<long> wanted = [];
            foreach ((_, long row) in exact.Sorted())
                wanted.Add(row);
            foreach ((_, long row) in found.Sorted())
                hits += wanted.Contains(row) ? 1 : 0;
        }
        return (double)hits / (Queries * K);
    }
}
