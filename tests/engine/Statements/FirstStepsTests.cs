namespace VecSQL.Engine.Tests.Statements;

public sealed class FirstStepsTests : IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly TestSession _session;

    public FirstStepsTests() => _session = _database.Session();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Rows_inserted_are_selected()
    {
        Assert.Equal("CREATE TABLE", await _session.RunAsync("CREATE TABLE t (a int, b text)"));
        Assert.Equal("INSERT 0 2", await _session.RunAsync("INSERT INTO t VALUES (1, 'one'), (2, NULL)"));
        Assert.Equal(["1|one", "2|NULL"], await _session.RowsAsync("SELECT a, b FROM t ORDER BY a"));
        Assert.Equal("SELECT 2", await _session.RunAsync("SELECT * FROM t"));
        Assert.Equal("UPDATE 1", await _session.RunAsync("UPDATE t SET b = 'two' WHERE a = 2"));
        Assert.Equal("DELETE 1", await _session.RunAsync("DELETE FROM t WHERE a = 1"));
        Assert.Equal(["2|two"], await _session.RowsAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task Rows_survive_a_restart()
    {
        await _session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, v vector(3)); INSERT INTO t VALUES (1, '[1,2,3]'), (2, '[4,5,6]')");
        await _session.Session.DisposeAsync();
        await _database.ReopenAsync();
        await using TestSession session = _database.Session();
        Assert.Equal(["2|[4,5,6]", "1|[1,2,3]"], await session.RowsAsync("SELECT * FROM t ORDER BY v <-> '[4,5,6]'"));
        Assert.StartsWith("23505", await session.ErrorAsync("INSERT INTO t VALUES (1, NULL)"), StringComparison.Ordinal);
    }
}
