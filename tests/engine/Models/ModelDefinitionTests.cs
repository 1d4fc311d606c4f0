using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests.Models;

public sealed class ModelDefinitionTests : ModelTest
{
    [Fact]
    public async Task A_model_is_made_of_files_and_embeds_by_them()
    {
        Assert.Equal("CREATE MODEL", await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx' WITH (max_tokens = 32)"));
        Assert.Equal("m|1|4|32|mean|t|auto|file:a.onnx|9|file:tokenizer.json|9", await Session.ValueAsync(
            "SELECT name, version, dims, max_tokens, pooling, normalize, device, file, file_bytes, tokenizer, tokenizer_bytes " +
            "FROM vecsql.models WHERE name = 'm'"));
        Assert.Equal("t|t|f|4", await Session.ValueAsync(
            "SELECT embed('m', 'x') = embed('m@1', 'x'), embed('M', 'x') = embed('x', model => 'm'), embed('m', 'x') = embed('m', 'y'), " +
            "vector_dims(embed('m', 'x'))"));
    }

    [Fact]
    public async Task Files_may_go_once_the_model_is_made()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        string before = await Session.ValueAsync("SELECT embed('m', 'x')");
        Write("a.onnx", "model 4 1000");
        File.Delete(Path.Combine(Database.FileRoot, "tokenizer.json"));
        Assert.Equal(before, await Session.ValueAsync("SELECT embed('m', 'x')"));
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession again = Database.Session();
        Assert.Equal(before, await again.ValueAsync("SELECT embed('m', 'x')"));
    }

    [Theory]
    [InlineData("CREATE MODEL m FROM 'file:none.onnx'", "58P01: could not open file \"file:none.onnx\" for reading: No such file or directory")]
    [InlineData("CREATE MODEL m FROM 'file:tokenizer.json'", "22000: file \"file:tokenizer.json\" is no ONNX model")]
    [InlineData("CREATE MODEL m FROM 'file:a.onnx' WITH (tokenizer = 'file:b.onnx')", "22000: file \"file:b.onnx\" is no tokenizer")]
    [InlineData("CREATE MODEL m FROM 'file:a.onnx' WITH (dims = 3)", "22000: the model gives 4 dimensions, not 3")]
    [InlineData("CREATE MODEL m FROM 'file:../data/LOCK'", "42501: file \"file:../data/LOCK\" is not beneath the node's file_root")]
    [InlineData("CREATE MODEL m FROM 'file:/etc/passwd'", "42501: file \"file:/etc/passwd\" is not beneath the node's file_root")]
    public async Task What_is_wrong_with_files_is_told_and_nothing_is_made(string sql, string error)
    {
        Assert.Equal(error, await Session.ErrorAsync(sql));
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM vecsql.models WHERE name = 'm'"));
        Assert.Empty(KeptFiles);
    }

    [Fact]
    public async Task Definitions_are_transactional_and_files_with_them()
    {
        await Session.RunAsync("BEGIN; CREATE MODEL m FROM 'file:a.onnx'");
        await using (TestSession other = Database.Session())
        {
            Assert.Equal("42V01: model \"m\" does not exist", await other.ErrorAsync("SELECT embed('m', 'x')"));
            await other.RunAsync("CREATE TABLE t (a int); DROP TABLE t");
        }
        Assert.Equal("4", await Session.ValueAsync("SELECT vector_dims(embed('m', 'x'))"));
        await Session.RunAsync("ROLLBACK");
        Assert.Empty(KeptFiles);
        Assert.Equal("42V01: model \"m\" does not exist", await Session.ErrorAsync("SELECT embed('m', 'x')"));
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE MODEL n FROM 'file:b.onnx'");
        Assert.Equal([".json", ".onnx", ".onnx"], KeptFiles);
        await Session.RunAsync("BEGIN; DROP MODEL m; ROLLBACK");
        Assert.Equal([".json", ".onnx", ".onnx"], KeptFiles);
        await Session.RunAsync("DROP MODEL m");
        Assert.Equal([".json", ".onnx"], KeptFiles);
        await Session.RunAsync("DROP MODEL n");
        Assert.Empty(KeptFiles);
    }

    [Fact]
    public async Task Files_that_a_crash_left_go_at_the_start()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        File.WriteAllText(Path.Combine(ModelDirectory, $"{Guid.NewGuid():n}.part"), "x");
        File.WriteAllText(Path.Combine(ModelDirectory, new string('0', 64) + ".onnx"), "x");
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        Assert.Equal([".json", ".onnx"], KeptFiles);
    }

    [Fact]
    public async Task Files_of_others_stay()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'");
        foreach (string name in (string[])["mine.onnx", "tokenizer.json", "half.part", new string('0', 64) + ".txt", new string('A', 64) + ".onnx"])
            File.WriteAllText(Path.Combine(ModelDirectory, name), "x");
        await Session.RunAsync("DROP MODEL m");
        await Session.DisposeAsync();
        await Database.ReopenAsync();
        Assert.Equal([".json", ".onnx", ".onnx", ".part", ".txt"], KeptFiles);
    }

    [Fact]
    public async Task Files_too_large_are_told_before_they_are_copied()
    {
        using (FileStream file = File.Create(Path.Combine(Database.FileRoot, "large")))
            file.SetLength(3L << 30);
        Assert.Equal("54000: file \"file:large\" is too large: it has 3221225472 bytes, of 2147483647 at most",
            await Session.ErrorAsync("CREATE MODEL m FROM 'file:large' WITH (tokenizer = 'file:tokenizer.json')"));
        Assert.Equal("54000: file \"file:large\" is too large: it has 3221225472 bytes, of 67108864 at most",
            await Session.ErrorAsync("CREATE MODEL m FROM 'file:a.onnx' WITH (tokenizer = 'file:large')"));
        Assert.Empty(KeptFiles);
    }

    [Fact]
    public async Task Versions_end()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m ADD VERSION 2147483647 FROM 'file:b.onnx'");
        Assert.Equal("22023: versions of models are numbered from 1 to 2147483647", await Session.ErrorAsync("ALTER MODEL m ADD VERSION FROM 'file:b.onnx'"));
    }

    [Fact]
    public async Task A_model_that_is_dropped_is_dropped_for_good_before_its_files_go()
    {
        FaultyFileSystem disk = new();
        disk.CreateDirectory("/files");
        foreach ((string name, string text) in (IEnumerable<(string, string)>)[("a.onnx", "model 4 7"), ("tokenizer.json", "tokenizer")])
        {
            using IFile file = disk.Open("/files/" + name, FileOpening.Create);
            file.Write(0, Encoding.UTF8.GetBytes(text));
            file.Flush();
        }
        disk.FlushDirectory("/files");
        DatabaseOptions options = new()
        {
            Storage = new StorageOptions { Files = disk, Directory = "/data", RunsBackgroundWork = false },
            FileRoot = "/files", ModelRuntime = static files => new FakeModels(files),
        };
        Database database = Engine.Database.Open(options);
        TestSession session = new(database.OpenSession(new SessionOptions("vecsql", "vecsql", [])));
        await session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; SET synchronous_commit = off; DROP MODEL m");
        disk.CrashAndRestart();
        await using Database again = Engine.Database.Open(options);
        await using TestSession after = new(again.OpenSession(new SessionOptions("vecsql", "vecsql", [])));
        Assert.Equal("0", await after.ValueAsync("SELECT count(*) FROM vecsql.models WHERE name = 'm'"));
    }

    [Fact]
    public async Task A_name_stands_for_the_default_version()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx' WITH (query_prefix = 'q: ', pooling = cls)");
        await Session.RunAsync("ALTER MODEL m ADD VERSION FROM 'file:wide.onnx'");
        Assert.Equal(["1|t|4|cls|q: ", "2|f|6|cls|q: "], await Session.RowsAsync(
            "SELECT version, is_default_version, dims, pooling, query_prefix FROM vecsql.models WHERE name = 'm' ORDER BY 1"));
        Assert.Equal("4|6", await Session.ValueAsync("SELECT vector_dims(embed('m', 'x')), vector_dims(embed('m@2', 'x'))"));
        await Session.RunAsync("PREPARE p AS SELECT vector_dims(embed('m', 'x'))");
        Assert.Equal("4", await Session.ValueAsync("EXECUTE p"));
        await Session.RunAsync("ALTER MODEL m SET DEFAULT VERSION 2");
        Assert.Equal("6", await Session.ValueAsync("EXECUTE p"));
        Assert.Equal("2BP01: cannot drop version 2 of model \"m\" because it is the model's default version",
            await Session.ErrorAsync("ALTER MODEL m DROP VERSION 2"));
        await Session.RunAsync("ALTER MODEL m DROP VERSION 1");
        Assert.Equal("42V01: version 1 of model \"m\" does not exist", await Session.ErrorAsync("SELECT embed('m@1', 'x')"));
        Assert.Equal("42710: version 2 of model \"m\" already exists", await Session.ErrorAsync("ALTER MODEL m ADD VERSION 2 FROM 'file:a.onnx'"));
        await Session.RunAsync("ALTER MODEL m ADD VERSION 7 FROM 'file:b.onnx' WITH (query_prefix = '')");
        Assert.Equal("t", await Session.ValueAsync("SELECT embed('m@7', 'x', 'query') = embed('m@7', 'x')"));
    }

    [Fact]
    public async Task Prefixes_go_before_texts_by_what_they_are_for()
    {
        await Session.RunAsync("CREATE MODEL e5 FROM 'file:a.onnx' WITH (query_prefix = 'query: ', document_prefix = 'passage: ')");
        await Session.RunAsync("CREATE MODEL bare FROM 'file:a.onnx'");
        Assert.Equal("t|t|t", await Session.ValueAsync(
            "SELECT embed('e5', 'x', 'query') = embed('bare', 'query: x'), embed('e5', 'x') = embed('bare', 'passage: x'), " +
            "(embed('e5', ARRAY['x'], input_type => 'query'))[1] = embed('bare', 'query: x')"));
    }

    [Fact]
    public async Task A_database_has_a_default_model()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m SET DEFAULT");
        Assert.Equal("4|t", await Session.ValueAsync(
            "SELECT vector_dims(embed('x')), is_default FROM vecsql.models WHERE name = 'm'"));
        Assert.Equal("384", await Session.ValueAsync("SET vecsql.embed_model = 'words'; SELECT vector_dims(embed('x'))"));
        await Session.RunAsync("RESET vecsql.embed_model; DROP MODEL m");
        SqlException gone = await Session.FailAsync("SELECT embed('x')");
        Assert.Equal("42V03: the database's default model was dropped", $"{gone.State}: {gone.Message}");
        await Session.RunAsync("ALTER MODEL words SET DEFAULT");
        Assert.Equal("384", await Session.ValueAsync("SELECT vector_dims(embed('x'))"));
    }

    [Fact]
    public async Task An_unknown_model_is_an_error_at_its_place_that_says_which_there_are()
    {
        await Session.RunAsync("CREATE MODEL minilm FROM 'file:a.onnx'");
        SqlException error = await Session.FailAsync("SELECT 1, embed('minilmm', 'x')");
        Assert.Equal(("42V01: model \"minilmm\" does not exist", 17, "This database has \"minilm\", \"words\"."),
            ($"{error.State}: {error.Message}", error.Position, error.Hint));
    }

    [Fact]
    public async Task Models_are_a_superusers_to_make()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE ROLE joe LOGIN; SET SESSION AUTHORIZATION joe");
        Assert.Equal("42501: permission denied to create model", await Session.ErrorAsync("CREATE MODEL n FROM 'file:a.onnx'"));
        Assert.Equal("42501: must be owner of model m", await Session.ErrorAsync("ALTER MODEL m RENAME TO n"));
        Assert.Equal("42501: must be owner of model m", await Session.ErrorAsync("DROP MODEL m"));
        Assert.Equal("42501: must be owner of model m", await Session.ErrorAsync("COMMENT ON MODEL m IS 'x'"));
        Assert.Equal("4", await Session.ValueAsync("SELECT vector_dims(embed('m', 'x'))"));
    }

    [Fact]
    public async Task Databases_have_models_of_their_own()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; COMMENT ON MODEL m IS 'here'; ALTER MODEL m OWNER TO vecsql");
        await Session.RunAsync("CREATE DATABASE other");
        await using (TestSession other = new(Database.Database.OpenSession(new SessionOptions("vecsql", "other", []))))
        {
            Assert.Equal("42V01: model \"m\" does not exist", await other.ErrorAsync("SELECT embed('m', 'x')"));
            await other.RunAsync("CREATE MODEL m FROM 'file:wide.onnx'");
            Assert.Equal("6", await other.ValueAsync("SELECT vector_dims(embed('m', 'x'))"));
        }
        Assert.Equal("4", await Session.ValueAsync("SELECT vector_dims(embed('m', 'x'))"));
        await Session.RunAsync("DROP DATABASE other");
        Assert.Equal([".json", ".onnx"], KeptFiles);
    }

    [Fact]
    public async Task A_model_that_is_called_like_another_databases_is_another()
    {
        await Session.RunAsync("CREATE DATABASE other");
        await using TestSession other = new(Database.Database.OpenSession(new SessionOptions("vecsql", "other", [])));
        await other.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m WARM");
        string oid = await other.ValueAsync("SELECT oid FROM pg_database WHERE datname = 'other'");
        await Session.RunAsync($"CREATE MODEL \"{oid}/m\" FROM 'file:b.onnx'");
        Assert.Equal("f", await Session.ValueAsync($"SELECT loaded FROM vecsql.models WHERE name = '{oid}/m'"));
        await Session.RunAsync($"DROP MODEL \"{oid}/m\"");
        Assert.Equal("t", await other.ValueAsync("SELECT loaded FROM vecsql.models WHERE name = 'm'"));
    }

    [Fact]
    public async Task Renamed_models_stay_what_tables_and_views_mean()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE MODEL n FROM 'file:b.onnx'");
        await Session.RunAsync(
            "CREATE TABLE t (id int, body text, e vector(4) GENERATED ALWAYS AS (embed('m', body)) STORED); " +
            "CREATE VIEW v AS SELECT embed('m', body) AS e FROM t; INSERT INTO t VALUES (1, 'x')");
        await Session.RunAsync("ALTER MODEL m RENAME TO k; ALTER MODEL n RENAME TO m; INSERT INTO t VALUES (2, 'x')");
        Assert.Equal("1", await Session.ValueAsync("SELECT count(DISTINCT e) FROM t"));
        Assert.Equal("embed('k@1'::text, body)", await Session.ValueAsync("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"));
        Assert.Contains("embed('k'::text, t.body)", await Session.ValueAsync("SELECT pg_get_viewdef('v'::regclass)"), StringComparison.Ordinal);
        Assert.Equal("t|f", await Session.ValueAsync("SELECT v.e = embed('k', 'x'), v.e = embed('m', 'x') FROM v LIMIT 1"));
    }

    [Fact]
    public async Task Plans_name_models()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; CREATE TABLE t (body text)");
        string plan = string.Join('\n', await Session.RowsAsync("EXPLAIN (VERBOSE, COSTS OFF) SELECT embed('m', body) FROM t"));
        Assert.Contains("Output: embed('m@1'::text, ", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_uses_a_model_keeps_it()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m ADD VERSION FROM 'file:b.onnx'; ALTER MODEL m SET DEFAULT VERSION 2");
        await Session.RunAsync(
            "CREATE TABLE t (id int, body text, e vector(4) GENERATED ALWAYS AS (embed('m@1', body)) STORED, v vector(4)); " +
            "ALTER TABLE t ALTER COLUMN v SET MODEL 'm@2'; CREATE VIEW w AS SELECT embed('m', 'x')");
        SqlException error = await Session.FailAsync("DROP MODEL m");
        Assert.Equal("2BP01: cannot drop model m because other objects depend on it", $"{error.State}: {error.Message}");
        Assert.Equal("column e of table t depends on model m\nmodel of column v of table t depends on model m\nview w depends on model m", error.Detail);
        error = await Session.FailAsync("ALTER MODEL m DROP VERSION 1");
        Assert.Equal("cannot drop version 1 of model m because other objects depend on it", error.Message);
        Assert.Equal("column e of table t depends on model m", error.Detail);
        await Session.RunAsync("DROP MODEL m CASCADE");
        Assert.Equal("id,body,v", await Session.ValueAsync(
            "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped"));
        Assert.Equal("42P01: relation \"w\" does not exist", await Session.ErrorAsync("SELECT * FROM w"));
    }

    [Fact]
    public async Task Damage_to_a_kept_file_is_told()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:a.onnx'; ALTER MODEL m WARM");
        Assert.Equal("t|cpu", await Session.ValueAsync("SELECT loaded, runs_on FROM vecsql.models WHERE name = 'm'"));
        string kept = Directory.GetFiles(ModelDirectory, "*.onnx").Single();
        File.WriteAllText(kept, "model 4 70");
        Assert.StartsWith("XX001: ", await Session.ErrorAsync("ALTER MODEL m WARM"), StringComparison.Ordinal);
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
        await Session.RunAsync("CREATE MODEL n FROM 'file:a.onnx'; ALTER MODEL m WARM");
    }
}
