using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Settings;

/// <summary>Settings that end a wait: the clock moves only when a test says so.</summary>
public sealed class TimeoutTests : EngineTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    private async Task MakeTableAsync() =>
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)");

    [Theory]
    [InlineData("BEGIN; LOCK TABLE t", "SELECT * FROM t")]
    [InlineData("BEGIN; UPDATE t SET n = 1 WHERE id = 1", "UPDATE t SET n = 2 WHERE id = 1")]
    [InlineData("BEGIN; UPDATE t SET n = 1 WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR UPDATE")]
    [InlineData("BEGIN; UPDATE t SET n = 1 WHERE id = 1", "DELETE FROM t WHERE id = 1")]
    [InlineData("BEGIN; INSERT INTO t VALUES (3, 0)", "INSERT INTO t VALUES (3, 1)")]
    [InlineData("BEGIN; INSERT INTO t VALUES (3, 0)", "INSERT INTO t VALUES (3, 1) ON CONFLICT DO NOTHING")]
    [InlineData("BEGIN; ALTER TABLE t ADD b int", "TRUNCATE t")]
    [InlineData("BEGIN; CREATE TABLE u (a int)", "CREATE TABLE u (a int)")]
    public async Task Waits_for_locks_end_by_lock_timeout_and_by_statement_timeout(string holding, string waiting)
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync(holding);

        await other.RunAsync("SET lock_timeout = 200");
        Task<string> failing = other.ErrorAsync(waiting);
        await Database.Time.TimersAsync(1);
        Database.Time.Advance(Limit);
        Assert.Equal("55P03: canceling statement due to lock timeout", await failing);

        await other.RunAsync("SET lock_timeout = 0; SET statement_timeout = 200");
        failing = other.ErrorAsync(waiting);
        await Database.Time.TimersAsync(1);
        Database.Time.Advance(Limit);
        Assert.Equal("57014: canceling statement due to statement timeout", await failing);
        await Session.RunAsync("ROLLBACK");
        Assert.Equal("2", await other.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Lock_timeout_set_within_a_transaction_holds_from_the_next_statement_on()
    {
        await MakeTableAsync();
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; UPDATE t SET n = 1 WHERE id = 1");
        await other.RunAsync("BEGIN; SELECT * FROM t; SET LOCAL lock_timeout = '1min'; SET LOCAL lock_timeout = 200");
        Task<string> failing = other.ErrorAsync("UPDATE t SET n = 2 WHERE id = 1");
        await Database.Time.TimersAsync(1);
        Database.Time.Advance(Limit);
        Assert.Equal("55P03: canceling statement due to lock timeout", await failing);
        Assert.Equal('E', other.Status);
    }

    [Fact]
    public async Task Statement_timeout_ends_a_statement_that_computes()
    {
        await Session.RunAsync("SET statement_timeout = 200");
        Task<string> failing = Task.Run(() => Session.ErrorAsync(
            "SELECT sum(a * b) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"));
        await Database.Time.TimersAsync(1);
        Database.Time.Advance(Limit);
        Assert.Equal("57014: canceling statement due to statement timeout", await failing);
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
    }

    [Fact]
    public async Task Statement_timeout_ends_a_copy_whose_client_is_slow()
    {
        await MakeTableAsync();
        await Session.RunAsync("SET statement_timeout = 200");
        await using (IStatementResult copy = await Session.Session.RunAsync(Session.Session.ParseScript("COPY t FROM STDIN")[0], default))
        {
            ICopySink sink = Assert.IsAssignableFrom<ICopySink>(copy.CopyIn);
            await sink.WriteAsync("3\t0\n"u8.ToArray(), default);
            Database.Time.Advance(Limit);
            SqlException error = await Assert.ThrowsAsync<SqlException>(
                async () => await sink.WriteAsync("4\t0\n"u8.ToArray(), default));
            Assert.Equal("canceling statement due to statement timeout", error.Message);
        }
        await Session.Session.EndScriptAsync(failed: true, default);
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_cancellation_between_two_pieces_of_copy_is_not_lost()
    {
        await MakeTableAsync();
        await using (IStatementResult copy = await Session.Session.RunAsync(Session.Session.ParseScript("COPY t FROM STDIN")[0], default))
        {
            ICopySink sink = Assert.IsAssignableFrom<ICopySink>(copy.CopyIn);
            await sink.WriteAsync("3\t0\n"u8.ToArray(), default);
            Session.Session.Cancel();
            SqlException error = await Assert.ThrowsAsync<SqlException>(
                async () => await sink.WriteAsync("4\t0\n"u8.ToArray(), default));
            Assert.Equal("canceling statement due to user request", error.Message);
        }
        await Session.Session.EndScriptAsync(failed: true, default);
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("SELECT 1", "57P05: terminating connection due to idle-session timeout")]
    [InlineData("BEGIN; SELECT 1", "25P03: terminating connection due to idle-in-transaction timeout")]
    public async Task An_idle_session_is_ended(string before, string reason)
    {
        int ended = 0;
        await Session.RunAsync("SET idle_session_timeout = 200; SET idle_in_transaction_session_timeout = 200");
        Session.Session.Ended += () => ended++;
        Database.Time.Advance(Limit / 2);
        await Session.RunAsync(before);
        Database.Time.Advance(Limit / 2); // the time runs from the last statement's end
        Assert.Equal(0, ended);
        Database.Time.Advance(Limit / 2);
        Assert.Equal(1, ended);
        Assert.Equal(reason, $"{Session.Session.EndReason?.State}: {Session.Session.EndReason?.Message}");
        Assert.Equal(reason, await Session.ErrorAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_session_idle_in_a_failed_block_is_ended_too()
    {
        await Session.RunAsync("SET idle_in_transaction_session_timeout = 200");
        await Session.ErrorAsync("BEGIN; SELECT 1/0");
        Database.Time.Advance(Limit);
        Assert.Equal(SqlState.IdleInTransactionSessionTimeout, Session.Session.EndReason?.State);
    }

    [Fact]
    public async Task A_working_session_is_not_idle()
    {
        await Session.RunAsync("SET idle_session_timeout = 200");
        Session.Session.ParseScript("SELECT 1");
        Database.Time.Advance(2 * Limit);
        await Session.Session.EndScriptAsync(failed: false, default);
        Assert.Null(Session.Session.EndReason);
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
    }

    [Fact]
    public async Task Terminating_a_session_ends_it_at_once()
    {
        await using TestSession other = Database.Session();
        int ended = 0;
        other.Session.Ended += () => ended++;
        Assert.Equal("t", await Session.ValueAsync($"SELECT pg_terminate_backend({other.Session.BackendId})"));
        Assert.Equal(1, ended);
        Assert.Equal("57P01: terminating connection due to administrator command", await other.ErrorAsync("SELECT 1"));
    }
}
