using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Operators;

public sealed class LifeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Workers_that_share_a_table_give_the_groups_that_one_gives(int workers)
    {
        await using TestTable table = await TestTable.CreateAsync(
            new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true }, new ColumnEntry(2, "kind", SqlType.Int4));
        const int Count = 120_000;
        for (int start = 0; start < Count; start += 20_000)
        {
            await table.InsertAsync(Rig.Batch(table.Types,
                [.. Enumerable.Range(start, 20_000).Select(i => new object?[] { (long)i, i % 11 == 0 ? null
                    : i % 1000 })]));
            await table.Engine.CheckpointAsync(default);
        }
        await using Transaction transaction = table.Begin();
        Assert.True(transaction.Read(table.Id).Units.Count > 1);
        foreach (long memory in new[] { 1L << 26, 20_000L })
        {
            var rig = new Rig { Transaction = transaction, ParallelismMax = workers, WorkMemoryBytes = memory };
            var scan = new TableScanPlan(table.Id, "t", [2, 1])
            {
                Filter = Rig.Operator(">=", Rig.Input(SqlType.Int8, 1), Rig.Long(1000)),
                Output = [SqlType.Int4, SqlType.Int8],
            };
            var plan = new AggregatePlan(scan, [Rig.Input(SqlType.Int4, 0)], [[0], []],
                [
                    new AggregateCall(SqlType.Int8, Rig.Function("count"), [], [], false, [], null),
                    new AggregateCall(SqlType.Int8, Rig.Function("max", TypeOid.Int8), [Rig.Input(SqlType.Int8, 1)],
                        [], false, [], null),
                ], []) { Output = [SqlType.Int4, SqlType.Int8, SqlType.Int8] };
            var expected = Enumerable.Range(1000, Count - 1000).GroupBy(i => i % 11 == 0 ? (int?)null : i % 1000)
                .Select(group => new object?[] { group.Key, (long)group.Count(), (long)group.Max() })
                .Append([null, (long)Count - 1000, (long)Count - 1]);
            Assert.Equal(Rig.Sorted(expected), Rig.Sorted(await rig.RunAsync(plan)));
        }
    }

    [Fact]
    public void A_query_that_needs_more_than_its_budget_fails_and_gives_everything_back()
    {
        List<object?[]> rows = RandomRows.Make(1, 20000, spread: 100000);
        var budget = new MemoryBudget("this query", 300_000);
        var rig = new Rig { Memory = budget };
        PhysicalPlan source = rig.Source(RandomRows.Types, rows);
        var window = new WindowPlan(source, [], [], [new WindowCall(SqlType.Int8, Rig.Function("count"), [], null,
            new WindowFramePlan(WindowFrameUnit.Rows, WindowFrameBound.UnboundedPreceding, null,
                WindowFrameBound.CurrentRow, null,
                WindowFrameExclusion.NoOthers, null))]) { Output = [.. source.Output, SqlType.Int8] };
        SqlException error = Assert.Throws<SqlException>(() => rig.Run(window));
        Assert.Equal("53200", error.State.Code);
        Assert.Equal(0, budget.UsedBytes);
        // Rows that are only numbered pass by.
        var numbered = window with { Calls = [window.Calls[0] with { Function = Rig.Function("row_number") }] };
        List<object?[]> numbers = rig.Run(numbered);
        Assert.Equal(Enumerable.Range(1, rows.Count), numbers.Select(static row => (int)(long)(row[^1] ?? 0L)));
        // What can spill does so instead.
        Assert.Equal(rows.Count, rig.Run(new SortPlan(source, SortingTests.Keys((2, false, false), (1, false, false)))
            { Output = source.Output }).Count);
        Assert.True(rig.SpillCount > 1);
    }

    [Fact]
    public void A_query_left_early_leaves_no_memory_and_no_files()
    {
        List<object?[]> rows = RandomRows.Make(1, 20000, spread: 100000);
        var rig = new Rig { WorkMemoryBytes = 50_000 };
        PhysicalPlan source = rig.Source(RandomRows.Types, rows);
        var sort = new SortPlan(source, SortingTests.Keys((1, false, false))) { Output = source.Output };
        var join = new HashJoinPlan(PhysicalJoinKind.Left, sort, sort, [Rig.Input(SqlType.Int4, 0)],
            [Rig.Input(SqlType.Int4, 0)],
            [SqlType.Int4], null, [.. Enumerable.Range(0, 2 * source.Output.Length)]) { Output = [.. source.Output, .. source.Output] };
        var limit = new LimitPlan(join, Rig.Long(3), null, []) { Output = join.Output };
        Assert.Equal(3, rig.Run(limit).Count); // the rig looks at the budget and the directory
        Assert.True(rig.SpillCount > 1);
    }

    [Fact]
    public async Task Skip_locked_with_a_limit_locks_only_the_rows_it_gives()
    {
        await using TestTable table = await TestTable.CreateAsync(new ColumnEntry(1, "id",
            SqlType.Int8) { IsNotNull = true });
        await table.InsertAsync(Rig.Batch(table.Types, [.. Enumerable.Range(1, 5).Select(i =>
            new object?[] { (long)i })]));
        await using Transaction first = table.Begin(), second = table.Begin(), third = table.Begin();
        Assert.Equal(["1", "2"], Rig.Lines(await TakeAsync(first, 2)));
        Assert.Equal(["3", "4"], Rig.Lines(await TakeAsync(second, 2)));
        Assert.Equal(["5"], Rig.Lines(await TakeAsync(third, 2)));

        async Task<List<object?[]>> TakeAsync(Transaction transaction, long count)
        {
            var scan = new TableScanPlan(table.Id, "t", [1]) { WithRowId = true, Output = [SqlType.Int8,
                SqlType.Int8] };
            var locks = new LockRowsPlan(scan,
                [new RowLock(table.Id, 1, RowLockMode.Update, RowLockWait.SkipLocked)]) { Output = scan.Output };
            var project = new ProjectPlan(locks, [Rig.Input(SqlType.Int8, 0)]) { Output = [SqlType.Int8] };
            return await new Rig { Transaction = transaction }.RunAsync(
                new LimitPlan(project, Rig.Long(count), null, []) { Output = [SqlType.Int8] });
        }
    }

    [Fact]
    public void Arrays_are_made_of_a_subquerys_rows()
    {
        var rig = new Rig();
        var subplan = new SubplanExpression(new SqlType(TypeOid.Int4Array), SubplanKind.Array,
            rig.Source([SqlType.Int4], [[3], [null], [1]]), [], null);
        var plan = new ValuesPlan([[new TextCastExpression(SqlType.Text, subplan)]]) { Output = [SqlType.Text] };
        Assert.Equal(["{3,NULL,1}"], Rig.Lines(rig.Run(plan)));
    }

    [Fact]
    public async Task A_cancelled_query_stops()
    {
        var rig = new Rig();
        PhysicalPlan source = rig.Source(RandomRows.Types, RandomRows.Make(1, 3000));
        var join = new NestedLoopJoinPlan(PhysicalJoinKind.Inner, source, source, Rig.Constant(SqlType.Bool, false))
        {
            Output = [.. source.Output, .. source.Output],
        };
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.RunAsync(join, stop.Token));
    }
}
