using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>Enumerated types: what lasts, what other sessions see. The rest is in the suites.</summary>
public sealed class EnumTests : EngineTest
{
    [Fact]
    public async Task They_and_their_values_are_as_they_were_after_a_restart()
    {
        await Session.RunAsync("""
            CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
            CREATE TABLE t (id int, m mood DEFAULT 'ok' CHECK (m <> 'sad'), ms mood[]);
            CREATE INDEX t_m ON t (m);
            CREATE VIEW v AS SELECT id, 'ok'::mood AS m FROM t WHERE m = 'ok'
            """);
        await Session.RunAsync("INSERT INTO t (id, ms) SELECT i, '{sad,happy}' FROM generate_series(1, 100) i; CHECKPOINT");
        await Session.RunAsync("INSERT INTO t VALUES (101, 'happy')");
        await Session.RunAsync("ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy'; ALTER TYPE mood RENAME VALUE 'ok' TO 'so-so'; ALTER TYPE mood RENAME TO feeling");
        await Database.ReopenAsync();
        await using TestSession session = Database.Session();
        await session.RunAsync("INSERT INTO t VALUES (102, 'fine'); INSERT INTO t VALUES (103)");
        Assert.Equal(["so-so|101", "fine|1", "happy|1"], await session.RowsAsync("SELECT m, count(*) FROM t GROUP BY m ORDER BY m"));
        Assert.Equal(["{sad,happy}"], await session.RowsAsync("SELECT DISTINCT ms FROM t WHERE id <= 100"));
        Assert.Equal(["103|so-so"], await session.RowsAsync("SELECT id, m FROM v WHERE id > 100"));
        Assert.Equal(["101", "102"], await session.RowsAsync("SELECT id FROM t WHERE m > 'so-so' ORDER BY id"));
        Assert.StartsWith("23514", await session.ErrorAsync("INSERT INTO t VALUES (104, 'sad')"), StringComparison.Ordinal);
        Assert.Equal("{sad,so-so,fine,happy}", await session.ValueAsync("SELECT enum_range(NULL::feeling)"));
    }

    [Fact]
    public async Task A_label_is_used_by_nobody_before_it_is_committed()
    {
        await Session.RunAsync("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (m mood)");
        await using TestSession other = Database.Session();
        await Session.RunAsync("BEGIN; ALTER TYPE mood ADD VALUE 'ok'");
        Assert.Equal("22P02: invalid input value for enum mood: \"ok\"", await other.ErrorAsync("INSERT INTO t VALUES ('ok')"));
        Assert.Equal("55P04: unsafe use of new value \"ok\" of enum type mood", await Session.ErrorAsync("INSERT INTO t VALUES ('ok')"));
        await Session.RunAsync("ROLLBACK");
        await Session.RunAsync("ALTER TYPE mood ADD VALUE 'ok'");
        for (int i = 0; i < 3; i++) // by a plan of the statement's own, and by shared ones
            await other.RunAsync("INSERT INTO t VALUES ('ok')");
        Assert.Equal(["3"], await other.RowsAsync("SELECT count(*) FROM t WHERE m = 'ok'"));
    }

    [Fact]
    public async Task Shared_plans_know_what_a_label_is_called_now()
    {
        await Session.RunAsync("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('sad'), ('ok')");
        for (int i = 0; i < 4; i++)
            Assert.Equal("sad", await Session.ValueAsync("SELECT m FROM t WHERE m = 'sad'"));
        await Session.RunAsync("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");
        Assert.Equal("blue", await Session.ValueAsync("SELECT m FROM t WHERE m = 'blue'"));
        Assert.Equal("22P02: invalid input value for enum mood: \"sad\"", await Session.ErrorAsync("SELECT m FROM t WHERE m = 'sad'"));
        await Session.RunAsync("DROP TYPE mood CASCADE; CREATE TYPE mood AS ENUM ('sad'); ALTER TABLE t ADD m mood DEFAULT 'sad'");
        Assert.Equal("sad", await Session.ValueAsync("SELECT m FROM t WHERE m = 'sad' LIMIT 1"));
    }

    [Fact]
    public async Task Names_that_others_find_otherwise_keep_their_meaning_in_what_is_stored()
    {
        await Session.RunAsync("""
            CREATE SCHEMA a; CREATE SCHEMA b; CREATE TYPE a.mood AS ENUM ('x'); CREATE TYPE b.mood AS ENUM ('y');
            SET search_path = a, public; CREATE TABLE public.t (id int, s text DEFAULT 'x'::mood::text)
            """);
        await Session.RunAsync("SET search_path = b, public; INSERT INTO t VALUES (1); ALTER TYPE a.mood RENAME TO feeling; INSERT INTO t VALUES (2)");
        Assert.Equal(["x", "x"], await Session.RowsAsync("SELECT s FROM t"));
        Assert.Equal("('x'::a.feeling)::text", await Session.ValueAsync("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"));
    }

    [Fact]
    public async Task What_goes_with_a_column_of_the_type_is_not_told_of()
    {
        await Session.RunAsync("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int, m mood CHECK (m <> 'sad'))");
        await Session.RunAsync("CREATE INDEX ON t (m) WHERE m <> 'sad'; CREATE TABLE u (s text, CHECK (s <> 'sad'::mood::text))");
        await Session.RunAsync("DROP TYPE mood CASCADE");
        Assert.Equal("drop cascades to column m of table t\ndrop cascades to constraint u_s_check on table u",
            Assert.Single(Session.Notices).Detail);
    }

    [Fact]
    public async Task Between_two_labels_there_is_room_for_many()
    {
        await Session.RunAsync("CREATE TYPE n AS ENUM ('first', 'last')");
        for (int i = 0; i < 40; i++)
            await Session.RunAsync($"ALTER TYPE n ADD VALUE 'v{i}' BEFORE 'last'");
        Assert.StartsWith("54000", await Session.ErrorAsync("ALTER TYPE n ADD VALUE 'x' BEFORE 'last'"), StringComparison.Ordinal);
        await Session.RunAsync("ALTER TYPE n ADD VALUE 'x' AFTER 'first'; ALTER TYPE n ADD VALUE 'y'");
        Assert.Equal("44|first|x|v0|v39", await Session.ValueAsync("""
            SELECT count(*) || '|' || string_agg(enumlabel, '|') FILTER (WHERE n < 4 OR n = 42)
            FROM (SELECT enumlabel, row_number() OVER (ORDER BY enumsortorder) AS n FROM pg_enum) e
            """));
    }
}
