using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Shards;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Replication;

/// <summary>A directory of a node alone that becomes one of replicas.</summary>
public sealed class FoundingTests
{
    [Fact]
    public async Task Wherever_the_machine_stops_it_goes_on_and_all_is_there()
    {
        long calls = await CallsAsync();
        Assert.InRange(calls, 40, 400);
        for (long call = 0; call < calls; call++)
        {
            FaultyFileSystem files = await AloneAsync((int)call);
            Assert.True(FoundingStore.IsIn(Options(files)));
            files.Change(new FaultPlan { Seed = (int)call, CrashAtCall = call });
            await Assert.ThrowsAnyAsync<Exception>(async () => await FoundingStore.PrepareAsync(Options(files)));
            Assert.True(files.HasCrashed);
            files.CrashAndRestart();
            await CheckAsync(files, await FoundingStore.PrepareAsync(Options(files)));
            FoundingStore.Finish(Options(files));
            Assert.False(FoundingStore.IsIn(Options(files)));
        }
    }

    [Fact]
    public async Task A_directory_that_is_of_no_node_alone_is_let_be()
    {
        FaultyFileSystem files = new();
        files.CreateDirectory("/data");
        Assert.False(FoundingStore.IsIn(Options(files)));
        files = await AloneAsync(1);
        await FoundingStore.PrepareAsync(Options(files));
        Assert.True(FoundingStore.IsIn(Options(files)));
        StorageException refused = await Assert.ThrowsAsync<StorageException>(async () => await ShardedRig.OpenAsync(files));
        Assert.Contains("is becoming a cluster's", refused.Message);
    }

    [Fact]
    public async Task A_damaged_note_of_what_is_to_be_done_is_told()
    {
        FaultyFileSystem files = await AloneAsync(1);
        await FoundingStore.PrepareAsync(Options(files));
        files.Damage("/data/founding", 20);
        StorageException damaged = await Assert.ThrowsAsync<StorageException>(async () => await FoundingStore.PrepareAsync(Options(files)));
        Assert.Contains("is damaged", damaged.Message);
    }

    private static async Task<long> CallsAsync()
    {
        FaultyFileSystem files = await AloneAsync(1);
        long before = files.CallCount;
        await FoundingStore.PrepareAsync(Options(files));
        return files.CallCount - before;
    }

    /// <summary>A node's directory with rows in segments, in the log alone, and in shards; its process was killed.</summary>
    private static async Task<FaultyFileSystem> AloneAsync(int seed)
    {
        FaultyFileSystem files = new(new FaultPlan { Seed = seed });
        ShardedStorage storage = await ShardedRig.OpenAsync(files);
        TableEntry divided = await ShardedRig.CreateAsync(storage, 2);
        await using (ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted))
        {
            TableEntry whole = TestDatabase.Entry(storage, "whole");
            transaction.Change(new PutObject(whole));
            await transaction.InsertAsync(whole, 1, 2);
            await transaction.CommitAsync();
        }
        await using (ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.InsertAsync(divided, [.. Enumerable.Range(1, 20).Select(static id => (long)id)]);
            await transaction.CommitAsync();
        }
        await storage.CheckpointAsync(default);
        await using (ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.InsertAsync(divided, 21, 22, 23);
            await transaction.InsertAsync(Table(storage.Catalog, "whole"), 3);
            await transaction.CommitAsync();
        }
        files.KillProcess();
        return files;
    }

    private static async Task CheckAsync(FaultyFileSystem files, FoundingStore store)
    {
        Assert.Equal([new ShardId(0), new ShardId(1), new ShardId(2)], store.Shards);
        List<long> divided = [], whole = [];
        foreach (ShardId shard in store.Shards)
        {
            string directory = ShardedStorage.DirectoryOf("/data", shard);
            LogPosition durable;
            await using (ReplicatedEngine machine = ReplicatedEngine.Open(Options(files) with
            {
                Directory = directory, Catalog = () => store.Catalog, Replicator = new Unled(), FirstRowId = ShardedStorage.FirstRow(shard).Value, Node = 1,
            }))
            {
                durable = machine.Durable;
                await using Transaction reader = machine.Engine.Begin(IsolationLevel.ReadCommitted);
                (shard == ShardedStorage.Home ? whole : divided)
                    .AddRange(reader.Scan(Table(store.Catalog, shard == ShardedStorage.Home ? "whole" : "t")).Select(static row => row.Id));
            }
            using ShardLog log = ShardLog.Open(files, directory, shard);
            Assert.Equal((durable, durable), (log.Base, log.Last));
            Assert.True(durable.Sequence.Value > 0);
        }
        Assert.Equal([1, 2, 3], whole.Order());
        Assert.Equal(Enumerable.Range(1, 23).Select(static id => (long)id), divided.Order());
    }

    private static TableEntry Table(CatalogSnapshot catalog, string name) => catalog.Tables.Single(table => table.Name == name);

    private static StorageOptions Options(FaultyFileSystem files) => new() { Directory = "/data", Files = files, RunsBackgroundWork = false, DirectSegmentBytes = 2000 };

    private sealed class Unled : ILogReplicator
    {
        public bool IsServing => true;

        public ValueTask ProposeAsync(IReadOnlyList<ProposedEntry> entries, Term term) => throw new InvalidOperationException("nobody leads");

        public ValueTask SettledAsync(LogPosition position, CancellationToken cancellation) => default;

        public ValueTask ReachNewestAsync(CancellationToken cancellation) => default;

        public void Wake()
        {
        }
    }
}
