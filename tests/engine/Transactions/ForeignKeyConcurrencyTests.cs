using VecSQL.Core.Errors;

namespace VecSQL.Engine.Tests.Transactions;

/// <summary>No row is left that refers to nothing, whatever sessions do side by side, and after a start anew.</summary>
public sealed class ForeignKeyConcurrencyTests : EngineTest
{
    private const int Keys = 12;

    private const string Orphans = """
        SELECT (SELECT count(*) FROM c WHERE a IS NOT NULL AND NOT EXISTS (SELECT FROM p WHERE p.a = c.a))
            + (SELECT count(*) FROM d WHERE a IS NOT NULL AND NOT EXISTS (SELECT FROM p WHERE p.a = d.a))
            + (SELECT count(*) FROM w WHERE a IS NOT NULL AND NOT EXISTS (SELECT FROM p WHERE p.a = w.a))
        """;

    private Task MakeTablesAsync() => Session.RunAsync($"""
        CREATE TABLE p (a int PRIMARY KEY, n int);
        CREATE TABLE c (id int, a int REFERENCES p);
        CREATE TABLE d (id int, a int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE);
        CREATE TABLE w (id int, a int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO p SELECT i, 0 FROM generate_series(1, {Keys}) i
        """);

    /// <summary>What the session fails with once the other, which it waits for, has committed.</summary>
    private async Task<SqlException> FailsAfterAsync(TestSession other, string sql)
    {
        Task<SqlException> waiting = Session.FailAsync(sql);
        Assert.False(waiting.IsCompleted);
        await other.RunAsync("COMMIT");
        return await waiting;
    }

    [Fact]
    public async Task Whoever_refers_to_a_key_that_another_takes_away_waits_for_it()
    {
        await MakeTablesAsync();
        await using TestSession other = Database.Session();
        await other.RunAsync("BEGIN; DELETE FROM p WHERE a = 1");
        Assert.Equal("Key (a)=(1) is not present in table \"p\".", (await FailsAfterAsync(other, "INSERT INTO c VALUES (1, 1)")).Detail);
    }

    [Fact]
    public async Task Whoever_takes_a_key_away_waits_for_those_who_begin_to_refer_to_it()
    {
        await MakeTablesAsync();
        await using TestSession other = Database.Session();
        await other.RunAsync("BEGIN; INSERT INTO c VALUES (1, 1)");
        Assert.Equal("Key (a)=(1) is still referenced from table \"c\".", (await FailsAfterAsync(other, "DELETE FROM p WHERE a = 1")).Detail);
    }

    [Fact]
    public async Task A_key_is_held_through_updates_of_its_row_by_others()
    {
        await MakeTablesAsync();
        await using TestSession other = Database.Session();
        await using TestSession third = Database.Session();
        await other.RunAsync("BEGIN; INSERT INTO c VALUES (1, 1)");
        await third.RunAsync("UPDATE p SET n = n + 1 WHERE a = 1");
        Assert.Equal(SqlState.ForeignKeyViolation, (await FailsAfterAsync(other, "DELETE FROM p WHERE a = 1")).State);
    }

    [Fact]
    public async Task A_cascade_reaches_rows_that_were_committed_while_it_waited()
    {
        await MakeTablesAsync();
        await using TestSession other = Database.Session();
        await other.RunAsync("BEGIN; INSERT INTO d VALUES (1, 1)");
        Task<string> waiting = Session.RunAsync("DELETE FROM p WHERE a = 1");
        Assert.False(waiting.IsCompleted);
        await other.RunAsync("COMMIT");
        Assert.Equal("DELETE 1", await waiting);
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM d"));
    }

    [Fact]
    public async Task A_savepoint_gives_back_the_keys_held_since_it()
    {
        await MakeTablesAsync();
        await using TestSession other = Database.Session();
        await other.RunAsync("BEGIN; SAVEPOINT s; INSERT INTO c VALUES (1, 1); ROLLBACK TO s");
        Assert.Equal("DELETE 1", await Session.RunAsync("DELETE FROM p WHERE a = 1"));
        await other.RunAsync("COMMIT");
    }

    [Theory]
    [InlineData(1, "READ COMMITTED", false)]
    [InlineData(2, "REPEATABLE READ", false)]
    [InlineData(3, "READ COMMITTED", true)]
    [InlineData(4, "REPEATABLE READ", true)]
    public async Task Random_changes_side_by_side_leave_no_orphans(int seed, string isolation, bool isFlushed)
    {
        await MakeTablesAsync();
        Task[] workers = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(() => WorkAsync(seed * 100 + worker, isolation, isFlushed)))];
        await Task.WhenAll(workers);
        Assert.Equal("0", await Session.ValueAsync(Orphans));
        Assert.NotEqual("0", await Session.ValueAsync("SELECT (SELECT count(*) FROM c) + (SELECT count(*) FROM d) + (SELECT count(*) FROM w)"));
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession after = Database.Session();
        Assert.Equal("0", await after.ValueAsync(Orphans));
        await after.RunAsync("INSERT INTO p VALUES (1000, 0); INSERT INTO c VALUES (1, 1000)");
        Assert.Equal(SqlState.ForeignKeyViolation, (await after.FailAsync("DELETE FROM p WHERE a = 1000")).State);
    }

    private async Task WorkAsync(int seed, string isolation, bool isFlushed)
    {
        Random random = new(seed);
        await using TestSession session = Database.Session();
        for (int round = 0; round < 60; round++)
        {
            if (isFlushed && random.Next(10) == 0)
                await session.RunAsync("CHECKPOINT");
            await TryAsync(session, $"BEGIN ISOLATION LEVEL {isolation}");
            int count = random.Next(1, 5);
            for (int i = 0; i < count; i++)
                await TryAsync(session, Change(random));
            await TryAsync(session, random.Next(6) == 0 ? "ROLLBACK" : "COMMIT");
        }
    }

    // Failures are part of it: keys that are not there, keys that are there twice, waits that would never end.
    private static async Task TryAsync(TestSession session, string sql)
    {
        try
        {
            await session.RunAsync(sql);
        }
        catch (SqlException error)
        {
            Assert.Contains(error.State, new[]
            {
                SqlState.ForeignKeyViolation, SqlState.UniqueViolation, SqlState.DeadlockDetected, SqlState.SerializationFailure,
                SqlState.InFailedSqlTransaction,
            });
        }
    }

    private static string Change(Random random)
    {
        int key = random.Next(1, Keys + 1), other = random.Next(1, Keys + 1);
        char table = "cdw"[random.Next(3)];
        return random.Next(9) switch
        {
            0 or 1 => $"INSERT INTO {table} VALUES ({random.Next(100)}, {key})",
            2 => $"INSERT INTO {table} SELECT i, i FROM generate_series({key}, {key + 2}) i",
            3 => $"DELETE FROM {table} WHERE a = {key}",
            4 => $"DELETE FROM p WHERE a = {key}",
            5 => $"INSERT INTO p VALUES ({key}, 0)",
            6 => $"UPDATE p SET n = n + 1 WHERE a = {key}",
            7 => $"UPDATE p SET a = {other} WHERE a = {key}",
            _ => $"UPDATE {table} SET a = {other} WHERE a = {key}",
        };
    }
}
