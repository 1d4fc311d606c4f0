using VecSQL.Cluster.Stores;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Stores;

/// <summary>Which replicas are read where several may be.</summary>
public sealed class ReplicaOrderTests
{
    [Fact]
    public void The_nearest_that_is_well_is_read_and_else_the_one_that_has_least_to_do()
    {
        ReplicaSight far = new(IsWell: true, IsInZone: false, CallCount: 0), near = new(true, true, 5), ill = new(false, true, 0);
        Assert.Equal(1, ReplicaOrder.Choose([far, near, ill], ReplicaChoice.Nearest, 0));
        Assert.Equal(0, ReplicaOrder.Choose([far, near, ill], ReplicaChoice.Any, 0));
        Assert.Equal(0, ReplicaOrder.Choose([far, ill], ReplicaChoice.Nearest, 1));
        Assert.Equal(0, ReplicaOrder.Choose([ill], ReplicaChoice.Nearest, 1));
        Assert.Equal(-1, ReplicaOrder.Choose([], ReplicaChoice.Any, 7));
    }

    [Fact]
    public void Those_that_are_alike_are_read_in_turn()
    {
        ReplicaSight alike = new(true, false, 0);
        int[] counts = new int[3];
        for (uint turn = 0; turn < 9; turn++)
            counts[ReplicaOrder.Choose([alike, alike, alike], ReplicaChoice.Any, uint.MaxValue - 4 + turn)]++;
        Assert.All(counts, static count => Assert.InRange(count, 2, 4));
    }
}
