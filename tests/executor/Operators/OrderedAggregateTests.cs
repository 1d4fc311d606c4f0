using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class OrderedAggregateTests
{
    private static readonly SqlType[] Types = RandomRows.Types;

    private static readonly ScalarExpression Number = Rig.Input(SqlType.Int4, 0), Text = Rig.Input(SqlType.Text, 1);

    [Theory]
    [InlineData(1L << 26)]
    [InlineData(30_000L)]
    public void Order_by_hands_rows_in_by_their_order_and_distinct_drops_repeats(long memory)
    {
        List<object?[]> rows = RandomRows.Make(21, 4000, spread: 12);
        AggregateCall joined = Call("string_agg", SqlType.Text, Text, Rig.Constant(SqlType.Text, ","));
        AggregateCall[] calls =
        [
            joined with { OrderBy = [new SortKey(Text, IsDescending: true, NullsFirst: false)] },
            joined with { IsDistinct = true },
            joined with { IsDistinct = true, OrderBy = [new SortKey(Text, IsDescending: true, NullsFirst: false)],
                Filter = Rig.Operator(">", Text, Rig.Constant(SqlType.Text, "b")) },
        ];
        var rig = new Rig(2) { WorkMemoryBytes = memory };
        var plan = new AggregatePlan(rig.Source(Types, rows), [Number], [[0]], [.. calls], [])
        {
            Output = [SqlType.Int4, .. calls.Select(call => call.Type)],
        };
        IEnumerable<object?[]> expected = rows.GroupBy(row => row[0]).Select(group =>
        {
            string[] texts = [.. group.Select(row => (string?)row[1]).OfType<string>().Order(StringComparer.Ordinal)];
            string[] late = [.. texts.Where(text => string.CompareOrdinal(text, "b") > 0).Distinct().Reverse()];
            return new object?[] { group.Key, Join(texts.Reverse()), Join(texts.Distinct()), Join(late) };
        });
        Assert.Equal(Rig.Sorted(expected), Rig.Sorted(rig.Run(plan)));
    }

    [Fact]
    public void Ordered_sets_are_given_sorted_and_their_direct_argument_may_depend_on_the_group()
    {
        List<object?[]> rows = [.. Enumerable.Range(0, 2000).Select(i =>
            new object?[] { i % 3, "x", (double)(i / 3) })];
        ScalarExpression value = Rig.Input(SqlType.Float8, 2);
        ImmutableArray<SortKey> order = [new SortKey(value, false, false)];
        ScalarExpression constant = Rig.Constant(SqlType.Float8, 0.5);
        // 0, 0.5 and 1 of the groups 0, 1 and 2.
        ScalarExpression byGroup = Rig.Operator("/", new RelabelExpression(SqlType.Float8, Rig.Input(SqlType.Float8,
            3)),
            Rig.Constant(SqlType.Float8, 2.0));
        SqlType[] types = [.. Types, SqlType.Float8];
        rows = [.. rows.Select(row => (object?[])[.. row, (double)(int)row[0]!])];
        AggregateCall[] calls =
        [
            Percentile(constant), Percentile(byGroup),
        ];
        var rig = new Rig(2);
        var plan = new AggregatePlan(rig.Source(types, rows), [Number], [[0]], [.. calls], [])
        {
            Output = [SqlType.Int4, SqlType.Float8, SqlType.Float8],
        };
        Assert.Equal(["0|333|0", "1|333|333", "2|332.5|665"], Rig.Sorted(rig.Run(plan)));

        AggregateCall Percentile(ScalarExpression fraction)
        {
            FunctionEntry function = FunctionRegistry.FindFunctions("percentile_disc")
                .Concat(FunctionRegistry.FindFunctions("percentile_cont"))
                .First(entry => entry.Name == "percentile_cont" && entry.Result == TypeOid.Float8);
            return new AggregateCall(SqlType.Float8, function, [value], [fraction], false, order, null);
        }
    }

    private static object? Join(IEnumerable<string> texts) => texts.Any() ? string.Join(',', texts) : null;

    private static AggregateCall Call(string name, SqlType type, params ScalarExpression[] arguments) => new(
        type, Rig.Function(name, [.. arguments.Select(argument =>
            argument.Type.Oid)]), [.. arguments], [], false, [], null);
}
