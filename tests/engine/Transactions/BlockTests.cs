namespace VecSQL.Engine.Tests.Transactions;

public sealed class BlockTests : EngineTest
{
    [Fact]
    public async Task A_failure_in_a_block_refuses_all_but_its_end()
    {
        await Session.RunAsync("BEGIN");
        Assert.Equal('T', Session.Status);
        await Session.ErrorAsync("SHOW nothing");
        Assert.Equal('E', Session.Status);
        Assert.Equal("25P02: current transaction is aborted, commands ignored until end of transaction block",
            await Session.ErrorAsync("SHOW work_mem"));
        Assert.Equal("ROLLBACK", await Session.RunAsync("COMMIT"));
        Assert.Equal('I', Session.Status);
    }

    [Fact]
    public async Task A_syntax_error_fails_the_block_too()
    {
        await Session.RunAsync("BEGIN");
        Assert.StartsWith("42601", await Session.ErrorAsync("SELEKT 1"), StringComparison.Ordinal);
        Assert.Equal('E', Session.Status);
        await Session.RunAsync("ROLLBACK");
    }

    [Fact]
    public async Task Going_back_to_a_savepoint_heals_the_block()
    {
        await Session.RunAsync("BEGIN; CREATE SCHEMA kept; SAVEPOINT a; CREATE SCHEMA undone");
        await Session.ErrorAsync("SHOW nothing");
        Assert.Equal("ROLLBACK", await Session.RunAsync("ROLLBACK TO a"));
        Assert.Equal('T', Session.Status);
        await Session.RunAsync("COMMIT");
        await Session.RunAsync("DROP SCHEMA kept");
        Assert.Equal("3F000: schema \"undone\" does not exist", await Session.ErrorAsync("DROP SCHEMA undone"));
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
        Assert.Equal(error, await Session.ErrorAsync(sql));

    [Fact]
    public async Task Needless_begin_and_commit_warn()
    {
        await Session.RunAsync("BEGIN; BEGIN; COMMIT; COMMIT; ROLLBACK");
        Assert.Equal(
            ["25001 there is already a transaction in progress", "25P01 there is no transaction in progress",
                "25P01 there is no transaction in progress"],
            Session.Notices.Select(notice => $"{notice.State} {notice.Message}"));
    }

    [Fact]
    public async Task A_script_is_one_transaction()
    {
        await Session.ErrorAsync("CREATE SCHEMA a; SHOW nothing");
        Assert.Equal("3F000: schema \"a\" does not exist", await Session.ErrorAsync("DROP SCHEMA a"));
        await Session.ErrorAsync("CREATE SCHEMA a; COMMIT; SHOW nothing");
        Assert.Equal("DROP SCHEMA", await Session.RunAsync("DROP SCHEMA a"));
    }

    [Fact]
    public async Task Chaining_begins_anew_with_the_same_modes()
    {
        await Session.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; COMMIT AND CHAIN");
        Assert.Equal('T', Session.Status);
        Assert.Equal("repeatable read", await Session.ValueAsync("SHOW transaction_isolation"));
        Assert.Equal("on", await Session.ValueAsync("SHOW transaction_read_only"));
        await Session.RunAsync("COMMIT");
        Assert.Equal("read committed", await Session.ValueAsync("SHOW TRANSACTION ISOLATION LEVEL"));
    }

    [Fact]
    public async Task Serializable_says_what_it_is()
    {
        await Session.RunAsync("BEGIN ISOLATION LEVEL SERIALIZABLE");
        Assert.Equal("SERIALIZABLE runs as REPEATABLE READ", Assert.Single(Session.Notices).Message);
        Assert.Equal("serializable", await Session.ValueAsync("SHOW transaction_isolation"));
    }

    [Fact]
    public async Task Session_characteristics_are_the_defaults_of_what_follows()
    {
        await Session.RunAsync("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        Assert.Equal("25006: cannot execute CREATE SCHEMA in a read-only transaction",
            await Session.ErrorAsync("CREATE SCHEMA s"));
        Assert.Equal("SHOW", await Session.RunAsync("BEGIN READ WRITE; CREATE SCHEMA s; ROLLBACK; SHOW work_mem"));
    }

    [Fact]
    public async Task Notifications_arrive_when_their_transaction_commits()
    {
        await using TestSession listener = Database.Session();
        await listener.RunAsync("LISTEN news");
        await Session.RunAsync("BEGIN; NOTIFY news, 'one'; NOTIFY news, 'one'; NOTIFY news, 'two'");
        Assert.Empty(listener.Notifications);
        await Session.RunAsync("COMMIT");
        Assert.Equal(["one", "two"], listener.Notifications.Select(notification => notification.Payload));
        await Session.RunAsync("BEGIN; NOTIFY news, 'never'; ROLLBACK");
        await listener.RunAsync("UNLISTEN *");
        await Session.RunAsync("NOTIFY news, 'unheard'");
        Assert.Equal(2, listener.Notifications.Count);
    }
}
