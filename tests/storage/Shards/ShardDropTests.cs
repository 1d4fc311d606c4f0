using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Shards;

public sealed class ShardDropTests
{
    [Fact]
    public async Task Files_of_shards_go_with_their_group_and_whoever_reads_other_tables_notices_nothing()
    {
        var files = new FaultyFileSystem();
        ShardedStorage storage = await ShardedRig.OpenAsync(files);
        TableEntry table = await ShardedRig.CreateAsync(storage, shards: 3);
        await using (ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, 1, 2, 3, 4, 5, 6);
            await writer.CommitAsync();
        }
        ITransaction reader = storage.Begin(IsolationLevel.RepeatableRead);
        Assert.Equal(6, (await reader.ScanAsync(table)).Count);
        await using (ITransaction dropper = storage.Begin(IsolationLevel.ReadCommitted))
        {
            dropper.Change(new DropObject(table.Oid));
            dropper.Change(new DropObject(table.Placement!.GroupOid));
            await dropper.CommitAsync();
        }
        await reader.DisposeAsync();
        Assert.Equal(new ShardId(3), storage.LastShard);
        await storage.DisposeAsync();
        Assert.All(Enumerable.Range(1, 3), shard => Assert.False(files.DirectoryExists($"/data/shards/{shard}")));

        storage = await ShardedRig.OpenAsync(files);
        Assert.Equal(default, storage.LastShard);
        await ShardedRig.CreateAsync(storage, shards: 2);
        await storage.DisposeAsync();
    }

    [Fact]
    public async Task What_a_stop_has_left_of_a_shard_that_no_group_has_goes_at_the_next_start()
    {
        var files = new FaultyFileSystem();
        await using (ShardedStorage storage = await ShardedRig.OpenAsync(files))
        {
            TableEntry table = await ShardedRig.CreateAsync(storage, shards: 2);
            await using ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted);
            await writer.InsertAsync(table, 1, 2, 3, 4, 5, 6);
            await writer.CommitAsync();
        }
        files.CreateDirectory("/data/shards/9");
        await using (ShardedStorage storage = await ShardedRig.OpenAsync(files))
        {
            Assert.False(files.DirectoryExists("/data/shards/9"));
            Assert.True(files.DirectoryExists("/data/shards/1"));
            await using ITransaction reader = storage.Begin(IsolationLevel.ReadCommitted);
            Assert.True(storage.Catalog.Tables.First(static found => found.Name == "t") is { } kept && (await reader.ScanAsync(kept)).Count == 6);
        }
    }
}
