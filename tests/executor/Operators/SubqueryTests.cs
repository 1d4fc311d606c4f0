using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class SubqueryTests
{
    private static readonly SqlType[] OneNumber = [SqlType.Int4];

    private static List<object?[]> Numbers(params int?[] values) =>
        [.. values.Select(value => new object?[] { value })];

    [Fact]
    public void A_scalar_subquery_is_null_of_no_row_and_an_error_of_two()
    {
        Assert.Equal(["~"], Rig.Lines(Scalar([])));
        Assert.Equal(["7"], Rig.Lines(Scalar([7])));
        SqlException error = Assert.Throws<SqlException>(() => Scalar([7, 8]));
        Assert.Equal("21000", error.State.Code);
        Assert.Equal("more than one row returned by a subquery used as an expression", error.Message);
    }

    private static List<object?[]> Scalar(int?[] values)
    {
        var rig = new Rig();
        var subplan = new SubplanExpression(SqlType.Int4, SubplanKind.Scalar, rig.Source(OneNumber, Numbers(values)),
            [], null);
        return rig.Run(new ValuesPlan([[subplan]]) { Output = [SqlType.Int4] });
    }

    [Theory]
    [InlineData(SubplanKind.Any)]
    [InlineData(SubplanKind.All)]
    public void Any_and_all_are_unknown_where_a_null_could_decide(SubplanKind kind)
    {
        int?[][] sets = [[], [1], [1, 2], [null], [1, null], [3, 3], [3, null]];
        int?[] probes = [1, 3, null];
        foreach (int?[] set in sets)
        {
            foreach (string op in new[] { "=", "<" })
            {
                var rig = new Rig();
                PhysicalPlan source = rig.Source(OneNumber, Numbers(probes));
                var subplan = new SubplanExpression(SqlType.Bool, kind, rig.Source(OneNumber, Numbers(set)),
                    [new OuterValue(0, Rig.Input(SqlType.Int4, 0))],
                    Rig.Operator(op, new OuterExpression(SqlType.Int4, 0), Rig.Input(SqlType.Int4, 0)));
                var plan = new ProjectPlan(source, [subplan]) { Output = [SqlType.Bool] };
                Assert.Equal(Rig.Lines(probes.Select(probe =>
                    new object?[] { Model(kind, op, probe, set) })), Rig.Lines(rig.Run(plan)));
            }
        }
    }

    private static bool? Model(SubplanKind kind, string op, int? probe, int?[] set)
    {
        bool?[] truths = [.. set.Select(item =>
            probe is null || item is null ? (bool?)null : op == "=" ? probe == item : probe < item)];
        bool decisive = kind == SubplanKind.Any;
        return truths.Contains(decisive) ? decisive : truths.Contains(null) ? null : !decisive;
    }

    [Fact]
    public void A_correlated_subquery_is_computed_for_each_value()
    {
        List<object?[]> rows = RandomRows.Make(3, 3000, spread: 6), inner = RandomRows.Make(4, 300, spread: 6);
        var rig = new Rig();
        PhysicalPlan source = rig.Source(RandomRows.Types, rows), other = rig.Source(RandomRows.Types, inner);
        var filter = new FilterPlan(other, Rig.Operator("=", Rig.Input(SqlType.Int4, 0),
            new OuterExpression(SqlType.Int4, 4)))
        {
            Output = other.Output,
        };
        var count = new AggregatePlan(filter, [], [[]],
            [new AggregateCall(SqlType.Int8, Rig.Function("count"), [], [], false, [], null)],
                []) { Output = [SqlType.Int8] };
        var subplan = new SubplanExpression(
            SqlType.Int8, SubplanKind.Scalar, count, [new OuterValue(4, Rig.Input(SqlType.Int4, 0))], null);
        var plan = new ProjectPlan(source, [Rig.Input(SqlType.Int4, 0), subplan]) { Output = [SqlType.Int4,
            SqlType.Int8] };
        Assert.Equal(
            Rig.Lines(rows.Select(row =>
                new object?[] { row[0], (long)inner.Count(other => row[0] is not null && Equals(row[0], other[0])) })),
            Rig.Lines(rig.Run(plan)));
    }

    [Fact]
    public void A_common_table_is_computed_once_and_only_as_far_as_it_is_read()
    {
        var rig = new Rig();
        // t(n): 1, then n + 1 without end.
        var seed = new ValuesPlan([[Rig.Constant(SqlType.Int4, 1)]]) { Output = [SqlType.Int4] };
        var step = new ProjectPlan(new WorkTableScanPlan(90) { Output = [SqlType.Int4] },
            [Rig.Operator("+", Rig.Input(SqlType.Int4, 0), Rig.Constant(SqlType.Int4, 1))]) { Output = [SqlType.Int4] };
        var recursive = new RecursiveUnionPlan(seed, step, 90, IsAll: true) { Output = [SqlType.Int4] };
        var scan = new CommonTableScanPlan(5, "t") { Output = [SqlType.Int4] };
        var limit = new LimitPlan(scan, Rig.Long(4), null, []) { Output = [SqlType.Int4] };
        var twice = new AppendPlan([limit, limit]) { Output = [SqlType.Int4] };
        var plan = new WithPlan([new CommonTablePlan(5, "t", recursive, false)], twice) { Output = [SqlType.Int4] };
        Assert.Equal(["1", "2", "3", "4", "1", "2", "3", "4"], Rig.Lines(rig.Run(plan)));
    }

    [Theory]
    [InlineData(1L << 26)]
    [InlineData(0L)]
    public void A_recursive_union_ends_when_nothing_new_comes(long memory)
    {
        var rig = new Rig { WorkMemoryBytes = memory };
        // Numbers mod 50, by steps of 7, from 0: every number once.
        var seed = new ValuesPlan([[Rig.Constant(SqlType.Int4, 0)]]) { Output = [SqlType.Int4] };
        var step = new ProjectPlan(new WorkTableScanPlan(91) { Output = [SqlType.Int4] },
            [Rig.Operator("%", Rig.Operator("+", Rig.Input(SqlType.Int4, 0), Rig.Constant(SqlType.Int4, 7)),
                Rig.Constant(SqlType.Int4, 50))]) { Output = [SqlType.Int4] };
        var plan = new RecursiveUnionPlan(seed, step, 91, IsAll: false) { Output = [SqlType.Int4] };
        Assert.Equal(Enumerable.Range(0, 50), rig.Run(plan).Select(row => (int)row[0]!).Order());
    }
}
