using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Cells;

public sealed class CellChooserTests
{
    private const int Dimensions = 96, Rows = 12_000, Cells = 600, Queries = 30, Wanted = 12;

    private static readonly float[] Values = Samples.Clustered(Rows, Dimensions, 200, seed: 1);

    private static readonly float[] Asked = Samples.Clustered(Queries, Dimensions, 200, seed: 2);

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.NegativeInnerProduct)]
    public void Cells_chosen_by_bits_first_are_nearly_all_those_chosen_by_codes_alone(DistanceMetric metric)
    {
        CellIndex index = new(CellIndexBuilder.Build(new Samples.Source(Values, Dimensions), Samples.Ascending(Rows),
            new CellIndexOptions(metric, Seed: 7, Cells), threads: 2, default));
        Assert.NotNull(index.CentroidBits);
        CellChooser chooser = new();
        int agreed = 0;
        for (int i = 0; i < Queries; i++)
        {
            CellQuery query = new(index, Asked.AsSpan(i * Dimensions, Dimensions));
            int[] chosen = [.. chooser.Nearest(index, query, Wanted)];
            float[] distances = [.. chosen.Select(cell => chooser.Distance(cell).Square)];
            Assert.InRange(chosen.Length, Wanted, 2 * Wanted);
            chooser.Begin(index, query, new CellFilter([], []));
            int[] all = [.. chooser.Next(CellSelection.InOrder).ToArray(), .. chooser.Next(Wanted)];
            bool isInner = metric == DistanceMetric.NegativeInnerProduct;
            agreed += all.OrderBy(cell => isInner ? -chooser.Distance(cell).Dot : chooser.Distance(cell).Square)
                .Take(Wanted).Intersect(chosen).Count();
            Assert.Equal(all[0], chosen[0]);
            Assert.Equal([.. chosen.Select(cell => chooser.Distance(cell).Square)], distances);
        }
        Assert.InRange(agreed, (int)(0.98 * Queries * Wanted), Queries * Wanted);
    }
}
