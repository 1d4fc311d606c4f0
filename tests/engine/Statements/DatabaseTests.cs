using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>Databases as doors and sessions see them: one world each, shared by nobody else's.</summary>
public sealed class DatabaseTests : EngineTest
{
    [Fact]
    public async Task Each_has_schemas_and_tables_of_its_own_that_last()
    {
        await Session.RunAsync("CREATE DATABASE app");
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SCHEMA s");
        await using (TestSession app = Open("app"))
        {
            await app.RunAsync("CREATE SCHEMA s; CREATE TABLE t (a text, v vector(2)); INSERT INTO t VALUES ('x', '[1,2]')");
            await app.RunAsync("CREATE TEMP TABLE u (a int); DROP SCHEMA s");
        }
        await Database.ReopenAsync();
        await using TestSession first = Database.Session();
        await using TestSession second = Open("app");
        Assert.Equal(["1"], await first.RowsAsync("SELECT * FROM t"));
        Assert.Equal(["x|[1,2]"], await second.RowsAsync("SELECT * FROM t"));
        Assert.Equal(["s|1"], await first.RowsAsync("SELECT nspname, count(*) OVER () FROM pg_namespace WHERE nspname = 's'"));
        Assert.Empty(await second.RowsAsync("SELECT nspname FROM pg_namespace WHERE nspname = 's' OR nspname LIKE 'pg\\_temp%'"));
        Assert.Equal("a|v", string.Join('|', await second.RowsAsync("SELECT column_name FROM information_schema.columns WHERE table_name = 't' ORDER BY 1")));
    }

    [Fact]
    public async Task Nothing_of_one_is_seen_from_another()
    {
        await Session.RunAsync("CREATE DATABASE app");
        await using TestSession app = Open("app");
        await app.RunAsync("CREATE TABLE t (a int); CREATE SEQUENCE q; CREATE VIEW w AS SELECT * FROM t");
        string oid = await app.ValueAsync("SELECT 't'::regclass::oid");
        Assert.Equal("42P01: relation \"t\" does not exist", await Session.ErrorAsync("SELECT * FROM t"));
        Assert.Equal(oid, await Session.ValueAsync($"SELECT {oid}::regclass"));
        Assert.Empty(await Session.RowsAsync("SELECT relname FROM pg_class WHERE relname IN ('t', 'q', 'w')"));
        Assert.StartsWith("0A000", await Session.ErrorAsync("SELECT * FROM app.public.t"), StringComparison.Ordinal);
        Assert.Equal("app|t", await app.ValueAsync("SELECT current_database() || '|' || (SELECT relname FROM pg_class WHERE relname = 't')"));
    }

    [Fact]
    public async Task Plans_of_one_serve_no_other()
    {
        await Session.RunAsync("CREATE DATABASE app; ");
        await using TestSession app = Open("app");
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
        await app.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (2)");
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("1", await Session.ValueAsync($"SELECT a FROM t WHERE a < {10 + i}"));
            Assert.Equal("2", await app.ValueAsync($"SELECT a FROM t WHERE a < {10 + i}"));
        }
    }

    [Fact]
    public async Task One_that_is_in_use_stays_until_its_sessions_are_gone()
    {
        await Session.RunAsync("CREATE DATABASE app");
        TestSession app = Open("app");
        await app.RunAsync("CREATE TABLE t (a int)");
        Task<SqlException> refused = Session.FailAsync("DROP DATABASE app");
        while (!refused.IsCompleted)
        {
            await Task.Yield();
            Database.Time.Advance(TimeSpan.FromSeconds(1));
        }
        SqlException error = await refused;
        Assert.Equal(("55006", "database \"app\" is being accessed by other users"), (error.State.Code, error.Message));
        Assert.Equal("There is 1 other session using the database.", error.Detail);
        Task<string> dropped = Session.RunAsync("DROP DATABASE app");
        await app.DisposeAsync();
        Assert.Equal("DROP DATABASE", await dropped);
        Assert.Equal("3D000", Assert.Throws<SqlException>(() => Open("app")).State.Code);
    }

    [Fact]
    public async Task Force_ends_the_sessions_in_it()
    {
        await Session.RunAsync("CREATE DATABASE app");
        TestSession app = Open("app");
        TaskCompletionSource ended = new();
        app.Session.Ended += ended.SetResult;
        Task<string> dropped = Session.RunAsync("DROP DATABASE app WITH (FORCE)");
        await ended.Task; // the door closes it
        await app.DisposeAsync();
        Assert.Equal("DROP DATABASE", await dropped);
    }

    [Fact]
    public async Task Its_limits_and_settings_hold_for_its_sessions()
    {
        await Session.RunAsync("CREATE DATABASE app CONNECTION LIMIT 0");
        await Session.RunAsync("ALTER DATABASE app SET work_mem = '3MB'; ALTER DATABASE app SET search_path = s; CREATE USER joe");
        await Session.RunAsync("ALTER ROLE joe SET search_path = r");
        SqlException full = Assert.Throws<SqlException>(() => Open("app", "joe"));
        Assert.Equal(("53300", "too many connections for database \"app\""), (full.State.Code, full.Message));
        await Session.RunAsync("ALTER DATABASE app CONNECTION LIMIT -1");
        await using (TestSession joe = Open("app", "joe"))
            Assert.Equal("3MB|r", await joe.ValueAsync("SELECT current_setting('work_mem') || '|' || current_setting('search_path')"));
        await Session.RunAsync("ALTER DATABASE app RESET ALL; ALTER DATABASE app ALLOW_CONNECTIONS false");
        SqlException closed = Assert.Throws<SqlException>(() => Open("app"));
        Assert.Equal(("55000", "database \"app\" is not currently accepting connections"), (closed.State.Code, closed.Message));
    }

    private TestSession Open(string database, string user = "vecsql") =>
        new(Database.Database.OpenSession(new SessionOptions(user, database, []) { HoldsToRoles = true }));
}
