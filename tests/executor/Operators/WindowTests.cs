using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class WindowTests
{
    // (partition int4, order int4, value int4)
    private static readonly SqlType[] Types = [SqlType.Int4, SqlType.Int4, SqlType.Int4];

    public static TheoryData<WindowFrameUnit, WindowFrameExclusion> Frames
    {
        get
        {
            var data = new TheoryData<WindowFrameUnit, WindowFrameExclusion>();
            foreach (WindowFrameUnit unit in Enum.GetValues<WindowFrameUnit>())
            {
                foreach (WindowFrameExclusion exclusion in Enum.GetValues<WindowFrameExclusion>())
                    data.Add(unit, exclusion);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Frames))]
    public void Every_frame_sees_the_rows_that_the_standard_says(WindowFrameUnit unit, WindowFrameExclusion exclusion)
    {
        List<object?[]> rows = Make(11, 80, partitions: 4);
        foreach (bool isDescending in new[] { false, true })
        {
            foreach (WindowFrameBound start in Enum.GetValues<WindowFrameBound>())
            {
                foreach (WindowFrameBound end in Enum.GetValues<WindowFrameBound>())
                {
                    if (start <= end && start != WindowFrameBound.UnboundedFollowing
                        && end != WindowFrameBound.UnboundedPreceding)
                        Check(rows, unit, start, end, exclusion, isDescending);
                }
            }
        }
    }

    [Fact]
    public void Rankings_count_rows_and_peers()
    {
        List<object?[]> rows = Make(12, 9000);
        var rig = new Rig(3);
        string[] names = ["row_number", "rank", "dense_rank", "percent_rank", "cume_dist"];
        WindowCall[] calls = [.. names.Select(name => Call(name, []))];
        WindowPlan plan = Plan(rig.Source(Types, rows), false, calls);
        var expected = new List<object?[]>();
        foreach (List<object?[]> partition in Partitions(rows, false))
        {
            foreach (int i in Enumerable.Range(0, partition.Count))
            {
                int first = partition.FindIndex(row => Equals(row[1], partition[i][1]));
                int last = partition.FindLastIndex(row => Equals(row[1], partition[i][1]));
                long dense = partition.Take(first).Select(row => row[1]).Distinct().Count() + 1;
                expected.Add([.. partition[i], (long)i + 1, (long)first + 1, dense,
                    partition.Count == 1 ? 0 : (double)first / (partition.Count - 1),
                        (double)(last + 1) / partition.Count]);
            }
        }
        Assert.Equal(Rig.Lines(expected), Rig.Lines(rig.Run(plan)));
    }

    [Fact]
    public void Lag_and_lead_reach_over_the_partition_and_no_further()
    {
        List<object?[]> rows = Make(13, 3000);
        var rig = new Rig(3);
        ScalarExpression value = Rig.Input(SqlType.Int4, 2);
        WindowPlan plan = Plan(rig.Source(Types, rows), false,
            Call("lag", [value]), Call("lead", [value, Rig.Constant(SqlType.Int4, 3)]),
            Call("lag", [value, Rig.Constant(SqlType.Int4, 2), Rig.Constant(SqlType.Int4, -77)]));
        var expected = new List<object?[]>();
        foreach (List<object?[]> partition in Partitions(rows, false))
        {
            for (int i = 0; i < partition.Count; i++)
            {
                expected.Add([.. partition[i], i > 0 ? partition[i - 1][2] : null,
                    i + 3 < partition.Count ? partition[i + 3][2] : null, i > 1 ? partition[i - 2][2] : -77]);
            }
        }
        Assert.Equal(Rig.Lines(expected), Rig.Lines(rig.Run(plan)));
    }

    [Theory]
    [InlineData(10, 3, "1,1,1,1,2,2,2,3,3,3")]
    [InlineData(3, 5, "1,2,3")]
    [InlineData(4, 4, "1,2,3,4")]
    public void Ntile_deals_larger_buckets_first(int count, int buckets, string expected)
    {
        List<object?[]> rows = [.. Enumerable.Range(0, count).Select(i => new object?[] { 1, i, i })];
        var rig = new Rig(3);
        WindowPlan plan = Plan(rig.Source(Types, rows), false, Call("ntile", [Rig.Constant(SqlType.Int4, buckets)]));
        Assert.Equal(expected, string.Join(',', rig.Run(plan).Select(row => row[3])));
    }

    [Fact]
    public void A_window_over_spilled_rows_gives_the_same_rows()
    {
        List<object?[]> rows = Make(14, 20000, partitions: 700);
        var frame = new WindowFramePlan(WindowFrameUnit.Range, WindowFrameBound.UnboundedPreceding, null,
            WindowFrameBound.CurrentRow, null, WindowFrameExclusion.NoOthers, null);
        string[][] results = [.. new[] { 1L << 26, 100_000L }.Select(memory =>
        {
            var rig = new Rig(3) { WorkMemoryBytes = memory };
            return Rig.Lines(rig.Run(Plan(rig.Source(Types, rows), false, Call("sum", [Rig.Input(SqlType.Int4, 2)],
                frame))));
        })];
        Assert.Equal(results[0], results[1]);
    }

    private static void Check(List<object?[]> rows, WindowFrameUnit unit, WindowFrameBound start, WindowFrameBound end,
        WindowFrameExclusion exclusion, bool isDescending)
    {
        ScalarExpression Offset(int value) =>
            unit == WindowFrameUnit.Range ? Rig.Constant(SqlType.Int4, value) : Rig.Long(value);
        bool startHas = start is WindowFrameBound.Preceding or WindowFrameBound.Following;
        bool endHas = end is WindowFrameBound.Preceding or WindowFrameBound.Following;
        // The same kind on both sides: the start is the farther one for preceding, the nearer for following.
        int startOffset = start == WindowFrameBound.Preceding ? 3 : 1, endOffset = end == WindowFrameBound.Preceding
            ? 1 : 4;
        var frame = new WindowFramePlan(unit, start, startHas ? Offset(startOffset) : null, end, endHas
            ? Offset(endOffset) : null,
            exclusion, new RangeArithmetic(Rig.Function("int4pl", TypeOid.Int4, TypeOid.Int4),
                Rig.Function("int4mi", TypeOid.Int4, TypeOid.Int4)));
        ScalarExpression value = Rig.Input(SqlType.Int4, 2);
        var rig = new Rig(7);
        ScalarExpression filter = Rig.Operator(">", value, Rig.Constant(SqlType.Int4, 0));
        WindowPlan plan = Plan(rig.Source(Types, rows), isDescending,
            Call("count", [], frame), Call("sum", [value], frame), Call("max", [value], frame), Call("min", [value],
                frame),
            Call("first_value", [value], frame), Call("last_value", [value], frame),
            Call("nth_value", [value, Rig.Constant(SqlType.Int4, 2)], frame), Call("sum", [value],
                frame) with { Filter = filter });
        var expected = new List<object?[]>();
        foreach (List<object?[]> partition in Partitions(rows, isDescending))
        {
            for (int i = 0; i < partition.Count; i++)
            {
                List<int> seen = [.. Enumerable.Range(0, partition.Count).Where(j =>
                    IsIn(partition, i, j, unit, start, startOffset, end, endOffset, isDescending)
                    && !IsExcluded(partition, i, j, exclusion))];
                List<int?> values = [.. seen.Select(j => (int?)partition[j][2])];
                List<int?> positive = [.. values.Where(item => item > 0)];
                expected.Add([.. partition[i], (long)seen.Count, Sum(values), values.Max(), values.Min(),
                    values.Count > 0 ? values[0] : null, values.Count > 0 ? values[^1] : null, values.Count > 1
                        ? values[1] : null,
                    Sum(positive)]);
            }
        }
        Assert.Equal(Rig.Lines(expected), Rig.Lines(rig.Run(plan)));
    }

    private static object? Sum(List<int?> values) =>
        values.All(item => item is null) ? null : values.Sum(item => (long?)item);

    private static bool IsIn(
        List<object?[]> partition, int i, int j, WindowFrameUnit unit, WindowFrameBound start, int startOffset,
        WindowFrameBound end, int endOffset, bool isDescending)
    {
        return Side(start, startOffset, isEnd: false) && Side(end, endOffset, isEnd: true);

        bool Side(WindowFrameBound kind, int offset, bool isEnd)
        {
            if (kind is WindowFrameBound.UnboundedPreceding or WindowFrameBound.UnboundedFollowing)
                return true;
            int moved = kind switch { WindowFrameBound.Preceding =>
                -offset, WindowFrameBound.Following => offset, _ => 0 };
            switch (unit)
            {
                case WindowFrameUnit.Rows:
                    return isEnd ? j <= i + moved : j >= i + moved;
                case WindowFrameUnit.Groups:
                    return isEnd ? Group(j) <= Group(i) + moved : Group(j) >= Group(i) + moved;
                default:
                    object? x = partition[i][1], y = partition[j][1];
                    if (kind == WindowFrameBound.CurrentRow)
                        return isEnd ? Group(j) <= Group(i) : Group(j) >= Group(i);
                    if (x is null || y is null)
                        return x is null && y is null || (x is null != y is null && Outside(x is null, isEnd));
                    int distance = isDescending ? (int)x - (int)y : (int)y - (int)x;
                    return isEnd ? distance <= moved : distance >= moved;
            }
        }

        // Nulls come last: before the null row's frame lie values, behind a value's frame lie nulls.
        static bool Outside(bool currentIsNull, bool isEnd) => currentIsNull == isEnd;

        int Group(int row) => partition.Take(row).Select(item => item[1] ?? "null").Distinct()
            .Count(item => !Equals(item, partition[row][1] ?? "null"));
    }

    private static bool IsExcluded(List<object?[]> partition, int i, int j, WindowFrameExclusion exclusion)
    {
        bool arePeers = Equals(partition[i][1], partition[j][1]);
        return exclusion switch
        {
            WindowFrameExclusion.CurrentRow => i == j,
            WindowFrameExclusion.Group => arePeers,
            WindowFrameExclusion.Ties => arePeers && i != j,
            _ => false,
        };
    }

    private static List<object?[]> Make(int seed, int count, int partitions = 9)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new object?[]
        {
            random.Next(6) == 0 ? null : random.Next(partitions),
            random.Next(7) == 0 ? null : random.Next(12),
            random.Next(7) == 0 ? null : random.Next(-20, 20),
        })];
    }

    private static IEnumerable<List<object?[]>> Partitions(List<object?[]> rows, bool isDescending) =>
        rows.GroupBy(row => row[0] ?? "null")
            .OrderBy(group => group.Key is int key ? key : int.MaxValue)
            .Select(group => group.Order(Comparer<object?[]>.Create(
                (x, y) => ModelOrder.Compare(x[1], y[1], isDescending))).ToList());

    private static WindowCall Call(string name, ScalarExpression[] arguments, WindowFramePlan? frame = null)
    {
        Catalog.Functions.FunctionEntry function = Rig.Function(name, [.. arguments.Select(argument =>
            argument.Type.Oid)]);
        var type = new SqlType(function.Result is TypeOid.AnyElement or TypeOid.AnyCompatible ? arguments[0].Type.Oid
            : function.Result);
        return new WindowCall(type, function, [.. arguments], null, frame ?? new WindowFramePlan(
            WindowFrameUnit.Range, WindowFrameBound.UnboundedPreceding, null, WindowFrameBound.CurrentRow, null,
            WindowFrameExclusion.NoOthers, null));
    }

    private static WindowPlan Plan(PhysicalPlan source, bool isDescending, params WindowCall[] calls) =>
        new(source, [Rig.Input(SqlType.Int4, 0)], [new SortKey(Rig.Input(SqlType.Int4, 1), isDescending, false)],
            [.. calls])
        {
            Output = [.. source.Output, .. calls.Select(call => call.Type)],
        };
}
