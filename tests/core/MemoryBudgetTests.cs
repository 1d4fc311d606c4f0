using VecSQL.Core.Errors;
using VecSQL.Core.Memory;

namespace VecSQL.Core.Tests;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void A_reservation_beyond_the_limit_takes_nothing()
    {
        MemoryBudget budget = new("test", 100);
        Assert.True(budget.TryReserve(60));
        Assert.False(budget.TryReserve(41));
        Assert.Equal(60, budget.UsedBytes);
        budget.Release(60);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_child_draws_on_its_parent_and_gives_back_what_the_parent_refuses()
    {
        MemoryBudget parent = new("node", 100), child = new("query", 1000, parent);
        Assert.True(child.TryReserve(80));
        Assert.False(child.TryReserve(30));
        Assert.Equal((80, 80), (parent.UsedBytes, child.UsedBytes));
    }

    [Fact]
    public void Exceeding_the_limit_is_out_of_memory_and_names_the_budget()
    {
        SqlException error = Assert.Throws<SqlException>(() => new MemoryBudget("query memory", 1 << 20).Reserve(2 << 20));
        Assert.Equal(SqlState.OutOfMemory, error.State);
        Assert.Contains("query memory", error.Hint, StringComparison.Ordinal);
    }
}
