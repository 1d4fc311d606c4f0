using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Shards;

/// <summary>What who decides a transaction over shards says of its outcome.</summary>
public sealed class OutcomeTests
{
    [Fact]
    public async Task A_decision_keeps_its_moment_through_merges()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        CommitTimestamp at = default;
        for (int i = 0; i < 3; i++)
        {
            TestOrigin origin = new(engine, $"run.{i}");
            IBranch branch = engine.Begin(origin);
            await branch.InsertAsync(table.Id, TestDatabase.Rows((i, "x")), default);
            branch.ExpectDecision();
            (CommitTimestamp decided, _) = await branch.DecideAsync(default);
            at = i == 0 ? decided : at;
            await engine.CheckpointAsync(default);
        }
        await engine.CompactAsync(DecisionTable.Id, default);
        Assert.Equal(at, await engine.ResolveAsync("run.0", default));
        Assert.Null(await engine.ResolveAsync("run.7", default));
    }

    [Fact]
    public async Task Who_asks_before_the_decision_ends_the_branch_that_would_make_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        IBranch branch = engine.Begin(new TestOrigin(engine, "run.1"));
        await branch.InsertAsync(table.Id, TestDatabase.Rows((1, "x")), default);
        branch.ExpectDecision();
        Assert.Null(await engine.ResolveAsync("run.1", default));
        SqlException late = await Assert.ThrowsAsync<SqlException>(() => branch.DecideAsync(default).AsTask());
        Assert.Equal(SqlState.SerializationFailure, late.State);
        await branch.RollbackAsync();
        Assert.Null(await engine.ResolveAsync("run.1", default));
        await using Transaction reader = engine.Begin(IsolationLevel.ReadCommitted);
        Assert.Empty(reader.Scan(table));
    }

    [Fact]
    public async Task Prepared_parts_do_what_their_decider_says()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 2);
        IShard first = storage.Shards.Find(new(1)), second = storage.Shards.Find(new(2));
        foreach (bool isDecided in (bool[])[true, false])
        {
            TestOrigin origin = new((StorageEngine)storage.Shards.Find(ShardedStorage.Home), isDecided ? "run.1" : "run.2");
            IBranch deciding = first.Begin(origin), prepared = second.Begin(origin);
            await deciding.InsertAsync(table.Id, TestDatabase.Rows((isDecided ? 1 : 2, "x")), default);
            await prepared.InsertAsync(table.Id, TestDatabase.Rows((isDecided ? 10 : 20, "x")), default);
            deciding.ExpectDecision();
            await prepared.PrepareAsync(origin.GlobalId, new Decider(new(1)).Encode(), default);
            if (isDecided)
                await deciding.DecideAsync(default);
            PreparedState state = Assert.Single(await second.ListPreparedAsync(default));
            await InDoubt.ResolveAsync(second, state, storage.Shards, log: null, default);
            Assert.Empty(await second.ListPreparedAsync(default));
            await deciding.RollbackAsync();
        }
        Assert.Equal([1, 10], await storage.IdsAsync(table));
    }
}
