using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Ml.Embedders;

namespace VecSQL.Engine.Tests.Models;

public sealed class ModelConcurrencyTests : ModelTest
{
    [Fact]
    public void The_built_in_model_is_what_the_catalog_says()
    {
        WordsEmbedder embedder = WordsEmbedder.Instance;
        ModelVersion version = Assert.Single(ModelEntry.BuiltIn.Versions);
        Assert.Equal((embedder.Name, embedder.Version, embedder.Dimensions), (ModelEntry.BuiltIn.Name, version.Number, version.Dimensions));
    }

    [Fact]
    public async Task A_model_is_dropped_once_nobody_embeds_by_it()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        TaskCompletionSource started = new(), go = new();
        Database.Models.Gate = _ =>
        {
            started.TrySetResult();
            return go.Task;
        };
        await using TestSession other = Database.Session();
        Task<string> embedding = Task.Run(() => other.ValueAsync("SELECT vector_dims(embed('m', n::text)) FROM generate_series(1, 1) n"));
        await started.Task;
        Task<string> dropping = Task.Run(() => Session.RunAsync("DROP MODEL m"));
        await using (TestSession third = Database.Session())
        {
            while (await third.ValueAsync("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")
                await Task.Yield();
        }
        Assert.False(dropping.IsCompleted);
        Assert.Equal([".json", ".onnx"], KeptFiles);
        go.SetResult();
        Assert.Equal("4", await embedding);
        Assert.Equal("DROP MODEL", await dropping);
        Assert.Empty(KeptFiles);
        Assert.Equal(["m@1"], Database.Models.Evicted);
    }

    [Fact]
    public async Task Embedding_is_cancelled()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        TaskCompletionSource started = new();
        Database.Models.Gate = cancellation =>
        {
            started.TrySetResult();
            return Task.Delay(Timeout.Infinite, cancellation);
        };
        Task<string> embedding = Task.Run(() => Session.ErrorAsync("SELECT embed('m', n::text) FROM generate_series(1, 3) n"));
        await started.Task;
        Session.Session.Cancel();
        Assert.Equal("57014: canceling statement due to user request", await embedding);
        Database.Models.Gate = null;
        Assert.Equal("4", await Session.ValueAsync("SELECT vector_dims(embed('m', 'x'))"));
    }

    [Fact]
    public async Task A_batch_of_rows_goes_to_the_model_together()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE TABLE t (id int, body text, " +
            "e vector(4) GENERATED ALWAYS AS (embed('m', body)) STORED)");
        await Session.RunAsync("INSERT INTO t SELECT n, CASE WHEN n % 3 > 0 THEN 'text ' || n END FROM generate_series(1, 3000) n");
        Assert.Equal(2000, Database.Models.Batches.Sum());
        Assert.All(Database.Models.Batches.SkipLast(1), static count => Assert.InRange(count, 256, 4096));
        Assert.Equal("2000|1000", await Session.ValueAsync("SELECT count(*) FILTER (WHERE e = embed('m', body)), count(*) FILTER (WHERE e IS NULL) FROM t"));
    }

    [Fact]
    public async Task Sessions_define_and_embed_at_once()
    {
        const int Sessions = 8, Rounds = 40;
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        string[] expected = await Session.RowsAsync("SELECT embed('m', n::text) FROM generate_series(1, 5) n");
        Task[] tasks = [.. Enumerable.Range(0, Sessions).Select(number => Task.Run(() => WorkAsync(number)))];
        await Task.WhenAll(tasks);
        await Session.RunAsync("DROP TABLE IF EXISTS t0, t1, t2, t3, t4, t5, t6, t7; DROP MODEL IF EXISTS m, other");
        Assert.Empty(KeptFiles);

        async Task WorkAsync(int number)
        {
            await using TestSession session = Database.Session();
            Random random = new(number);
            for (int round = 0; round < Rounds; round++)
            {
                string sql = random.Next(8) switch
                {
                    0 => "CREATE MODEL IF NOT EXISTS other FROM 'file:b.onnx'",
                    1 => "DROP MODEL IF EXISTS other",
                    2 => $"DROP TABLE IF EXISTS t{number}; CREATE TABLE t{number} (body text, e vector(4) GENERATED ALWAYS AS (embed('other', body)) STORED)",
                    3 => $"INSERT INTO t{number} VALUES ('x')",
                    4 => "BEGIN; ALTER MODEL m ADD VERSION FROM 'file:b.onnx'; ROLLBACK",
                    5 => "ALTER MODEL m WARM",
                    6 => "SELECT vector_dims(embed('other', 'x'))",
                    _ => "SELECT embed('m', n::text) FROM generate_series(1, 5) n",
                };
                try
                {
                    string[] rows = await session.RowsAsync(sql);
                    if (sql.Contains("embed('m'", StringComparison.Ordinal))
                        Assert.Equal(expected, rows);
                }
                catch (SqlException error) when (error.State == SqlState.UndefinedModel || error.State == SqlState.UndefinedTable
                    || error.State == SqlState.DependentObjectsStillExist || error.State == SqlState.DuplicateObject)
                {
                    // Another session was faster.
                }
                if (session.Status != 'I')
                    await session.RunAsync("ROLLBACK");
            }
        }
    }
}
