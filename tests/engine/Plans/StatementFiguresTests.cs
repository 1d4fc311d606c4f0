using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Plans;

/// <summary>pg_stat_statements and the log of durations. Texts were taken from PostgreSQL 15.</summary>
public sealed class StatementFiguresTests : EngineTest
{
    private Task<string[]> CountedAsync() => Session.RowsAsync(
        "SELECT calls, rows, query FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' ORDER BY query COLLATE \"C\"");

    [Fact]
    public async Task Statements_are_counted_by_their_texts_without_constants()
    {
        await Session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, b text, d date)");
        await Session.RunAsync("SELECT pg_stat_statements_reset()");
        string[] statements =
        [
            "select  a ,  b from t where a = 5 and b = 'x' /* hm */ limit 10;",
            "SELECT a, b FROM t WHERE a = 6 and b = 'y' limit 11",
            "select a from t where a = -5",
            "select a from t where a = 7",
            "select a from t where a = 5 - 6",
            "select null, true, 1.5, -2.5, b is not null from t order by 1",
            "select date '2020-01-01', interval '1 day', '5'::int, cast('7' as numeric(5,2))",
            "select extract(year from d), date_trunc('month', d) from t group by 1, 2",
            "insert into t values (1, 'x', '2020-01-01'), (2, 'y', '2020-01-02')",
            "insert into t values (3, 'x', '2020-01-01'), (4, 'y', '2020-01-02')",
            "update t set b = 'z' where a in (1,2,3)",
            "delete from t where a between 1 and 2",
            "set work_mem = '4MB'",
            "create table u as select 1 as x",
        ];
        foreach (string statement in statements)
            await Session.RunAsync(statement);
        await Session.FailAsync("select 1 / 0");
        Assert.Equal(
        [
            "1|1|create table u as select 1 as x",
            "1|2|delete from t where a between $1 and $2",
            "2|4|insert into t values ($1, $2, $3), ($4, $5, $6)",
            "2|0|select  a ,  b from t where a = $1 and b = $2 /* hm */ limit $3",
            "1|0|select $1, $2, $3, $4, b is not null from t order by 1",
            "2|0|select a from t where a = $1",
            "1|0|select a from t where a = $1 - $2",
            "1|1|select date $1, interval $2, $3::int, cast($4 as numeric(5,2))",
            "1|0|select extract($1 from d), date_trunc($2, d) from t group by 1, 2",
            "1|0|set work_mem = '4MB'",
            "1|3|update t set b = $1 where a in ($2,$3,$4)",
        ], await CountedAsync());
    }

    [Fact]
    public async Task Prepared_statements_are_counted_when_they_run()
    {
        await Session.RunAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements; PREPARE q AS SELECT $1::int + 1");
        await Session.RunAsync("SELECT pg_stat_statements_reset()");
        await Session.RunAsync("EXECUTE q(1)");
        await Session.RunAsync("EXECUTE q(2)");
        ISqlSession client = Session.Session;
        await client.PrepareAsync("p", "SELECT 'x', $1::text", [], default);
        await client.BindAsync("unused", "p", [Columnar.Columns.BinaryColumn.Constant("y"u8, 1)], default);
        await using (IStatementResult run = await client.BindAsync("", "p", [Columnar.Columns.BinaryColumn.Constant("y"u8, 1)], default))
            await Session.ReadAsync(run);
        await client.EndScriptAsync(failed: false, default);
        Assert.Equal(["1|1|SELECT $2, $1::text", "2|2|SELECT $1::int + $2"], (await CountedAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Times_are_those_of_the_clock_and_can_be_forgotten()
    {
        await Session.RunAsync("SELECT pg_stat_statements_reset()");
        await Session.RunAsync("VALUES (1)");
        Assert.Equal(["0|0|0|0|0|t|vecsql|t"], await Session.RowsAsync(
            """
            SELECT total_exec_time, min_exec_time, max_exec_time, mean_exec_time, stddev_exec_time, toplevel,
                (SELECT datname FROM pg_database WHERE oid = dbid), queryid <> 0
            FROM pg_stat_statements WHERE query = 'VALUES ($1)'
            """));
        await Session.RunAsync("SELECT pg_stat_statements_reset(0, 0, queryid) FROM pg_stat_statements WHERE query = 'VALUES ($1)'");
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM pg_stat_statements WHERE query = 'VALUES ($1)'"));
        Assert.Equal("t", await Session.ValueAsync("SELECT count(*) > 0 FROM pg_stat_statements"));
        Assert.Equal("0|t", await Session.ValueAsync("SELECT dealloc, stats_reset = now() FROM pg_stat_statements_info"));
        await using TestSession other = Database.Session();
        await other.RunAsync("VALUES (2)");
        Assert.Equal("t", await Session.ValueAsync(
            "SELECT bool_or(query_id = queryid) FROM pg_stat_activity, pg_stat_statements s WHERE s.query = 'VALUES ($1)'"));
    }

    [Fact]
    public async Task The_setting_stops_the_counting()
    {
        await Session.RunAsync("SET pg_stat_statements.track TO none");
        await Session.RunAsync("SELECT pg_stat_statements_reset()");
        await Session.RunAsync("VALUES (1)");
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM pg_stat_statements"));
        await Session.RunAsync("SET pg_stat_statements.track TO top; SET pg_stat_statements.track_utility TO off");
        await Session.RunAsync("BEGIN");
        await Session.RunAsync("COMMIT");
        await Session.RunAsync("VALUES (1)");
        Assert.Equal(["1|1|VALUES ($1)"], await CountedAsync());
    }

    [Fact]
    public async Task Others_texts_are_for_superusers()
    {
        await Session.RunAsync("CREATE ROLE watcher LOGIN");
        await Session.RunAsync("VALUES (1)");
        await Session.RunAsync("SET ROLE watcher");
        Assert.Equal("42501: permission denied for function pg_stat_statements_reset",
            await Session.ErrorAsync("SELECT pg_stat_statements_reset()"));
        Assert.Equal(["<insufficient privilege>|NULL"], await Session.RowsAsync(
            "SELECT DISTINCT query, queryid FROM pg_stat_statements WHERE userid <> 'watcher'::regrole"));
    }

    [Fact]
    public async Task Statements_that_take_long_are_logged()
    {
        List<string> lines = [];
        Database.Database.StatementLogged += lines.Add;
        await Session.RunAsync("SELECT 1");
        Assert.Empty(lines);
        await Session.RunAsync("SET log_min_duration_statement TO 0");
        await Session.RunAsync("SELECT 2");
        await Session.Session.PrepareAsync("", "SELECT 3", [], default);
        await using (IStatementResult run = await Session.Session.BindAsync("", "", [], default))
            await Session.ReadAsync(run);
        await Session.Session.EndScriptAsync(failed: false, default);
        await Session.RunAsync("SET log_min_duration_statement TO 250");
        await Session.RunAsync("SELECT 4");
        Assert.Equal(
        [
            "duration: 0.000 ms  statement: SET log_min_duration_statement TO 0",
            "duration: 0.000 ms  statement: SELECT 2",
            "duration: 0.000 ms  execute <unnamed>: SELECT 3",
        ], lines);
    }
}
