using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Shards;

public sealed class ShardedTransactionTests
{
    private static readonly long[] Some = [.. Enumerable.Range(1, 100).Select(static id => (long)id)];

    [Fact]
    public async Task Rows_lie_in_the_shards_of_their_keys_and_are_read_as_one_table()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 4);
        await using ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted);
        RowIds stored = await writer.InsertAsync(table, Some);
        Assert.Equal([1, 2, 3, 4], stored.Values.Select(static row => (int)ShardedStorage.ShardOf(new RowId(row)).Value).Distinct().Order());
        Assert.Equal(Some, (await writer.ScanAsync(table)).Select(static row => row.Id));
        Assert.Empty(await storage.IdsAsync(table));
        await writer.CommitAsync();
        Assert.Equal(Some, await storage.IdsAsync(table));
        Assert.Equal(100, storage.EstimateRowCount(table.Id));
    }

    [Fact]
    public async Task Equal_keys_meet_in_their_shard()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 4);
        await using (ITransaction first = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await first.InsertAsync(table, Some);
            await first.CommitAsync();
        }
        await using ITransaction second = storage.Begin(IsolationLevel.ReadCommitted);
        second.BeginStatement();
        foreach (long id in (long[])[1, 37, 100])
        {
            SqlException taken = await Assert.ThrowsAsync<SqlException>(() => second.InsertAsync(table, id));
            Assert.Equal((SqlState.UniqueViolation, $"Key (id)=({id}) already exists."), (taken.State, taken.Detail));
        }
        InsertOutcome[] outcomes = await second.TryInsertAsync(
            table.Id, TestDatabase.Rows((37, "a"), (500, "b"), (500, "c")), [table.Indexes[0].Oid], default);
        Assert.Equal([false, true, false], outcomes.Select(static outcome => outcome.IsInserted));
        Assert.Equal(outcomes[1].Row, outcomes[2].Row);
        ColumnBatch found = await second.FetchAsync(table.Id, new[] { outcomes[2].Row, outcomes[0].Row }, default);
        Assert.Equal(["b", "n37"], Enumerable.Range(0, 2).Select(row => TestDatabase.Name(found, row)));
    }

    [Fact]
    public async Task A_row_whose_key_changes_goes_to_its_new_shard()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 4);
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table, Some);
        RowId[] rows = await transaction.RowsAsync(table, Some);
        int mark = transaction.Savepoint();
        RowIds moved = await transaction.UpdateAsync(
            table.Id, rows, TestDatabase.Rows([.. Some.Select(static id => ((long?)(id + 1), (string?)$"m{id}"))]), default);
        Assert.Equal(Some.Select(static id => (id + 1, (string?)$"m{id}")), (await transaction.ScanAsync(table)).Select(static row => (row.Id, row.Name)));
        Assert.NotEqual(
            rows.Select(ShardedStorage.ShardOf), moved.Values.Select(static row => ShardedStorage.ShardOf(new RowId(row))));
        transaction.RollbackTo(mark);
        Assert.Equal(Some, (await transaction.ScanAsync(table)).Select(static row => row.Id));
    }

    [Fact]
    public async Task What_was_done_in_shards_is_undone_to_a_savepoint_that_is_older_than_their_branches()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 3);
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        int outer = transaction.Savepoint(), inner = transaction.Savepoint();
        await transaction.InsertAsync(table, 1, 2, 3);
        transaction.Release(inner);
        int later = transaction.Savepoint();
        await transaction.InsertAsync(table, 4, 5, 6);
        transaction.RollbackTo(later);
        Assert.Equal([1, 2, 3], (await transaction.ScanAsync(table)).Select(static row => row.Id));
        transaction.RollbackTo(outer);
        Assert.Empty(await transaction.ScanAsync(table));
        await transaction.InsertAsync(table, 7);
        await transaction.CommitAsync();
        Assert.Equal([7], await storage.IdsAsync(table));
    }

    [Fact]
    public async Task A_snapshot_sees_of_a_transaction_over_shards_all_or_nothing_while_others_commit()
    {
        const int Writers = 4, Rounds = 60;
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 4);
        using CancellationTokenSource done = new();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
                long first = ((writer * Rounds) + round) * 8L;
                await transaction.InsertAsync(table, [.. Enumerable.Range(0, 8).Select(i => first + i)]);
                await transaction.CommitAsync();
            }
        }))];
        Task<int>[] readers = [.. ((IsolationLevel[])[IsolationLevel.ReadCommitted, IsolationLevel.RepeatableRead]).Select(isolation => Task.Run(async () =>
        {
            int torn = 0, seen = 0;
            while (!done.IsCancellationRequested)
            {
                await using ITransaction transaction = storage.Begin(isolation);
                List<long> ids = [.. (await transaction.ScanAsync(table)).Select(static row => row.Id)];
                torn += ids.GroupBy(static id => id / 8).Count(static group => group.Count() != 8);
                torn += ids.Count < seen ? 1 : 0;
                seen = ids.Count;
                if (isolation == IsolationLevel.RepeatableRead)
                    torn += ids.SequenceEqual((await transaction.ScanAsync(table)).Select(static row => row.Id)) ? 0 : 1;
            }
            return torn;
        }))];
        await Task.WhenAll(writers);
        await done.CancelAsync();
        int[] torn = await Task.WhenAll(readers);
        Assert.Equal([0, 0], torn);
        Assert.Equal(Writers * Rounds * 8, (await storage.IdsAsync(table)).Count);
    }

    [Fact]
    public async Task A_unique_index_is_made_over_all_shards_and_forgotten_with_its_statement()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 3);
        TableEntry bare = table with { Indexes = [] };
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(bare));
        await transaction.InsertAsync(bare, 1, 2, 3, 2);
        int mark = transaction.Savepoint();
        Assert.Equal(SqlState.UniqueViolation, Assert.Throws<SqlException>(() => transaction.Change(new PutObject(table))).State);
        transaction.RollbackTo(mark);
        await transaction.DeleteAsync(bare.Id, (await transaction.RowsAsync(bare, 2)).AsMemory(0, 1), default);
        transaction.Change(new PutObject(table));
        await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, 3));
    }

    [Fact]
    public async Task Truncation_and_drops_reach_all_shards()
    {
        await using ShardedStorage storage = await ShardedRig.OpenAsync(new FaultyFileSystem());
        TableEntry table = await ShardedRig.CreateAsync(storage, 3);
        await using (ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, Some);
            await writer.CommitAsync();
        }
        await using (ITransaction emptying = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await emptying.TruncateAsync(table.Id, default);
            await emptying.InsertAsync(table, 5);
            await emptying.CommitAsync();
        }
        Assert.Equal([5], await storage.IdsAsync(table));
        await storage.CheckpointAsync(default);
        await using (ITransaction dropping = storage.Begin(IsolationLevel.ReadCommitted))
        {
            dropping.Change(new DropObject(table.Oid));
            await dropping.CommitAsync();
        }
        Assert.Equal(0, storage.SizeBytes(table.Id));
    }
}
