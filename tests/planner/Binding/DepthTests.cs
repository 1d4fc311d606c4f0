using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Binding;

public sealed class DepthTests
{
    [Theory]
    [InlineData("+ 1", 300, true)]
    [InlineData("+ 1", 4_000, true)]
    [InlineData("|| 'x'", 4_000, true)]
    [InlineData("+ 1", 20_000, false)]
    public void Deep_expressions_are_planned_or_refused_but_never_exhaust_the_stack(string link, int count, bool isFine)
    {
        string sql = "select x " + string.Concat(Enumerable.Repeat(link, count)) + " from a group by 1";
        if (isFine)
            Assert.NotNull(PlannerKit.Plan(sql));
        else
            Assert.Equal("54001", PlannerKit.Error(sql).State.Code);
    }
}
