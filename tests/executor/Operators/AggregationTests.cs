using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class AggregationTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        // rows, keys, spread of the keys
        { 0, 1, 10 }, { 1, 1, 10 }, { 500, 0, 10 }, { 0, 0, 10 }, { 5000, 1, 10 }, { 5000, 2, 10 }, { 9000, 3, 400 },
            { 20000, 1, 30000 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Groups_are_aggregated_as_row_by_row(int count, int keyCount, int spread)
    {
        List<object?[]> rows = RandomRows.Make(count, count, spread);
        var rig = new Rig(count);
        AggregatePlan plan = Plan(rig.Source(RandomRows.Types, rows), [[.. Enumerable.Range(0, keyCount)]], keyCount);
        Assert.Equal(Rig.Sorted(Model(rows, plan)), Rig.Sorted(rig.Run(plan)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Groups_that_do_not_fit_are_aggregated_in_later_passes(int keyCount)
    {
        List<object?[]> rows = RandomRows.Make(3, 20000, spread: 30000);
        var rig = new Rig(1) { WorkMemoryBytes = 700_000 };
        AggregatePlan plan = Plan(rig.Source(RandomRows.Types, rows), [[.. Enumerable.Range(0, keyCount)]], keyCount);
        Assert.Equal(Rig.Sorted(Model(rows, plan)), Rig.Sorted(rig.Run(plan)));
        Assert.True(rig.SpillCount > 0);
    }

    [Fact]
    public void Each_grouping_set_groups_by_its_own_keys_and_grouping_tells_which_are_missing()
    {
        List<object?[]> rows = RandomRows.Make(4, 3000, spread: 6);
        var rig = new Rig(2);
        AggregatePlan plan = Plan(rig.Source(RandomRows.Types, rows), [[0, 1], [0], [1], []],
            2) with { Groupings = [[0, 1], [1]] };
        plan = plan with { Output = [.. plan.Output, SqlType.Int4, SqlType.Int4] };
        Assert.Equal(Rig.Sorted(Model(rows, plan)), Rig.Sorted(rig.Run(plan)));
    }

    [Fact]
    public void An_empty_grouping_set_gives_a_row_even_of_no_input()
    {
        var rig = new Rig(2);
        AggregatePlan plan = Plan(rig.Source(RandomRows.Types, []), [[0], []], 1);
        Assert.Equal(["~|0|0|~|~|~|0|~"], Rig.Lines(rig.Run(plan)));
    }

    private static AggregatePlan Plan(PhysicalPlan source, ImmutableArray<ImmutableArray<int>> sets, int keyCount)
    {
        ImmutableArray<ScalarExpression> keys = [.. Enumerable.Range(0, keyCount).Select(i =>
            Rig.Input(RandomRows.Types[i], i))];
        ScalarExpression number = Rig.Input(SqlType.Int4, 0), text = Rig.Input(SqlType.Text, 1);
        ScalarExpression filter = Rig.Operator(">", number, Rig.Constant(SqlType.Int4, 2));
        ImmutableArray<AggregateCall> calls =
        [
            Call("count", SqlType.Int8, []),
            Call("count", SqlType.Int8, [text]),
            Call("sum", SqlType.Int8, [number]),
            Call("max", SqlType.Text, [text]),
            Call("sum", SqlType.Int8, [number]) with { Filter = filter },
            Call("count", SqlType.Int8, [number]) with { IsDistinct = true },
            Call("sum", SqlType.Int8, [number]) with { IsDistinct = true, Filter = filter },
        ];
        return new AggregatePlan(source, keys, sets, calls, [])
        {
            Output = [.. keys.Select(key => key.Type), .. calls.Select(call => call.Type)],
        };
    }

    private static AggregateCall Call(string name, SqlType type, ScalarExpression[] arguments)
    {
        FunctionEntry function = Rig.Function(name, [.. arguments.Select(argument => argument.Type.Oid)]);
        return new AggregateCall(type, function, [.. arguments], [], false, [], null);
    }

    private static List<object?[]> Model(List<object?[]> rows, AggregatePlan plan)
    {
        var result = new List<object?[]>();
        foreach (ImmutableArray<int> set in plan.GroupingSets)
        {
            var groups = rows.GroupBy(row => ModelOrder.Key([.. set.Select(key => row[key])]))
                .Select(group => group.ToList()).ToList();
            if (set.IsEmpty && groups.Count == 0)
                groups.Add([]);
            foreach (List<object?[]> group in groups)
            {
                var values = new List<object?>();
                for (int key = 0; key < plan.Keys.Length; key++)
                    values.Add(set.Contains(key) ? group[0][key] : null);
                List<int> numbers = [.. group.Where(row => row[0] is not null).Select(row => (int)row[0]!)];
                List<int> filtered = [.. numbers.Where(number => number > 2)];
                string?[] texts = [.. group.Select(row => (string?)row[1]).Where(text => text is not null)];
                values.Add((long)group.Count);
                values.Add((long)texts.Length);
                values.Add(Sum(numbers));
                values.Add(texts.Order(StringComparer.Ordinal).LastOrDefault());
                values.Add(Sum(filtered));
                values.Add((long)numbers.Distinct().Count());
                values.Add(Sum([.. filtered.Distinct()]));
                foreach (ImmutableArray<int> grouping in plan.Groupings)
                    values.Add(grouping.Aggregate(0, (bits, key) => (bits << 1) | (set.Contains(key) ? 0 : 1)));
                result.Add([.. values]);
            }
        }
        return result;
    }

    private static object? Sum(List<int> numbers) => numbers.Count == 0 ? null : numbers.Sum(number => (long)number);
}
