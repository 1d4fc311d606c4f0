using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Transactions;

public sealed class ConcurrencyTests : EngineTest
{
    private async Task MakeTableAsync() =>
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)");

    [Fact]
    public async Task Read_committed_runs_an_update_again_on_the_newer_row()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; UPDATE t SET n = n + 1 WHERE id = 1");
        Task<string> waiting = other.RunAsync("UPDATE t SET n = n + 10 WHERE id = 1");
        await Session.RunAsync("COMMIT");
        Assert.Equal("UPDATE 1", await waiting);
        Assert.Equal("11", await Session.ValueAsync("SELECT n FROM t WHERE id = 1"));
    }

    [Fact]
    public async Task Repeatable_read_refuses_to_overwrite_what_it_has_not_seen()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t");
        await other.RunAsync("UPDATE t SET n = 5 WHERE id = 1");
        Assert.Equal("0", await Session.ValueAsync("SELECT n FROM t WHERE id = 1"));
        Assert.Equal("40001: could not serialize access due to concurrent update",
            await Session.ErrorAsync("UPDATE t SET n = n + 1 WHERE id = 1"));
        Assert.Equal('E', Session.Status);
    }

    [Fact]
    public async Task Read_committed_sees_each_commit_at_its_next_statement()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN");
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM t"));
        await other.RunAsync("INSERT INTO t VALUES (3, 0)");
        Assert.Equal("3", await Session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_schema_goes_with_the_tables_that_others_change_meanwhile()
    {
        await using TestSession other = Database.Session();
        await Session.RunAsync("CREATE SCHEMA s; CREATE TABLE s.gone (a int); INSERT INTO s.gone VALUES (1)");
        await Session.RunAsync("BEGIN; ANALYZE s.gone");
        Task<string> dropping = other.RunAsync("DROP SCHEMA s CASCADE");
        await Session.RunAsync("COMMIT");
        Assert.Equal("DROP SCHEMA", await dropping);
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM pg_class WHERE relname = 'gone'"));
        await Session.RunAsync("ANALYZE");
    }

    [Fact]
    public async Task A_key_is_unique_across_transactions()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; INSERT INTO t VALUES (7, 1)");
        Task<string> waiting = other.ErrorAsync("INSERT INTO t VALUES (7, 2)");
        await Session.RunAsync("COMMIT");
        Assert.Equal("23505: duplicate key value violates unique constraint \"t_pkey\"", await waiting);
    }

    [Fact]
    public async Task Of_two_sessions_that_make_the_same_table_one_fails()
    {
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; CREATE TABLE same (a int)");
        Task<string> waiting = other.ErrorAsync("CREATE TABLE same (b int)");
        await Session.RunAsync("COMMIT");
        Assert.Equal("42P07: relation \"same\" already exists", await waiting);
    }

    [Fact]
    public async Task Cancelling_ends_the_statement_and_leaves_the_session_usable()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; LOCK TABLE t");
        Task<string> waiting = other.ErrorAsync("SELECT * FROM t");
        while (!waiting.IsCompleted)
        {
            await Database.Database.CancelAsync(other.Session.BackendId, other.Session.SecretKey, CancellationToken.None);
            await Task.Yield();
        }
        Assert.Equal("57014: canceling statement due to user request", await waiting);
        Assert.Equal("1", await other.ValueAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_wrong_key_cancels_nothing()
    {
        await Database.Database.CancelAsync(Session.Session.BackendId, Session.Session.SecretKey + 1, CancellationToken.None);
        await Database.Database.CancelAsync(Session.Session.BackendId, Session.Session.SecretKey, CancellationToken.None); // nothing runs
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_deadlock_ends_one_of_the_two()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; UPDATE t SET n = 1 WHERE id = 1");
        await other.RunAsync("BEGIN; UPDATE t SET n = 2 WHERE id = 2");
        Task<string> waiting = other.RunAsync("UPDATE t SET n = 2 WHERE id = 1");
        Task<string> mine = Session.RunAsync("UPDATE t SET n = 1 WHERE id = 2");
        Task<string> loser = await Task.WhenAny(waiting, mine);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => loser);
        Assert.Equal(SqlState.DeadlockDetected, error.State);
        await (loser == mine ? Session : other).RunAsync("ROLLBACK");
        await (loser == mine ? waiting : mine);
    }

    [Fact]
    public async Task An_advisory_lock_is_waited_for_until_its_session_gives_it_back_or_ends()
    {
        await using TestSession other = Database.Session();
        TestSession third = Database.Session();
        await Session.RunAsync("SELECT pg_advisory_lock(1)");
        Task<string> waiting = Task.Run(() => other.RunAsync("SELECT pg_advisory_lock(1)"));
        await WaitForWaiterAsync();
        await Session.RunAsync("SELECT pg_advisory_unlock(1)");
        await waiting;
        Task<string> again = Task.Run(() => third.RunAsync("BEGIN; SELECT pg_advisory_xact_lock(1)"));
        await WaitForWaiterAsync();
        await other.DisposeAsync();
        await again;
        Assert.Equal("f", await Session.ValueAsync("SELECT pg_try_advisory_lock(1)"));
        await third.DisposeAsync();
        Assert.Equal("t", await Session.ValueAsync("SELECT pg_try_advisory_lock(1)"));
    }

    [Fact]
    public async Task A_deadlock_over_a_row_and_an_advisory_lock_ends_one_of_the_two()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("SELECT pg_advisory_lock(1)");
        await other.RunAsync("BEGIN; UPDATE t SET n = 2 WHERE id = 1");
        Task<string> waiting = Task.Run(() => other.RunAsync("SELECT pg_advisory_lock(1)"));
        await WaitForWaiterAsync();
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => Session.RunAsync("UPDATE t SET n = 1 WHERE id = 1"));
        Assert.Equal(SqlState.DeadlockDetected, error.State);
        await Session.RunAsync("SELECT pg_advisory_unlock(1)");
        await waiting;
    }

    [Fact]
    public async Task A_statement_that_waited_for_a_definition_has_the_columns_defined()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session(), third = Database.Session();
        string before = (await Session.RowsAsync("SELECT * FROM t"))[0];
        await other.RunAsync("BEGIN; ALTER TABLE t ADD COLUMN added int DEFAULT 7");
        Task<string[]> waiting = Task.Run(() => third.RowsAsync("SELECT * FROM t"));
        await WaitForWaiterAsync();
        await other.RunAsync("COMMIT");
        Assert.Equal(before + "|7", (await waiting)[0]);
    }

    [Fact]
    public async Task COPY_that_waited_for_a_table_made_anew_fills_the_new_one()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session(), third = Database.Session();
        await other.RunAsync("BEGIN; DROP TABLE t; CREATE TABLE t (id int)");
        Task<string> waiting = Task.Run(() => third.CopyInAsync("COPY t FROM STDIN", "77\n"));
        await WaitForWaiterAsync();
        await other.RunAsync("COMMIT");
        await waiting;
        Assert.Equal("77", await Session.ValueAsync("SELECT id FROM t"));
    }

    private async Task WaitForWaiterAsync()
    {
        while (await Session.ValueAsync("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")
            await Task.Yield();
    }

    [Fact]
    public async Task One_session_too_many_is_refused()
    {
        await using Database small = Engine.Database.Open(new DatabaseOptions
        {
            Storage = new Storage.StorageOptions
            {
                Directory = "/data",
                Files = new Storage.Files.FaultyFileSystem(),
                RunsBackgroundWork = false,
            },
            ConnectionsMax = 1,
        });
        SessionOptions options = new("u", "vecsql", []);
        await using ISqlSession first = small.OpenSession(options);
        Assert.Equal(SqlState.TooManyConnections, Assert.Throws<SqlException>(() => small.OpenSession(options)).State);
    }

    [Fact]
    public async Task A_session_that_ends_in_a_block_leaves_nothing_behind()
    {
        await MakeTableAsync();
        TestSession other = Database.Session();
        await other.RunAsync("BEGIN; DELETE FROM t; CREATE TEMP TABLE mine (a int); LISTEN x");
        await other.DisposeAsync();
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM t"));
        await Session.RunAsync("DROP TABLE t");
    }
}
