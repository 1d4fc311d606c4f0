using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Files;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class TextIndexTests
{
    private const int Rows = 3000;

    private readonly FaultyFileSystem _files = new();

    [Fact]
    public async Task It_is_built_over_the_tables_segments_and_found_again_after_a_restart()
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        await using StorageEngine engine = Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(written, Bytes());
        Assert.Equal(Rows / 3, Find(engine, table)?.Find(1)?.CountOf("third"));
        Assert.Equal(Rows - (Rows / 10), Find(engine, table)?.Find(1)?.DocumentsWithText);
        Assert.Null(Find(engine, table)?.Find(2));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.999)]
    public async Task A_damaged_file_is_built_again(double place)
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        using (IFile file = _files.Open(Path.Combine("/data/segments", Name()), FileOpening.Write))
        {
            long at = (long)(place * (written.Length - 8));
            file.Write(at, [.. written.AsSpan((int)at, 8).ToArray().Select(static value => (byte)~value)]);
            file.Flush();
        }
        await using StorageEngine engine = Open();
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(written, Bytes());
        Assert.Equal(Rows / 3, Find(engine, table)?.Find(1)?.CountOf("third"));
    }

    [Fact]
    public async Task A_lost_file_is_built_again()
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        _files.Delete(Path.Combine("/data/segments", Name()));
        await using StorageEngine engine = Open();
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(written, Bytes());
        Assert.NotNull(Find(engine, table));
    }

    [Fact]
    public async Task A_file_of_another_tokenizer_is_built_again()
    {
        (_, TableEntry table) = await BuildAsync();
        await using StorageEngine engine = Open();
        await engine.BuildIndexAsync(table.Id, Definition(table) with { Analyzer = VecSQL.Text.Analysis.Analyzer.Simple }, default);
        Assert.Equal(Rows, Find(engine, table)?.Find(1)?.CountOf("texts") + (Rows / 10));
    }

    [Fact]
    public async Task A_crash_while_it_is_written_leaves_no_half_file()
    {
        StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table);
        await engine.CheckpointAsync(default);
        using (IFile half = _files.Open($"/data/segments/0000000000000001.{table.Indexes[0].Oid}.tidx.new", FileOpening.Create))
        {
            half.Write(0, [1, 2, 3]);
            half.Flush();
        }
        _files.FlushDirectory("/data/segments");
        _files.CrashAndRestart();
        engine = Open();
        Assert.DoesNotContain(_files.ListFiles("/data/segments"), name => name.Contains(".tidx", StringComparison.Ordinal));
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(Rows / 3, Find(engine, table)?.Find(1)?.CountOf("third"));
        await engine.DisposeAsync();
    }

    private async Task<(byte[] Written, TableEntry Table)> BuildAsync()
    {
        await using StorageEngine engine = Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        return (Bytes(), table);
    }

    private StorageEngine Open() => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data", Files = _files, RunsBackgroundWork = false,
    });

    private static async Task<TableEntry> CreateAsync(StorageEngine engine)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [new ColumnEntry(1, "body", SqlType.Text)],
            Indexes = [new IndexEntry(engine.NextOid(), "t_body", [1]) { Method = TextIndexOptions.Method }],
        };
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table));
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    private static TextIndexDefinition Definition(TableEntry table) =>
        TextIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not a full-text index");

    // One text in ten is missing; one in three has a word of its own.
    private static async Task InsertAsync(StorageEngine engine, TableEntry table)
    {
        BatchBuilder rows = new([PhysicalType.Binary]);
        for (int row = 0; row < Rows; row++)
        {
            if (row % 10 == 1)
                rows.Columns[0].AppendNull();
            else
                ((BinaryColumnBuilder)rows.Columns[0]).Append(Encoding.UTF8.GetBytes($"texts number{row} {(IsThird(row) ? "third" : "")}"));
            rows.EndRow();
        }
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table.Id, rows.Build(), default);
        await transaction.CommitAsync(isDurable: true, default);
    }

    private static bool IsThird(int row) => row % 30 is 0 or 2 or 3 or 4 or 5 or 6 or 7 or 8 or 9 or 10;

    private static TextIndex? Find(StorageEngine engine, TableEntry table)
    {
        Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        try
        {
            return transaction.Read(table.Id).Units[0].FindIndex(table.Indexes[0].Oid, out _) as TextIndex;
        }
        finally
        {
            transaction.DisposeAsync().AsTask().Wait();
        }
    }

    private string Name() =>
        Assert.Single(_files.ListFiles("/data/segments"), name => name.EndsWith(".tidx", StringComparison.Ordinal));

    private byte[] Bytes()
    {
        MappedFile file = _files.Map(Path.Combine("/data/segments", Name()));
        return file.Span(0, (int)file.Length).ToArray();
    }
}
