using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class SortingTests
{
    public static TheoryData<int, int> SeedsAndCounts => new()
    {
        { 1, 0 }, { 2, 1 }, { 3, 40 }, { 4, 49 }, { 5, 5000 }, { 6, 20000 },
    };

    private const int FewMax = 48; // of which equal ones come in another order, though in a certain one

    private static readonly (int Column, bool IsDescending, bool NullsFirst)[][] Orders =
    [
        [(0, false, false)], [(0, true, true)], [(1, false, true)], [(1, true, false)], [(2, false, false)],
        [(2, true, true), (1, false, false)], [(1, false, false), (0, true, false), (2, false, true)],
    ];

    [Theory, MemberData(nameof(SeedsAndCounts))]
    public void Sort_gives_the_rows_in_order_and_equal_ones_as_they_came(int seed, int count)
    {
        List<object?[]> rows = RandomRows.Make(seed, count);
        foreach ((int, bool, bool)[] keys in Orders)
        {
            // Few equal rows come as PostgreSQL's sort leaves them, which a suite of SQL compares: here none are equal.
            (int, bool, bool)[] order = count > 48 ? keys : [.. keys, (0, false, false), (1, false, false), (2, false, false)];
            var rig = new Rig(seed);
            PhysicalPlan source = rig.Source(RandomRows.Types, rows);
            List<object?[]> sorted = rig.Run(Sort(source, order));
            if (count > FewMax)
                Assert.Equal(Rig.Lines(Model(rows, order)), Rig.Lines(sorted));
            else
                AssertOrdered(Model(rows, order), sorted, order);
        }
    }

    [Fact]
    public void Sort_gives_the_same_rows_when_it_spills()
    {
        List<object?[]> rows = RandomRows.Make(7, 30000, spread: 5000);
        var rig = new Rig { WorkMemoryBytes = 200_000 };
        List<object?[]> sorted = rig.Run(Sort(rig.Source(RandomRows.Types, rows), Orders[6]));
        Assert.Equal(Rig.Lines(Model(rows, Orders[6])), Rig.Lines(sorted));
        Assert.True(rig.SpillCount > 3);
    }

    [Fact]
    public void Sort_merges_runs_in_steps_when_there_are_very_many()
    {
        List<object?[]> rows = RandomRows.Make(8, 30000, spread: 5000);
        var rig = new Rig { WorkMemoryBytes = 1000 };
        List<object?[]> sorted = rig.Run(Sort(rig.Source(RandomRows.Types, rows), Orders[0]));
        AssertOrdered(Model(rows, Orders[0]), sorted, Orders[0]); // each run is of few rows
        Assert.True(rig.SpillCount > 65);
    }

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1L, 0L)]
    [InlineData(10L, 3L)]
    [InlineData(3000L, 100L)]
    [InlineData(100000L, 9990L)]
    [InlineData(5L, 100000L)]
    [InlineData(null, 9995L)]
    public void Top_n_gives_what_sort_and_limit_give(long? limit, long offset)
    {
        List<object?[]> rows = RandomRows.Make(9, 10000, spread: 300);
        foreach ((int, bool, bool)[] order in Orders)
        {
            var rig = new Rig(3);
            PhysicalPlan source = rig.Source(RandomRows.Types, rows);
            var top = new TopNPlan(source, Keys(order), Rig.Long(limit), Rig.Long(offset)) { Output = source.Output };
            string[] expected = Rig.Lines(Model(rows,
                order).Skip((int)offset).Take((int)Math.Min(limit ?? int.MaxValue, int.MaxValue)));
            Assert.Equal(expected, Rig.Lines(rig.Run(top)));
        }
    }

    [Fact]
    public void Limit_with_ties_goes_on_through_the_equals_of_the_last_row()
    {
        List<object?[]> rows = Model(RandomRows.Make(10, 2000), Orders[0]);
        for (int limit = 1; limit < 2000; limit += 97)
        {
            var rig = new Rig(limit);
            PhysicalPlan source = rig.Source(RandomRows.Types, rows);
            var plan = new LimitPlan(source, Rig.Long(limit), Rig.Long(5), Keys(Orders[0])) { Output = source.Output };
            object? last = rows[limit + 4 < rows.Count ? limit + 4 : rows.Count - 1][0];
            int end = rows.FindLastIndex(row => Equals(row[0], last)) + 1;
            Assert.Equal(Rig.Lines(rows.Take(end).Skip(5)), Rig.Lines(rig.Run(plan)));
        }
    }

    [Fact]
    public void A_negative_limit_or_offset_is_an_error()
    {
        var rig = new Rig();
        PhysicalPlan source = rig.Source(RandomRows.Types, []);
        SqlException limit = Assert.Throws<SqlException>(() =>
            rig.Run(new LimitPlan(source, Rig.Long(-1), null, []) { Output = source.Output }));
        Assert.Equal(("2201W", "LIMIT must not be negative"), (limit.State.Code, limit.Message));
        SqlException offset = Assert.Throws<SqlException>(() =>
            rig.Run(new LimitPlan(source, null, Rig.Long(-1), []) { Output = source.Output }));
        Assert.Equal(("2201X", "OFFSET must not be negative"), (offset.State.Code, offset.Message));
    }

    internal static ImmutableArray<SortKey> Keys(params (int Column, bool IsDescending, bool NullsFirst)[] order) =>
        [.. order.Select(key => new SortKey(
            Rig.Input(RandomRows.Types[key.Column], key.Column), key.IsDescending, key.NullsFirst))];

    internal static List<object?[]> Model(
        IEnumerable<object?[]> rows, params (int Column, bool IsDescending, bool NullsFirst)[] order) =>
        [.. rows.Order(Comparer<object?[]>.Create((x, y) =>
        {
            foreach ((int column, bool isDescending, bool nullsFirst) in order)
            {
                int result = ModelOrder.Compare(x[column], y[column], isDescending, nullsFirst);
                if (result != 0)
                    return result;
            }
            return 0;
        }))];

    /// <summary>The same rows in the same order but for equal ones.</summary>
    private static void AssertOrdered(List<object?[]> expected, List<object?[]> sorted, (int, bool, bool)[] order)
    {
        Assert.Equal(Rig.Lines(expected).Order(StringComparer.Ordinal), Rig.Lines(sorted).Order(StringComparer.Ordinal));
        Assert.Equal(Rig.Lines(Model(sorted, order)), Rig.Lines(sorted)); // a stable sort has nothing left to do
    }

    private static SortPlan Sort(PhysicalPlan source, (int, bool, bool)[] order) =>
        new(source, Keys(order)) { Output = source.Output };
}
