using System.Runtime.CompilerServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>Keys of columns that no index includes.</summary>
public sealed class ColumnKeysTests
{
    private const int Rows = 2000, Dimensions = 4;

    [Fact]
    public async Task They_are_kept_as_long_as_they_take_no_more_than_they_may_and_the_oldest_go_first()
    {
        await using TestTable table = await FillAsync();
        await using Transaction transaction = table.Begin();
        List<(ScanUnit, int)> units = Units(transaction, table);
        CellIndex index = NewIndex();
        CellKeys first = new ColumnKeys(0).Find(index, Condition(1), units);
        Assert.Equal(Rows, first.Count);
        ColumnKeys keys = new(first.Bytes * 5 / 2);
        CellKeys one = keys.Find(index, Condition(1), units), two = keys.Find(index, Condition(2), units);
        Assert.Same(one, keys.Find(index, Condition(1), units));
        Assert.Equal(one.Bytes + two.Bytes, keys.Bytes);
        CellKeys three = keys.Find(index, Condition(3), units);
        Assert.InRange(keys.Bytes, one.Bytes, first.Bytes * 5 / 2);
        Assert.Same(one, keys.Find(index, Condition(1), units));
        Assert.Same(three, keys.Find(index, Condition(3), units));
        Assert.NotSame(two, keys.Find(index, Condition(2), units));
    }

    [Fact]
    public async Task They_are_gone_with_their_index()
    {
        await using TestTable table = await FillAsync();
        await using Transaction transaction = table.Begin();
        ColumnKeys keys = new(1 << 20);
        Use(keys, Units(transaction, table));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Equal(0, keys.Bytes);
    }

    [Fact]
    public async Task Those_that_the_index_has_are_not_made()
    {
        await using TestTable table = await FillAsync();
        await using Transaction transaction = table.Begin();
        CellIndex index = NewIndex();
        CellKeys own = CellKeys.Make(index, new long[Rows], []);
        index.Add(2, own);
        ColumnKeys keys = new(1 << 20);
        Assert.Same(own, keys.Find(index, Condition(2), Units(transaction, table)));
        Assert.Equal(0, keys.Bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that nothing here refers to the index afterwards
    private static void Use(ColumnKeys keys, List<(ScanUnit, int)> units)
    {
        keys.Find(NewIndex(), Condition(1), units);
        Assert.NotEqual(0, keys.Bytes);
    }

    private static KeyCondition Condition(short column) =>
        new(column, SqlType.Int4, IsHashed: false, KeySet.None, WithNulls: false, IsExact: true);

    private static List<(ScanUnit, int)> Units(Transaction transaction, TestTable table)
    {
        List<(ScanUnit, int)> units = [];
        int start = 0;
        foreach (ScanUnit unit in transaction.Read(table.Id).Units)
        {
            units.Add((unit, start));
            start += unit.RowCountMax;
        }
        return units;
    }

    private static async Task<TestTable> FillAsync()
    {
        TestTable table = await TestTable.CreateAsync(
            new ColumnEntry(1, "id", SqlType.Int4), new ColumnEntry(2, "a", SqlType.Int4), new ColumnEntry(3, "b", SqlType.Int4));
        await table.InsertAsync(Rig.Batch(table.Types, [.. Enumerable.Range(0, Rows).Select(i => new object?[] { i, i % 7, -i })]));
        return table;
    }

    private static CellIndex NewIndex() => new(CellIndexBuilder.Build(
        new Source(), [.. Enumerable.Range(0, Rows)], new CellIndexOptions(DistanceMetric.L2, Seed: 1), 1, default));

    private sealed class Source : IVectorSource
    {
        public int Dimensions => ColumnKeysTests.Dimensions;

        public int Count => Rows;

        public void Read(int first, Span<float> target)
        {
            for (int i = 0; i < target.Length; i++)
                target[i] = ((first * Dimensions) + i) * 7919 % 1000 / 1000f;
        }
    }
}
