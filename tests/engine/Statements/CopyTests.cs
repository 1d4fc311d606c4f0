using VecSQL.Core.Errors;

namespace VecSQL.Engine.Tests.Statements;

public sealed class CopyTests : EngineTest
{
    private async Task MakeTableAsync() => await Session.RunAsync(
        "CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'none', c int CHECK (c > 0), g int GENERATED ALWAYS AS (a * 10) STORED)");

    [Fact]
    public async Task Text_goes_in_and_comes_out()
    {
        await MakeTableAsync();
        Assert.Equal("COPY 3", await Session.CopyInAsync("COPY t FROM STDIN", "1\tone\t5\n2\t\\N\t\\N\n3\tta\\tb\t7\n"));
        Assert.Equal(["1|one|5|10", "2|NULL|NULL|20", "3|ta\tb|7|30"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal("1\tone\t5\n2\t\\N\t\\N\n3\tta\\tb\t7\n", await Session.CopyOutAsync("COPY t TO STDOUT"));
        Assert.Equal("a,g\n3,30\n",
            await Session.CopyOutAsync("COPY (SELECT a, g FROM t WHERE a = 3) TO STDOUT (FORMAT csv, HEADER)"));
    }

    [Fact]
    public async Task Columns_left_out_get_their_defaults()
    {
        await MakeTableAsync();
        Assert.Equal("COPY 2", await Session.CopyInAsync("COPY t (c, a) FROM STDIN (FORMAT csv)", "1,1\n2,2\n"));
        Assert.Equal(["1|none|1|10", "2|none|2|20"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
    }

    [Fact]
    public async Task Freeze_wants_a_table_that_nobody_has_seen_without_the_rows()
    {
        await MakeTableAsync();
        Assert.Equal("55000", (await Assert.ThrowsAsync<SqlException>(() => Session.CopyInAsync("COPY t (a) FROM STDIN (FREEZE)", "1\n"))).State.Code);
        await Session.RunAsync("BEGIN");
        await Session.RunAsync("TRUNCATE t");
        Assert.Equal("COPY 1", await Session.CopyInAsync("COPY t (a) FROM STDIN (FREEZE)", "1\n"));
        await Session.RunAsync("CREATE TABLE made (a int)");
        Assert.Equal("COPY 1", await Session.CopyInAsync("COPY made FROM STDIN (FREEZE)", "1\n"));
        await Session.RunAsync("COMMIT");
    }

    [Fact]
    public async Task Where_keeps_rows_out()
    {
        await MakeTableAsync();
        Assert.Equal("COPY 1", await Session.CopyInAsync("COPY t (a) FROM STDIN WHERE a % 2 = 0", "1\n2\n3\n"));
        Assert.Equal("2", await Session.ValueAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData("1\tx\t1\n2\tx\t0\n", "23514", "COPY t, line 2")]
    [InlineData("1\tx\t1\n1\tx\t1\n", "23505", "COPY t, line 2")]
    [InlineData("1\tx\t1\n\\N\tx\t1\n", "23502", "COPY t, line 2")]
    [InlineData("1\tx\t1\nq\tx\t1\n", "22P02", "COPY t, line 2, column a: \"q\"")]
    [InlineData("1\tx\n", "22P04", "COPY t, line 1: \"1\tx\"")]
    public async Task A_bad_row_stores_nothing_and_is_named(string data, string state, string where)
    {
        await MakeTableAsync();
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => Session.CopyInAsync("COPY t FROM STDIN", data));
        Assert.Equal(state, error.State.Code);
        Assert.Equal(where, error.Where);
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task More_rows_than_a_batch_are_stored()
    {
        await Session.RunAsync("CREATE TABLE big (a int)");
        string data = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i}\n"));
        Assert.Equal("COPY 10000", await Session.CopyInAsync("COPY big FROM STDIN", data, pieceBytes: 1000));
        Assert.Equal("10000|49995000", (await Session.RowsAsync("SELECT count(*), sum(a) FROM big"))[0]);
        Assert.Equal(data.Length, (await Session.CopyOutAsync("COPY big TO STDOUT")).Length);
    }

    [Theory]
    [InlineData("COPY nope FROM STDIN", "42P01: relation \"nope\" does not exist")]
    [InlineData("COPY t (x) FROM STDIN", "42703: column \"x\" of relation \"t\" does not exist")]
    [InlineData("COPY t (g) FROM STDIN", "42P10: column \"g\" is a generated column")]
    [InlineData("COPY t (a, a) FROM STDIN", "42701: column \"a\" specified more than once")]
    [InlineData("COPY t FROM '/tmp/x'", "42501: file \"/tmp/x\" is not beneath the node's file_root")]
    [InlineData("COPY (DELETE FROM t) TO STDOUT", "0A000: COPY query must have a RETURNING clause")]
    [InlineData("COPY v TO STDOUT", "42809: cannot copy from view \"v\"")]
    [InlineData("BEGIN READ ONLY; COPY t FROM STDIN", "25006: cannot execute COPY FROM in a read-only transaction")]
    public async Task Copies_that_cannot_be_are_refused(string sql, string error)
    {
        await MakeTableAsync();
        await Session.RunAsync("CREATE VIEW v AS SELECT a FROM t");
        Assert.Equal(error, await Session.ErrorAsync(sql));
    }
}
