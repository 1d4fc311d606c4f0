using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>What snapshots keep from being dropped.</summary>
public sealed class SnapshotsTests
{
    [Fact]
    public void A_snapshot_whose_views_are_released_holds_nothing_once_its_statement_is_over()
    {
        Snapshots snapshots = new();
        snapshots.Publish(5);
        Snapshot read = snapshots.Take(), open = snapshots.Take();
        read.AddView();
        open.AddView();
        snapshots.Publish(9);
        Assert.Equal(5, snapshots.Oldest());
        read.RemoveView();
        snapshots.Leave(read);
        snapshots.Leave(open);
        Assert.Equal(5, snapshots.Oldest()); // a cursor may still read
        open.RemoveView();
        Assert.Equal(9, snapshots.Oldest());
    }

    [Fact]
    public void The_end_of_a_transaction_lets_go_of_what_its_open_views_see()
    {
        Snapshots snapshots = new();
        snapshots.Publish(5);
        Snapshot open = snapshots.Take();
        open.AddView();
        Assert.True(snapshots.Leave(open));
        snapshots.Publish(9);
        snapshots.Release(open);
        Assert.Equal(9, snapshots.Oldest());
        open.RemoveView();
        Assert.Equal(9, snapshots.Oldest());
    }

    [Fact]
    public async Task A_wait_ends_with_the_last_snapshot_from_before_its_moment_and_not_sooner()
    {
        Snapshots snapshots = new();
        snapshots.Publish(5);
        Snapshot held = snapshots.Take(), read = snapshots.Take(), pinned = snapshots.Pin(held);
        read.AddView();
        Assert.True(snapshots.WaitAsync(5, default).IsCompleted);
        snapshots.Publish(9);
        Snapshot late = snapshots.Take();
        Task wait = snapshots.WaitAsync(9, default), earlier = snapshots.WaitAsync(6, default);
        snapshots.Release(held);
        snapshots.Leave(read);
        snapshots.Release(pinned);
        Assert.False(wait.IsCompleted || earlier.IsCompleted);
        read.RemoveView();
        await wait;
        await earlier;
        snapshots.Release(late);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_leaves_others_waiting()
    {
        Snapshots snapshots = new();
        snapshots.Publish(5);
        Snapshot held = snapshots.Take();
        snapshots.Publish(9);
        using CancellationTokenSource source = new();
        Task cancelled = snapshots.WaitAsync(9, source.Token), wait = snapshots.WaitAsync(8, default);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(wait.IsCompleted);
        snapshots.Release(held);
        await wait;
    }
}
