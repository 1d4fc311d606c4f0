using VecSQL.Catalog.Objects;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests;

public sealed class ResourcesTests
{
    [Fact]
    public async Task Engines_that_share_memory_keep_their_rows_in_it_together()
    {
        const long Limit = 60_000;
        using StorageResources resources = new(Limit, 1 << 20, 1 << 20);
        FaultyFileSystem files = new();
        StorageEngine[] engines = [.. Enumerable.Range(0, 3).Select(number => Open(files, resources, $"/data{number}"))];
        TableEntry[] tables = new TableEntry[3];
        for (int i = 0; i < tables.Length; i++)
            tables[i] = await engines[i].CreateTableAsync();
        for (int round = 0; round < 100; round++)
        {
            // The first gets most of the rows; the last has hardly any to give.
            int number = round % 10 == 0 ? 2 : round % 10 == 1 ? 1 : 0;
            await using ITransaction transaction = engines[number].Begin(IsolationLevel.ReadCommitted);
            await transaction.InsertAsync(tables[number].Id, TestDatabase.Rows([.. Enumerable.Range(round * 100, 100).Select(id => ((long?)id, (string?)$"name {id}"))]), default);
            await transaction.CommitAsync(isDurable: true, default);
            Assert.True(engines.Sum(static engine => engine.State.Delta.UsedBytes) <= Limit * 1.5, $"in round {round}");
        }
        Assert.NotEmpty(engines[0].SizeOf(tables[0].Id).Segments);
        for (int i = 0; i < engines.Length; i++)
            Assert.Equal(i == 0 ? 8000 : 1000, engines[i].EstimateRowCount(tables[i].Id));
        long used = resources.Delta.UsedBytes;
        await engines[0].DisposeAsync();
        Assert.Equal(engines[1].State.Delta.UsedBytes + engines[2].State.Delta.UsedBytes, resources.Delta.UsedBytes);
        Assert.True(used >= resources.Delta.UsedBytes);
        await engines[1].DisposeAsync();
        await engines[2].DisposeAsync();
        Assert.Equal(0, resources.Delta.UsedBytes);
    }

    [Fact]
    public void Segments_of_one_number_are_kept_apart_in_the_columns_of_several_engines()
    {
        ColumnCache shared = new(1 << 20), first = shared.ForEngine(), second = shared.ForEngine();
        Columnar.Columns.Column one = new Columnar.Columns.FixedColumn<long>([1], default), two = new Columnar.Columns.FixedColumn<long>([2], default);
        first.Add(new SegmentId(7), 0, 0, one, 8);
        Assert.False(second.TryGet(new SegmentId(7), 0, 0, out _));
        second.Add(new SegmentId(7), 0, 0, two, 8);
        first.Forget(new SegmentId(7));
        Assert.False(first.TryGet(new SegmentId(7), 0, 0, out _));
        Assert.True(second.TryGet(new SegmentId(7), 0, 0, out Columnar.Columns.Column found));
        Assert.Same(two, found);
        Assert.Equal(8, shared.UsedBytes);
    }

    private static StorageEngine Open(FaultyFileSystem files, StorageResources resources, string directory) => StorageEngine.Open(new StorageOptions
    {
        Directory = directory, Files = files, Resources = resources, RunsBackgroundWork = false,
    });
}
