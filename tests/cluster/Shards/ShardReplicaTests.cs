using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Storage;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Shards;

/// <summary>Replicas of a shard with engines, through failovers, copies and changes of the catalog.</summary>
public sealed class ShardReplicaTests
{
    [Fact]
    public async Task What_is_committed_on_the_primary_appears_on_the_others()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync(1, 2, 3);
        await using (Transaction transaction = primary.Engine.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.DeleteAsync(rig.Table.Id, new[] { new RowId(primary.Scan()[1].Row) }, default);
            await transaction.CommitAsync(isDurable: true, default);
        }
        await rig.ConvergeAsync();
        Assert.Equal([1, 3], primary.Ids());
        ShardRig.RigNode other = rig.Nodes.First(node => node != primary);
        Assert.Equal(SqlState.ReadOnlySqlTransaction, (await Assert.ThrowsAsync<SqlException>(() => other.InsertAsync(9))).State);
        Assert.False(other.Replica!.IsServing);
        primary.Lease.IsHeld = false;
        Assert.False(primary.Replica!.IsServing);
    }

    [Fact]
    public async Task A_primary_that_is_cut_off_acknowledges_nothing_and_the_next_has_all_that_was()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        await old.InsertAsync(1, 2);
        await using Transaction open = old.Engine.Begin(IsolationLevel.ReadCommitted), holder = old.Engine.Begin(IsolationLevel.ReadCommitted);
        await open.InsertAsync(rig.Table.Id, ShardRig.Rows((50, "open")), default);
        await holder.InsertAsync(rig.Table.Id, ShardRig.Rows((60, "held")), default);
        await using Transaction waiter = old.Engine.Begin(IsolationLevel.ReadCommitted);
        Task waits = waiter.InsertAsync(rig.Table.Id, ShardRig.Rows((60, "waits")), default).AsTask();
        Assert.False(waits.IsCompleted);
        int[] others = [.. rig.Nodes.Where(node => node != old).Select(static node => node.Id.Value)];
        Isolate(rig, old);
        Task unknown = old.InsertAsync(3);
        old.Lease.IsHeld = false;
        ShardRig.RigNode next = await rig.PromoteAsync(others);
        await next.InsertAsync(4);
        Assert.False(unknown.IsCompleted);
        rig.Cuts.Clear();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        SqlException outcome = await Assert.ThrowsAsync<SqlException>(() => unknown.WaitAsync(ShardRig.Patience));
        Assert.Equal(SqlState.TransactionResolutionUnknown, outcome.State);
        Assert.Equal([1, 2, 4], old.Ids()); // the entry that was on one disk alone is gone
        Assert.Equal("40001", (await Assert.ThrowsAsync<SqlException>(() => waits.WaitAsync(ShardRig.Patience))).State.Code);
        Assert.Equal("40001", (await Assert.ThrowsAsync<SqlException>(() => open.CommitAsync(isDurable: true, default).AsTask())).State.Code);
        Assert.Equal("40001", Assert.Throws<SqlException>(() => open.Read(rig.Table.Id)).State.Code);
        Assert.Contains("stepped down", old.Events);
    }

    [Fact]
    public async Task What_was_sent_and_not_acknowledged_is_settled_by_the_log()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        int[] others = [.. rig.Nodes.Where(node => node != old).Select(static node => node.Id.Value)];
        foreach (int other in others)
            rig.Cuts.Add((other, old.Id.Value)); // entries go out, answers do not come back
        Task unknown = old.InsertAsync(3, 4, 5);
        await rig.TickAsync();
        Isolate(rig, old);
        old.Lease.IsHeld = false;
        ShardRig.RigNode next = await rig.PromoteAsync(others);
        Assert.Equal([3, 4, 5], next.Ids());
        rig.Cuts.Clear();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.Equal(SqlState.TransactionResolutionUnknown, (await Assert.ThrowsAsync<SqlException>(() => unknown.WaitAsync(ShardRig.Patience))).State);
        Assert.Equal([3, 4, 5], old.Ids());
        old.Lease.IsHeld = true;
        while (rig.Primary != old)
            await rig.PromoteAsync(); // by chance of the same log, the first of the voters; and another commits in between
        SqlException twice = await Assert.ThrowsAsync<SqlException>(() => old.InsertAsync(4));
        Assert.Equal(SqlState.UniqueViolation, twice.State); // its index knows the rows that it got back
        await old.InsertAsync(6);
        await rig.ConvergeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_that_has_applied_what_others_never_had_goes_back(bool hasCheckpoint)
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        await old.InsertAsync(1);
        await rig.ConvergeAsync();
        if (hasCheckpoint)
            await old.Engine.CheckpointAsync(default);
        int[] others = [.. rig.Nodes.Where(node => node != old).Select(static node => node.Id.Value)];
        Isolate(rig, old);
        await using (Transaction transaction = old.Engine.Begin(IsolationLevel.ReadCommitted))
        {
            transaction.WriteAcks = ReplicationMode.Async;
            await transaction.InsertAsync(rig.Table.Id, ShardRig.Rows((2, "alone")), default);
            await transaction.CommitAsync(isDurable: true, default); // on its own word
        }
        Assert.Equal([1, 2], old.Ids());
        StorageEngine before = old.Engine;
        old.Lease.IsHeld = false;
        ShardRig.RigNode next = await rig.PromoteAsync(others);
        await next.InsertAsync(3);
        rig.Cuts.Clear();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.Equal([1, 3], old.Ids());
        Assert.NotSame(before, old.Engine);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_that_asks_for_all_replicas_waits_for_the_last_and_keeps_nobody_waiting(bool isPrepared)
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync(1);
        await rig.ConvergeAsync();
        ShardRig.RigNode away = rig.Nodes.First(node => node != primary);
        Isolate(rig, away);
        await using Transaction transaction = primary.Engine.Begin(IsolationLevel.ReadCommitted);
        transaction.WriteAcks = ReplicationMode.Sync;
        await transaction.InsertAsync(rig.Table.Id, ShardRig.Rows((2, "everywhere")), default);
        Task<CommitTimestamp> commit = isPrepared ? transaction.PrepareAsync("g", new byte[4], default).AsTask() : transaction.CommitAsync(isDurable: true, default).AsTask();
        await primary.InsertAsync(3); // as most have it, and the other entry before it
        Assert.False(commit.IsCompleted);
        rig.Cuts.Clear();
        await rig.UntilAsync(() => commit.IsCompleted);
        CommitTimestamp at = await commit.WaitAsync(ShardRig.Patience);
        if (isPrepared)
            await primary.Engine.CommitPreparedAsync("g", at);
        Assert.Equal([1, 2, 3], primary.Ids());
    }

    [Fact]
    public async Task A_commit_that_asked_for_all_replicas_is_there_though_its_primary_cannot_say_how_many_have_it()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        await old.InsertAsync(1);
        await rig.ConvergeAsync();
        ShardRig.RigNode away = rig.Nodes.First(node => node != old);
        Isolate(rig, away);
        await using Transaction transaction = old.Engine.Begin(IsolationLevel.ReadCommitted);
        transaction.WriteAcks = ReplicationMode.Sync;
        await transaction.InsertAsync(rig.Table.Id, ShardRig.Rows((2, "mostly")), default);
        Task commit = transaction.CommitAsync(isDurable: true, default).AsTask();
        await old.InsertAsync(3);
        old.Lease.IsHeld = false;
        await rig.PromoteAsync([.. rig.Nodes.Where(node => node != old && node != away).Select(static node => node.Id.Value)]);
        SqlException unknown = await Assert.ThrowsAsync<SqlException>(() => commit.WaitAsync(ShardRig.Patience));
        Assert.Equal(SqlState.TransactionResolutionUnknown, unknown.State);
        rig.Cuts.Clear();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.All(rig.Nodes, node => Assert.Equal([1, 2, 3], node.Ids()));
    }

    [Fact]
    public async Task A_replica_that_is_far_behind_gets_a_copy_with_its_vector_index()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync(1, 2);
        await rig.ConvergeAsync();
        ShardRig.RigNode late = rig.Nodes.First(node => node != primary);
        await late.StopAsync();
        for (int i = 0; i < 5; i++)
            await primary.InsertAsync([.. Enumerable.Range((i * 300) + 10, 300).Select(static id => (long)id)]);
        SegmentIndexDefinition index = SegmentIndexDefinition.Of(rig.Table, rig.Table.Indexes[1])!;
        await primary.Engine.BuildIndexAsync(rig.Table.Id, index, default);
        await rig.UntilAsync(() => primary.Replica!.Figures.Durable == primary.Replica.Figures.Applied);
        await primary.InsertAsync(5000);
        late.Start();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.Equal(1503, late.Ids().Count);
        string[] built = [.. primary.Files.ListFiles("/shard/segments").Where(static name => name.Split('.').Length == 3)];
        Assert.NotEmpty(built);
        foreach (string name in built)
            Assert.True(late.Files.FileExists($"/shard/segments/{name}"), name);
        await late.Engine.RunBackgroundWorkAsync(default);
        VectorIndexStatus status = late.Engine.StatusOf(rig.Table.Id, index);
        Assert.Equal(primary.Engine.StatusOf(rig.Table.Id, index).RowsIndexed, status.RowsIndexed);
        Assert.True(status.RowsIndexed > 0);
        Assert.Null(status.BuildSeconds); // it was found on disk
        Assert.False(late.Files.DirectoryExists("/shard/install"));
    }

    [Fact]
    public async Task The_segments_of_large_transactions_reach_the_others_by_the_log()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync([.. Enumerable.Range(1, 2000).Select(static id => (long)id)]);
        ShardRig.RigNode late = rig.Nodes.First(node => node != primary);
        late.Crash();
        await primary.InsertAsync([.. Enumerable.Range(3000, 2000).Select(static id => (long)id)]);
        late.Start();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.Equal(4000, late.Ids().Count);
        Assert.Contains(late.Engine.SizeOf(rig.Table.Id).Segments, static segment => segment.Info.RowCount == 2000);
    }

    [Fact]
    public async Task A_prepared_transaction_holds_its_locks_on_the_next_primary()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        await old.InsertAsync(1);
        await using (Transaction transaction = old.Engine.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.DeleteAsync(rig.Table.Id, new[] { new RowId(old.Scan()[0].Row) }, default);
            await transaction.InsertAsync(rig.Table.Id, ShardRig.Rows((10, "prepared")), default);
            await transaction.PrepareAsync("p", new byte[] { 1 }, default);
        }
        int[] others = [.. rig.Nodes.Where(node => node != old).Select(static node => node.Id.Value)];
        Isolate(rig, old);
        old.Lease.IsHeld = false;
        ShardRig.RigNode next = await rig.PromoteAsync(others);
        Assert.Equal("p", Assert.Single(next.Engine.Prepared).GlobalId);
        await using Transaction inserter = next.Engine.Begin(IsolationLevel.ReadCommitted);
        Task insert = inserter.InsertAsync(rig.Table.Id, ShardRig.Rows((10, "waits")), default).AsTask();
        Assert.False(insert.IsCompleted);
        await next.Engine.CommitPreparedAsync("p", new CommitTimestamp(await rig.Timestamps.NextAsync(0, 1)));
        Assert.Equal(SqlState.UniqueViolation, (await Assert.ThrowsAsync<SqlException>(() => insert.WaitAsync(ShardRig.Patience))).State);
        rig.Cuts.Clear();
        rig.Configure(static state => state);
        await rig.ConvergeAsync();
        Assert.Equal([10], old.Ids());
        Assert.Empty(old.Engine.Prepared);
    }

    [Fact]
    public async Task A_replica_applies_nothing_before_its_catalog_is_as_new()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync(1);
        await rig.ConvergeAsync();
        TableEntry wider = rig.Table with
        {
            Columns = [.. rig.Table.Columns, new ColumnEntry(4, "extra", SqlType.Int8)],
        };
        rig.Change(new PutObject(wider));
        primary.FollowCatalog();
        ShardRig.RigNode[] others = [.. rig.Nodes.Where(node => node != primary)];
        others[0].FollowCatalog();
        await using (Transaction transaction = primary.Engine.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.DeleteAsync(rig.Table.Id, new[] { new RowId(primary.Scan()[0].Row) }, default);
            await transaction.CommitAsync(isDurable: true, default);
        }
        await rig.UntilAsync(() => others[0].Ids().Count == 0);
        Assert.Equal([1], others[1].Ids());
        others[1].FollowCatalog();
        await rig.UntilAsync(() => others[1].Ids().Count == 0);
        rig.Change(new DropObject(rig.Table.Oid));
        foreach (ShardRig.RigNode node in rig.Nodes)
        {
            node.FollowCatalog();
            await node.Engine.CheckpointAsync(default);
        }
    }

    [Fact]
    public async Task Commits_wait_for_as_many_replicas_as_are_asked_for_and_not_for_ever()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync();
        await primary.InsertAsync(1);
        rig.PendingBytesMax = 1;
        Isolate(rig, primary);
        Task waiting = primary.InsertAsync(2);
        await rig.TickAsync();
        Assert.False(waiting.IsCompleted);
        rig.Cuts.Clear();
        await rig.UntilAsync(() => waiting.IsCompleted);
        await waiting;
        await rig.ConvergeAsync();
    }

    [Fact]
    public async Task Commits_fail_when_too_much_waits_for_too_long()
    {
        await using ShardRig rig = new(3) { PendingBytesMax = 100 };
        foreach (ShardRig.RigNode node in rig.Nodes)
        {
            await node.StopAsync();
            node.Start();
        }
        ShardRig.RigNode primary = await rig.PromoteAsync();
        Isolate(rig, primary);
        Task first = primary.InsertAsync([.. Enumerable.Range(1, 30).Select(static id => (long)id)]);
        await rig.TickAsync();
        Task second = primary.InsertAsync(100);
        await rig.UntilAsync(() => second.IsCompleted);
        Assert.Equal(SqlState.CannotConnectNow, (await Assert.ThrowsAsync<SqlException>(() => second)).State);
        Assert.False(first.IsCompleted);
        rig.Cuts.Clear();
        await rig.UntilAsync(() => first.IsCompleted);
        await primary.InsertAsync(100); // nothing of the second was there
        await rig.ConvergeAsync();
    }

    [Fact]
    public async Task Who_waits_for_a_replica_to_serve_is_told()
    {
        await using ShardRig rig = new(1);
        Task serving = rig.Nodes[0].Replica!.WaitUntilServingAsync(default).AsTask();
        Task stopped = rig.Nodes[0].Replica!.WaitUntilServingAsync(new CancellationToken(canceled: true)).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        Assert.False(serving.IsCompleted);
        await rig.PromoteAsync();
        await serving.WaitAsync(ShardRig.Patience);
        Assert.Equal("promoted 2", rig.Nodes[0].Events.Single().Replace("promoted 1", "promoted 2", StringComparison.Ordinal));
        await rig.Nodes[0].InsertAsync(1);
        await rig.TickAsync();
        Assert.Equal(Cluster.Shards.ShardPart.Primary, rig.Nodes[0].Replica!.Figures.Part);
    }

    private static void Isolate(ShardRig rig, ShardRig.RigNode node)
    {
        lock (rig.Cuts)
        {
            foreach (ShardRig.RigNode other in rig.Nodes)
            {
                rig.Cuts.Add((node.Id.Value, other.Id.Value));
                rig.Cuts.Add((other.Id.Value, node.Id.Value));
            }
        }
    }
}
