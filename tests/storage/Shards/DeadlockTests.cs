using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Shards;

/// <summary>Circles of transactions that wait for each other, each at another shard.</summary>
public sealed class DeadlockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_circle_over_shards_ends_by_one_of_it_and_who_only_waits_goes_on_waiting()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        (TableEntry table, RowId[] rows) = await FillAsync(storage);
        ITransaction[] circle = [.. Enumerable.Range(0, 3).Select(_ => storage.Begin(IsolationLevel.ReadCommitted))];
        await using ITransaction bystander = storage.Begin(IsolationLevel.ReadCommitted);
        for (int i = 0; i < circle.Length; i++)
            await HoldAsync(circle[i], table, rows[i]);
        Task outside = PassAsync();
        Task[] waits = [.. circle.Select((transaction, i) => HoldAsync(transaction, table, rows[(i + 1) % 3]))];
        await LookAsync(storage); // that something waits
        await LookAsync(storage);
        Assert.DoesNotContain(waits, static wait => wait.IsCompleted); // it may only seem a circle
        await LookAsync(storage);
        Task ended = await Task.WhenAny(waits).WaitAsync(Patience);
        SqlException deadlock = await Assert.ThrowsAsync<SqlException>(() => ended);
        Assert.Equal("40P01: deadlock detected", $"{deadlock.State}: {deadlock.Message}");
        Assert.Equal(3, deadlock.Detail?.Split('\n').Length);
        await LookAsync(storage);
        await LookAsync(storage);
        Assert.Equal(2, waits.Count(static wait => !wait.IsCompleted));
        Assert.False(outside.IsCompleted);

        int victim = Array.IndexOf(waits, ended);
        await circle[victim].RollbackAsync();
        int freed = (victim + 2) % 3, last = (victim + 1) % 3;
        await waits[freed].WaitAsync(Patience);
        await circle[freed].RollbackAsync();
        await waits[last].WaitAsync(Patience);
        await circle[last].RollbackAsync();
        await outside.WaitAsync(Patience);

        async Task PassAsync()
        {
            await HoldAsync(bystander, table, rows[0]);
            await bystander.RollbackAsync();
        }
    }

    [Fact]
    public async Task Waits_that_are_no_circle_last()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        (TableEntry table, RowId[] rows) = await FillAsync(storage);
        ITransaction[] chain = [.. Enumerable.Range(0, 4).Select(_ => storage.Begin(IsolationLevel.ReadCommitted))];
        for (int i = 0; i < 3; i++)
            await HoldAsync(chain[i], table, rows[i]);
        Task[] waits = [.. Enumerable.Range(0, 3).Select(i => HoldAsync(chain[i + 1], table, rows[i]))];
        for (int i = 0; i < 5; i++)
            await LookAsync(storage);
        Assert.DoesNotContain(waits, static wait => wait.IsCompleted);
        for (int i = 0; i < 3; i++)
        {
            await chain[i].RollbackAsync();
            await waits[i].WaitAsync(Patience);
        }
        await chain[3].RollbackAsync();
    }

    /// <summary>A table with a row in each of the first three of its shards.</summary>
    private static async Task<(TableEntry Table, RowId[] Rows)> FillAsync(ShardedStorage storage)
    {
        TableEntry table = await ShardedRig.CreateAsync(storage, 4);
        await using ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted);
        RowIds stored = await writer.InsertAsync(table, [.. Enumerable.Range(1, 50).Select(static id => (long)id)]);
        await writer.CommitAsync();
        return (table, [.. Enumerable.Range(1, 3).Select(shard => stored.Values.Select(static row => new RowId(row)).First(row => ShardedStorage.ShardOf(row).Value == shard))]);
    }

    private static async Task HoldAsync(ITransaction transaction, TableEntry table, RowId row)
    {
        transaction.BeginStatement();
        await transaction.LockTableAsync(table.Id, TableLockMode.RowShare, LockWaitPolicy.Block, default);
        await transaction.LockRowsAsync(table.Id, new[] { row }, RowLockStrength.Update, LockWaitPolicy.Block, default);
    }

    private static async Task LookAsync(ShardedStorage storage)
    {
        Assert.NotNull(storage.Deadlocks);
        await storage.Deadlocks.LookAsync(default);
    }
}
