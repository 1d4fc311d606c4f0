using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>Functions written in SQL: what lasts, and what is refused by name. The rest is in the suites.</summary>
public sealed class SqlFunctionTests : EngineTest
{
    [Fact]
    public async Task They_and_what_uses_them_are_as_they_were_after_a_restart()
    {
        await Session.RunAsync("""
            CREATE SCHEMA f;
            CREATE FUNCTION f.twice(n int, by int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * by';
            CREATE FUNCTION f.rows(n int) RETURNS TABLE (a int, b text) LANGUAGE sql AS 'SELECT i, i::text FROM generate_series(1, n) i';
            """);
        await Session.RunAsync("CREATE TABLE t (n int CHECK (f.twice(n) < 100), t int GENERATED ALWAYS AS (f.twice(n, 3)) STORED); INSERT INTO t VALUES (1)");
        await Session.RunAsync("CREATE VIEW v AS SELECT f.twice(n) AS n FROM t; ALTER FUNCTION f.twice(int, int) RENAME TO doubled");
        await Database.ReopenAsync();
        await using TestSession session = Database.Session();
        await session.RunAsync("INSERT INTO t VALUES (2)");
        Assert.Equal(["1|3", "2|6"], await session.RowsAsync("SELECT n, t FROM t ORDER BY n"));
        Assert.Equal(["2", "4"], await session.RowsAsync("SELECT n FROM v ORDER BY n"));
        Assert.Equal(["1|1", "2|2"], await session.RowsAsync("SELECT * FROM f.rows(2)"));
        Assert.StartsWith("23514", await session.ErrorAsync("INSERT INTO t VALUES (50)"), StringComparison.Ordinal);
        Assert.Equal("CHECK ((f.doubled(n) < 100))", await session.ValueAsync("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"));
    }

    [Fact]
    public async Task Plans_that_were_kept_do_not_outlive_a_body()
    {
        await Session.RunAsync("CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n + 1'; PREPARE p AS SELECT f($1)");
        for (int i = 0; i < 3; i++)
            Assert.Equal("2", await Session.ValueAsync("SELECT f(1)"));
        await Session.RunAsync("CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n - 1'");
        Assert.Equal("0", await Session.ValueAsync("SELECT f(1)"));
        Assert.Equal("0", await Session.ValueAsync("EXECUTE p(1)"));
    }

    [Fact]
    public async Task A_body_between_begin_and_end_is_part_of_the_statement()
    {
        await Session.RunAsync("CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN n > 1 THEN n END; END; SELECT f(2)");
        Assert.Equal("|2", await Session.ValueAsync("SELECT concat(f(1), '|', f(2))"));
        Assert.StartsWith("CREATE OR REPLACE FUNCTION public.f(n integer)\n RETURNS integer\n LANGUAGE sql\nBEGIN ATOMIC\n SELECT",
            await Session.ValueAsync("SELECT pg_get_functiondef('f'::regproc)"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'", "0A000: language plpgsql is not supported")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2'", "0A000: SQL functions of more than one statement are not supported")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT 1'", "0A000: a SQL function that returns void is not supported")]
    [InlineData("CREATE FUNCTION f(OUT a int, OUT b int) LANGUAGE sql AS 'SELECT 1, 2'", "0A000: a SQL function that returns record is not supported")]
    public async Task What_they_cannot_do_is_refused_by_name(string sql, string error) =>
        Assert.Equal(error, await Session.ErrorAsync(sql));

    [Fact]
    public async Task A_volatile_argument_is_computed_once_or_refused()
    {
        await Session.RunAsync("CREATE FUNCTION square(x float8) RETURNS float8 LANGUAGE sql AS 'SELECT x * x'");
        Assert.StartsWith("0A000", await Session.ErrorAsync("SELECT square(random())"), StringComparison.Ordinal);
        Assert.Equal("4", await Session.ValueAsync("SELECT square(2)"));
    }

    [Fact]
    public async Task One_that_calls_itself_for_ever_is_told_so()
    {
        await Session.RunAsync("CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n'");
        await Session.RunAsync("CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT f(n - 1)'");
        Assert.StartsWith("54001", await Session.ErrorAsync("SELECT f(1)"), StringComparison.Ordinal);
    }
}
