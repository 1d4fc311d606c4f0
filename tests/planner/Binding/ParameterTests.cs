using VecSQL.Core.Errors;
using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Binding;

public sealed class ParameterTests
{
    [Theory]
    [InlineData("select $1", "text")]
    [InlineData("select $1 || 'x'", "text")]
    [InlineData("select x from a where id = $1 and y = $2", "integer, text")]
    [InlineData("select x from a where $1 = id", "integer")]
    [InlineData("select x from a where id in ($1, $2, 3)", "integer, integer")]
    [InlineData("select x from a where id between $1 and $2", "integer, integer")]
    [InlineData("select x from a where id = any($1)", "integer[]")]
    [InlineData("select x from a limit $1 offset $2", "bigint, bigint")]
    [InlineData("select case when $1 then x else $2 end from a", "boolean, integer")]
    [InlineData("select coalesce($1, x) from a", "integer")]
    [InlineData("select $1::int8 + $1", "bigint")]
    [InlineData("insert into a (id, x, y, z) values ($1, $2, $3, $4)", "integer, integer, text, double precision")]
    [InlineData("insert into a select $1, $2", "integer, integer")]
    [InlineData("update a set y = $1, x = $2 where id = $3", "text, integer, integer")]
    [InlineData("insert into b (id, name) values ($1, $2) on conflict (id) do update set name = $2",
        "integer, character varying")]
    [InlineData("select id from docs order by embedding <-> $1 limit $2", "vector, bigint")]
    [InlineData("select embedding <=> $1 from docs", "vector")]
    [InlineData("select x from a where name_of = $1", null)]
    [InlineData("select * from a where y like $1", "text")]
    [InlineData("select $2::text, $1::int4", "integer, text")]
    public void Parameters_take_their_types_from_where_they_stand(string sql, string? types)
    {
        if (types is null)
            Assert.Equal(SqlState.UndefinedColumn, PlannerKit.Error(sql).State);
        else
            Assert.Equal(types, PlannerKit.Parameters(sql));
    }

    [Fact]
    public void A_parameter_that_nothing_gives_a_type_is_an_error_at_its_place()
    {
        SqlException error = PlannerKit.Error("select $1 is null");
        Assert.Equal("42P18: could not determine data type of parameter $1", $"{error.State.Code}: {error.Message}");
        Assert.Equal(8, error.Position);
    }

    [Fact]
    public void A_gap_in_the_numbers_is_a_parameter_without_a_type()
    {
        SqlException error = PlannerKit.Error("select $2::int4");
        Assert.Equal("could not determine data type of parameter $1", error.Message);
    }

    [Fact]
    public void Two_places_that_disagree_on_a_parameter_are_an_error()
    {
        SqlException error = PlannerKit.Error("insert into a (id, y) values ($1, $1)");
        Assert.Equal("42P08: inconsistent types deduced for parameter $1", $"{error.State.Code}: {error.Message}");
        Assert.Equal("integer versus text", error.Detail);
    }
}
