using System.Globalization;
using System.Text.RegularExpressions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>What ANALYZE finds and keeps, and what the planner makes of it.</summary>
public sealed partial class AnalyzeTests : EngineTest
{
    /// <summary>100,000 rows, of which a sample is taken: a common city, rare ones, nulls, an even range, a key of another table.</summary>
    private async Task MakeAsync() => await Session.RunAsync(
        """
        CREATE TABLE people (id int PRIMARY KEY, city text, age int, born date, country int);
        INSERT INTO people SELECT i, CASE WHEN i % 10 < 6 THEN 'Kyoto' WHEN i % 10 < 8 THEN 'city ' || i % 3000 END,
            i % 100, date '1950-01-01' + i % 20000, i % 50 FROM generate_series(1, 100000) i;
        CREATE TABLE countries (id int, name text);
        INSERT INTO countries SELECT i, 'country ' || i FROM generate_series(0, 49) i;
        """);

    /// <summary>Queries, and how many rows they have.</summary>
    private static readonly (string Sql, double Rows)[] Counted =
    [
        ("SELECT * FROM people WHERE city = 'Kyoto'", 60_000),
        ("SELECT * FROM people WHERE 'Kyoto' <> city", 20_000),
        ("SELECT * FROM people WHERE city IS NULL", 20_000),
        ("SELECT * FROM people WHERE city IS NOT NULL", 80_000),
        ("SELECT * FROM people WHERE city = 'city 7'", 33),
        ("SELECT * FROM people WHERE age < 25", 25_000),
        ("SELECT * FROM people WHERE 90 <= age", 10_000),
        ("SELECT * FROM people WHERE age BETWEEN 30 AND 39", 10_000),
        ("SELECT * FROM people WHERE age IN (1, 2, 3)", 3_000),
        ("SELECT * FROM people WHERE age = 3 AND city = 'Kyoto'", 600),
        ("SELECT * FROM people WHERE born >= date '1950-01-01' + 15000", 25_000),
        ("SELECT * FROM people WHERE age = NULL::int", 1),
        ("SELECT * FROM people p JOIN countries c ON p.country = c.id", 100_000),
        ("SELECT * FROM people p JOIN countries c ON p.country = c.id WHERE p.age = 7", 1_000),
        ("SELECT * FROM people p JOIN people q ON p.born = q.born", 500_000),
        ("SELECT age, count(*) FROM people GROUP BY age", 100),
        ("SELECT DISTINCT country FROM people", 50),
    ];

    [Fact]
    public async Task Estimates_follow_what_was_found()
    {
        await MakeAsync();
        await Session.RunAsync("ANALYZE");
        List<string> wrong = [];
        foreach ((string sql, double rows) in Counted)
        {
            string plan = (await Session.RowsAsync($"EXPLAIN {sql}"))[0];
            double estimate = double.Parse(RowsOf().Match(plan).Groups[1].Value, CultureInfo.InvariantCulture);
            if (estimate < rows / 1.5 || estimate > rows * 1.5)
                wrong.Add($"{sql}: {rows} rows, estimated {estimate}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Tables_that_others_drop_meanwhile_are_passed_over()
    {
        await using TestSession other = Database.Session(), third = Database.Session();
        await Session.RunAsync("CREATE TABLE dropped (a int); INSERT INTO dropped VALUES (1); CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)");
        await other.RunAsync("BEGIN; DROP TABLE dropped");
        Task<string> all = Session.RunAsync("ANALYZE"), one = third.ErrorAsync("ANALYZE dropped");
        await other.RunAsync("COMMIT");
        Assert.Equal("ANALYZE", await all);
        Assert.Equal("42P01: relation \"dropped\" does not exist", await one);
        Assert.Equal("1", await Session.ValueAsync("SELECT count(*) FROM pg_stats WHERE tablename = 'kept'"));
    }

    [Fact]
    public async Task Statistics_are_shown_in_pg_stats()
    {
        await Session.RunAsync("CREATE TABLE t (a int, b text, v vector(3), j json)");
        await Session.RunAsync(
            """
            INSERT INTO t SELECT i, CASE WHEN i % 4 = 0 THEN NULL WHEN i % 4 = 1 THEN 'a,b' ELSE 'c' END, '[1,2,3]', '{}'
            FROM generate_series(0, 999) i
            """);
        Assert.Empty(await Session.RowsAsync("SELECT * FROM pg_stats WHERE tablename = 't'"));
        Assert.Equal("ANALYZE", await Session.RunAsync("ANALYZE t"));
        Assert.Equal(
            ["public|a|f|0|4|-1|NULL|NULL|{0,9,19,", "public|b|f|0.25|2|2|{c,\"a,b\"}|{0.5,0.25}|NULL",
                "public|j|f|0|3|0|NULL|NULL|NULL", "public|v|f|0|13|0|NULL|NULL|NULL"],
            await Session.RowsAsync(
                """
                SELECT schemaname, attname, inherited, null_frac, avg_width, n_distinct, most_common_vals, most_common_freqs,
                    left(histogram_bounds::text, 8)
                FROM pg_stats WHERE tablename = 't' ORDER BY attname
                """));
    }

    [Fact]
    public async Task Statistics_are_as_durable_and_as_transactional_as_the_table()
    {
        const string Shown = "SELECT attname, n_distinct FROM pg_stats WHERE tablename = 't' ORDER BY 1";
        await Session.RunAsync("CREATE TABLE t (a int, b text); INSERT INTO t SELECT 1, 'x' FROM generate_series(1, 10)");
        await Session.RunAsync("BEGIN; ANALYZE t; ROLLBACK");
        Assert.Empty(await Session.RowsAsync(Shown));
        await Session.RunAsync("VACUUM (ANALYZE) t");
        Assert.Equal(["a|1", "b|1"], await Session.RowsAsync(Shown));
        await Session.RunAsync("ALTER TABLE t ALTER a TYPE bigint");
        Assert.Equal(["b|1"], await Session.RowsAsync(Shown));
        await Session.RunAsync("ALTER TABLE t DROP COLUMN b");
        Assert.Empty(await Session.RowsAsync(Shown));
        await Session.RunAsync("VACUUM ANALYZE t");
        Assert.Equal(["a|1"], await Session.RowsAsync(Shown));
    }

    [Fact]
    public async Task Analysing_is_not_in_the_way_of_writers()
    {
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
        await using TestSession writer = Database.Session();
        await writer.RunAsync("BEGIN; INSERT INTO t VALUES (2)");
        Assert.Equal("ANALYZE", await Session.RunAsync("ANALYZE t"));
        await writer.RunAsync("COMMIT");
        Assert.Equal("25006: cannot execute ANALYZE in a read-only transaction",
            await Session.ErrorAsync("BEGIN READ ONLY; ANALYZE t"));
    }

    [GeneratedRegex(@"rows=(\d+)")]
    private static partial Regex RowsOf();
}
