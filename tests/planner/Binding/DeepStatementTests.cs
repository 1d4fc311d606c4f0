using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Binding;

/// <summary>Statements that programs make: long sums, many nested queries, many joins.</summary>
public sealed class DeepStatementTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("x")]
    public void A_sum_of_thousands_of_terms_is_planned(string term) =>
        Assert.Contains("Result", PlannerKit.Explain(
            $"select {string.Join(" + ", Enumerable.Repeat(term, 4500))} from (select 1 as x offset 0) s"));

    [Fact]
    public void Hundreds_of_nested_queries_are_planned()
    {
        string sql = "select 1 as x";
        for (int level = 0; level < 500; level++)
            sql = $"select * from ({sql}) s{level}";
        Assert.Contains("Result", PlannerKit.Explain(sql));
    }

    [Fact]
    public void Hundreds_of_lists_are_joined_in_the_order_of_their_conditions()
    {
        string sql = "select count(*) from (values (1), (2)) t0(a)";
        for (int i = 1; i < 400; i++)
            sql += $" join (values (1), (2)) t{i}(a) on t{i}.a = t{i - 1}.a";
        string plan = PlannerKit.Explain(sql);
        Assert.Equal(399, plan.Split("Hash Join").Length - 1);
    }
}
