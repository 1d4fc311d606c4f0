using VecSQL.Cluster.Tests.Branches;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Storage;

namespace VecSQL.Cluster.Tests.Fragments;

/// <summary>How often a statement's node waits for others, where all shards are elsewhere.</summary>
public sealed class RoundTripTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-trips-").FullName;
    private readonly BranchRig _rig = BranchRig.Open();
    private Database? _database;
    private ISqlSession? _session;

    private ISqlSession Session => _session ??= (_database = Database.Open(new DatabaseOptions
    {
        Storage = new StorageOptions { Directory = _folder }, Tables = _rig.Coordinator(Place.Remote),
    })).OpenSession(new SessionOptions("vecsql", "vecsql", [KeyValuePair.Create("vecsql.distribution", "always")]));

    public async Task InitializeAsync() => await Session.RunTextAsync("""
        CREATE TABLE docs (id int PRIMARY KEY, n int, e vector(2)) WITH (shards = 3);
        CREATE TABLE whole (id int PRIMARY KEY, n int);
        CREATE TABLE numbered (id serial, n int);
        CREATE SEQUENCE cached CACHE 100;
        INSERT INTO docs SELECT g, 0, array[g, 1]::vector FROM generate_series(1, 300) g;
        INSERT INTO whole SELECT g, 0 FROM generate_series(1, 300) g;
        """);

    public async Task DisposeAsync()
    {
        await Session.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        await _rig.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("SELECT n FROM docs WHERE id = {0}", 1, 0)]
    [InlineData("SELECT n FROM whole WHERE id = {0}", 1, 0)]
    [InlineData("SELECT count(*) FROM whole WHERE n < {0}", 1, 0)]
    [InlineData("SELECT count(*) FROM docs WHERE n < {0}", 3, 1)] // one from each shard, at one moment
    [InlineData("SELECT id FROM docs ORDER BY e <-> '[{0},1]' LIMIT 3", 3, 1)]
    [InlineData("INSERT INTO docs VALUES (1000 + {0}, 1)", 2, 0)] // the row, and the commit
    [InlineData("INSERT INTO whole VALUES (1000 + {0}, 1)", 2, 0)]
    [InlineData("UPDATE docs SET n = n + 1 WHERE id = {0}", 3, 0)] // which row, what it becomes, and the commit
    [InlineData("DELETE FROM whole WHERE id = {0}", 3, 0)]
    [InlineData("INSERT INTO numbered (n) SELECT {0} FROM generate_series(1, 1000)", 3, 0)] // all numbers, the rows, and the commit
    [InlineData("SELECT nextval('cached') + {0}", 0, 0)] // taken before, with the first
    public async Task Statements_wait_as_seldom_as_they_can(string sql, int shards, int timestamps)
    {
        for (int turn = 1; turn <= 3; turn++) // plans are made, and figures for them asked for
            await Session.RunTextAsync(string.Format(null, sql, turn));
        (long shardsBefore, long timestampsBefore) = _rig.RoundTrips;
        await Session.RunTextAsync(string.Format(null, sql, 4));
        (long shardsAfter, long timestampsAfter) = _rig.RoundTrips;
        Assert.Equal((sql, (long)shards, (long)timestamps), (sql, shardsAfter - shardsBefore, timestampsAfter - timestampsBefore));
        await _rig.WaitUntilLeftAsync();
    }
}
