using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;

namespace VecSQL.Engine.Tests.Plans;

/// <summary>Statements that differ in their literals share a plan, and nobody can tell.</summary>
public sealed class PlanCacheTests : EngineTest
{
    private long Hits => Database.Database.Plans.Hits;

    /// <summary>A shape is planned for its first two statements; those that follow share what came of the second.</summary>
    private async Task PrimeAsync(string sql)
    {
        await Session.RunAsync(sql);
        await Session.RunAsync(sql);
    }

    private Task<string> MakeTableAsync() => Session.RunAsync(
        "CREATE TABLE t (a int PRIMARY KEY, b text, d date); INSERT INTO t SELECT i, 'b' || i, date '2020-01-01' + i FROM generate_series(1, 9) i");

    [Fact]
    public async Task A_statement_with_other_literals_is_not_planned()
    {
        await MakeTableAsync();
        await PrimeAsync("SELECT b FROM t WHERE a = 1 AND d > '2000-01-01'");
        long before = Hits;
        Assert.Equal(["b2"], await Session.RowsAsync("SELECT b FROM t WHERE a = 2 AND d > '2001-01-01'"));
        Assert.Equal(["b3"], await Session.RowsAsync("SELECT  b FROM t /* why */ WHERE a = 3 AND d > '2002-01-01';"));
        Assert.Empty(await Session.RowsAsync("SELECT b FROM t WHERE a = 4 AND d > '2022-01-01'"));
        Assert.Equal(before + 3, Hits);
    }

    [Fact]
    public async Task Another_session_shares_the_plan_unless_its_names_mean_something_else()
    {
        await MakeTableAsync();
        await PrimeAsync("SELECT b FROM t WHERE a = 1");
        await using TestSession other = Database.Session();
        long before = Hits;
        Assert.Equal(["b5"], await other.RowsAsync("SELECT b FROM t WHERE a = 5"));
        Assert.Equal(before + 1, Hits);
        await other.RunAsync("CREATE SCHEMA s; CREATE TABLE s.t (a int, b text); INSERT INTO s.t VALUES (5, 'of s')");
        await PrimeAsync("SELECT b FROM t WHERE a = 1");
        await other.RunAsync("SET search_path TO s");
        Assert.Equal(["of s"], await other.RowsAsync("SELECT b FROM t WHERE a = 5"));
        Assert.Equal(["b5"], await Session.RowsAsync("SELECT b FROM t WHERE a = 5"));
    }

    [Fact]
    public async Task A_definition_ends_the_plans_made_before_it()
    {
        await MakeTableAsync();
        await PrimeAsync("SELECT * FROM t WHERE a = 1");
        await Session.RunAsync("ALTER TABLE t DROP COLUMN d");
        Assert.Equal(["2|b2"], await Session.RowsAsync("SELECT * FROM t WHERE a = 2"));
        await PrimeAsync("SELECT * FROM t WHERE a = 1");
        await Session.RunAsync("DROP TABLE t");
        Assert.Equal("42P01: relation \"t\" does not exist", await Session.ErrorAsync("SELECT * FROM t WHERE a = 3"));
    }

    [Fact]
    public async Task Statistics_and_growth_have_a_plan_made_anew()
    {
        await MakeTableAsync();
        await PrimeAsync("SELECT count(*) FROM t WHERE d > '2000-01-01'");
        await Session.RunAsync("ANALYZE t");
        long before = Hits;
        await Session.RunAsync("SELECT count(*) FROM t WHERE d > '2000-01-02'");
        Assert.Equal(before, Hits);
        await PrimeAsync("SELECT count(*) FROM t WHERE d > '2000-01-01'");
        await Session.RunAsync("INSERT INTO t SELECT i, 'x', '2020-01-01' FROM generate_series(100, 9100) i");
        before = Hits;
        Assert.Equal("9010", await Session.ValueAsync("SELECT count(*) FROM t WHERE d > '2000-01-02'"));
        Assert.Equal(before, Hits);
    }

    [Fact]
    public async Task A_statement_that_runs_much_longer_than_it_is_planned_has_a_plan_for_its_values()
    {
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t SELECT i FROM generate_series(1, 100000) i; ANALYZE t");
        await PrimeAsync("SELECT count(*) FROM t WHERE a < 5");
        long before = Hits;
        Assert.Equal("6", await Session.ValueAsync("SELECT count(*) FROM t WHERE a < 7"));
        Assert.Equal(before, Hits);
    }

    [Fact]
    public async Task A_literal_that_is_no_value_fails_at_its_own_place()
    {
        await MakeTableAsync();
        await PrimeAsync("SELECT b FROM t WHERE d = '2020-01-02' AND a = 1");
        SqlException error = await Session.FailAsync("SELECT  b FROM t WHERE d = 'soon' AND a = 1");
        Assert.Equal((SqlState.InvalidDatetimeFormat, 28), (error.State, error.Position));
    }

    [Fact]
    public async Task Positions_limits_and_modifiers_are_part_of_the_plan()
    {
        await MakeTableAsync();
        string sql = "SELECT a, b::varchar(2), -a FROM t ORDER BY 1 LIMIT 1";
        await PrimeAsync(sql);
        Assert.Equal(["9|b9|-9"], await Session.RowsAsync(sql.Replace("BY 1", "BY 3")));
        Assert.Equal(["1|b|-1"], await Session.RowsAsync(sql.Replace("(2)", "(1)")));
        Assert.Equal(2, (await Session.RowsAsync(sql.Replace("LIMIT 1", "LIMIT 2"))).Length);
        Assert.Equal("42P10: ORDER BY position 4 is not in select list", await Session.ErrorAsync(sql.Replace("BY 1", "BY 4")));
    }

    [Fact]
    public async Task Literals_that_had_to_be_equal_have_to_be_so_again()
    {
        await MakeTableAsync();
        const string sql = "SELECT date_trunc('month', d)::date, count(*) FROM t GROUP BY date_trunc('month', d)";
        await PrimeAsync(sql);
        long before = Hits;
        Assert.Equal(["2020-01-01|9"], await Session.RowsAsync(sql.Replace("month", "year")));
        Assert.Equal(before + 1, Hits);
        string other = await Session.ErrorAsync("SELECT date_trunc('year', d)::date, count(*) FROM t GROUP BY date_trunc('month', d)");
        Assert.StartsWith("42803: column \"t.d\" must appear in the GROUP BY clause", other);
    }

    [Fact]
    public async Task Numbers_keep_the_width_that_their_digits_ask_for()
    {
        const string sql = "SELECT pg_typeof(1), pg_typeof(-1), -1";
        await PrimeAsync(sql);
        Assert.Equal(["integer|integer|-2"], await Session.RowsAsync("SELECT pg_typeof(7), pg_typeof(-7), -2"));
        Assert.Equal(["bigint|integer|-2147483648"], await Session.RowsAsync("SELECT pg_typeof(2147483648), pg_typeof(-2147483648), -2147483648"));
        Assert.Equal(["numeric|bigint|-3.5"], await Session.RowsAsync(
            "SELECT pg_typeof(99999999999999999999), pg_typeof(-9223372036854775808), -3.5"));
    }

    [Fact]
    public async Task Words_for_the_moment_are_read_when_the_statement_runs()
    {
        await PrimeAsync("SELECT timestamp '2020-01-01' < now()::timestamp, date 'today' = current_date");
        Assert.Equal(["f|t"], await Session.RowsAsync("SELECT timestamp 'tomorrow' < now()::timestamp, date 'today' = current_date"));
        await Session.RunAsync("CREATE VIEW w AS SELECT timestamp 'now' AS moment");
        await PrimeAsync("SELECT moment FROM w WHERE 1 = 1");
        string first = await Session.ValueAsync("SELECT moment FROM w WHERE 1 = 1");
        Database.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(first, await Session.ValueAsync("SELECT moment FROM w WHERE 2 = 2")); // a view keeps the moment of its making
    }

    [Fact]
    public async Task An_index_that_needs_the_value_is_used()
    {
        await Session.RunAsync(
            """
            CREATE TABLE v (a int PRIMARY KEY, e vector(2));
            INSERT INTO v SELECT i, ARRAY[i, -i]::vector FROM generate_series(1, 100) i;
            CREATE INDEX v_e ON v USING hnsw (e vector_l2_ops) WHERE a > 3
            """);
        const string sql = "SELECT a FROM v WHERE a > 3 ORDER BY e <-> '[1,-1]' LIMIT 1";
        Assert.Contains(await Session.RowsAsync("EXPLAIN " + sql), line => line.Contains("v_e", StringComparison.Ordinal));
        await PrimeAsync(sql);
        long before = Hits;
        Assert.Equal(["9"], await Session.RowsAsync(sql.Replace("[1,-1]", "[9,-9]")));
        Assert.Equal(before, Hits);
    }

    [Fact]
    public async Task Prepared_statements_of_the_protocol_share_plans_too()
    {
        await MakeTableAsync();
        for (int i = 0; i < 3; i++)
        {
            long before = Hits;
            await Session.Session.PrepareAsync("", "SELECT b FROM t WHERE a = $1 AND b <> 'x'", [], default);
            await Session.Session.EndScriptAsync(failed: false, default);
            Assert.Equal(i < 2 ? before : before + 1, Hits);
        }
    }

    [Fact]
    public async Task The_setting_leaves_the_cache_alone()
    {
        await MakeTableAsync();
        await Session.RunAsync("SET plan_cache_mode TO force_custom_plan");
        long before = Hits;
        for (int i = 1; i < 5; i++)
            Assert.Equal([$"b{i}"], await Session.RowsAsync($"SELECT b FROM t WHERE a = {i}"));
        Assert.Equal(before, Hits);
    }

    [Fact]
    public void What_was_asked_for_longest_ago_goes_first()
    {
        PlanCache plans = new(bytesMax: 100_000);
        CatalogSnapshot catalog = Database.Database.Storage.Catalog;
        for (int i = 0; i < 200; i++)
            plans.Put(new PlanKey("here", $"SELECT {i}"), catalog, plan: null);
        Assert.InRange(plans.Count, 10, 25);
        Assert.True(plans.IsHopeless(new PlanKey("here", "SELECT 199"), catalog));
        Assert.False(plans.IsHopeless(new PlanKey("here", "SELECT 0"), catalog));
        Assert.False(plans.IsHopeless(new PlanKey("there", "SELECT 199"), catalog));
    }
}
