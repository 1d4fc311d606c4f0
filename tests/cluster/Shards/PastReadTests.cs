using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Shards;

/// <summary>Reads at replicas that are not primaries: of moments that these have reached, and of what is newest.</summary>
public sealed class PastReadTests
{
    [Fact]
    public async Task A_replica_is_read_at_a_moment_once_its_primary_has_closed_it()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync(), other = rig.Nodes.First(node => node != primary);
        await primary.InsertAsync(1, 2);
        CommitTimestamp first = await NowAsync(rig);
        await primary.InsertAsync(3);
        CommitTimestamp second = await NowAsync(rig);
        Task<List<long>> waits = other.PastIdsAsync(second);
        Assert.False(waits.IsCompleted); // more might be committed at that moment
        primary.Replica!.Close(second.Value);
        await UntilAsync(rig, waits);
        Assert.Equal([1, 2, 3], await waits);
        await primary.InsertAsync(4);
        Assert.Equal([1, 2, 3], await other.PastIdsAsync(second));
        Assert.Equal([1, 2], await other.PastIdsAsync(first));
        Assert.Equal([1, 2], await primary.PastIdsAsync(first));
    }

    [Fact]
    public async Task A_moment_is_closed_when_commits_that_may_have_it_are_there_and_no_other_gets_it()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync(), other = rig.Nodes.First(node => node != primary);
        await primary.InsertAsync(1);
        foreach (ShardRig.RigNode node in rig.Nodes.Where(node => node != primary))
            rig.Cuts.Add((node.Id.Value, primary.Id.Value)); // no answers
        Task commits = primary.InsertAsync(2);
        CommitTimestamp moment = await NowAsync(rig);
        primary.Replica!.Close(moment.Value);
        for (int i = 0; i < 5; i++)
            await rig.TickAsync();
        Assert.False(commits.IsCompleted || other.Engine.NewestCommit >= moment.Value);
        rig.Cuts.Clear();
        await rig.UntilAsync(() => other.Engine.NewestCommit >= moment.Value);
        await commits;
        Assert.Equal([1, 2], await other.PastIdsAsync(moment));
    }

    [Fact]
    public async Task A_replica_that_does_not_come_to_a_moment_says_so_in_time()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync(), other = rig.Nodes.First(node => node != primary);
        await primary.InsertAsync(1);
        Task<List<long>> waits = other.PastIdsAsync(await NowAsync(rig));
        SqlException late = await Assert.ThrowsAsync<SqlException>(() => UntilAsync(rig, waits));
        Assert.Equal("57P03: the shard's replica has not come to the moment that is read at", $"{late.State.Code}: {late.Message}");
        Assert.True(late.IsPassing);
    }

    [Fact]
    public async Task A_reader_at_a_replica_waits_for_what_may_have_committed_by_its_moment()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync(), other = rig.Nodes.First(node => node != primary);
        await primary.InsertAsync(1);
        Transaction prepared = primary.Engine.Begin(IsolationLevel.ReadCommitted);
        await prepared.InsertAsync(rig.Table.Id, ShardRig.Rows((2, "two")), default);
        await prepared.PrepareAsync("g", ReadOnlyMemory<byte>.Empty, default);
        CommitTimestamp before = await NowAsync(rig), moment = await NowAsync(rig);
        primary.Replica!.Close(moment.Value);
        await rig.UntilAsync(() => other.Engine.NewestCommit >= moment.Value);
        Task<List<long>> waits = other.PastIdsAsync(moment);
        Assert.False(waits.IsCompleted);
        await ((IShard)primary.Engine).CommitPreparedAsync("g", before);
        await UntilAsync(rig, waits);
        Assert.Equal([1, 2], await waits);
    }

    [Fact]
    public async Task A_replica_serves_what_is_newest_while_its_primary_can_say_that()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode primary = await rig.PromoteAsync(), other = rig.Nodes.First(node => node != primary);
        await primary.InsertAsync(1, 2);
        Task<List<long>> reads = other.PastIdsAsync(null);
        await UntilAsync(rig, reads);
        Assert.Equal([1, 2], await reads);
        rig.Cuts.Add((other.Id.Value, primary.Id.Value));
        await primary.InsertAsync(3);
        Task<List<long>> waits = other.PastIdsAsync(null);
        SqlException silent = await Assert.ThrowsAsync<SqlException>(() => UntilAsync(rig, waits));
        Assert.Equal("57P03: the shard's primary does not answer its replica", $"{silent.State.Code}: {silent.Message}");
    }

    private static async Task<CommitTimestamp> NowAsync(ShardRig rig) => new(await rig.Timestamps.NowAsync(default));

    private static async Task UntilAsync(ShardRig rig, Task done)
    {
        await rig.UntilAsync(() => done.IsCompleted);
        await done;
    }
}
