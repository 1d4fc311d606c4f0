using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

public sealed class ViewTests
{
    private const int Dimensions = 4, RowCount = 9000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vectors_are_scanned_where_they_lie_with_deleted_and_null_ones_marked(bool inSegment)
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await CreateAsync(engine, inSegment);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        RowId[] deleted = RowIds(transaction.Read(table.Id)).Where(row => row.Id % 5 == 0).Select(row =>
            new RowId(row.RowId)).ToArray();
        await transaction.DeleteAsync(table.Id, deleted, default);

        List<long> seen = [];
        int nulls = 0;
        foreach (ScanUnit unit in transaction.Read(table.Id).Units)
        {
            VectorRuns? runs = unit.MapVectors(2);
            Assert.NotNull(runs);
            for (int i = 0; i < runs.Count; i++)
            {
                Assert.True(runs.TryRead(i, [], out VectorRun run));
                ReadOnlySpan<float> values = run.Data.As<float>();
                List<int> positions = [];
                for (int row = 0; row < run.RowCount; row++)
                {
                    nulls += !run.NullVector.IsAbsent && run.NullVector[row] ? 1 : 0;
                    if (!run.Visible.IsAbsent && !run.Visible[row])
                        continue;
                    seen.Add((long)values[row * run.StrideBytes / sizeof(float)]);
                    positions.Add(run.FirstPosition + row);
                }
                ColumnBatch gathered = unit.Gather(positions.ToArray(), [1], withRowId: true);
                ReadOnlySpan<long> ids = ((FixedColumn<long>)gathered[0].Expand()).Values;
                Assert.Equal(seen[^positions.Count..], ids.ToArray());
            }
        }
        Assert.Equal(Enumerable.Range(0, RowCount).Select(id => (long)id).Where(id =>
            id % 5 != 0 && id % 7 != 0), seen);
        Assert.Equal(Enumerable.Range(0, RowCount).Count(id => id % 5 != 0 && id % 7 == 0), nulls);
    }

    [Theory]
    [InlineData("=", 5000)]
    [InlineData("<", 100)]
    [InlineData(">=", 8900)]
    public async Task Zones_skip_batches_and_lose_no_row(string comparison, long bound)
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await CreateAsync(engine, inSegment: true);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        List<long> read = [];
        foreach (ScanUnit unit in transaction.Read(table.Id).Units)
        {
            using UnitReader reader = unit.Open([1], withRowId: false, [new ZoneBound(1, comparison,
                FixedColumn<long>.Constant(bound, 1))]);
            while (reader.Next() is { } rows)
                read.AddRange(((FixedColumn<long>)rows[0].Expand()).Values.ToArray());
        }
        long[] wanted = [.. Enumerable.Range(0, RowCount).Select(id => (long)id)
            .Where(id => comparison == "=" ? id == bound : comparison == "<" ? id < bound : id >= bound)];
        Assert.Empty(wanted.Except(read));
        Assert.True(read.Count < RowCount, "some batch was skipped");
    }

    [Fact]
    public async Task A_unique_index_made_later_finds_rows_of_old_segments_and_refuses_duplicates()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync(hasKey: false);
        await engine.InsertCommittedAsync(table, 1, 2);
        await engine.CheckpointAsync(default);
        await engine.InsertCommittedAsync(table, 3);
        TableEntry indexed = table with { Indexes = [new IndexEntry(engine.NextOid(), "i", [1]) { IsUnique = true }] };
        await using (Transaction ddl = engine.Begin(IsolationLevel.ReadCommitted))
        {
            ddl.Change(new PutObject(indexed));
            await ddl.CommitAsync(true, default);
        }
        await using (Transaction reader = engine.Begin(IsolationLevel.ReadCommitted))
            Assert.Equal(["n1", "n2", "n3", null], reader.Lookup(indexed, 1, 2, 3, 4));
        foreach (long id in new long[] { 1, 3 })
            await Assert.ThrowsAsync<Core.Errors.SqlException>(() => engine.InsertCommittedAsync(indexed, id));

        TableEntry other = await engine.CreateTableAsync("u", hasKey: false);
        await engine.InsertCommittedAsync(other, 4, 4);
        await using Transaction failing = engine.Begin(IsolationLevel.ReadCommitted);
        Core.Errors.SqlException error = Assert.Throws<Core.Errors.SqlException>(() => failing.Change(new PutObject(
            other with { Indexes = [new IndexEntry(engine.NextOid(), "j", [1]) { IsUnique = true }] })));
        Assert.Equal("could not create unique index \"j\"", error.Message);
        Assert.Equal("Key (id)=(4) is duplicated.", error.Detail);
    }

    [Fact]
    public async Task An_old_snapshot_sees_what_compaction_must_keep_and_the_next_one_drops_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        Transaction old = engine.Begin(IsolationLevel.RepeatableRead);
        await engine.DeleteCommittedAsync(table, 1, 2);
        await engine.CompactAsync(table.Id, default);
        Assert.Equal([1, 2, 3], old.Ids(table));
        Assert.Equal(["n1", "n3"], old.Lookup(table, 1, 3));
        TableView view = old.Read(table.Id);
        await old.RollbackAsync();
        await engine.CompactAsync(table.Id, default);
        Assert.Equal(1, engine.State.Store(table.Id).Parts.Segments.Sum(segment => segment.Info.RowCount));
        Assert.Equal([1, 2, 3], TestDatabase.Scan(view).Select(row => row.Id)); // its files are gone, its memory is not
    }

    [Fact]
    public async Task Writers_are_slowed_by_a_full_delta_and_none_fails()
    {
        await using StorageEngine engine = TestDatabase.Open(new StorageOptions
        {
            Directory = "/data",
            Files = new FaultyFileSystem(),
            RunsBackgroundWork = false,
            DeltaBytesMax = 100_000,
        });
        TableEntry table = await engine.CreateTableAsync();
        for (long id = 0; id < 100; id++)
        {
            await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
            await writer.InsertAsync(table, id, new string('x', 5000));
            await writer.CommitAsync(true, default);
            Assert.InRange(engine.Memory.UsedBytes, 0, 300_000);
        }
        Assert.Equal(100, (await engine.IdsAsync(table)).Count);
        Assert.NotEmpty(engine.State.Store(table.Id).Parts.Segments);
    }

    [Fact]
    public async Task Background_work_takes_checkpoints_and_merges_by_itself_when_due()
    {
        await using StorageEngine engine = TestDatabase.Open(new StorageOptions
        {
            Directory = "/data",
            Files = new FaultyFileSystem(),
            RunsBackgroundWork = false,
            CheckpointLogBytes = 500,
        });
        TableEntry table = await engine.CreateTableAsync();
        for (long id = 0; id < 40; id++)
        {
            await engine.InsertCommittedAsync(table, id, id + 1000, id + 2000, id + 3000, id + 4000, id + 5000);
            await engine.State.Maintenance.RunOnceAsync(default);
        }
        Assert.InRange(engine.State.Store(table.Id).Parts.Segments.Length, 1, 3);
        Assert.Equal(240, (await engine.IdsAsync(table)).Count);
    }

    private static async Task<TableEntry> CreateAsync(StorageEngine engine, bool inSegment)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "v")
        {
            Columns = [new ColumnEntry(1, "id", SqlType.Int8), new ColumnEntry(2, "v", new SqlType(TypeOid.Vector,
                Dimensions))],
        };
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        writer.Change(new PutObject(table));
        for (int first = 0; first < RowCount; first += 3000)
        {
            BatchBuilder builder = new([PhysicalType.Int64, PhysicalType.Binary]);
            for (int id = first; id < first + 3000; id++)
            {
                ((FixedColumnBuilder<long>)builder.Columns[0]).Append(id);
                if (id % 7 == 0)
                    builder.Columns[1].AppendNull();
                else
                    ((BinaryColumnBuilder)builder.Columns[1]).Append(MemoryMarshal.AsBytes<float>([id, 1, 2, 3]));
                builder.EndRow();
            }
            await writer.InsertAsync(table.Id, builder.Build(), default);
        }
        await writer.CommitAsync(true, default);
        if (inSegment)
            await engine.CheckpointAsync(default);
        return table;
    }

    private static List<(long Id, long RowId)> RowIds(TableView view)
    {
        List<(long Id, long RowId)> rows = [];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open([1], withRowId: true, []);
            while (reader.Next() is { } batch)
            {
                for (int row = 0; row < batch.RowCount; row++)
                    rows.Add((((FixedColumn<long>)batch[0])[row], ((FixedColumn<long>)batch[1])[row]));
            }
        }
        return rows;
    }
}
