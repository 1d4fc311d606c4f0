namespace VecSQL.Engine.Tests.Models;

public sealed class DeferredEmbeddingTests : ModelTest
{
    private const string Wait = "SELECT vecsql_wait_embeddings('t')";

    [Fact]
    public async Task Writers_do_not_wait_for_a_model()
    {
        await MakeAsync();
        TaskCompletionSource started = new(), go = new();
        Database.Models.Gate = _ =>
        {
            started.TrySetResult();
            return go.Task;
        };
        await Session.RunAsync("INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')");
        await started.Task;
        Assert.Equal("3|0", await Session.ValueAsync("SELECT count(*), count(e) FROM t"));
        await Session.RunAsync("UPDATE t SET body = 'changed' WHERE id = 2; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (4, 'four')");
        Assert.Equal("running", await Session.ValueAsync("SELECT state FROM vecsql.embedding_jobs"));
        go.SetResult();
        await Session.RunAsync(Wait);
        Assert.Equal(["1|one|t", "2|changed|t", "4|four|t"], await Session.RowsAsync("SELECT id, body, e = embed('m', body) FROM t ORDER BY id"));
        Assert.Equal("idle|0", await Session.ValueAsync("SELECT state, rows_pending FROM vecsql.embedding_jobs"));
    }

    [Fact]
    public async Task Texts_that_a_model_fails_on_are_told_and_tried_again()
    {
        await MakeAsync();
        Database.Models.Poison = "text 700";
        await Session.RunAsync("INSERT INTO t SELECT n, 'text ' || n FROM generate_series(1, 1500) n");
        Assert.Equal("58000: column \"e\" of relation \"t\" could not be embedded: the model failed", await Session.ErrorAsync(Wait));
        Assert.Equal("1499|1|1|the model failed|failing", await Session.ValueAsync(
            "SELECT (SELECT count(e) FROM t), rows_pending, rows_failed, last_error, state FROM vecsql.embedding_jobs"));
        Database.Models.Poison = null;
        await Session.RunAsync(Wait);
        Assert.Equal("1500|0|0|idle", await Session.ValueAsync(
            "SELECT (SELECT count(e) FROM t), rows_pending, rows_failed, state FROM vecsql.embedding_jobs"));
    }

    [Fact]
    public async Task What_a_stop_left_is_done_after_the_next_start()
    {
        await MakeAsync();
        Database.Models.Gate = cancellation => Task.Delay(Timeout.Infinite, cancellation);
        await Session.RunAsync("INSERT INTO t SELECT n, 'text ' || n FROM generate_series(1, 10) n");
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession again = Database.Session();
        await again.RunAsync(Wait);
        Assert.Equal("10", await again.ValueAsync("SELECT count(*) FROM t WHERE e = embed('m', body)"));
    }

    [Fact]
    public async Task Another_model_is_set_at_once_and_its_vectors_follow()
    {
        await MakeAsync();
        await Session.RunAsync("INSERT INTO t SELECT n, 'text ' || n FROM generate_series(1, 10) n");
        await Session.RunAsync(Wait);
        TaskCompletionSource go = new();
        Database.Models.Gate = _ => go.Task;
        await Session.RunAsync("CREATE MODEL b FROM 'file:b.onnx'; ALTER TABLE t ALTER COLUMN e SET MODEL 'b'");
        Assert.Equal("10|0", await Session.ValueAsync("SELECT count(*), count(e) FROM t"));
        go.SetResult();
        await Session.RunAsync(Wait);
        Assert.Equal("10", await Session.ValueAsync("SELECT count(*) FROM t WHERE e = embed('b', body)"));
        Assert.Equal("b@1", await Session.ValueAsync("SELECT model FROM vecsql.embedding_jobs"));
    }

    [Fact]
    public async Task Other_databases_and_half_vectors_are_served()
    {
        await Session.RunAsync("CREATE DATABASE other");
        await using TestSession other = new(Database.Database.OpenSession(new SessionOptions("vecsql", "other", [])));
        await other.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE SCHEMA \"S\"; CREATE TABLE \"S\".\"T\" (id int, \"Body\" varchar, " +
            "\"E\" halfvec(4) GENERATED ALWAYS AS (embed('m', \"Body\")) STORED) WITH (embed_mode = async); INSERT INTO \"S\".\"T\" VALUES (1, 'x')");
        await other.RunAsync("SELECT vecsql_wait_embeddings('\"S\".\"T\"')");
        Assert.Equal("t", await other.ValueAsync("SELECT \"E\" = embed('m', 'x')::halfvec(4) FROM \"S\".\"T\""));
    }

    private Task<string> MakeAsync() => Session.RunAsync(
        "CREATE MODEL m FROM 'file:a.onnx'; CREATE TABLE t (id int, body text, " +
        "e vector(4) GENERATED ALWAYS AS (embed('m', body)) STORED) WITH (embed_mode = 'async')");
}
