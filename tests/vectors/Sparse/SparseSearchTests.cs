using System.Collections.Immutable;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Sparse;

namespace VecSQL.Vectors.Tests.Sparse;

/// <summary>Searches of inverted lists against measuring every row.</summary>
public sealed class SparseSearchTests
{
    private const int Dimensions = 500;

    /// <summary>Rows as a learned sparse encoder makes them: few dimensions are in most rows, most in few.</summary>
    private static (int[] Indexes, float[] Values)[] Rows(int count, int seed, float negatives, float scale = 1)
    {
        var random = new Random(seed);
        var rows = new (int[], float[])[count];
        for (int row = 0; row < count; row++)
        {
            SortedDictionary<int, float> values = [];
            int size = random.Next(40);
            for (int i = 0; i < size; i++)
            {
                int dimension = (int)(Dimensions * Math.Pow(random.NextDouble(), 4));
                float value = (float)Math.Round(random.NextDouble() * 3, 2) * scale; // rounded, for ties
                values[dimension] = random.NextDouble() < negatives ? -value - scale : value + scale;
            }
            rows[row] = ([.. values.Keys], [.. values.Values]);
        }
        return rows;
    }

    private static SparseView View((int[] Indexes, float[] Values) row) => new(row.Indexes, row.Values);

    private static SparseIndex Build(DistanceMetric metric, (int[] Indexes, float[] Values)[] rows, Func<int, bool>? isMissing = null)
    {
        SparseBlockBuilder builder = new(metric == DistanceMetric.Cosine);
        var blocks = ImmutableArray.CreateBuilder<SparseBlock>();
        for (int row = 0; row < rows.Length; row++)
        {
            if (isMissing?.Invoke(row) == true)
                builder.AddMissing();
            else
                builder.Add(View(rows[row]));
            if (builder.RowCount == SparseBlock.RowsMax || row == rows.Length - 1)
                blocks.Add(new SparseBlock(builder.Build(), metric));
        }
        return new SparseIndex(metric, Dimensions, blocks.ToImmutable());
    }

    private sealed class Target(DistanceMetric metric, (int[], float[])[] rows, (int[], float[]) query, int wanted) : ISparseTarget
    {
        internal TopK Nearest { get; } = new(wanted, keepsTies: true);

        public double Threshold => Nearest.Threshold;

        public void Settle() => Nearest.Sorted();

        public void Offer(int position, double distance) => Nearest.Offer(distance, position);

        public void Measure(int position) =>
            Offer(position, SparseDistances.Between(metric, View(rows[position]), View(query)));
    }

    private static (double, long)[] Exact(
        DistanceMetric metric, (int[], float[])[] rows, (int[], float[]) query, int wanted, Func<int, bool> counts)
    {
        TopK nearest = new(wanted, keepsTies: true);
        for (int row = 0; row < rows.Length; row++)
        {
            if (counts(row))
                nearest.Offer(SparseDistances.Between(metric, View(rows[row]), View(query)), row);
        }
        return nearest.Sorted().ToArray();
    }

    [Theory]
    [InlineData(DistanceMetric.NegativeInnerProduct, 0f, 1f)]
    [InlineData(DistanceMetric.NegativeInnerProduct, 0.4f, 1f)]
    [InlineData(DistanceMetric.NegativeInnerProduct, 1f, 1f)]
    [InlineData(DistanceMetric.NegativeInnerProduct, 0.4f, 1e20f)]
    [InlineData(DistanceMetric.Cosine, 0f, 1f)]
    [InlineData(DistanceMetric.Cosine, 0.4f, 1f)]
    [InlineData(DistanceMetric.Cosine, 0.4f, 1e-12f)]
    [InlineData(DistanceMetric.L2, 0f, 1f)]
    [InlineData(DistanceMetric.L2, 0.4f, 1f)]
    [InlineData(DistanceMetric.L2, 0.4f, 1e20f)]
    public void It_finds_bit_for_bit_what_measuring_every_row_finds(DistanceMetric metric, float negatives, float scale)
    {
        (int[] Indexes, float[] Values)[] rows = Rows(SparseBlock.RowsMax + 1700, 1, negatives, scale), queries = Rows(10, 2, negatives, scale);
        bool isCosine = metric == DistanceMetric.Cosine;
        bool Counts(int row) => row % 11 != 3 && (!isCosine || rows[row].Indexes.Length > 0);
        SparseIndex index = Build(metric, rows, static row => row % 11 == 3);
        Assert.Equal(rows.Where((_, row) => Counts(row)).Count(), index.RowCount);
        ulong[] visible = new ulong[(rows.Length + 63) / 64];
        for (int row = 0; row < rows.Length; row += 3)
            visible[row >> 6] |= 1UL << (row & 63);
        SparseSearch search = new();
        foreach ((int[] Indexes, float[] Values) query in queries)
        {
            if (isCosine && query.Indexes.Length == 0)
                continue;
            foreach (int wanted in (int[])[1, 10, 300])
            {
                Target target = new(metric, rows, query, wanted);
                search.Run(index, View(query), default, wanted, target, default);
                Assert.Equal(Exact(metric, rows, query, wanted, Counts), target.Nearest.Sorted().ToArray());
                target = new(metric, rows, query, wanted);
                search.Run(index, View(query), visible, wanted, target, default);
                Assert.Equal(Exact(metric, rows, query, wanted, row => row % 3 == 0 && Counts(row)), target.Nearest.Sorted().ToArray());
            }
        }
    }

    [Fact]
    public void Few_rows_are_looked_at_one_by_one()
    {
        (int[] Indexes, float[] Values)[] rows = Rows(3 * SparseBlock.RowsMax, 3, 0), queries = Rows(30, 4, 0);
        SparseIndex index = Build(DistanceMetric.NegativeInnerProduct, rows);
        SparseSearch search = new();
        long all = 0;
        foreach ((int[] Indexes, float[] Values) query in queries)
        {
            search.Run(index, View(query), default, 10, new Target(DistanceMetric.NegativeInnerProduct, rows, query, 10), default);
            all += query.Indexes.Length == 0 ? 0 : rows.Length;
        }
        Assert.InRange(search.RowsMeasured, 1, all / 20);
    }

    [Fact]
    public void A_damaged_block_is_refused_or_harmless()
    {
        (int[] Indexes, float[] Values)[] rows = Rows(300, 5, 0.2f);
        SparseBlockBuilder builder = new(isCosine: false);
        foreach ((int[] Indexes, float[] Values) row in rows)
            builder.Add(View(row));
        byte[] whole = builder.Build();
        var random = new Random(6);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i < 100 ? i % 16 : random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            SparseIndex index;
            try
            {
                index = new SparseIndex(
                    DistanceMetric.NegativeInnerProduct, Dimensions, [new SparseBlock(damaged, DistanceMetric.NegativeInnerProduct)]);
            }
            catch (ArgumentException)
            {
                continue;
            }
            new SparseSearch().Run(index, View(rows[0]), default, 5,
                new Target(DistanceMetric.NegativeInnerProduct, rows, rows[0], 5), default);
        }
        Assert.Throws<ArgumentException>(() => new SparseBlock(whole.AsMemory(0, whole.Length - 1), DistanceMetric.L2));
        Assert.Throws<ArgumentException>(() => new SparseBlock(default, DistanceMetric.L2));
    }

    [Fact]
    public void A_block_follows_from_its_rows()
    {
        byte[] Bytes()
        {
            SparseBlockBuilder builder = new(isCosine: true);
            foreach ((int[] Indexes, float[] Values) row in Rows(1000, 7, 0.3f))
                builder.Add(View(row));
            return builder.Build();
        }

        Assert.Equal(Bytes(), Bytes());
    }
}
