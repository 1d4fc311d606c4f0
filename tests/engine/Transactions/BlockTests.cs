namespace VecSQL.Engine.Tests.Transactions;

public sealed class BlockTests : IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly TestSession _session;

    public BlockTests() => _session = _database.Session();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_in_a_block_refuses_all_but_its_end()
    {
        await _session.RunAsync("BEGIN");
        Assert.Equal('T', _session.Status);
        await _session.ErrorAsync("SHOW nothing");
        Assert.Equal('E', _session.Status);
        Assert.Equal("25P02: current transaction is aborted, commands ignored until end of transaction block",
            await _session.ErrorAsync("SHOW work_mem"));
        Assert.Equal("ROLLBACK", await _session.RunAsync("COMMIT"));
        Assert.Equal('I', _session.Status);
    }

    [Fact]
    public async Task A_syntax_error_fails_the_block_too()
    {
        await _session.RunAsync("BEGIN");
        Assert.StartsWith("42601", await _session.ErrorAsync("SELEKT 1"), StringComparison.Ordinal);
        Assert.Equal('E', _session.Status);
        await _session.RunAsync("ROLLBACK");
    }

    [Fact]
    public async Task Going_back_to_a_savepoint_heals_the_block()
    {
        await _session.RunAsync("BEGIN; CREATE SCHEMA kept; SAVEPOINT a; CREATE SCHEMA undone");
        await _session.ErrorAsync("SHOW nothing");
        Assert.Equal("ROLLBACK", await _session.RunAsync("ROLLBACK TO a"));
        Assert.Equal('T', _session.Status);
        await _session.RunAsync("COMMIT");
        await _session.RunAsync("DROP SCHEMA kept");
        Assert.Equal("3F000: schema \"undone\" does not exist", await _session.ErrorAsync("DROP SCHEMA undone"));
    }

    [Theory]
    [InlineData("SAVEPOINT a", "25P01: SAVEPOINT can only be used in transaction blocks")]
    [InlineData("RELEASE a", "25P01: RELEASE SAVEPOINT can only be used in transaction blocks")]
    [InlineData("ROLLBACK TO a", "25P01: ROLLBACK TO SAVEPOINT can only be used in transaction blocks")]
    [InlineData("COMMIT AND CHAIN", "25P01: COMMIT AND CHAIN can only be used in transaction blocks")]
    [InlineData("BEGIN; RELEASE a", "3B001: savepoint \"a\" does not exist")]
    [InlineData("BEGIN; VACUUM", "25001: VACUUM cannot run inside a transaction block")]
    [InlineData("SHOW work_mem; VACUUM", "25001: VACUUM cannot run inside a transaction block")]
    [InlineData("BEGIN READ ONLY; CREATE SCHEMA s", "25006: cannot execute CREATE SCHEMA in a read-only transaction")]
    [InlineData("PREPARE TRANSACTION 'x'", "55000: prepared transactions are disabled")]
    public async Task Misplaced_statements_are_refused(string sql, string error) =>
        Assert.Equal(error, await _session.ErrorAsync(sql));

    [Fact]
    public async Task Needless_begin_and_commit_warn()
    {
        await _session.RunAsync("BEGIN; BEGIN; COMMIT; COMMIT; ROLLBACK");
        Assert.Equal(
            ["25001 there is already a transaction in progress", "25P01 there is no transaction in progress",
                "25P01 there is no transaction in progress"],
            _session.Notices.Select(notice => $"{notice.State} {notice.Message}"));
    }

    [Fact]
    public async Task A_script_is_one_transaction()
    {
        await _session.ErrorAsync("CREATE SCHEMA a; SHOW nothing");
        Assert.Equal("3F000: schema \"a\" does not exist", await _session.ErrorAsync("DROP SCHEMA a"));
        await _session.ErrorAsync("CREATE SCHEMA a; COMMIT; SHOW nothing");
        Assert.Equal("DROP SCHEMA", await _session.RunAsync("DROP SCHEMA a"));
    }

    [Fact]
    public async Task Chaining_begins_anew_with_the_same_modes()
    {
        await _session.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; COMMIT AND CHAIN");
        Assert.Equal('T', _session.Status);
        Assert.Equal("repeatable read", await _session.ValueAsync("SHOW transaction_isolation"));
        Assert.Equal("on", await _session.ValueAsync("SHOW transaction_read_only"));
        await _session.RunAsync("COMMIT");
        Assert.Equal("read committed", await _session.ValueAsync("SHOW TRANSACTION ISOLATION LEVEL"));
    }

    [Fact]
    public async Task Serializable_says_what_it_is()
    {
        await _session.RunAsync("BEGIN ISOLATION LEVEL SERIALIZABLE");
        Assert.Equal("SERIALIZABLE runs as REPEATABLE READ", Assert.Single(_session.Notices).Message);
        Assert.Equal("serializable", await _session.ValueAsync("SHOW transaction_isolation"));
    }

    [Fact]
    public async Task Session_characteristics_are_the_defaults_of_what_follows()
    {
        await _session.RunAsync("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        Assert.Equal("25006: cannot execute CREATE SCHEMA in a read-only transaction",
            await _session.ErrorAsync("CREATE SCHEMA s"));
        Assert.Equal("SHOW", await _session.RunAsync("BEGIN READ WRITE; CREATE SCHEMA s; ROLLBACK; SHOW work_mem"));
    }

    [Fact]
    public async Task Notifications_arrive_when_their_transaction_commits()
    {
        await using TestSession listener = _database.Session();
        await listener.RunAsync("LISTEN news");
        await _session.RunAsync("BEGIN; NOTIFY news, 'one'; NOTIFY news, 'one'; NOTIFY news, 'two'");
        Assert.Empty(listener.Notifications);
        await _session.RunAsync("COMMIT");
        Assert.Equal(["one", "two"], listener.Notifications.Select(notification => notification.Payload));
        await _session.RunAsync("BEGIN; NOTIFY news, 'never'; ROLLBACK");
        await listener.RunAsync("UNLISTEN *");
        await _session.RunAsync("NOTIFY news, 'unheard'");
        Assert.Equal(2, listener.Notifications.Count);
    }
}
