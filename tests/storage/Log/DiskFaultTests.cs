using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

public sealed class DiskFaultTests
{
    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task After_a_failed_flush_every_commit_is_refused_until_a_restart()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        _files.Change(new FaultPlan { FlushErrors = 1 });
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => engine.InsertCommittedAsync(table, 2));
        Assert.Equal(SqlState.IoError, error.State);
        Assert.Contains("Restart", error.Hint, StringComparison.Ordinal);
        _files.Change(new FaultPlan());
        error = await Assert.ThrowsAsync<SqlException>(() => engine.InsertCommittedAsync(table, 3));
        Assert.Equal(SqlState.IoError, error.State);
        Assert.Equal([1], await engine.IdsAsync(table));
        await engine.DisposeAsync();
        _files.CrashAndRestart();
        await using StorageEngine again = Open();
        List<long> found = await again.IdsAsync(table);
        Assert.Equal([1], found.Where(id => id != 2)); // nobody was told whether 2 is there, and nobody can know
        await again.InsertCommittedAsync(table, 3);
    }

    [Fact]
    public async Task A_full_disk_fails_the_commit_and_spares_later_ones()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        _files.Change(new FaultPlan { CapacityBytes = _files.UsedBytes + 20 });
        long[] ids = Enumerable.Range(2, 100_000).Select(id => (long)id).ToArray();
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => engine.InsertCommittedAsync(table, ids));
        Assert.Equal(SqlState.DiskFull, error.State);
        Assert.Equal([1], await engine.IdsAsync(table));
        _files.Change(new FaultPlan());
        await engine.InsertCommittedAsync(table, 2, 3);
        _files.CrashAndRestart();
        await using StorageEngine again = Open();
        Assert.Equal([1, 2, 3], await again.IdsAsync(table));
    }

    [Fact]
    public async Task Short_commits_go_on_a_while_when_the_disk_is_full_and_then_fail()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 0);
        _files.Change(new FaultPlan { CapacityBytes = _files.UsedBytes + 20 });
        List<long> acknowledged = [0];
        SqlException? error = null;
        while (error is null)
        {
            try
            {
                await engine.InsertCommittedAsync(table, acknowledged.Count);
                acknowledged.Add(acknowledged.Count);
            }
            catch (SqlException full)
            {
                error = full;
            }
        }
        Assert.Equal(SqlState.DiskFull, error.State);
        Assert.True(acknowledged.Count > 20); // in the zeros ahead
        _files.Change(new FaultPlan());
        await engine.InsertCommittedAsync(table, acknowledged.Count);
        acknowledged.Add(acknowledged.Count);
        _files.CrashAndRestart();
        await using StorageEngine again = Open();
        Assert.Equal(acknowledged, await again.IdsAsync(table));
    }

    [Fact]
    public async Task Short_writes_fail_commits_and_lose_nothing()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        List<long> acknowledged = [];
        _files.Change(new FaultPlan { ShortWrites = 0.3, Seed = 7 });
        int failures = 0;
        for (long id = 0; id < 60; id++)
        {
            try
            {
                await engine.InsertCommittedAsync(table, id);
                acknowledged.Add(id);
            }
            catch (SqlException error) when (error.State == SqlState.IoError)
            {
                failures++;
            }
        }
        Assert.True(failures > 5 && acknowledged.Count > 5);
        _files.Change(new FaultPlan());
        _files.CrashAndRestart();
        await using StorageEngine again = Open();
        Assert.Equal(acknowledged, await again.IdsAsync(table));
    }

    [Fact]
    public async Task A_checkpoint_that_finds_the_disk_full_leaves_everything_as_it_was()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        string log = $"/data/log/{_files.ListFiles("/data/log").Single()}";
        long zeros = _files.FileLength(log) - LogTails.EndOf(_files, log); // a checkpoint gives them back
        _files.Change(new FaultPlan { CapacityBytes = _files.UsedBytes - zeros + 200 });
        await Assert.ThrowsAsync<FileFaultException>(() => engine.CheckpointAsync(default).AsTask());
        Assert.Equal([1, 2, 3], await engine.IdsAsync(table));
        _files.Change(new FaultPlan());
        await engine.InsertCommittedAsync(table, 4);
        await engine.CheckpointAsync(default);
        Assert.Equal([1, 2, 3, 4], await engine.IdsAsync(table));
        _files.CrashAndRestart();
        await using StorageEngine again = Open();
        Assert.Equal([1, 2, 3, 4], await again.IdsAsync(table));
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_log_stops_the_start_and_a_torn_end_does_not()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        string log = $"/data/log/{_files.ListFiles("/data/log").Single()}";
        long afterFirst = LogTails.EndOf(_files, log);
        await engine.InsertCommittedAsync(table, 2);
        long afterSecond = LogTails.EndOf(_files, log);
        await engine.InsertCommittedAsync(table, 3);
        _files.CrashAndRestart();

        _files.Damage(log, afterSecond + 20); // the last record: no later one says it was durable
        _files.CrashAndRestart();
        StorageEngine again = Open();
        Assert.Equal([1, 2], await again.IdsAsync(table));
        _files.CrashAndRestart();

        _files.Damage(log, afterFirst - 12);
        StorageException error = Assert.Throws<StorageException>(Open);
        Assert.Contains(log, error.Message, StringComparison.Ordinal);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_engine_is_refused_the_directory()
    {
        await using StorageEngine engine = Open();
        StorageException error = Assert.Throws<StorageException>(Open);
        Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_or_damaged_manifest_stops_the_start()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        await engine.DisposeAsync();
        for (long offset = 0; offset < _files.FileLength("/data/MANIFEST"); offset++)
        {
            _files.Damage("/data/MANIFEST", offset);
            Assert.Contains("MANIFEST", Assert.Throws<StorageException>(Open).Message, StringComparison.Ordinal);
            _files.Damage("/data/MANIFEST", offset);
        }
        _files.Rename("/data/MANIFEST", "/data/MANIFEST.away");
        Assert.Contains("missing", Assert.Throws<StorageException>(Open).Message, StringComparison.Ordinal);
        _files.Rename("/data/MANIFEST.away", "/data/MANIFEST");
        await using StorageEngine again = Open();
        Assert.Equal([1], await again.IdsAsync(table));
    }

    [Fact]
    public async Task A_missing_segment_stops_the_start()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        await engine.DisposeAsync();
        _files.Delete($"/data/segments/{_files.ListFiles("/data/segments")[0]}");
        Assert.Contains("missing", Assert.Throws<StorageException>(Open).Message, StringComparison.Ordinal);
    }

    private StorageEngine Open() => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = _files,
        RunsBackgroundWork = false,
    });
}
