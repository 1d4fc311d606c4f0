namespace VecSQL.Engine.Tests.Sessions;

public sealed class CursorTests : EngineTest
{
    private async Task DeclareAsync(string options = "", string query = "SELECT * FROM t ORDER BY 1") =>
        await Session.RunAsync($"CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3), (4); BEGIN; DECLARE c {options} CURSOR FOR {query}");

    [Fact]
    public async Task Fetching_walks_forth_and_back()
    {
        await DeclareAsync("SCROLL");
        Assert.Equal(["1"], await Session.RowsAsync("FETCH c"));
        Assert.Equal(["2", "3"], await Session.RowsAsync("FETCH 2 FROM c"));
        Assert.Equal(["2"], await Session.RowsAsync("FETCH PRIOR FROM c"));
        Assert.Equal(["3", "4"], await Session.RowsAsync("FETCH ALL FROM c"));
        Assert.Empty(await Session.RowsAsync("FETCH c"));
        Assert.Equal(["4", "3", "2", "1"], await Session.RowsAsync("FETCH BACKWARD ALL FROM c"));
        Assert.Equal(["3"], await Session.RowsAsync("FETCH ABSOLUTE 3 FROM c"));
        Assert.Equal(["3"], await Session.RowsAsync("FETCH 0 FROM c"));
        Assert.Equal(["1"], await Session.RowsAsync("FETCH RELATIVE -2 FROM c"));
        Assert.Equal(["4"], await Session.RowsAsync("FETCH LAST FROM c"));
        Assert.Equal(["1"], await Session.RowsAsync("FETCH FIRST FROM c"));
        Assert.Equal("MOVE 2", await Session.RunAsync("MOVE 2 FROM c"));
        Assert.Equal(["4"], await Session.RowsAsync("FETCH NEXT FROM c"));
    }

    [Fact]
    public async Task Without_scroll_there_is_no_way_back()
    {
        await DeclareAsync("NO SCROLL");
        await Session.RunAsync("FETCH 2 FROM c");
        Assert.Equal("55000: cursor can only scan forward", await Session.ErrorAsync("FETCH BACKWARD 1 FROM c"));
    }

    [Fact]
    public async Task A_cursor_sees_the_moment_of_its_declaration()
    {
        await DeclareAsync();
        await Session.RunAsync("FETCH 1 FROM c; INSERT INTO t VALUES (5); DELETE FROM t WHERE a = 3");
        Assert.Equal(["2", "3", "4"], await Session.RowsAsync("FETCH ALL FROM c"));
    }

    [Fact]
    public async Task With_hold_outlives_its_transaction()
    {
        await DeclareAsync("", "SELECT 1");
        await Session.RunAsync("DECLARE h CURSOR WITH HOLD FOR SELECT a FROM t ORDER BY a; FETCH h; COMMIT");
        Assert.Equal(["2", "3", "4"], await Session.RowsAsync("FETCH ALL FROM h"));
        Assert.Equal("34000: cursor \"c\" does not exist", await Session.ErrorAsync("FETCH c"));
        Assert.Equal("CLOSE CURSOR", await Session.RunAsync("CLOSE h"));
        Assert.Equal("34000: cursor \"h\" does not exist", await Session.ErrorAsync("CLOSE h"));
    }

    [Fact]
    public async Task A_rolled_back_transaction_takes_its_held_cursors_along()
    {
        await Session.RunAsync("BEGIN; DECLARE h CURSOR WITH HOLD FOR SELECT 1; ROLLBACK");
        Assert.Equal("34000: cursor \"h\" does not exist", await Session.ErrorAsync("FETCH h"));
    }

    [Theory]
    [InlineData("DECLARE c CURSOR FOR SELECT 1", "25P01: DECLARE CURSOR can only be used in transaction blocks")]
    [InlineData("BEGIN; DECLARE c CURSOR FOR SELECT 1; DECLARE c CURSOR FOR SELECT 2", "42P03: cursor \"c\" already exists")]
    [InlineData("FETCH nope", "34000: cursor \"nope\" does not exist")]
    public async Task Misuse_is_refused(string sql, string error) => Assert.Equal(error, await Session.ErrorAsync(sql));

    [Fact]
    public async Task A_cursor_made_after_a_savepoint_goes_with_it()
    {
        await Session.RunAsync("BEGIN; SAVEPOINT s; DECLARE c CURSOR FOR SELECT 1; ROLLBACK TO s");
        Assert.Equal("34000: cursor \"c\" does not exist", await Session.ErrorAsync("FETCH c"));
    }

    [Fact]
    public async Task Cursors_are_listed()
    {
        await DeclareAsync("SCROLL");
        Assert.Equal(["c|f|f|t"], await Session.RowsAsync("SELECT name, is_holdable, is_binary, is_scrollable FROM pg_cursors"));
    }
}
