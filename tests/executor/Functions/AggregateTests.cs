using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Tests.Expressions;

namespace VecSQL.Executor.Tests.Functions;

/// <summary>Expected values are PostgreSQL 15's for the same rows.</summary>
public sealed class AggregateTests
{
    private static readonly SqlType Int4 = SqlType.Int4, Float8 = SqlType.Float8;

    public static TheoryData<string, string, string, string, string> Numbers => new()
    {
        // name, argument type, result type, values, result
        { "count", "int4", "int8", "1 null 3", "2" },
        { "sum", "int4", "int8", "2147483647 2147483647 null", "4294967294" },
        { "sum", "int8", "numeric", "9223372036854775807 9223372036854775807", "18446744073709551614" },
        { "sum", "numeric", "numeric", "1.10 2.205", "3.305" },
        { "sum", "float8", "float8", "0.1 0.2", "0.30000000000000004" },
        { "sum", "float4", "float4", "0.1 0.2", "0.3" },
        { "sum", "float8", "float8", "Infinity 1", "Infinity" },
        { "sum", "int4", "int8", "null", "null" },
        { "avg", "int4", "numeric", "1 2 2", "1.6666666666666667" },
        { "avg", "int8", "numeric", "1 2", "1.5000000000000000" },
        { "avg", "numeric", "numeric", "1.5 2", "1.7500000000000000" },
        { "avg", "float8", "float8", "1 2", "1.5" },
        { "min", "int4", "int4", "3 null -1", "-1" },
        { "max", "float8", "float8", "1 NaN 2", "NaN" },
        { "max", "numeric", "numeric", "1.5 1.50 1.49", "1.50" },
        { "min", "text", "text", "b a c", "a" },
        { "max", "_int4", "_int4", "{1,2} {1,3} {1}", "{1,3}" },
        { "bool_and", "bool", "bool", "t null f", "f" },
        { "bool_or", "bool", "bool", "f t", "t" },
        { "every", "bool", "bool", "t t", "t" },
        { "bit_and", "int4", "int4", "7 5", "5" },
        { "bit_or", "int8", "int8", "1 4", "5" },
        { "bit_xor", "int2", "int2", "7 5", "2" },
        { "stddev", "int4", "numeric", "1 2 4", "1.5275252316519467" },
        { "stddev_pop", "int4", "numeric", "1 2 4", "1.2472191289246471" },
        { "variance", "int4", "numeric", "1 2 4", "2.3333333333333333" },
        { "var_pop", "numeric", "numeric", "1.5 2.5", "0.25000000000000000000" },
        { "var_samp", "float8", "float8", "1 2 4", "2.3333333333333335" },
        { "stddev", "int4", "numeric", "1", "null" },
        { "stddev_pop", "int4", "numeric", "1", "0" },
        { "array_agg", "int4", "_int4", "1 null 3", "{1,NULL,3}" },
        { "array_agg", "_int4", "_int4", "{1,2} {3,4}", "{{1,2},{3,4}}" },
        { "any_value", "text", "text", "null x y", "x" },
        { "json_agg", "int4", "json", "1 null", "[1, null]" },
        { "jsonb_agg", "text", "jsonb", "a b", "[\"a\", \"b\"]" },
        { "mode", "int4", "int4", "1 2 2 3 3", "2" },
        { "sum", "vector", "vector", "[1,2] [3,4]", "[4,6]" },
        { "avg", "vector", "vector", "[1,2] [3,4]", "[2,3]" },
        { "avg", "halfvec", "halfvec", "[1,2] [2,4]", "[1.5,3]" },
    };

    [Theory, MemberData(nameof(Numbers))]
    public void Aggregates_give_what_the_original_gives(
        string name, string argument, string result, string values, string expected)
    {
        Column column = Build.Column(TypeOf(argument), [.. values.Split(' ').Select(static text =>
            text == "null" ? null : text)]);
        Assert.Equal(expected, Aggregate(name, TypeOf(result), [TypeOf(argument)], [column]));
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Groups_added_apart_and_merged_give_the_same(
        string name, string argument, string result, string values, string expected)
    {
        SqlType type = TypeOf(argument);
        string?[] texts = [.. values.Split(' ').Select(static text => text == "null" ? null : text)];
        Accumulator whole = AggregateLibrary.Create(name, [type], TypeOf(result), []);
        whole.Resize(3);
        for (int i = 0; i < texts.Length; i++)
        {
            // Every row its own accumulator, merged into group 1 of three.
            Accumulator part = AggregateLibrary.Create(name, [type], TypeOf(result), []);
            part.Resize(1);
            part.Add([Build.Column(type, texts[i])], [], 1, Build.Context);
            whole.Merge(part, [1]);
        }
        Column all = whole.Finish(0, 3, Build.Context);
        string? printed = Build.PrintRow(TypeOf(result), all, 1);
        Assert.Equal(expected, printed ?? "null");
    }

    [Fact]
    public void Rows_go_to_their_groups()
    {
        Accumulator sum = AggregateLibrary.Create("sum", [Int4], SqlType.Int8, []);
        sum.Resize(2);
        sum.Add([Build.Column(Int4, "1", "2", "3", null)], [0, 1, 0, 1], 4, Build.Context);
        sum.Resize(3);
        sum.Add([FixedColumn<int>.Constant(5, 2)], [2, 2], 2, Build.Context);
        Assert.Equal("4 2 10", Build.Print(SqlType.Int8, sum.Finish(0, 3, Build.Context)));
    }

    [Fact]
    public void A_count_of_rows_needs_no_argument()
    {
        Accumulator count = AggregateLibrary.Create("count", [], SqlType.Int8, []);
        count.Resize(1);
        count.Add([], [], 7, Build.Context);
        Assert.Equal("7", Build.Print(SqlType.Int8, count.Finish(0, 1, Build.Context)));
    }

    [Fact]
    public void Float_sums_refuse_overflow_but_not_infinity()
    {
        Column big = Build.Column(Float8, "1e308", "1e308");
        Assert.Equal("value out of range: overflow",
            Assert.Throws<SqlException>(() => Aggregate("sum", Float8, [Float8], [big])).Message);
        Assert.Equal("value out of range: overflow",
            Assert.Throws<SqlException>(() => Aggregate("avg", Float8, [Float8], [big])).Message);
    }

    [Fact]
    public void Strings_join_with_the_delimiter_of_the_later_row()
    {
        Column values = Build.Column(SqlType.Text, "a", null, "b", "c"), delimiters = Build.Column(SqlType.Text, "1",
            "2", "3", null);
        Assert.Equal("a3bc", Aggregate("string_agg", SqlType.Text, [SqlType.Text, SqlType.Text], [values, delimiters]));
    }

    [Fact]
    public void Percentiles_interpolate_or_pick()
    {
        Column values = Build.Column(Float8, "1", "2", "3", "4");
        Column half = FixedColumn<double>.Constant(0.5, 1), quarter = FixedColumn<double>.Constant(0.25, 1);
        Assert.Equal("2.5", Aggregate("percentile_cont", Float8, [Float8], [values], half));
        Assert.Equal("2", Aggregate("percentile_disc", Float8, [Float8], [values], half));
        Assert.Equal("1.75", Aggregate("percentile_cont", Float8, [Float8], [values], quarter));
        Assert.Equal("percentile value 1.5 is not between 0 and 1", Assert.Throws<SqlException>(() =>
            Aggregate("percentile_cont", Float8, [Float8], [values], FixedColumn<double>.Constant(1.5, 1))).Message);
    }

    [Fact]
    public void Regression_statistics_take_y_before_x()
    {
        Column y = Build.Column(Float8, "2", "4", "6.5", null), x = Build.Column(Float8, "1", "2", "3", "4");
        SqlType[] types = [Float8, Float8];
        Assert.Equal("2.25", Aggregate("regr_slope", Float8, types, [y, x]));
        Assert.Equal("3", Aggregate("regr_count", SqlType.Int8, types, [y, x]));
        Assert.Equal("-0.3333333333333333", Aggregate("regr_intercept", Float8, types, [y, x]));
        Assert.Equal("2.25", Aggregate("covar_samp", Float8, types, [y, x]));
        Assert.Equal("0.9979487157886733", Aggregate("corr", Float8, types, [y, x]));
    }

    [Fact]
    public void Hypothetical_rows_are_ranked_among_the_real_ones()
    {
        Column values = Build.Column(Int4, "1", "2", "2", "4"), row = FixedColumn<int>.Constant(3, 1);
        Assert.Equal("4", Aggregate("rank", SqlType.Int8, [Int4], [values], row));
        Assert.Equal("3", Aggregate("dense_rank", SqlType.Int8, [Int4], [values], row));
        Assert.Equal("0.75", Aggregate("percent_rank", Float8, [Int4], [values], row));
        Assert.Equal("0.8", Aggregate("cume_dist", Float8, [Int4], [values], row));
    }

    private static SqlType TypeOf(string name) => BuiltinTypes.TryFindByName(name, out TypeEntry? entry)
        ? new SqlType(entry.Oid)
        : throw new InvalidOperationException(name);

    private static string Aggregate(
        string name, SqlType result, SqlType[] types, Column[] columns, params Column[] direct)
    {
        Accumulator accumulator = AggregateLibrary.Create(name, types, result, direct);
        accumulator.Resize(1);
        accumulator.Add(columns, [], columns[0].Length, Build.Context);
        return Build.Print(result, accumulator.Finish(0, 1, Build.Context));
    }
}
