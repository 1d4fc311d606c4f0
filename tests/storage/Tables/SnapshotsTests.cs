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
        GC.KeepAlive(open);
        snapshots.Release(open);
        Assert.Equal(9, snapshots.Oldest());
    }
}
