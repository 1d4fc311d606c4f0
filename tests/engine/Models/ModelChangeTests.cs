using System.Collections.Concurrent;

namespace VecSQL.Engine.Tests.Models;

/// <summary>Another model for a column, while others read and write.</summary>
public sealed class ModelChangeTests : ModelTest
{
    private const string Change = "ALTER TABLE t ALTER COLUMN e SET MODEL 'b'";

    [Fact]
    public async Task Readers_and_writers_go_on_and_see_one_model_or_the_other()
    {
        await MakeAsync(3000);
        await Session.RunAsync("CREATE INDEX near ON t USING hnsw (e vector_l2_ops)");
        using CancellationTokenSource stop = new();
        ConcurrentBag<string> seen = [];
        Task reader = LoopAsync(async session => seen.Add(await session.ValueAsync(
            "SELECT count(*) FILTER (WHERE (e::real[])[1:4] <> (embed('a', body)::real[])[1:4]) = 0, "
            + "count(*) FILTER (WHERE (e::real[])[1:4] <> (embed('b', body)::real[])[1:4]) = 0, count(*) - count(e) FROM t")), stop.Token);
        int next = 100_000;
        Task writer = LoopAsync(async session =>
        {
            int id = Interlocked.Increment(ref next);
            await session.RunAsync($"INSERT INTO t (id, body) VALUES ({id}, 'new {id}'); UPDATE t SET body = 'changed {id}' WHERE id = {id % 3000}; "
                + $"UPDATE t SET note = note + 1 WHERE id = {(id * 7) % 3000}; DELETE FROM t WHERE id = {id - 5}");
        }, stop.Token);
        await Session.RunAsync(Change);
        Assert.Equal("b@1", await ModelAsync(Session));
        await stop.CancelAsync();
        await Task.WhenAll(reader, writer);
        Assert.All(seen, one => Assert.Contains(one, (string[])["t|f|0", "f|t|0"]));
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM t WHERE (e::real[])[1:4] IS DISTINCT FROM (embed('b', body)::real[])[1:4]"));
        Assert.Equal("id|body|e|note", await ColumnsAsync());
        Assert.Equal("near|3", await Session.ValueAsync("SELECT indexrelid::regclass, indkey FROM pg_index WHERE indrelid = 't'::regclass AND NOT indisprimary"));
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM pg_class WHERE relkind = 'i' AND oid IN (SELECT indexrelid FROM pg_index "
            + "WHERE indrelid = 't'::regclass)"));
        await Session.RunAsync("INSERT INTO t VALUES (7000000, 'last')");
        Assert.Equal("7000000|last|t", await Session.ValueAsync("SELECT id, body, e = embed('b', 'last') FROM t ORDER BY e <-> embed('b', 'last') LIMIT 1"));
    }

    [Fact]
    public async Task A_statement_that_is_cancelled_leaves_the_column_as_it_was()
    {
        await MakeAsync(50);
        TaskCompletionSource started = new(), go = new();
        await using TestSession other = Database.Session();
        Database.Models.Gate = _ =>
        {
            started.TrySetResult();
            return go.Task;
        };
        Task<string> change = other.ErrorAsync(Change);
        await started.Task;
        Assert.Equal("e|b@1", await Session.ValueAsync("SELECT column_name, model FROM vecsql.embedding_jobs WHERE rows_pending = 50"));
        Task<string> back = Session.RunAsync("ALTER TABLE t ALTER COLUMN e SET MODEL 'a'");
        go.SetResult();
        await back;
        Assert.StartsWith("57014", await change, StringComparison.Ordinal);
        Assert.Equal("a@1", await ModelAsync(Session));
        Assert.Equal("50|0", await Session.ValueAsync("SELECT count(*), (SELECT count(*) FROM vecsql.embedding_jobs) FROM t WHERE e = embed('a', body)"));
        await Session.RunAsync("ALTER TABLE t DROP COLUMN e");
    }

    [Fact]
    public async Task A_text_that_the_model_fails_on_ends_it()
    {
        await MakeAsync(50);
        Database.Models.Poison = "text 7";
        Assert.Equal("58000: column \"e\" of relation \"t\" could not be embedded: the model failed", await Session.ErrorAsync(Change));
        Database.Models.Poison = null;
        Assert.Equal("50", await Session.ValueAsync("SELECT count(*) FROM t WHERE e = embed('a', body)"));
        await Session.RunAsync(Change);
        Assert.Equal("50", await Session.ValueAsync("SELECT count(*) FROM t WHERE e = embed('b', body)"));
    }

    [Fact]
    public async Task What_is_computed_from_the_column_meanwhile_ends_it()
    {
        await MakeAsync(50);
        await using TestSession block = Database.Session();
        await block.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class"); // keeps the change waiting
        Task<string> change = Session.ErrorAsync(Change);
        await EmbeddedAsync(50);
        await using TestSession other = Database.Session();
        await other.RunAsync("CREATE INDEX ON t USING hnsw ((e::halfvec(4)) halfvec_l2_ops)");
        Assert.StartsWith("55006: cannot alter table \"t\"", await other.ErrorAsync("ALTER TABLE t DROP COLUMN e"), StringComparison.Ordinal);
        await block.RunAsync("COMMIT");
        Assert.Contains("an index of relation \"t\" is computed from column \"e\"", await change, StringComparison.Ordinal);
        Assert.Equal("50", await other.ValueAsync("SELECT count(*) FROM t WHERE e = embed('a', body)"));
        await other.RunAsync("ALTER TABLE t DROP COLUMN e");
    }

    [Fact]
    public async Task Nobody_reads_at_a_moment_from_before_afterwards()
    {
        await MakeAsync(50);
        await using TestSession block = Database.Session();
        await block.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class");
        Task<string> change = Session.RunAsync(Change);
        await EmbeddedAsync(50);
        Assert.Equal("50", await block.ValueAsync("SELECT count(*) FROM t WHERE e = embed('a', body)"));
        await block.RunAsync("COMMIT");
        await change;
        Assert.Equal("50", await block.ValueAsync("SELECT count(*) FROM t WHERE e = embed('b', body)"));
    }

    [Fact]
    public async Task A_cursor_that_is_closed_keeps_no_change_waiting()
    {
        await MakeAsync(50);
        await using TestSession block = Database.Session();
        await block.RunAsync("CREATE TABLE u AS SELECT n FROM generate_series(1, 10000) n; BEGIN; DECLARE c CURSOR FOR SELECT n FROM u; FETCH 1 FROM c");
        Task<string> change = Session.RunAsync(Change);
        await EmbeddedAsync(50);
        await block.RunAsync("SELECT 1"); // the transaction goes on at another moment, and the cursor where it was
        Assert.Equal("2", await block.ValueAsync("FETCH 1 FROM c"));
        await block.RunAsync("CLOSE c");
        await change;
        await block.RunAsync("ROLLBACK");
    }

    [Fact]
    public async Task In_a_transaction_it_is_part_of_that()
    {
        await MakeAsync(50);
        await Session.RunAsync("CREATE VIEW w AS SELECT * FROM t");
        await Session.RunAsync($"BEGIN; {Change}; ROLLBACK");
        Assert.Equal("50", await Session.ValueAsync("SELECT count(*) FROM w WHERE e = embed('a', body)"));
        await Session.RunAsync(Change);
        Assert.Equal("50", await Session.ValueAsync("SELECT count(*) FROM w WHERE e = embed('b', body)"));
        await Session.RunAsync("BEGIN; ALTER TABLE t ALTER COLUMN e SET MODEL 'a'; COMMIT; ALTER TABLE t ADD COLUMN more int DEFAULT 5");
        Assert.Equal("50", await Session.ValueAsync("SELECT count(*) FROM w WHERE e = embed('a', body)"));
        Assert.Equal("id|body|e|note|more", await ColumnsAsync());
        Assert.Equal("50|4", await Session.ValueAsync("SELECT sum(1) FILTER (WHERE more = 5), "
            + "(SELECT count(*) FROM information_schema.columns WHERE table_name = 'w') FROM t"));
    }

    [Fact]
    public async Task What_indexes_compute_from_the_column_is_computed_anew()
    {
        await MakeAsync(50);
        await Session.RunAsync("CREATE INDEX halves ON t USING hnsw ((e::halfvec(4)) halfvec_l2_ops)");
        await Session.RunAsync(Change);
        Assert.Equal("7|t", await Session.ValueAsync("SELECT id, e = embed('b', body) FROM t "
            + "ORDER BY e::halfvec(4) <-> embed('b', 'text 7')::halfvec(4) LIMIT 1"));
        await Session.RunAsync("CREATE TABLE u (LIKE t INCLUDING ALL); INSERT INTO u (id, body) VALUES (1, 'x')");
        Assert.Equal("t", await Session.ValueAsync("SELECT e = embed('b', 'x') FROM u ORDER BY e::halfvec(4) <-> embed('b', 'x')::halfvec(4) LIMIT 1"));
    }

    [Fact]
    public async Task A_table_whose_column_was_changed_is_a_table_like_others()
    {
        await MakeAsync(50);
        await Session.RunAsync("CREATE INDEX near ON t USING hnsw (e vector_l2_ops)");
        await Session.RunAsync(Change);
        await Session.RunAsync("CREATE TABLE u (LIKE t INCLUDING ALL); INSERT INTO u (id, body) SELECT id, body FROM t");
        Assert.Equal("9", await Session.ValueAsync("SELECT id FROM u ORDER BY e <-> embed('b', 'text 9') LIMIT 1"));
        Assert.StartsWith("42V02", await Session.ErrorAsync("SELECT id FROM u ORDER BY e <-> embed('a', 'x') LIMIT 1"), StringComparison.Ordinal);
        Assert.Equal("id|body|e|note", await Session.ValueAsync("SELECT string_agg(column_name, '|' ORDER BY ordinal_position) "
            + "FROM information_schema.columns WHERE table_name = 'u'"));
        await Session.RunAsync("CHECKPOINT");
        await Session.RunAsync("ALTER TABLE t ALTER COLUMN e SET MODEL 'a'"); // and back, over segments that have columns of both
        await Session.RunAsync("UPDATE t SET note = 1 WHERE id = 9; ALTER TABLE t RENAME COLUMN e TO f; COMMENT ON COLUMN t.f IS 'vectors'");
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession again = Database.Session();
        Assert.Equal("50|9|vectors", await again.ValueAsync("SELECT (SELECT count(*) FROM t WHERE f = embed('a', body)), "
            + "(SELECT id FROM t ORDER BY f <-> embed('a', 'text 9') LIMIT 1), col_description('t'::regclass, 3)"));
        Assert.Equal("9|text 9|1", await again.ValueAsync("SELECT id, body, note FROM t WHERE id = 9"));
        await again.RunAsync("ALTER TABLE t DROP COLUMN f; INSERT INTO t VALUES (100, 'x', 5)");
        Assert.Equal("100|x|5", await again.ValueAsync("SELECT * FROM t WHERE id = 100"));
    }

    private Task<string> ColumnsAsync() => Session.ValueAsync("SELECT string_agg(attname, '|' ORDER BY attnum) FROM pg_attribute "
        + "WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped");

    /// <summary>Returns when so many rows have been given vectors of the other model.</summary>
    private async Task EmbeddedAsync(int count)
    {
        await using TestSession session = Database.Session();
        while (await session.ValueAsync($"SELECT count(*) FROM vecsql.embedding_jobs WHERE rows_done = {count}") == "0")
            await Task.Yield();
    }

    private static Task<string> ModelAsync(TestSession session) => session.ValueAsync(
        "SELECT substring(pg_get_expr(adbin, adrelid) FROM '''([^'']*)''') FROM pg_attrdef WHERE adrelid = 't'::regclass AND adnum = 3");

    private Task LoopAsync(Func<TestSession, Task> work, CancellationToken stop) => Task.Run(async () =>
    {
        await using TestSession session = Database.Session();
        while (!stop.IsCancellationRequested)
            await work(session);
    }, CancellationToken.None);

    private Task<string> MakeAsync(int count) => Session.RunAsync(
        "CREATE MODEL a FROM 'file:a.onnx'; CREATE MODEL b FROM 'file:b.onnx'; CREATE TABLE t (id int PRIMARY KEY, body text, "
        + "e vector(4) GENERATED ALWAYS AS (embed('a', body)) STORED, note int DEFAULT 0); "
        + $"INSERT INTO t (id, body) SELECT n, 'text ' || n FROM generate_series(0, {count - 1}) n");
}
