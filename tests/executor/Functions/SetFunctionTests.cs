using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Tests.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Functions;

public sealed class SetFunctionTests
{
    private static readonly SqlType Ints = new(TypeOid.Int4Array);

    [Fact]
    public void Every_set_function_of_the_catalog_has_code()
    {
        string[] known = [.. SetFunctionLibrary.Names];
        Assert.Empty(FunctionRegistry.Functions.Where(entry =>
            entry.ReturnsSet && !known.Contains(entry.Implementation)));
    }

    [Fact]
    public void Integer_series_count_up_and_down_and_stop_at_the_edge_of_their_type()
    {
        Assert.Equal("1 2 3", Run("generate_series_int4", [SqlType.Int4], (SqlType.Int4, "1"), (SqlType.Int4, "3")));
        Assert.Equal("5 3 1", Run("generate_series_step_int4", [SqlType.Int4], (SqlType.Int4, "5"), (SqlType.Int4,
            "0"), (SqlType.Int4, "-2")));
        Assert.Equal("", Run("generate_series_int4", [SqlType.Int4], (SqlType.Int4, "3"), (SqlType.Int4, "1")));
        Assert.Equal("", Run("generate_series_int4", [SqlType.Int4], (SqlType.Int4, null), (SqlType.Int4, "1")));
        Assert.Equal("2147483646 2147483647", Run("generate_series_int4", [SqlType.Int4],
            (SqlType.Int4, "2147483646"), (SqlType.Int4, "2147483647")));
        Assert.Equal("9223372036854775806", Run("generate_series_step_int8", [SqlType.Int8],
            (SqlType.Int8, "9223372036854775806"), (SqlType.Int8, "9223372036854775807"), (SqlType.Int8,
                "9223372036854775807")));
        var error = Assert.Throws<SqlException>(() => Run("generate_series_step_int4", [SqlType.Int4],
            (SqlType.Int4, "1"), (SqlType.Int4, "2"), (SqlType.Int4, "0")));
        Assert.Equal("22023 step size cannot equal zero", $"{error.State} {error.Message}");
    }

    [Fact]
    public void A_long_series_comes_in_batches()
    {
        int count = 0, batches = 0;
        foreach (ColumnBatch batch in Rows("generate_series_int4", (SqlType.Int4, "1"), (SqlType.Int4, "10000")))
        {
            Assert.Equal(count + 1, ((FixedColumn<int>)batch[0])[0]);
            count += batch.RowCount;
            batches++;
        }
        Assert.Equal((10000, 3), (count, batches));
    }

    [Fact]
    public void Other_series_step_by_their_own_arithmetic()
    {
        Assert.Equal("1.0 1.5 2.0", Run("generate_series_step_numeric", [SqlType.Numeric],
            (SqlType.Numeric, "1.0"), (SqlType.Numeric, "2.2"), (SqlType.Numeric, "0.5")));
        Assert.Equal("2020-01-31 00:00:00,2020-02-29 00:00:00,2020-03-29 00:00:00", Run("generate_series_timestamp",
            [SqlType.Timestamp],
            (SqlType.Timestamp, "2020-01-31"), (SqlType.Timestamp, "2020-04-01"), (SqlType.Interval,
                "1 month")).Replace("00 2", "00,2"));
    }

    [Fact]
    public void Arrays_and_texts_come_apart_into_rows()
    {
        Assert.Equal("1 null 3", Run("array_unnest", [SqlType.Int4], (Ints, "{1,NULL,3}")));
        Assert.Equal("1 2 3 4", Run("array_unnest", [SqlType.Int4], (Ints, "{{1,2},{3,4}}")));
        Assert.Equal("7,1 8,2", Run("_pg_expandarray", [SqlType.Int4, SqlType.Int4], (Ints, "{7,8}")));
        Assert.Equal("2 3", Run("generate_subscripts_nodir", [SqlType.Int4], (Ints, "[2:3]={7,8}"), (SqlType.Int4,
            "1")));
        Assert.Equal("3 2", Run("generate_subscripts", [SqlType.Int4], (Ints, "[2:3]={7,8}"), (SqlType.Int4, "1"),
            (SqlType.Bool, "t")));
        Assert.Equal("a b", Run("text_to_table", [SqlType.Text], (SqlType.Text, "a,b"), (SqlType.Text, ",")));
        Assert.Equal("a b c", Run("regexp_split_to_table_no_flags", [SqlType.Text], (SqlType.Text, "a1b22c"),
            (SqlType.Text, "\\d+")));
        Assert.Equal("{ab} {cd}", Run("regexp_matches", [new SqlType(TypeOid.TextArray)],
            (SqlType.Text, "ab-cd"), (SqlType.Text, "[a-z]+"), (SqlType.Text, "g")));
    }

    [Fact]
    public void Json_comes_apart_into_rows()
    {
        Assert.Equal("1 [2]", Run("jsonb_array_elements", [SqlType.Jsonb], (SqlType.Jsonb, "[1,[2]]")));
        Assert.Equal("a null", Run("json_array_elements_text", [SqlType.Text], (SqlType.Json, "[\"a\",null]")));
        Assert.Equal("a,1 b,null", Run("jsonb_each", [SqlType.Text, SqlType.Jsonb], (SqlType.Jsonb,
            "{\"b\":null,\"a\":1}")));
        Assert.Equal("a,x", Run("json_each_text", [SqlType.Text, SqlType.Text], (SqlType.Json, "{\"a\":\"x\"}")));
        Assert.Equal("a b", Run("jsonb_object_keys", [SqlType.Text], (SqlType.Jsonb, "{\"a\":1,\"b\":2}")));
        Assert.Equal("cannot extract elements from an object",
            Assert.Throws<SqlException>(() =>
                Run("jsonb_array_elements", [SqlType.Jsonb], (SqlType.Jsonb, "{}"))).Message);
    }

    private static IEnumerable<ColumnBatch> Rows(string implementation, params (SqlType Type, string? Text)[] arguments)
    {
        FunctionEntry entry = Build.Function(implementation);
        ConstantExpression[] constants = [.. arguments.Select(static argument =>
            Build.Constant(argument.Type, argument.Text))];
        var call = new CallExpression(new SqlType(entry.Result), entry, ValueList.Create<ScalarExpression>(constants));
        return SetFunctionLibrary.Find(call).Rows([.. constants.Select(static constant =>
            constant.Value)], Build.Context);
    }

    private static string Run(string implementation, SqlType[] columns, params (SqlType Type, string? Text)[] arguments)
    {
        var rows = new List<string>();
        foreach (ColumnBatch batch in Rows(implementation, arguments))
        {
            Assert.Equal(columns.Length, batch.Columns.Length);
            for (int row = 0; row < batch.RowCount; row++)
                rows.Add(string.Join(',', columns.Select((type, i) => Build.PrintRow(type, batch[i], row) ?? "null")));
        }
        return string.Join(' ', rows);
    }
}
