using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class SetTests
{
    private static readonly SqlType[] TwoColumns = [SqlType.Int4, SqlType.Text];

    [Theory]
    [InlineData(1L << 26, 3000, 5)]
    [InlineData(40_000L, 20000, 20000)]
    [InlineData(1L << 26, 0, 5)]
    public void Distinct_keeps_the_first_of_equal_rows(long memory, int count, int spread)
    {
        List<object?[]> rows = RandomRows.Make(5, count, spread);
        var rig = new Rig(1) { WorkMemoryBytes = memory };
        PhysicalPlan source = rig.Source(RandomRows.Types, rows);
        List<object?[]> distinct = rig.Run(new DistinctPlan(source) { Output = source.Output });
        Assert.Equal(Rig.Sorted(rows.DistinctBy(row => ModelOrder.Key(row))), Rig.Sorted(distinct));
        Assert.Equal(memory < 1 << 20, rig.SpillCount > 0);
    }

    [Fact]
    public void Distinct_on_keeps_the_first_row_of_each_run()
    {
        List<object?[]> rows = SortingTests.Model(RandomRows.Make(6, 4000), (0, false, false));
        var rig = new Rig(4);
        PhysicalPlan source = rig.Source(RandomRows.Types, rows);
        var plan = new DistinctOnPlan(source, [Rig.Input(SqlType.Int4, 0)]) { Output = source.Output };
        Assert.Equal(Rig.Lines(rows.DistinctBy(row => row[0])), Rig.Lines(rig.Run(plan)));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Set_operations_count_rows_on_both_sides(bool isIntersect, bool isAll)
    {
        foreach ((long memory, int count, int spread) in new[] { (1L << 26, 800, 5), (60_000L, 9000, 3000), (1L << 26,
            0, 5) })
        {
            List<object?[]> left = [.. RandomRows.Make(7, count, spread).Select(row => row[..2])];
            List<object?[]> right = [.. RandomRows.Make(8, count / 2, spread).Select(row => row[..2])];
            var rig = new Rig(1) { WorkMemoryBytes = memory };
            var plan = new SetOperationPlan(isIntersect, isAll, rig.Source(TwoColumns, left), rig.Source(TwoColumns,
                right))
            {
                Output = [.. TwoColumns],
            };
            Assert.Equal(Rig.Sorted(Model(left, right, isIntersect, isAll)), Rig.Sorted(rig.Run(plan)));
            Assert.Equal(memory < 1 << 20, rig.SpillCount > 0);
        }
    }

    private static List<object?[]> Model(List<object?[]> left, List<object?[]> right, bool isIntersect, bool isAll)
    {
        Dictionary<string, int> rightCounts = right.CountBy(row => ModelOrder.Key(row)).ToDictionary();
        var rows = new List<object?[]>();
        foreach (IGrouping<string, object?[]> group in left.GroupBy(row => ModelOrder.Key(row)))
        {
            int l = group.Count(), r = rightCounts.GetValueOrDefault(group.Key);
            int copies = isIntersect ? Math.Min(l, r) : Math.Max(l - r, 0);
            if (!isAll)
                copies = isIntersect == (r > 0) ? 1 : 0;
            rows.AddRange(Enumerable.Repeat(group.First(), copies));
        }
        return rows;
    }
}
