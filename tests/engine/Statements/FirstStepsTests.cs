namespace VecSQL.Engine.Tests.Statements;

public sealed class FirstStepsTests : EngineTest
{
    [Fact]
    public async Task Rows_inserted_are_selected()
    {
        Assert.Equal("CREATE TABLE", await Session.RunAsync("CREATE TABLE t (a int, b text)"));
        Assert.Equal("INSERT 0 2", await Session.RunAsync("INSERT INTO t VALUES (1, 'one'), (2, NULL)"));
        Assert.Equal(["1|one", "2|NULL"], await Session.RowsAsync("SELECT a, b FROM t ORDER BY a"));
        Assert.Equal("SELECT 2", await Session.RunAsync("SELECT * FROM t"));
        Assert.Equal("UPDATE 1", await Session.RunAsync("UPDATE t SET b = 'two' WHERE a = 2"));
        Assert.Equal("DELETE 1", await Session.RunAsync("DELETE FROM t WHERE a = 1"));
        Assert.Equal(["2|two"], await Session.RowsAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task Rows_survive_a_restart()
    {
        await Session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, v vector(3)); INSERT INTO t VALUES (1, '[1,2,3]'), (2, '[4,5,6]')");
        await Session.Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession session = Database.Session();
        Assert.Equal(["2|[4,5,6]", "1|[1,2,3]"], await session.RowsAsync("SELECT * FROM t ORDER BY v <-> '[4,5,6]'"));
        Assert.StartsWith("23505", await session.ErrorAsync("INSERT INTO t VALUES (1, NULL)"), StringComparison.Ordinal);
    }
}
