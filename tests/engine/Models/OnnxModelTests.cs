using System.Globalization;
using System.Text;
using VecSQL.Kit.Models;
using VecSQL.Ml.Models;

namespace VecSQL.Engine.Tests.Models;

/// <summary>Models by ONNX Runtime, small ones that the tests write.</summary>
public sealed class OnnxModelTests : IAsyncLifetime
{
    private TestDatabase Database { get; } = new(new ModelLibraryOptions { RuntimePath = NodePackages.OnnxRuntime ?? "" });

    private TestSession Session { get; }

    public OnnxModelTests()
    {
        Session = Database.Session();
        Write("tokenizer.json", SampleTokenizer.Bert());
        Write("model.onnx", new SampleModel().Build());
        Write("other.onnx", new SampleModel { Seed = 2 }.Build());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Session.DisposeAsync();
        await Database.DisposeAsync();
    }

    [OnnxFact]
    public async Task Vectors_are_those_of_the_library()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:model.onnx' WITH (query_prefix = 'query: ')");
        Assert.Equal("32|512|mean|f", await Session.ValueAsync("SELECT dims, max_tokens, pooling, loaded FROM vecsql.models WHERE name = 'm'"));
        using ModelLibrary library = new(new Folder(Database.FileRoot), new ModelLibraryOptions { RuntimePath = NodePackages.OnnxRuntime ?? "" });
        ModelSpec spec = new("m", 1, "model.onnx", "tokenizer.json") { Dimensions = 32 };
        foreach (string text in (string[])["a vector index", "", "Ünïcode 日本語 😀", "query: x"])
        {
            float[] expected = new float[32];
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            library.Get(spec).Embed(bytes, [0], [bytes.Length], expected);
            string row = await Session.ValueAsync($"SELECT embed('m', '{text}')");
            float[] actual = [.. row.Trim('[', ']').Split(',').Select(item => float.Parse(item, CultureInfo.InvariantCulture))];
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
        Assert.Equal("t", await Session.ValueAsync("SELECT embed('m', 'x', 'query') <-> embed('m', 'query: x') < 1e-5"));
        Assert.Equal("t|cpu|t|t|t|t", await Session.ValueAsync("SELECT loaded, runs_on, texts_embedded > 5, cache_hits + cache_misses = texts_embedded, "
            + "runs BETWEEN 1 AND cache_misses, load_ms > 0 FROM vecsql.models WHERE name = 'm'"));
    }

    [OnnxFact]
    public async Task A_table_is_searched_by_what_a_model_makes()
    {
        await Session.RunAsync("CREATE MODEL m FROM 'file:model.onnx'; CREATE MODEL n FROM 'file:other.onnx' WITH (dims = 32)");
        await Session.RunAsync("CREATE TABLE t (id int, body text, e vector(32) GENERATED ALWAYS AS (embed('m', body)) STORED); " +
            "INSERT INTO t SELECT n, 'the text of number ' || n FROM generate_series(1, 300) n");
        Assert.Equal("77", await Session.ValueAsync("SELECT id FROM t ORDER BY e <=> embed('m', 'the text of number 77') LIMIT 1"));
        Assert.StartsWith("42V02", await Session.ErrorAsync("SELECT id FROM t ORDER BY e <=> embed('n', 'x') LIMIT 1"), StringComparison.Ordinal);
        await Session.RunAsync("ALTER TABLE t ALTER COLUMN e SET MODEL 'n'");
        Assert.Equal("77", await Session.ValueAsync("SELECT id FROM t ORDER BY e <=> embed('n', 'the text of number 77') LIMIT 1"));
        await Session.RunAsync("DROP TABLE t; DROP MODEL m, n");
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM vecsql.models WHERE file IS NOT NULL"));
    }

    [OnnxFact]
    public async Task What_is_wrong_with_a_file_is_told_by_its_name()
    {
        Write("broken.onnx", [1, 2, 3]);
        Write("broken.json", "{}"u8.ToArray());
        string error = await Session.ErrorAsync("CREATE MODEL m FROM 'file:broken.onnx' WITH (tokenizer = 'file:tokenizer.json')");
        Assert.StartsWith("22000: ", error, StringComparison.Ordinal);
        Assert.Contains("file:broken.onnx", error, StringComparison.Ordinal);
        error = await Session.ErrorAsync("CREATE MODEL m FROM 'file:model.onnx' WITH (tokenizer = 'file:broken.json')");
        Assert.Contains("file:broken.json", error, StringComparison.Ordinal);
        error = await Session.ErrorAsync("CREATE MODEL m FROM 'file:model.onnx' WITH (dims = 384)");
        Assert.StartsWith("22000: ", error, StringComparison.Ordinal);
        Assert.Contains("384", error, StringComparison.Ordinal);
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM vecsql.models WHERE name = 'm'"));
    }

    [Fact]
    public async Task Without_the_library_all_but_running_works()
    {
        await using TestDatabase database = new(new ModelLibraryOptions { RuntimePath = Path.Combine(Database.FileRoot, "nowhere.so") });
        await using TestSession session = database.Session();
        File.Copy(Path.Combine(Database.FileRoot, "model.onnx"), Path.Combine(database.FileRoot, "model.onnx"));
        File.Copy(Path.Combine(Database.FileRoot, "tokenizer.json"), Path.Combine(database.FileRoot, "tokenizer.json"));
        string error = await session.ErrorAsync("CREATE MODEL m FROM 'file:model.onnx'");
        Assert.StartsWith("58P01: ", error, StringComparison.Ordinal);
        Assert.Equal("384|1", await session.ValueAsync("SELECT vector_dims(embed('x')), (SELECT count(*) FROM vecsql.models)"));
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(Database.FileRoot, name), bytes);

    private sealed class Folder(string path) : IModelFiles
    {
        public byte[] Read(string name, long bytesMax) => File.ReadAllBytes(Path.Combine(path, name));
    }
}
