using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Kit;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Files;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class VectorIndexTests
{
    private const int Dimensions = 16, Rows = 3000;

    private readonly SegmentIndexRig _rig = new(".vidx");
    private readonly ManualTime _time = new();

    [Fact]
    public async Task It_is_built_over_the_tables_segments_and_found_again_after_a_restart()
    {
        StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();

        engine = Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        Assert.Equal(written, _rig.Bytes());
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Rows_that_come_later_are_indexed_without_being_asked_once_there_are_many()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows);
        await engine.State.Maintenance.RunOnceAsync(default);
        Assert.Equal(Rows, engine.StatusOf(table.Id, Definition(table)).RowsNotIndexed);
        await InsertAsync(engine, table, SegmentIndexer.RowsWaitingMax - Rows);
        await engine.State.Maintenance.RunOnceAsync(default);
        Assert.Equal(0, engine.StatusOf(table.Id, Definition(table)).RowsNotIndexed);
    }

    [Fact]
    public async Task The_fewer_rows_wait_the_longer_they_do()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, SegmentIndexer.RowsWaitingMax / 4);
        _time.Advance(SegmentIndexer.FullWait * 3.9);
        await engine.State.Maintenance.RunOnceAsync(default);
        Assert.Equal(SegmentIndexer.RowsWaitingMax / 4, engine.StatusOf(table.Id, Definition(table)).RowsNotIndexed);
        _time.Advance(SegmentIndexer.FullWait * 0.2);
        await engine.State.Maintenance.RunOnceAsync(default);
        Assert.Equal(0, engine.StatusOf(table.Id, Definition(table)).RowsNotIndexed);
    }

    [Fact]
    public async Task A_table_left_alone_ends_as_one_indexed_segment_whatever_was_done_to_it()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 20 * Rows);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        for (int part = 0; part < 3; part++)
        {
            await InsertAsync(engine, table, Rows);
            await DeleteAsync(engine, table, 1000);
            await engine.CheckpointAsync(default);
            await engine.RunBackgroundWorkAsync(default);
        }
        Assert.True(_rig.Names.Count() > 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await engine.RunBackgroundWorkAsync(default);
        Assert.Single(_rig.Names);
        Assert.Equal((20 * Rows) + (3 * Rows) - 3000, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        Assert.Equal(0, engine.StatusOf(table.Id, Definition(table)).RowsNotIndexed);
    }

    [Fact]
    public async Task Many_segments_of_one_load_are_merged_before_they_are_indexed()
    {
        await using StorageEngine engine = Open(directSegmentBytes: 100_000);
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 10 * Rows);
        Assert.True(engine.SizeOf(table.Id).Segments.Count > 3);
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(10 * Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        Assert.Single(engine.SizeOf(table.Id).Segments);
    }

    [Fact]
    public async Task What_no_manifest_names_yet_is_not_indexed_piece_by_piece()
    {
        await using StorageEngine engine = Open(directSegmentBytes: 100_000);
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 10 * Rows);
        await engine.MergeAndBuildAsync(default);
        Assert.Empty(_rig.Names);
        await engine.RunBackgroundWorkAsync(default);
        Assert.Single(_rig.Names);
    }

    [Fact]
    public async Task Commits_and_checkpoints_go_on_during_a_merge_and_nothing_of_them_is_lost()
    {
        WatchedFileSystem watched = new(_rig.Files);
        StorageEngine engine = Open(watched);
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows);
        await engine.CheckpointAsync(default);
        await InsertAsync(engine, table, Rows);
        await engine.CheckpointAsync(default);
        bool isMerging = false;
        watched.BeforeOpen = path =>
        {
            if (isMerging || !path.EndsWith(".vidx.new", StringComparison.Ordinal))
                return;
            isMerging = true;
            DeleteAsync(engine, table, 100).Wait();
            InsertAsync(engine, table, 50).Wait();
            engine.CheckpointAsync(default).AsTask().Wait();
            DeleteAsync(engine, table, 100).Wait();
        };
        await engine.CompactAsync(table.Id, default);
        Assert.True(isMerging);
        Assert.Equal((2 * Rows) + 50 - 200, engine.EstimateRowCount(table.Id));
        Assert.Equal((2 * Rows) + 50 - 200, await CountAsync(engine, table));
        _rig.Files.CrashAndRestart();

        engine = Open();
        Assert.Equal((2 * Rows) + 50 - 200, await CountAsync(engine, table));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Null_vectors_and_for_cosine_zero_ones_are_left_out()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine, "vector_cosine_ops");
        await InsertAsync(engine, table, Rows, static row => row % 10 == 0 ? null : row % 10 == 1 ? 0f : 1f);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows * 8 / 10, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
    }

    [Fact]
    public async Task An_index_of_too_few_rows_to_measure_is_read_again()
    {
        StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows, static row => row % 10 == 0 ? 1f : null);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows / 10, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        await engine.DisposeAsync();

        engine = Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows / 10, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_file_is_built_again()
    {
        StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();
        _rig.Damage(written.Length / 2, written.AsSpan(written.Length / 2, 8));

        engine = Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        Assert.Equal(written, _rig.Bytes()); // the same rows and seed give the same file
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_crash_leaves_a_whole_file_or_none_and_the_next_start_removes_what_is_of_no_use()
    {
        StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, Rows);
        await engine.CheckpointAsync(default);
        using (IFile half = _rig.Files.Open("/data/segments/0000000000000001.99.vidx.new", FileOpening.Create))
        {
            half.Write(0, [1, 2, 3]);
            half.Flush();
        }
        using (IFile other = _rig.Files.Open("/data/segments/0000000000000001.99.vidx", FileOpening.Create))
        {
            other.Write(0, [1, 2, 3]);
            other.Flush();
        }
        _rig.Files.FlushDirectory("/data/segments");
        _rig.Files.CrashAndRestart();

        engine = Open();
        Assert.DoesNotContain(_rig.Files.ListFiles("/data/segments"), name => name.Contains(".vidx", StringComparison.Ordinal));
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_merge_takes_the_old_segments_indexes_away_and_the_new_segment_comes_with_one()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        for (int part = 0; part < 2; part++)
        {
            await InsertAsync(engine, table, Rows);
            await engine.CheckpointAsync(default);
            await engine.RunBackgroundWorkAsync(default);
        }
        Assert.Equal(2, _rig.Names.Count());
        await engine.CompactAsync(table.Id, default);
        Assert.Single(_rig.Names);
        Assert.Equal(2 * Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_index_dropped_while_it_is_built_leaves_no_file(bool isMerged)
    {
        WatchedFileSystem watched = new(_rig.Files);
        await using StorageEngine engine = Open(watched);
        TableEntry table = await CreateAsync(engine);
        for (int part = 0; part < (isMerged ? 2 : 1); part++)
        {
            await InsertAsync(engine, table, Rows);
            await engine.CheckpointAsync(default);
        }
        bool isDropped = false;
        watched.BeforeOpen = path =>
        {
            if (isDropped || !path.EndsWith(".vidx.new", StringComparison.Ordinal))
                return;
            isDropped = true;
            DropIndexesAsync(engine, table).Wait();
        };
        if (isMerged)
            await engine.CompactAsync(table.Id, default);
        else
            await engine.RunBackgroundWorkAsync(default);
        Assert.True(isDropped);
        Assert.Null(SegmentIndexRig.Find<CellIndex>(engine, table));
        Assert.Empty(_rig.Names);
    }

    [Fact]
    public async Task Small_segments_are_merged_before_an_index_is_built()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        for (int part = 0; part < 3; part++)
        {
            await InsertAsync(engine, table, Rows);
            await engine.CheckpointAsync(default);
        }
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Single(_rig.Names);
        Assert.Equal(3 * Rows, SegmentIndexRig.Find<CellIndex>(engine, table)?.RowCount);
    }

    [Fact]
    public async Task A_small_segment_gets_none()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 100);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Empty(_rig.Names);
        Assert.Null(SegmentIndexRig.Find<CellIndex>(engine, table));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        float[] rows = new float[2000 * 4];
        new Random(1).NextBytes(MemoryMarshal.AsBytes(rows.AsSpan()));
        for (int i = 0; i < rows.Length; i++)
            rows[i] = i % 97;
        CellIndexImage image = CellIndexBuilder.Build(
            new Source(rows), [.. Enumerable.Range(0, 2000)], new CellIndexOptions(DistanceMetric.L2, 1), 1, default);
        Assert.Equal(2000, new CellIndex(image).RowCount);
        foreach (CellIndexPart part in Enum.GetValues<CellIndexPart>())
        {
            Dictionary<CellIndexPart, ReadOnlyMemory<byte>> parts = new(image.Parts);
            parts[part] = parts[part][..^1];
            if (part is not (CellIndexPart.Recall or CellIndexPart.Margins))
                Assert.Throws<ArgumentException>(() => new CellIndex(image with { Parts = parts }));
            parts.Remove(part);
            Assert.Throws<ArgumentException>(() => new CellIndex(image with { Parts = parts }));
        }
        Assert.Throws<ArgumentException>(() => new CellIndex(image with { CellCount = int.MaxValue }));
        Assert.Throws<ArgumentException>(() => new CellIndex(image with { Dimensions = -1 }));
    }

    private StorageEngine Open(IFileSystem? files = null, long directSegmentBytes = 32 << 20) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data", Files = files ?? _rig.Files, RunsBackgroundWork = false, Time = _time, DirectSegmentBytes = directSegmentBytes,
    });

    /// <summary>Deletes some of the rows that are there.</summary>
    private static async Task DeleteAsync(StorageEngine engine, TableEntry table, int count)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        RowId[] rows = [.. RowIds(transaction.Read(table.Id)).Take(count)];
        Assert.Equal(count, await transaction.DeleteAsync(table.Id, rows, default));
        await transaction.CommitAsync(isDurable: true, default);
    }

    private static async Task<int> CountAsync(StorageEngine engine, TableEntry table)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        return RowIds(transaction.Read(table.Id)).Count();
    }

    private static IEnumerable<RowId> RowIds(TableView view)
    {
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open([], withRowId: true, []);
            while (reader.Next() is { } rows)
            {
                for (int row = 0; row < rows.RowCount; row++)
                    yield return new RowId(((FixedColumn<long>)rows[0])[row]);
            }
        }
    }

    private static async Task DropIndexesAsync(StorageEngine engine, TableEntry table)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table with { Indexes = [] }));
        await transaction.CommitAsync(isDurable: true, default);
    }

    private static async Task<TableEntry> CreateAsync(StorageEngine engine, string operatorClass = "vector_l2_ops")
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [new ColumnEntry(1, "v", new SqlType(TypeOid.Vector, Dimensions))],
            Indexes = [new IndexEntry(engine.NextOid(), "t_v", [1]) { Method = "hnsw", OperatorClasses = [operatorClass] }],
        };
        return await SegmentIndexRig.CreateAsync(engine, table);
    }

    private static VectorIndexDefinition Definition(TableEntry table) =>
        VectorIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not a vector index");

    private static async Task InsertAsync(
        StorageEngine engine, TableEntry table, int count, Func<int, float?>? scaleOf = null)
    {
        Random random = new(count);
        BatchBuilder rows = new([PhysicalType.Binary]);
        float[] values = new float[Dimensions];
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        for (int row = 0; row < count; row++)
        {
            float? scale = scaleOf is null ? 1 : scaleOf(row);
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(random.NextDouble() - 0.5) * (scale ?? 0);
            if (scale is null)
                rows.Columns[0].AppendNull();
            else
                ((BinaryColumnBuilder)rows.Columns[0]).Append(MemoryMarshal.AsBytes(values.AsSpan()));
            rows.EndRow();
            if (rows.RowCount == ColumnBatch.RowsMax || row == count - 1)
                await transaction.InsertAsync(table.Id, rows.Build(), default);
        }
        await transaction.CommitAsync(isDurable: true, default);
    }

    private sealed class Source(float[] rows) : Vectors.Clustering.IVectorSource
    {
        public int Dimensions => 4;

        public int Count => rows.Length / 4;

        public void Read(int first, Span<float> target) => rows.AsSpan(first * 4, target.Length).CopyTo(target);
    }
}
