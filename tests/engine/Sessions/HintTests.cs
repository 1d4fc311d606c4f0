using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Sessions;

/// <summary>What hint comments do beyond what the sqllogictest suite sees: messages, the extended protocol, effort.</summary>
public sealed class HintTests : EngineTest
{
    [Theory]
    [InlineData("/*+ Set(hnsw.ef_search 0) */", "22023 0 is outside the valid range for parameter \"hnsw.ef_search\" (1 .. 1000)")]
    [InlineData("/*+ Set(nosuch 1) */", "42704 unrecognized configuration parameter \"nosuch\"")]
    [InlineData("/*+ Set(DateStyle German) */", "55P02 parameter \"DateStyle\" cannot be set for one statement")]
    [InlineData("/*+ Set(port 1) */", "55P02 parameter \"port\" cannot be set for one statement")]
    [InlineData("/*+ Set(work_mem) */", "00000 pg_hint_plan: hint syntax error at or near \"Set(work_mem) \"")]
    [InlineData("/*+ IndexScan() SeqScan(t)*/", "00000 pg_hint_plan: hint syntax error at or near \"IndexScan() SeqScan(t)\"")]
    [InlineData("/*+SeqScan(t u)*/", "00000 pg_hint_plan: hint syntax error at or near \"SeqScan(t u)\"")]
    [InlineData("/*+ Nonsense(t) Set(nosuch 1)*/", "00000 pg_hint_plan: hint syntax error at or near \"Nonsense(t) Set(nosuch 1)\"")]
    [InlineData("/*+ SeqScan(t*/", "00000 pg_hint_plan: hint syntax error at or near \"\"")]
    [InlineData("/*+ SeqScan t*/", "00000 pg_hint_plan: hint syntax error at or near \"t\"")]
    [InlineData("/*+ SeqScan(\"t)*/", "00000 pg_hint_plan: hint syntax error at or near \"\"")]
    [InlineData("/*+ SeqScan(\"\")*/", "00000 pg_hint_plan: hint syntax error at or near \")\"")]
    [InlineData("/*+ /* SeqScan(t) */ */", "00000 pg_hint_plan: hint syntax error at or near \" /* SeqScan(t) */ \"")]
    [InlineData("/*+ HashJoin(a b) */", "00000 pg_hint_plan: hint \"HashJoin\" has no effect")]
    [InlineData("/*+ Leading((a (b c))) */", "00000 pg_hint_plan: hint \"Leading\" has no effect")]
    public async Task Wrong_hints_are_told_and_fail_nothing(string hint, string message)
    {
        Assert.Equal("1", await Session.ValueAsync(hint + " SELECT 1"));
        SqlNotice notice = Assert.Single(Session.Notices);
        Assert.Equal("INFO", notice.Severity);
        Assert.Equal(message, $"{notice.State} {notice.Message}");
    }

    [Theory]
    [InlineData("/* Nonsense */ SELECT 1")]
    [InlineData("SELECT 1 + 0 /*+ Nonsense */")]
    [InlineData("SELECT 0 + /*+ Nonsense */ 1")]
    [InlineData("SELECT length('/*+ Nonsense */') - 14")]
    [InlineData("-- /*+ Nonsense */\nSELECT 1")]
    public async Task Other_comments_are_no_hints(string sql)
    {
        Assert.Equal("1", await Session.ValueAsync(sql));
        Assert.Empty(Session.Notices);
    }

    [Fact]
    public async Task Each_statement_of_a_script_has_its_own()
    {
        await Session.RunAsync("CREATE TABLE r (n int, memory text)");
        await Session.RunAsync(
            """
            /*+ Set(work_mem 1MB) */ INSERT INTO r SELECT 1, current_setting('work_mem');
            INSERT INTO r SELECT 2, current_setting('work_mem');
            INSERT /*+ Set(work_mem 3MB) */ INTO r SELECT 3, current_setting('work_mem');
            """);
        Assert.Equal(["1|1MB", "2|64MB", "3|3MB"], await Session.RowsAsync("SELECT n, memory FROM r ORDER BY n"));
    }

    [Fact]
    public async Task A_prepared_statement_tells_once_and_keeps_its_hints()
    {
        ISqlSession client = Session.Session;
        await client.PrepareAsync("s", "/*+ Set(work_mem 1MB) Set(nosuch 1) */ SELECT current_setting('work_mem'), $1::int", [], default);
        for (int i = 0; i < 3; i++)
        {
            await using IStatementResult portal = await client.BindAsync("", "s", [FixedColumn<int>.Constant(i, 1)], default);
            Assert.Equal([$"1MB|{i}"], await Session.ReadAsync(portal));
        }
        await client.EndScriptAsync(failed: false, default);
        Assert.Single(Session.Notices);
        Assert.Equal("64MB", await Session.ValueAsync("SHOW work_mem"));
    }

    [Theory]
    [InlineData("hnsw.ef_search = 200", "", "Effort: 5")]
    [InlineData("hnsw.ef_search = 40", "/*+ Set(hnsw.ef_search 80) */", "Effort: 2")]
    [InlineData("vecsql.target_recall = 0.9", "/*+ Set(hnsw.ef_search 80) */", "Effort: 2")]
    [InlineData("hnsw.ef_search = 200", "/*+ Set(vecsql.target_recall 0.98) */", "Target Recall: 0.98")]
    [InlineData("vchordg.ef_search = 640", "", "Effort: 10")]
    [InlineData("vchordg.ef_search = 640", "/*+ Set(ybhnsw.ef_search 80) */", "Effort: 2")]
    [InlineData("ybhnsw.ef_search = 120", "", "Effort: 3")]
    [InlineData("diskann.query_search_list_size = 400", "", "Effort: 4")]
    [InlineData("vector_search_beam_size = 128", "", "Effort: 4")]
    [InlineData("vchordrq.probes = '5,20'", "/*+ IndexScan(t lists) */", "Effort: 2")]
    [InlineData("vchordrq.probes = 70", "/*+ IndexScan(t graph) Set(hnsw.ef_search 80) */", "Effort: 2")]
    [InlineData("ivfflat.probes = 40", "/*+ IndexScan(t lists) */", "Effort: 4")]
    public async Task Effort_is_what_the_statement_says_then_what_the_session_says(string setting, string hint, string told)
    {
        foreach (string sql in (string[])
            [
                "CREATE TABLE t (id int PRIMARY KEY, v vector(3))",
                "INSERT INTO t SELECT i, array[i % 11, i % 101, i % 1009]::vector(3) FROM generate_series(1, 3000) i",
                "CREATE INDEX graph ON t USING hnsw (v vector_l2_ops)",
                "CREATE INDEX lists ON t USING ivfflat (v vector_l2_ops)",
            ])
        {
            await Session.RunAsync(sql);
        }
        await Session.RunAsync($"SET {setting}");
        string[] lines = await Session.RowsAsync(
            $"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {hint} SELECT id FROM t ORDER BY v <-> '[1,2,3]' LIMIT 5");
        Assert.Contains(lines, line => line.Trim() == told);
    }

    [Fact]
    public async Task No_hint_comment_fails_a_statement()
    {
        string[] pieces =
        [
            "Set", "IndexScan", "NoIndexScan", "SeqScan", "Leading", "Rows", "(", ")", "(", ")", " ", "\"", "t", "t_pkey", "work_mem", "hnsw.ef_search",
            "200", "'x'", "#+1", "é", "\n", "-", "*", "vecsql.exact", "on",
        ];
        var random = new Random(7);
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v vector(2)); INSERT INTO t SELECT i, array[i, 1]::vector FROM generate_series(1, 9) i");
        for (int i = 0; i < 400; i++)
        {
            string hint = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.Equal(["1", "2"], await Session.RowsAsync($"/*+{hint}*/ SELECT id FROM t WHERE id < 8 ORDER BY v <-> '[1,1]' LIMIT 2"));
        }
        Assert.All(Session.Notices, notice => Assert.Equal("INFO", notice.Severity));
    }
}
