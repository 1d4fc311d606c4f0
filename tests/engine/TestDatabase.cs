using VecSQL.Kit;
using VecSQL.Ml.Models;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Tests.Models;
using VecSQL.Storage;

namespace VecSQL.Engine.Tests;

/// <summary>A database over real storage in a directory of its own, which goes with it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vecsql-engine-").FullName;

    private readonly ModelLibraryOptions? _library;

    /// <param name="library">For models by ONNX Runtime; null for those that <see cref="Models"/> runs.</param>
    public TestDatabase(ModelLibraryOptions? library = null)
    {
        _library = library;
        Directory.CreateDirectory(FileRoot);
        Database = Open();
    }

    /// <summary>Where statements' files of the server are.</summary>
    public string FileRoot => Path.Combine(_directory, "files");

    public string DataDirectory => Path.Combine(_directory, "data");

    /// <summary>What runs the models of the database that is open.</summary>
    internal FakeModels Models { get => field ?? throw new InvalidOperationException("no database is open"); private set; }

    /// <summary>Other nodes' copies of models' files, of the database that is opened next.</summary>
    public IModelPeers? Peers { get; set; }

    public Database Database { get; private set; }

    /// <summary>The database's clock, which stands until a test moves it.</summary>
    public ManualTime Time { get; } = new();

    public TestSession Session(params (string Name, string Value)[] settings) =>
        new(Database.OpenSession(new SessionOptions(
            "vecsql", "vecsql", [.. settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))])));

    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Database Open() => Database.Open(new DatabaseOptions
    {
        Storage = new StorageOptions { Directory = DataDirectory, RunsBackgroundWork = false },
        Time = Time,
        FileRoot = FileRoot,
        Models = _library ?? new ModelLibraryOptions(),
        ModelPeers = Peers,
        ModelRuntime = _library is null ? files => Models = new FakeModels(files) : null,
    });
}
