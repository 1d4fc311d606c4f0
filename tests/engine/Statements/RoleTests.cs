using VecSQL.Core.Errors;
using VecSQL.Engine.Access;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>Roles as doors see them: who may begin a session, and by which password.</summary>
public sealed class RoleTests : EngineTest
{
    [Fact]
    public async Task Roles_last()
    {
        await Session.RunAsync("CREATE USER joe PASSWORD 'x' CONNECTION LIMIT 3; ALTER ROLE joe SET work_mem = '1MB'; COMMENT ON ROLE joe IS 'c'");
        string before = await Session.ValueAsync("SELECT a FROM pg_authid a WHERE rolname = 'joe'");
        LoginPassword password = Database.Database.PasswordOf("joe"), unknown = Database.Database.PasswordOf("nobody");
        await Database.ReopenAsync();
        await using TestSession again = Database.Session();
        Assert.Equal(before, await again.ValueAsync("SELECT a FROM pg_authid a WHERE rolname = 'joe'"));
        Assert.Equal(password.Verifier.ToString(), Database.Database.PasswordOf("joe").Verifier.ToString());
        Assert.Equal(unknown.Verifier.Salt.ToArray(), Database.Database.PasswordOf("nobody").Verifier.Salt.ToArray());
        await using ISqlSession joe = Open("joe", holds: true);
        Assert.Equal("1MB", await new TestSession(joe).ValueAsync("SHOW work_mem"));
    }

    [Theory]
    [InlineData("CREATE USER joe PASSWORD 'x'", null)]
    [InlineData("CREATE USER joe PASSWORD 'x' VALID UNTIL 'infinity'", null)]
    [InlineData("CREATE USER joe PASSWORD 'x' VALID UNTIL '1999-01-01'", "user \"joe\" has an expired password")]
    [InlineData("CREATE USER joe", "user \"joe\" has no password assigned")]
    [InlineData("CREATE USER joe PASSWORD ''", "user \"joe\" has no password assigned")]
    [InlineData("SELECT 1", "role \"joe\" does not exist")]
    public async Task A_password_is_good_or_it_is_known_why_none_is(string sql, string? refusal)
    {
        await Session.RunAsync(sql);
        LoginPassword password = Database.Database.PasswordOf("joe");
        Assert.Equal(refusal, password.Refusal);
        Assert.Equal(ScramVerifier.DefaultIterations, password.Verifier.Iterations);
        Assert.Equal(16, password.Verifier.Salt.Length);
        Assert.Equal(sql.Contains("'x'", StringComparison.Ordinal), password.Verifier.Matches("x"));
        Assert.False(password.Verifier.Matches("y"));
    }

    [Fact]
    public async Task A_session_that_holds_to_roles_needs_one_that_may_log_in()
    {
        await Session.RunAsync("CREATE ROLE silent; CREATE USER single CONNECTION LIMIT 1; CREATE USER root SUPERUSER CONNECTION LIMIT 0");
        Assert.Equal("28000: role \"nobody\" does not exist", Refused("nobody"));
        Assert.Equal("28000: role \"silent\" is not permitted to log in", Refused("silent"));
        await using (Open("single", holds: true))
            Assert.Equal("53300: too many connections for role \"single\"", Refused("single"));
        await using ISqlSession again = Open("single", holds: true), root = Open("root", holds: true);
        Assert.Equal("off", again.ReportedSettings.Single(setting => setting.Key == "is_superuser").Value);
        Assert.Equal("on", root.ReportedSettings.Single(setting => setting.Key == "is_superuser").Value);
    }

    [Fact]
    public async Task Without_rules_any_name_stands_for_the_first_role()
    {
        await using ISqlSession session = Open("whoever", holds: false);
        TestSession whoever = new(session);
        Assert.Equal("whoever|whoever|10|t", await whoever.ValueAsync(
            "SELECT current_user, rolname, oid, rolsuper FROM pg_roles WHERE rolname = current_user"));
        Assert.Equal("whoever", await whoever.ValueAsync("SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'pg_catalog'"));
        await whoever.RunAsync("CREATE TABLE t (a int); ALTER TABLE t OWNER TO whoever; ALTER TABLE t OWNER TO vecsql; CREATE ROLE other");
        Assert.Equal("0A000: ownership by a role other than whoever is not supported",
            await whoever.ErrorAsync("ALTER TABLE t OWNER TO other"));
    }

    [Fact]
    public async Task What_a_superuser_runs_is_hidden_from_others_and_not_theirs_to_end()
    {
        await Session.RunAsync("CREATE USER joe");
        await using ISqlSession session = Open("joe", holds: true);
        TestSession joe = new(session);
        string[] queries = await joe.RowsAsync("SELECT usename, query FROM pg_stat_activity ORDER BY pid");
        Assert.Equal("vecsql|<insufficient privilege>", queries[0]);
        Assert.StartsWith("joe|SELECT usename", queries[1], StringComparison.Ordinal);
        Assert.Equal("42501: must be a superuser to terminate superuser process",
            await joe.ErrorAsync($"SELECT pg_terminate_backend({Session.Session.BackendId})"));
        Assert.Equal("42501: must be a superuser to cancel superuser query",
            await joe.ErrorAsync($"SELECT pg_cancel_backend({Session.Session.BackendId})"));
    }

    private string Refused(string user)
    {
        SqlException refused = Assert.Throws<SqlException>(() => Open(user, holds: true));
        return $"{refused.State}: {refused.Message}";
    }

    private ISqlSession Open(string user, bool holds) =>
        Database.Database.OpenSession(new SessionOptions(user, "vecsql", []) { HoldsToRoles = holds });
}
