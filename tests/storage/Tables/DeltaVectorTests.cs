using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>Vectors of rows in memory, as searches scan them.</summary>
public sealed class DeltaVectorTests
{
    private const int Dimensions = 4;

    [Fact]
    public async Task Runs_of_committed_rows_are_coded_when_they_are_searched_again_and_full()
    {
        await using StorageEngine engine = StorageEngine.Open(
            new StorageOptions { Directory = "/data", Files = new FaultyFileSystem(), RunsBackgroundWork = false });
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, DeltaChunk.CodedRows + 100);
        Assert.Equal([false, false], AskForCodes(engine, table));
        Assert.Equal([true, false], AskForCodes(engine, table));
        await InsertAsync(engine, table, DeltaChunk.CodedRows);
        Assert.Equal([true, false, false], AskForCodes(engine, table));
        Assert.Equal([true, true, false], AskForCodes(engine, table));
    }

    [Fact]
    public async Task Rows_that_may_yet_be_rolled_back_are_not_coded()
    {
        await using StorageEngine engine = StorageEngine.Open(
            new StorageOptions { Directory = "/data", Files = new FaultyFileSystem(), RunsBackgroundWork = false });
        TableEntry table = await CreateAsync(engine);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table.Id, Rows(DeltaChunk.CodedRows), default);
        for (int round = 0; round < 3; round++)
            Assert.Equal([false], AskForCodes(transaction.Read(table.Id)));
    }

    private static bool[] AskForCodes(StorageEngine engine, TableEntry table)
    {
        Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        try
        {
            return AskForCodes(transaction.Read(table.Id));
        }
        finally
        {
            transaction.DisposeAsync().AsTask().Wait();
        }
    }

    /// <summary>For each run whether it has codes now.</summary>
    private static bool[] AskForCodes(TableView view)
    {
        List<bool> found = [];
        foreach (ScanUnit unit in view.Units)
        {
            VectorRuns runs = unit.MapVectors(1) ?? throw new InvalidOperationException("the vectors do not lie in place");
            for (int i = 0; i < runs.Count; i++)
            {
                Assert.True(runs.TryRead(i, [], out VectorRun run));
                Assert.Equal(run.RowCount * Dimensions * sizeof(float), run.Data.Bytes.Length);
                found.Add(run.Codes.Of(run) is { } codes && codes.RowCount == run.RowCount);
            }
        }
        return [.. found];
    }

    private static async Task<TableEntry> CreateAsync(StorageEngine engine)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [new ColumnEntry(1, "v", new SqlType(TypeOid.Vector, Dimensions))],
        };
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table));
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    // Less than a chunk's worth at a time, so that they go into the delta's open chunk.
    private static async Task InsertAsync(StorageEngine engine, TableEntry table, int count)
    {
        for (int start = 0; start < count; start += 1000)
        {
            await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
            await transaction.InsertAsync(table.Id, Rows(Math.Min(1000, count - start)), default);
            await transaction.CommitAsync(isDurable: true, default);
        }
    }

    private static ColumnBatch Rows(int count)
    {
        BatchBuilder rows = new([PhysicalType.Binary]);
        float[] values = new float[Dimensions];
        for (int row = 0; row < count; row++)
        {
            values[0] = row;
            ((BinaryColumnBuilder)rows.Columns[0]).Append(MemoryMarshal.AsBytes(values.AsSpan()));
            rows.EndRow();
        }
        return rows.Build();
    }
}
