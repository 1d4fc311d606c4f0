using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>Large transactions, whose rows another thread writes to segments while they go on.</summary>
public sealed class SpillTests
{
    private const int RowsOfBatch = 100;

    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task A_transaction_sees_finds_and_commits_all_its_rows_whichever_are_written_by_then()
    {
        StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            for (int batch = 0; batch < 30; batch++)
            {
                await InsertBatchAsync(writer, table, batch);
                Assert.Equal((batch + 1) * RowsOfBatch, writer.Ids(table).Count);
                Assert.Equal(["n0", $"n{batch * RowsOfBatch}"], writer.Lookup(table, 0, batch * RowsOfBatch));
            }
            await writer.DeleteByIdAsync(table, 7, 2999);
            int mark = writer.Savepoint();
            await Assert.ThrowsAsync<SqlException>(() => writer.InsertAsync(table, 8));
            writer.RollbackTo(mark);
            await writer.CommitAsync(isDurable: true, default);
        }
        Assert.Equal(2998, (await engine.IdsAsync(table)).Count);
        _files.CrashAndRestart();

        await using StorageEngine again = Open();
        Assert.Equal(2998, (await again.IdsAsync(table)).Count);
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_keeps_the_rows_before_it()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        for (int batch = 0; batch < 20; batch++)
        {
            int kept = writer.Savepoint();
            await InsertBatchAsync(writer, table, batch);
            int mark = writer.Savepoint();
            await InsertBatchAsync(writer, table, 100 + batch);
            writer.RollbackTo(mark);
            if (batch % 2 == 1)
                writer.RollbackTo(kept);
            writer.Release(kept);
        }
        List<long> expected = [.. Enumerable.Range(0, 20 * RowsOfBatch)
            .Where(id => id / RowsOfBatch % 2 == 0).Select(id => (long)id)];
        Assert.Equal(expected, writer.Ids(table));
        await writer.CommitAsync(isDurable: true, default);
        Assert.Equal(expected, await engine.IdsAsync(table));
    }

    [Fact]
    public async Task A_rolled_back_transaction_leaves_no_files()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        for (int batches = 1; batches < 12; batches++)
        {
            await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
            for (int batch = 0; batch < batches; batch++)
                await InsertBatchAsync(writer, table, batch);
            await writer.RollbackAsync();
            Assert.Empty(_files.ListFiles("/data/segments"));
        }
        Assert.Empty(await engine.IdsAsync(table));
        await engine.InsertCommittedAsync(table, 1, 2); // no key of the rolled back rows is in the way
    }

    [Fact]
    public async Task A_full_disk_fails_the_transaction_and_spares_later_ones()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 5000);
        _files.Change(new FaultPlan { CapacityBytes = _files.UsedBytes + 3000 });
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            SqlException error = await Assert.ThrowsAsync<SqlException>(async () =>
            {
                for (int batch = 0; batch < 20; batch++)
                    await InsertBatchAsync(writer, table, batch);
                await writer.CommitAsync(isDurable: true, default);
            });
            Assert.Equal(SqlState.DiskFull, error.State);
        }
        _files.Change(new FaultPlan());
        Assert.Empty(_files.ListFiles("/data/segments"));
        Assert.Equal([5000], await engine.IdsAsync(table));
        await engine.InsertCommittedAsync(table, 1, 2);
        Assert.Equal([1, 2, 5000], await engine.IdsAsync(table));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_batches_are_read_as_they_were_given(bool isCommitted)
    {
        await using StorageEngine engine = Open(directBytes: 32 << 20);
        TableEntry table = await engine.CreateTableAsync();
        string text = new('x', 2000);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        for (int batch = 0; batch < 3; batch++)
        {
            ColumnBatch rows = TestDatabase.Rows([.. Enumerable.Range(batch * 1500, 1500).Select(id =>
                ((long?)id, batch == 1 && id % 3 == 0 ? null : $"{id} {text}"))]);
            await writer.InsertAsync(table.Id, rows, default);
            int mark = writer.Savepoint();
            await writer.InsertAsync(table.Id, rows.Slice(0, 0), default);
            await writer.InsertAsync(table, 10_000 + batch, "small");
            writer.RollbackTo(mark);
        }
        await writer.DeleteByIdAsync(table, 4);
        if (isCommitted)
            await writer.CommitAsync(isDurable: true, default);
        await using Transaction reader = engine.Begin(IsolationLevel.ReadCommitted);
        Transaction seen = isCommitted ? reader : writer;
        Assert.Equal(4499, seen.Scan(table).Count);
        Assert.All(seen.Scan(table), row =>
            Assert.Equal(row.Id is >= 1500 and < 3000 && row.Id % 3 == 0 ? null : $"{row.Id} {text}", row.Name));
        Assert.Equal([null, $"2 {text}", $"4499 {text}"], seen.Lookup(table, 4, 2, 4499));
    }

    private static async Task InsertBatchAsync(Transaction writer, TableEntry table, int batch) =>
        await writer.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(batch * RowsOfBatch, RowsOfBatch)
            .Select(id => ((long?)id, (string?)$"n{id}"))]), default);

    private StorageEngine Open(long directBytes = 3000) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = _files,
        DirectSegmentBytes = directBytes,
    });
}
