using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>Values that functions make are large: few rows are computed together, and what is held is counted.</summary>
public sealed class WideValueTests
{
    private const int RowCount = 5000, ValueBytes = 100_000; // 500 MB if they were all there at once

    private static readonly SqlType[] Types = [SqlType.Int4];

    private static readonly List<object?[]> Rows =
        [.. Enumerable.Range(0, RowCount).Select(static i => new object?[] { ValueBytes + i })];

    private static ScalarExpression Repeated(int column) =>
        Rig.Call("repeat", Rig.Constant(SqlType.Text, "x"), Rig.Input(SqlType.Int4, column));

    [Fact]
    public void Large_values_between_steps_take_little_memory()
    {
        var rig = new Rig(2) { Memory = new MemoryBudget("test", 64L << 20) };
        PhysicalPlan source = rig.Source(Types, Rows);
        var plan = new ProjectPlan(source, [Rig.Call("length", Repeated(0))]) { Output = [SqlType.Int4] };
        List<object?[]> rows = rig.Run(plan);
        Assert.Equal(Rows.Select(static row => row[0]), rows.Select(static row => row[0]));
    }

    [Fact]
    public void Large_values_are_handed_on_a_few_rows_at_a_time()
    {
        var rig = new Rig(3) { Memory = new MemoryBudget("test", 64L << 20) };
        PhysicalPlan source = rig.Source(Types, Rows);
        var wide = new ProjectPlan(source, [Repeated(0)]) { Output = [SqlType.Text] };
        var plan = new ProjectPlan(wide, [Rig.Call("length", Rig.Input(SqlType.Text, 0))])
        {
            Output = [SqlType.Int4],
        };
        Assert.Equal(RowCount, rig.Run(plan).Count);
    }

    [Fact]
    public void A_value_beyond_the_budget_is_out_of_memory()
    {
        var rig = new Rig(4) { Memory = new MemoryBudget("test", 64L << 20) };
        PhysicalPlan source = rig.Source(Types, [[100_000_000]]);
        var plan = new ProjectPlan(source, [Repeated(0)]) { Output = [SqlType.Text] };
        SqlException error = Assert.Throws<SqlException>(() => rig.Run(plan));
        Assert.Equal(SqlState.OutOfMemory, error.State);
        Assert.Equal(0, rig.Memory.UsedBytes);
    }
}
