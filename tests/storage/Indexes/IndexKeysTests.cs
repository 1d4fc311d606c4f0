using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;
using VecSQL.Storage.Tests.Files;
using VecSQL.Vectors.Cells;

namespace VecSQL.Storage.Tests.Indexes;

/// <summary>Columns that a vector index includes, and the files of merged segments.</summary>
public sealed class IndexKeysTests
{
    private const int Dimensions = 8, Rows = 3000, Kinds = 7;

    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task Keys_of_included_columns_are_built_with_the_index_and_found_again_after_a_restart()
    {
        StorageEngine engine = Open(_files, threads: 2);
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 0);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Check(engine, table);
        await engine.DisposeAsync();

        engine = Open(_files, threads: 2);
        await engine.MergeAndBuildAsync(default);
        Assert.Null(engine.StatusOf(table.Id, Definition(table)).BuildSeconds);
        Check(engine, table);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_file_with_damaged_keys_is_built_again()
    {
        StorageEngine engine = Open(_files, threads: 1);
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table, 0);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        await engine.DisposeAsync();
        string path = Path.Combine("/data/segments", Assert.Single(FilesOf(_files).Keys, static name => name.EndsWith(".vidx", StringComparison.Ordinal)));
        byte[] written = FilesOf(_files)[Path.GetFileName(path)];
        using (IFile file = _files.Open(path, FileOpening.Write))
        {
            file.Write(written.Length - 2000, [1, 2, 3, 4]); // keys are last
            file.Flush();
        }
        engine = Open(_files, threads: 1);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Check(engine, table);
        Assert.Equal(written, FilesOf(_files)[Path.GetFileName(path)]);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Merges_of_the_same_segments_give_the_same_files_with_one_thread_and_with_two()
    {
        Dictionary<string, byte[]> one = await MergeAsync(threads: 1), two = await MergeAsync(threads: 2);
        Assert.Contains(one.Keys, static name => name.EndsWith(".vidx", StringComparison.Ordinal));
        Assert.Equal(one.Keys.Order(), two.Keys.Order());
        Assert.All(one.Keys, name => Assert.Equal(one[name], two[name]));
    }

    private static async Task<Dictionary<string, byte[]>> MergeAsync(int threads)
    {
        FaultyFileSystem files = new();
        await using StorageEngine engine = Open(files, threads);
        TableEntry table = await CreateAsync(engine);
        for (int part = 0; part < 3; part++)
        {
            await InsertAsync(engine, table, part * Rows);
            await engine.CheckpointAsync(default);
            await engine.BuildIndexAsync(table.Id, Definition(table), default);
        }
        await engine.CompactAsync(table.Id, default);
        Assert.Single(engine.SizeOf(table.Id).Segments);
        Assert.Equal(3 * Rows, Find(engine, table).RowCount);
        return FilesOf(files);
    }

    private static Dictionary<string, byte[]> FilesOf(FaultyFileSystem files) => files.ListFiles("/data/segments").ToDictionary(name => name, name =>
    {
        MappedFile file = files.Map(Path.Combine("/data/segments", name));
        return file.Span(0, (int)file.Length).ToArray();
    });

    private static void Check(StorageEngine engine, TableEntry table)
    {
        CellIndex index = Find(engine, table);
        CellKeys? kinds = index.FindKeys(2), notes = index.FindKeys(3);
        Assert.NotNull(kinds);
        Assert.NotNull(notes);
        Assert.Null(index.FindKeys(1));
        int with = Enumerable.Range(0, Rows).Count(HasKind);
        Assert.Equal(with, kinds.Count);
        for (int kind = 0; kind < Kinds; kind++)
        {
            int count = Enumerable.Range(0, Rows).Count(row => HasKind(row) && row % Kinds == kind);
            Assert.Equal(count, new CellCondition(kinds, KeySet.Of((KeyRange[])[new KeyRange(kind, kind)])).Count);
            long[] hash = new long[1];
            FilterKeys.Write(SqlType.Text, Notes([kind]), isHashed: true, hash);
            Assert.Equal(Enumerable.Range(0, Rows).Count(row => row % Kinds == kind), new CellCondition(notes, KeySet.Of(hash.AsSpan())).Count);
        }
    }

    private static bool HasKind(int row) => row % 5 != 0;

    private static Column Notes(IEnumerable<int> kinds)
    {
        BinaryColumnBuilder notes = new(1);
        foreach (int kind in kinds)
            notes.Append(Encoding.UTF8.GetBytes(kind.ToString("'note' 0", CultureInfo.InvariantCulture)));
        return notes.Build();
    }

    private static CellIndex Find(StorageEngine engine, TableEntry table)
    {
        Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        try
        {
            return transaction.Read(table.Id).Units[0].FindVectorIndex(table.Indexes[0].Oid, out _)
                ?? throw new InvalidOperationException("the segment has no index");
        }
        finally
        {
            transaction.DisposeAsync().AsTask().Wait();
        }
    }

    private static StorageEngine Open(FaultyFileSystem files, int threads) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data", Files = files, RunsBackgroundWork = false, Time = new ManualTime(), Timestamps = new TestTimestamps(), IndexThreads = threads,
    });

    private static VectorIndexDefinition Definition(TableEntry table) =>
        VectorIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not a vector index");

    private static async Task<TableEntry> CreateAsync(StorageEngine engine)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns =
            [
                new ColumnEntry(1, "v", new SqlType(TypeOid.Vector, Dimensions)), new ColumnEntry(2, "kind", SqlType.Int4),
                new ColumnEntry(3, "note", SqlType.Text),
            ],
            Indexes = [new IndexEntry(engine.NextOid(), "t_v", [1]) { Method = "hnsw", OperatorClasses = ["vector_l2_ops"], Include = [2, 3] }],
        };
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table));
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    private static async Task InsertAsync(StorageEngine engine, TableEntry table, int seed)
    {
        Random random = new(seed);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        BatchBuilder rows = new([PhysicalType.Binary, PhysicalType.Int32, PhysicalType.Binary]);
        float[] values = new float[Dimensions];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)random.NextDouble() - 0.5f;
            ((BinaryColumnBuilder)rows.Columns[0]).Append(MemoryMarshal.AsBytes(values.AsSpan()));
            if (HasKind(row))
                ((FixedColumnBuilder<int>)rows.Columns[1]).Append(row % Kinds);
            else
                rows.Columns[1].AppendNull();
            rows.Columns[2].AppendFrom(Notes([row % Kinds]), 0);
            rows.EndRow();
        }
        await transaction.InsertAsync(table.Id, rows.Build(), default);
        await transaction.CommitAsync(isDurable: true, default);
    }
}
