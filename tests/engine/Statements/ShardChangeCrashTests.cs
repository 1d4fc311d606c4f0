using VecSQL.Engine.Sessions;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>The machine stops at disk calls of statements that divide shards and put them together.</summary>
public sealed class ShardChangeCrashTests
{
    private const string Rows = "SELECT count(*), sum(a.id), count(DISTINCT note), (SELECT sum(id) FROM c) FROM a JOIN b USING (id)";

    private static readonly string[] Changes =
    [
        "ALTER TABLE a SPLIT AT VALUES ((150), (250))",
        "DO $$ BEGIN IF (SELECT count(*) FROM vecsql.shards WHERE table_name = 'a') > 1 THEN " +
        "EXECUTE (SELECT 'ALTER TABLE b MERGE SHARDS ' || string_agg(shard::text, ', ' ORDER BY shard) FROM vecsql.shards WHERE table_name = 'a'); END IF; END $$",
        "DO $$ BEGIN EXECUTE (SELECT 'ALTER TABLE a SPLIT SHARDS ' || min(shard) FROM vecsql.shards WHERE table_name = 'a'); END $$",
        "ALTER TABLE c TRAIN SHARDS",
    ];

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public async Task All_rows_are_there_once_wherever_the_machine_stops_and_nothing_else_is_left(double keepUnflushed)
    {
        FaultyFileSystem counting = new();
        await PrepareAsync(counting);
        long first = counting.CallCount;
        await ChangeAsync(counting);
        long count = counting.CallCount - first;
        Assert.True(count > 20, "the changes touch the disk often");
        for (long call = 0; call < count; call += 1 + (count / 15))
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = first + call });
            await PrepareAsync(files);
            await Assert.ThrowsAnyAsync<Exception>(() => ChangeAsync(files));
            Assert.True(files.HasCrashed);
            files.CrashAndRestart(keepUnflushed);
            await CheckAsync(files, $"a stop at call {call} of {count}");
        }
    }

    private static async Task PrepareAsync(FaultyFileSystem files)
    {
        await using Database database = Open(files);
        await using TestSession session = Session(database);
        await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, note text) WITH (shard_method = 'range') SPLIT AT VALUES ((100), (200))");
        await session.RunAsync("CREATE TABLE c (id int, v vector(2)) WITH (shards = 3, shard_method = 'vector')");
        await session.RunAsync("CREATE TABLE b (id int PRIMARY KEY) WITH (shard_method = 'range') SPLIT AT VALUES ((100), (200))");
        await session.RunAsync("INSERT INTO a SELECT i, 'n' || i FROM generate_series(1, 300) i; INSERT INTO b SELECT id FROM a; CHECKPOINT; " +
            "INSERT INTO c SELECT id, array[id, id % 7]::vector FROM a");
    }

    private static async Task ChangeAsync(FaultyFileSystem files)
    {
        await using Database database = Open(files);
        await using TestSession session = Session(database);
        foreach (string change in Changes)
            await session.RunAsync(change);
    }

    private static async Task CheckAsync(FaultyFileSystem files, string place)
    {
        await using (Database database = Open(files))
        {
            await using TestSession session = Session(database);
            Assert.Equal((place, "300|45150|300|45150"), (place, await session.ValueAsync(Rows)));
            Assert.Equal((place, "t"), (place, await session.ValueAsync(
                "SELECT array_agg(shard ORDER BY shard) = (SELECT array_agg(shard ORDER BY shard) FROM vecsql.shards WHERE table_name = 'b') " +
                "FROM vecsql.shards WHERE table_name = 'a'")));
            await session.RunAsync(Changes[1]);
            await session.RunAsync(Changes[2]);
            await session.RunAsync(Changes[3]);
            Assert.Equal((place, "300|45150|300|45150"), (place, await session.ValueAsync(Rows)));
            await session.RunAsync("DROP TABLE a, b, c");
        }
        await Open(files).DisposeAsync(); // which deletes what a stop has left
        Assert.Equal((place, ""), (place, string.Join(' ', files.ListDirectories("/data/shards"))));
    }

    private static Database Open(FaultyFileSystem files) =>
        Database.Open(new DatabaseOptions { Storage = new StorageOptions { Files = files, Directory = "/data", RunsBackgroundWork = false } });

    private static TestSession Session(Database database) => new(database.OpenSession(new SessionOptions("vecsql", "vecsql", [])));
}
