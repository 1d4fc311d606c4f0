using VecSQL.Core.Errors;

namespace VecSQL.Core.Tests;

/// <summary>Errors that are told again with something else in them.</summary>
public sealed class SqlExceptionTests
{
    private static readonly SqlException Full = new(SqlState.UniqueViolation, "message", 0, "hint", new InvalidOperationException("cause"))
    {
        Detail = "detail",
        Where = "where",
        SchemaName = "schema",
        TableName = "table",
        ColumnName = "column",
        DataTypeName = "type",
        ConstraintName = "constraint",
        Routine = "routine",
    };

    [Fact]
    public void An_error_that_is_placed_keeps_all_else()
    {
        SqlException placed = Full.At(7);
        Assert.Equal(7, placed.Position);
        Assert.Equal(Fields(Full), Fields(placed));
    }

    [Fact]
    public void An_error_that_has_a_place_keeps_it()
    {
        SqlException placed = Full.At(7);
        Assert.Same(placed, placed.At(9));
        Assert.Same(Full, Full.At(0));
    }

    [Fact]
    public void A_context_comes_behind_the_one_that_is_there()
    {
        SqlException inside = Full.At(7).In("outer");
        Assert.Equal(("where\nouter", 7), (inside.Where, inside.Position));
        Assert.Equal(Fields(Full) with { Where = "where\nouter" }, Fields(inside));
        Assert.Equal("outer", new SqlException(SqlState.Warning, "message").In("outer").Where);
    }

    [Fact]
    public void In_another_statement_an_error_has_no_place()
    {
        SqlException inside = Full.At(7).Inside("outer");
        Assert.Equal(("where\nouter", 0), (inside.Where, inside.Position));
        Assert.Equal(Fields(Full) with { Where = "where\nouter" }, Fields(inside));
    }

    [Fact]
    public void Message_detail_and_hint_are_what_is_reworded()
    {
        SqlException reworded = Full.At(7).Reworded(static text => text.ToUpperInvariant());
        Assert.Equal(("MESSAGE", 7), (reworded.Message, reworded.Position));
        Assert.Equal(Fields(Full) with { Message = "MESSAGE", Detail = "DETAIL", Hint = "HINT" }, Fields(reworded));
    }

    private static Told Fields(SqlException error) => new(error.State, error.Message, error.Detail, error.Hint, error.Where,
        (error.SchemaName, error.TableName, error.ColumnName, error.DataTypeName, error.ConstraintName), error.Routine, error.InnerException);

    private sealed record Told(
        SqlState State, string Message, string? Detail, string? Hint, string? Where,
        (string?, string?, string?, string?, string?) Names, string? Routine, Exception? Cause);
}
