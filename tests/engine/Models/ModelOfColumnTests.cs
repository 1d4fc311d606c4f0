using VecSQL.Core.Errors;

namespace VecSQL.Engine.Tests.Models;

public sealed class ModelOfColumnTests : ModelTest
{
    [Fact]
    public async Task A_new_default_does_not_change_what_a_table_computes()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m SET DEFAULT");
        await Session.RunAsync(
            "CREATE TABLE t (id int, body text, e vector(4) GENERATED ALWAYS AS (embed(body)) STORED); INSERT INTO t VALUES (1, 'x')");
        await Session.RunAsync("ALTER MODEL m ADD VERSION FROM 'file:b.onnx'; ALTER MODEL m SET DEFAULT VERSION 2; INSERT INTO t VALUES (2, 'x')");
        await Session.RunAsync("ALTER MODEL words SET DEFAULT; INSERT INTO t VALUES (3, 'x'); UPDATE t SET body = 'x' WHERE id = 1");
        Assert.Equal("1|t", await Session.ValueAsync("SELECT count(DISTINCT e), bool_and(e = embed('m@1', 'x')) FROM t"));
    }

    [Theory]
    [InlineData("SELECT e <=> embed('b', 'q') FROM t", 10)]
    [InlineData("SELECT e <=> f FROM t", 10)]
    [InlineData("SELECT cosine_distance(e, f) FROM t", 8)]
    [InlineData("SELECT id FROM t ORDER BY f <-> embed('a', 'q') LIMIT 1", 29)]
    [InlineData("SELECT s.x <=> f FROM t, (SELECT e::halfvec(4)::vector AS x FROM t) s", 12)]
    [InlineData("WITH c AS (SELECT coalesce(e, NULL) AS x FROM t) SELECT x <#> embed('b', 'q') FROM c", 59)]
    [InlineData("SELECT x <-> embed('b', 'q') FROM v", 10)]
    [InlineData("SELECT avg(e) <=> embed('b', 'q') FROM t", 15)]
    [InlineData("SELECT (CASE WHEN id = 1 THEN e ELSE embed('a', 'z') END) <=> f FROM t", 59)]
    [InlineData("SELECT (SELECT e FROM t LIMIT 1) <=> f FROM t", 34)]
    [InlineData("SELECT u <=> embed('b', 'q') FROM unnest(embed('a', ARRAY['x'])) AS u", 10)]
    [InlineData("SELECT (embed('a', ARRAY['x']))[1] <=> f FROM t", 36)]
    [InlineData("SELECT x <=> f FROM t JOIN (SELECT e AS x FROM t UNION ALL SELECT e FROM t) u ON true", 10)]
    [InlineData("DELETE FROM t WHERE e <=> embed('b', 'q') < 1", 23)]
    public async Task Vectors_of_different_models_are_not_compared(string sql, int position)
    {
        await MakeAsync();
        SqlException error = await Session.FailAsync(sql);
        Assert.Equal("42V02", error.State.ToString());
        Assert.Matches("^cannot compare vectors of model \"[ab]@1\" with vectors of model \"[ab]@1\"$", error.Message);
        Assert.Equal(position, error.Position);
    }

    [Theory]
    [InlineData("SELECT e <=> embed('a', 'q') FROM t")]
    [InlineData("SELECT e <=> '[1,2,3,4]' FROM t")]
    [InlineData("SELECT e <=> n FROM t")]
    [InlineData("SELECT coalesce(e, n) <=> f FROM t")]
    [InlineData("SELECT (CASE WHEN id = 1 THEN e ELSE f END) <=> f FROM t")]
    [InlineData("SELECT x <=> f FROM t JOIN (SELECT e AS x FROM t UNION ALL SELECT f FROM t) u ON true")]
    [InlineData("SELECT e = f FROM t")]
    public async Task Vectors_of_one_model_are_compared_and_those_of_unknown_ones_with_any(string sql)
    {
        await MakeAsync();
        await Session.RunAsync(sql);
    }

    [Fact]
    public async Task A_column_does_not_take_vectors_of_another_model()
    {
        await MakeAsync();
        await Session.RunAsync("ALTER TABLE t ALTER COLUMN n SET MODEL 'a'");
        Assert.Equal("42V02: column \"n\" holds vectors of model \"a@1\" but expression is of model \"b@1\"",
            await Session.ErrorAsync("UPDATE t SET n = f"));
        Assert.Equal("42V02: column \"n\" holds vectors of model \"a@1\" but expression is of model \"b@1\"",
            await Session.ErrorAsync("INSERT INTO t (id, n) VALUES (2, embed('b', 'x'))"));
        await Session.RunAsync("INSERT INTO t (id, n) VALUES (2, embed('a', 'x')); UPDATE t SET n = e; UPDATE t SET n = '[1,2,3,4]'");
    }

    [Fact]
    public async Task Setting_a_columns_model_computes_it_anew()
    {
        await MakeAsync();
        await Session.RunAsync("INSERT INTO t (id, body) SELECT n, 'text ' || n FROM generate_series(2, 500) n; INSERT INTO t (id) VALUES (501)");
        await Session.RunAsync("CREATE INDEX near ON t USING hnsw (e vector_cosine_ops)");
        await Session.RunAsync("BEGIN; ALTER TABLE t ALTER COLUMN e SET MODEL 'b'; ROLLBACK");
        Assert.Equal("500", await Session.ValueAsync("SELECT count(*) FROM t WHERE e = embed('a', body)"));
        await Session.RunAsync("ALTER TABLE t ALTER COLUMN e SET MODEL 'b'");
        Assert.Equal("500|501", await Session.ValueAsync("SELECT count(*) FILTER (WHERE e = embed('b', body)), count(*) FROM t"));
        Assert.Equal("7", await Session.ValueAsync("SELECT id FROM t ORDER BY e <=> embed('b', 'text 7') LIMIT 1"));
        Assert.StartsWith("42V02: ", await Session.ErrorAsync("SELECT e <=> embed('a', 'q') FROM t"), StringComparison.Ordinal);
        await Session.RunAsync("INSERT INTO t (id, body) VALUES (502, 'new')");
        Assert.Equal("t", await Session.ValueAsync("SELECT e = embed('b', 'new') FROM t WHERE id = 502"));
        Assert.Equal("22000: model \"wide\" makes vectors of 6 dimensions, but column \"e\" holds 4",
            await Session.ErrorAsync("CREATE MODEL wide FROM 'file:wide.onnx'; ALTER TABLE t ALTER COLUMN e SET MODEL 'wide'"));
    }

    private Task<string> MakeAsync() => Session.RunAsync(
        "CREATE MODEL a FROM 'file:a.onnx'; CREATE MODEL b FROM 'file:b.onnx'; " +
        "CREATE TABLE t (id int, body text, n vector(4), e vector(4) GENERATED ALWAYS AS (embed('a', body)) STORED, " +
        "f vector(4) GENERATED ALWAYS AS (embed('b', body)) STORED); INSERT INTO t (id, body) VALUES (1, 'x'); " +
        "CREATE VIEW v AS SELECT e AS x FROM t");
}
