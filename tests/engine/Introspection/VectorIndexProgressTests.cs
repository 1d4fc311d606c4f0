using VecSQL.Storage;

namespace VecSQL.Engine.Tests.Introspection;

public sealed class VectorIndexProgressTests : IAsyncLifetime
{
    private const string Table = "CREATE TABLE t (e vector(3))",
        Rows = "INSERT INTO t SELECT array[g, g % 7, g % 11]::vector FROM generate_series(1, 2000) g",
        Index = "CREATE INDEX ON t USING hnsw (e vector_l2_ops)";

    private readonly string _directory = Directory.CreateTempSubdirectory("vecsql-progress-").FullName;
    private readonly List<string> _seen = [];
    private Database? _database;

    public Task InitializeAsync()
    {
        _database = Open();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_build_by_a_session_shows_what_it_does_and_is_gone_when_it_is_done()
    {
        await using TestSession session = Session();
        await RunAsync(session, Table, Rows, Index);
        Assert.Equal(["t|t|CREATE INDEX|building index: publishing|2000|2000"], _seen);
        Assert.Equal("0", await session.ValueAsync("SELECT count(*) FROM pg_stat_progress_create_index"));
    }

    [Fact]
    public async Task A_segment_that_lacks_an_index_is_waiting_for_the_background_and_then_built_by_no_session()
    {
        const string States = "SELECT state, rows_indexed, rows_not_indexed FROM vecsql.vector_indexes";
        await using TestSession session = Session();
        await RunAsync(session, Table, Index, Rows, "CHECKPOINT");
        Assert.Equal("waiting|0|2000", await session.ValueAsync(States));
        Assert.Empty(_seen);
        await (_database?.Storage.RunBackgroundWorkAsync(default) ?? default);
        Assert.Equal(["f|t|CREATE INDEX|building index: publishing|2000|2000", "building|0|2000"], _seen);
        Assert.Equal("ready|2000|0", await session.ValueAsync(States));
    }

    [Fact]
    public async Task The_files_of_an_index_go_when_it_is_dropped_or_its_making_is_rolled_back()
    {
        await using TestSession session = Session();
        await RunAsync(session, Table, Rows, "CREATE INDEX kept ON t USING hnsw (e vector_cosine_ops)");
        await RunAsync(session, "BEGIN", Index);
        Assert.Equal(2, Files().Length);
        await session.RunAsync("ROLLBACK");
        Assert.Single(Files());
        await RunAsync(session, Index);
        Assert.Equal(2, Files().Length);
        await RunAsync(session, "DROP INDEX t_e_idx");
        Assert.Single(Files());
        Assert.Equal("kept|2000", await session.ValueAsync("SELECT index_name, rows_indexed FROM vecsql.vector_indexes"));
    }

    [Fact]
    public async Task Two_sessions_that_make_an_index_on_one_table_wait_for_each_other()
    {
        await using TestSession first = Session(), second = Session();
        await RunAsync(first, Table, "BEGIN", "CREATE INDEX a ON t (e)");
        Task made = second.RunAsync("CREATE INDEX b ON t (e)");
        Assert.False(made.IsCompleted);
        await first.RunAsync("COMMIT");
        await made;
        Assert.Equal(["a", "b"], await first.RowsAsync("SELECT indexname FROM pg_indexes WHERE tablename = 't' ORDER BY 1"));
    }

    private string[] Files() => Directory.GetFiles(Path.Combine(_directory, "segments"), "*.vidx");

    private Database Open() => Database.Open(new DatabaseOptions
    {
        Storage = new StorageOptions { Directory = _directory, RunsBackgroundWork = false, Files = new RenameHook(Look) },
    });

    private TestSession Session() =>
        new((_database ?? throw new InvalidOperationException("it is not open")).OpenSession(new SessionOptions("vecsql", "vecsql", [])));

    private static async Task RunAsync(TestSession session, params string[] statements)
    {
        foreach (string statement in statements)
            await session.RunAsync(statement);
    }

    private void Look(string path)
    {
        if (!path.EndsWith(".vidx", StringComparison.Ordinal))
            return;
        using Task<string[]> looked = Task.Run(LookAsync);
        _seen.AddRange(looked.GetAwaiter().GetResult());
    }

    // By another session, as the one that builds is at it.
    private async Task<string[]> LookAsync()
    {
        await using TestSession other = Session();
        return
        [
            .. await other.RowsAsync("SELECT pid <> 0, index_relid > 0, command, phase, tuples_total, tuples_done FROM pg_stat_progress_create_index"),
            .. await other.RowsAsync("SELECT state, rows_indexed, rows_not_indexed FROM vecsql.vector_indexes"),
        ];
    }
}
