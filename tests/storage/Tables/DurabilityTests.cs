using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

public sealed class DurabilityTests
{
    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task Committed_rows_survive_a_crash_and_uncommitted_ones_do_not()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await engine.DeleteCommittedAsync(table, 2);
        Transaction open = engine.Begin(IsolationLevel.ReadCommitted);
        await open.InsertAsync(table, 9);
        _files.CrashAndRestart();

        await using StorageEngine again = Open();
        Assert.Equal([1, 3], await again.IdsAsync(table));
        await again.InsertCommittedAsync(table, 2);
        Assert.True(again.NextOid() > table.Indexes[0].Oid);
    }

    [Fact]
    public async Task A_checkpoint_moves_rows_to_segments_and_drops_the_log()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await engine.CheckpointAsync(default);
        Assert.Single(_files.ListFiles("/data/log"));
        Assert.Equal(2, _files.ListFiles("/data/segments").Count);
        Assert.Equal([1, 2, 3], await engine.IdsAsync(table));
        await engine.DeleteCommittedAsync(table, 2);
        await using (Transaction reader = engine.Begin(IsolationLevel.ReadCommitted))
            Assert.Equal(["n1", null, "n3"], reader.Lookup(table, 1, 2, 3));
        await engine.InsertCommittedAsync(table, 2, 4);
        await engine.CheckpointAsync(default);
        _files.CrashAndRestart();

        await using StorageEngine again = Open();
        Assert.Equal([1, 2, 3, 4], await again.IdsAsync(table));
        await Assert.ThrowsAsync<Core.Errors.SqlException>(() => again.InsertCommittedAsync(table, 3));
    }

    [Fact]
    public async Task A_table_dropped_since_the_checkpoint_keeps_what_the_manifest_names_through_any_number_of_crashes()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await engine.CheckpointAsync(default);
        await engine.DeleteCommittedAsync(table, 2);
        await engine.CheckpointAsync(default); // the segment has a delete file now
        await using (Transaction drop = engine.Begin(IsolationLevel.ReadCommitted))
        {
            drop.Change(new DropObject(table.Oid));
            await drop.CommitAsync(isDurable: true, default);
        }
        for (int crash = 0; crash < 3; crash++)
        {
            _files.CrashAndRestart();
            engine = Open();
            _files.FlushDirectory("/data/segments"); // what was deleted stays so
            Assert.False(engine.Catalog.TryFindTable(table.Id, out _));
        }
        await engine.CheckpointAsync(default);
        Assert.Empty(_files.ListFiles("/data/segments"));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_large_transaction_goes_to_segments_of_its_own()
    {
        StorageEngine engine = Open(directBytes: 1000);
        TableEntry table = await engine.CreateTableAsync();
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            for (int i = 0; i < 20; i++)
                await writer.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(i * 100, 100).Select(id =>
                    ((long?)id, (string?)$"n{id}"))]), default);
            await Assert.ThrowsAsync<Core.Errors.SqlException>(() => writer.InsertAsync(table, 1234));
            await writer.RollbackAsync();
        }
        Assert.Empty(_files.ListFiles("/data/segments"));
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            for (int i = 0; i < 20; i++)
                await writer.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(i * 100, 100).Select(id =>
                    ((long?)id, (string?)$"n{id}"))]), default);
            await writer.DeleteByIdAsync(table, 3, 1999);
            Assert.Equal(1998, writer.Ids(table).Count);
            Assert.Equal(["n5", null, "n1998", null], writer.Lookup(table, 5, 3, 1998, 1999));
            await writer.CommitAsync(isDurable: true, default);
        }
        _files.CrashAndRestart();

        await using StorageEngine again = Open();
        Assert.Equal(1998, (await again.IdsAsync(table)).Count);
        await again.CompactAsync(table.Id, default);
        Assert.Equal(1998, (await again.IdsAsync(table)).Count);
        Assert.Equal(2, _files.ListFiles("/data/segments").Count);
    }

    [Fact]
    public async Task A_clean_stop_and_start_keeps_everything()
    {
        TableEntry table;
        SequenceEntry sequence = new(20000, 2200, "s");
        await using (StorageEngine engine = Open())
        {
            table = await engine.CreateTableAsync();
            await engine.InsertCommittedAsync(table, 1, 2);
            for (int i = 0; i < 5; i++)
                engine.TakeSequenceValues(sequence, 1);
        }
        await using StorageEngine again = Open();
        Assert.Equal([1, 2], await again.IdsAsync(table));
        Assert.Equal(6, again.TakeSequenceValues(sequence, 1).First);
    }

    private StorageEngine Open(long directBytes = 32 << 20) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = _files,
        RunsBackgroundWork = false,
        DirectSegmentBytes = directBytes,
    });
}
