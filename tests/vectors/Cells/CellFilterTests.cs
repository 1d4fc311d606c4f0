using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Cells;

/// <summary>Searches among the rows that pass a filter, which may be anywhere.</summary>
public sealed class CellFilterTests
{
    private const int Rows = 20_000, Dimensions = 24, Clusters = 50, Queries = 60, K = 10;

    private static readonly float[] Values = Samples.Clustered(Rows, Dimensions, Clusters, seed: 1), Asked = Samples.Clustered(Queries, Dimensions, Clusters, seed: 2);
    private static readonly CellIndex Index = new(CellIndexBuilder.Build(
        new Samples.Source(Values, Dimensions), Samples.Ascending(Rows), new CellIndexOptions(DistanceMetric.L2, Seed: 1), 2, default));

    // By distance from a point, so that a range of keys is a shell around it, and drawn.
    private static readonly long[] Placed = Ranks(row => Distances.Between(DistanceMetric.L2, Row(row), Asked.AsSpan(0, Dimensions)));
    private static readonly long[] Drawn = Ranks(row => (uint)row * 2654435761 % 1_000_003);

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.002)]
    public void Recall_is_as_wanted_wherever_the_rows_are(double share)
    {
        long width = (long)(Rows * share);
        foreach ((long[] keys, long first) in new[] { (Drawn, 777L), (Placed, 0L), (Placed, Rows / 2), (Placed, Rows - width) })
        {
            CellCondition condition = new(CellKeys.Make(Index, keys, []), KeySet.Of([new KeyRange(first, first + width - 1)]));
            Assert.Equal(width, condition.Count);
            CellFilter filter = new([condition], []);
            ulong[] bits = new ulong[(Rows + 63) / 64];
            for (int row = 0; row < Rows; row++)
                bits[row >> 6] |= (keys[row] >= first && keys[row] < first + width ? 1UL : 0) << (row & 63);
            SearchEffort effort = Index.EffortAmong(0.95, K, K, factor: 1);
            CellSearch search = new();
            Assert.InRange(Recall(bits, query => search.Run(Index, query, effort, filter)), 0.85, 1);
            Assert.InRange(Recall(bits, query => search.Run(Index, query, effort, new CellFilter([], bits))), 0.85, 1);
            Assert.InRange(Recall(bits, query => search.Run(Index, query, effort, new CellFilter([], [], new Test(bits)))), 0.85, 1);
            Assert.InRange(Recall(bits, query => search.RunAmong(Index, query, 3 * K, filter, condition)), 0.99, 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1L << 33)]
    public void Only_rows_come_that_meet_all_conditions(long factor)
    {
        long[] a = Array.ConvertAll(Drawn, key => (key - 5000) * factor), b = Array.ConvertAll(Placed, key => key % 97);
        ulong[] valid = new ulong[(Rows + 63) / 64];
        for (int row = 0; row < Rows; row++)
            valid[row >> 6] |= (row % 3 == 0 ? 0UL : 1UL) << (row & 63);
        KeyRange[] few = [new KeyRange(-4000 * factor, -3000 * factor), new KeyRange(0, 2500 * factor)];
        KeyRange[] many = [.. Enumerable.Range(0, 20).Select(i => new KeyRange(4 * i, (4 * i) + 1))];
        CellCondition first = new(CellKeys.Make(Index, a, valid), KeySet.Of(few)), second = new(CellKeys.Make(Index, b, []), KeySet.Of(many));
        ulong[] visible = new ulong[valid.Length];
        for (int row = 0; row < Rows; row++)
            visible[row >> 6] |= (row % 5 == 0 ? 0UL : 1UL) << (row & 63);
        HashSet<int> passing = [.. Samples.Ascending(Rows).Where(row => row % 3 != 0 && row % 5 != 0 && row % 7 != 0
            && few.Any(range => a[row] >= range.Least && a[row] <= range.Most) && many.Any(range => b[row] >= range.Least && b[row] <= range.Most))];
        Assert.NotEmpty(passing);
        ulong[] tested = new ulong[valid.Length];
        for (int row = 0; row < Rows; row++)
            tested[row >> 6] |= (row % 7 == 0 ? 0UL : 1UL) << (row & 63);
        CellFilter filter = new([first, second], visible, new Test(tested));
        CellQuery query = new(Index, Asked.AsSpan(0, Dimensions));
        SearchEffort all = new(1, 1, Rows) { Wanted = Rows, Margin = new SearchMargin(double.PositiveInfinity, 0) };
        CellSearch search = new();
        Assert.Equal(passing.Order(), search.Run(Index, query, all, filter).ToArray().Order());
        Assert.Equal(passing.Order(), search.RunAmong(Index, query, Rows, filter, first).ToArray().Order());
        Assert.Equal(passing.Order(), search.RunAmong(Index, query, Rows, filter, second).ToArray().Order());
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.3)]
    [InlineData(0.02)]
    public void Large_sets_and_all_but_some_find_what_they_have(double share)
    {
        ulong[] valid = new ulong[(Rows + 63) / 64];
        for (int row = 0; row < Rows; row++)
            valid[row >> 6] |= (row % 4 == 0 ? 0UL : 1UL) << (row & 63);
        CellKeys keys = CellKeys.Open(Index, CellKeys.Make(Index, Drawn, valid).Content);
        long[] chosen = [.. Drawn.Where(key => key * 2654435761 % 1000 < share * 1000)];
        HashSet<long> has = [.. chosen];
        foreach (bool isNegated in new[] { false, true })
        {
            KeySet set = isNegated ? KeySet.Of(chosen.ToArray()).Not() : KeySet.Of(chosen.ToArray());
            CellCondition condition = new(keys, set, withNulls: isNegated);
            HashSet<int> passing = [.. Samples.Ascending(Rows).Where(row => row % 4 == 0 ? isNegated : has.Contains(Drawn[row]) != isNegated)];
            Assert.InRange(condition.Count, passing.Count * 0.9, passing.Count * 1.1);
            CellFilter filter = new([condition], []);
            ulong[] bits = new ulong[valid.Length];
            foreach (int row in passing)
                bits[row >> 6] |= 1UL << (row & 63);
            SearchEffort all = new(1, 1, Rows) { Wanted = Rows, Margin = new SearchMargin(double.PositiveInfinity, 0) };
            CellQuery query = new(Index, Asked.AsSpan(0, Dimensions));
            Assert.Equal(passing.Order(), new CellSearch().Run(Index, query, all, filter).ToArray().Order());
            Assert.Equal(passing.Order(), new CellSearch().RunAmong(Index, query, Rows, filter, condition).ToArray().Order());
            CellSearch search = new();
            SearchEffort effort = Index.EffortAmong(0.95, K, K, factor: 1);
            Assert.InRange(Recall(bits, asked => search.Run(Index, asked, effort, filter)), 0.85, 1);
        }
    }

    [Fact]
    public void Keys_that_do_not_fit_the_index_are_refused()
    {
        byte[] content = CellKeys.Make(Index, Drawn, []).Content.ToArray();
        Assert.Throws<ArgumentException>(() => CellKeys.Open(Index, content.AsMemory(0, content.Length - 4)));
        Assert.Throws<ArgumentException>(() => CellKeys.Open(Index, content.AsMemory(0, 8)));
        content[^1] = 0x7f; // of the last start
        Assert.Throws<ArgumentException>(() => CellKeys.Open(Index, content));
    }

    [Fact]
    public void What_no_row_meets_finds_none()
    {
        CellKeys keys = CellKeys.Make(Index, Drawn, []);
        foreach (KeyRange range in new[] { new KeyRange(long.MinValue, -1), new KeyRange(1L << 40, long.MaxValue), new KeyRange(Rows, Rows) })
        {
            CellCondition condition = new(keys, KeySet.Of([range]));
            Assert.Equal(0, condition.Count);
            CellFilter filter = new([condition], []);
            CellQuery query = new(Index, Asked.AsSpan(0, Dimensions));
            Assert.Equal(0, new CellSearch().Run(Index, query, Index.EffortAmong(0.95, K, K, 1), filter).Length);
            Assert.Equal(0, new CellSearch().RunAmong(Index, query, K, filter, condition).Length);
        }
    }

    [Fact]
    public void Cells_come_in_rings_and_each_once()
    {
        float[] distances = Samples.Gaussian(1000, 3);
        distances[7] = float.PositiveInfinity;
        HashSet<int> met = [];
        float reached = float.NegativeInfinity;
        for (int wanted = 16; met.Count < 999; wanted *= 2)
        {
            float before = reached;
            int[] found = [.. CellSelection.Beyond(distances, ref reached, met.Count, Math.Min(wanted, 999 - met.Count), new int[1000], new ulong[1000])];
            Assert.All(found, cell => Assert.True(distances[cell] > before && distances[cell] <= reached && met.Add(cell)));
            Assert.Equal(met.Count, distances.Count(distance => distance <= reached));
        }
    }

    [Fact]
    public void Sorting_keeps_items_with_their_keys_and_equal_ones_in_order()
    {
        long[] keys = [5, -1, long.MaxValue, long.MinValue, 5, 0, 1L << 40, -1];
        int[] items = [0, 1, 2, 3, 4, 5, 6, 7];
        RadixSort.Sort(keys, items);
        Assert.Equal([long.MinValue, -1, -1, 0, 5, 5, 1L << 40, long.MaxValue], keys);
        Assert.Equal([3, 1, 7, 5, 0, 4, 6, 2], items);
    }

    [Fact]
    public void Margins_rise_with_recall_and_fall_with_neighbours()
    {
        Assert.True(Index.Margins.For(0.8).Near < Index.Margins.For(0.99).Near);
        Assert.True(Index.Margins.For(0.95).PerDecade >= 0);
        Assert.Equal(double.PositiveInfinity, Index.Margins.For(1).Near);
        Assert.Equal(double.PositiveInfinity, new MarginCurve([]).For(0.5).Near);
        Assert.Throws<ArgumentException>(() => new MarginCurve([new MarginPoint(10, 0.9f, 2), new MarginPoint(10, 0.9f, 3)]));
        Assert.Throws<ArgumentException>(() => new MarginCurve([new MarginPoint(10, 0.9f, float.NaN)]));
        Assert.Throws<ArgumentException>(() => new MarginCurve([new MarginPoint(10, 0.9f, 2), new MarginPoint(1, 0.95f, 3)]));
    }

    private delegate ReadOnlySpan<int> Searching(CellQuery query);

    private static double Recall(ulong[] passing, Searching search)
    {
        int hits = 0, all = 0;
        double[] distances = new double[Rows];
        for (int i = 0; i < Queries; i++)
        {
            ReadOnlySpan<float> asked = Asked.AsSpan(i * Dimensions, Dimensions);
            Distances.Scan(DistanceMetric.L2, asked, Values, Dimensions, Rows, distances);
            TopK exact = new(K), found = new(K);
            exact.OfferRun(distances, 0, passing);
            foreach (int position in search(new CellQuery(Index, asked)))
            {
                Assert.True((passing[position >> 6] >> (position & 63) & 1) != 0, $"row {position} does not pass");
                found.Offer(distances[position], position);
            }
            HashSet<long> wanted = [.. exact.Sorted().ToArray().Select(entry => entry.Row)];
            hits += found.Sorted().ToArray().Count(entry => wanted.Contains(entry.Row));
            all += wanted.Count;
        }
        return (double)hits / all;
    }

    private static ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Dimensions, Dimensions);

    private static long[] Ranks(Func<int, double> key)
    {
        long[] ranks = new long[Rows];
        long rank = 0;
        foreach (int row in Samples.Ascending(Rows).OrderBy(key))
            ranks[row] = rank++;
        return ranks;
    }

    private sealed class Test(ulong[] passing) : IRowTest
    {
        public void Keep(ReadOnlySpan<int> positions, Span<ulong> live)
        {
            for (int i = 0; i < positions.Length; i++)
            {
                if ((passing[positions[i] >> 6] >> (positions[i] & 63) & 1) == 0)
                    live[i >> 6] &= ~(1UL << (i & 63));
            }
        }
    }
}
