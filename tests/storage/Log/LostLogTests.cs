using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

/// <summary>Log files that were deleted or cut: the start is refused wherever something else on disk tells.</summary>
public sealed class LostLogTests
{
    private const string Log = "/data/log";
    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task A_log_that_was_deleted_stops_the_start_with_and_without_a_checkpoint_before()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        engine = Restart();
        Assert.Contains($"\"{Log}/0000000000000001.log\" is missing", RefusalWithout("0000000000000001.log"),
            StringComparison.Ordinal);

        engine = Open();
        await engine.CheckpointAsync(default);
        await engine.InsertCommittedAsync(table, 2);
        _files.KillProcess();
        string file = _files.ListFiles(Log).Single();
        Assert.Contains($"\"{Log}/{file}\" is missing", RefusalWithout(file), StringComparison.Ordinal);
        await using StorageEngine again = Open();
        Assert.Equal([1, 2], await again.IdsAsync(table));
    }

    [Fact]
    public async Task A_file_cut_at_the_end_of_a_record_stops_the_start_when_a_later_file_was_begun()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        string first = $"{Log}/{_files.ListFiles(Log).Single()}";
        long end = LogTails.EndOf(_files, first);
        await engine.InsertCommittedAsync(table, 2);
        Restart(); // begins the next file, which stays empty
        _files.KillProcess();
        Assert.Equal(2, _files.ListFiles(Log).Count);
        foreach (long length in (long[])[end, end + 20])
        {
            using (IFile file = _files.Open(first, FileOpening.Write))
                file.Truncate(length);
            string refusal = Assert.Throws<StorageException>(Open).Message;
            Assert.Contains(Log, refusal, StringComparison.Ordinal);
            Assert.Contains("restore the data directory from a backup", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_header_that_is_gone_before_records_stops_the_start()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        _files.KillProcess();
        string file = $"{Log}/{_files.ListFiles(Log).Single()}";
        _files.Damage(file, 17);
        Assert.Contains($"\"{file}\" is damaged at offset 0", Assert.Throws<StorageException>(Open).Message,
            StringComparison.Ordinal);
        _files.Damage(file, 17);
        await using StorageEngine again = Open();
        Assert.Empty(await again.IdsAsync(table));
    }

    [Fact]
    public async Task A_log_cut_before_what_segments_hold_stops_the_start()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await engine.CheckpointAsync(default);
        await engine.InsertCommittedAsync(table, 3);
        await engine.CheckpointAsync(default);
        string log = $"{Log}/{_files.ListFiles(Log).Single()}";
        await using (Transaction reader = engine.Begin(IsolationLevel.RepeatableRead))
        {
            Assert.Equal([1, 2, 3], reader.Ids(table));
            await engine.DeleteCommittedAsync(table, 2);
            // Merged while somebody sees the row: the manifest names a mark that only the log's end explains.
            await engine.State.Compactor.CompactWholeAsync(table.Id, default);
        }
        _files.KillProcess();
        using (IFile file = _files.Open(log, FileOpening.Write))
            file.Truncate(32);
        string refusal = Assert.Throws<StorageException>(Open).Message;
        Assert.Contains("was cut short: it ends with commit", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_a_killed_process_left_unflushed_are_durable_before_the_next_file_is_begun()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await using (Transaction relaxed = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await relaxed.InsertAsync(table, 1);
            await relaxed.CommitAsync(isDurable: false, default);
        }
        engine = Restart();
        Assert.Equal([1], await engine.IdsAsync(table));
        await engine.InsertCommittedAsync(table, 2);
        _files.CrashAndRestart(); // all that was not flushed is gone
        await using StorageEngine again = Open();
        Assert.Equal([1, 2], await again.IdsAsync(table));
    }

    [Fact]
    public async Task What_the_manifest_names_stays_when_the_log_drops_it_and_two_starts_follow()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await engine.CheckpointAsync(default);
        await engine.DeleteCommittedAsync(table, 2);
        await engine.CheckpointAsync(default); // names a delete file
        await using (Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.TruncateAsync(table.Id, default);
            await transaction.CommitAsync(isDurable: true, default);
        }
        Restart();
        engine = Restart();
        Assert.Empty(await engine.IdsAsync(table));
        await engine.DisposeAsync();
        Assert.Empty(_files.ListFiles("/data/segments"));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task A_start_that_stops_anywhere_leaves_a_directory_that_starts(double keepUnflushed)
    {
        bool hasCrashed = true;
        for (int call = 0; hasCrashed; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = call + 1, CrashAtCall = call });
            hasCrashed = Stops(files, keepUnflushed);
            StorageEngine engine = Open(files);
            TableEntry table = await engine.CreateTableAsync();
            await engine.CheckpointAsync(default);
            await engine.InsertCommittedAsync(table, 1);
            files.KillProcess();
            _ = Open(files); // begins a file, of which the machine keeps a part of the header
            files.KillProcess();
            using (IFile file = files.Open($"{Log}/{files.ListFiles(Log)[^1]}", FileOpening.Write))
                file.Truncate(10);
            files.Change(new FaultPlan { Seed = call + 1, CrashAtCall = call });
            hasCrashed |= Stops(files, keepUnflushed);
            files.Change(new FaultPlan());
            await using StorageEngine again = Open(files);
            Assert.Equal([1], await again.IdsAsync(table));
        }
    }

    /// <returns>Whether the machine stopped while the engine was being opened.</returns>
    private static bool Stops(FaultyFileSystem files, double keepUnflushed)
    {
        try
        {
            _ = Open(files);
        }
        catch (SimulatedCrashException)
        {
            files.CrashAndRestart(keepUnflushed);
            return true;
        }
        files.Change(new FaultPlan());
        files.KillProcess();
        return false;
    }

    private string RefusalWithout(string name)
    {
        _files.KillProcess();
        _files.Rename($"{Log}/{name}", $"/data/{name}");
        string refusal = Assert.Throws<StorageException>(Open).Message;
        Assert.Contains("put it back or restore the data directory from a backup", refusal, StringComparison.Ordinal);
        _files.Rename($"/data/{name}", $"{Log}/{name}");
        return refusal;
    }

    private StorageEngine Restart()
    {
        _files.KillProcess();
        return Open();
    }

    private StorageEngine Open() => Open(_files);

    private static StorageEngine Open(FaultyFileSystem files) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = files,
        RunsBackgroundWork = false,
    });
}
